"""How the console starts and ends: broken files, small terminals, themes, crashes, leaving."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from textual import events
from textual._styles_cache import StylesCache

from console.app import Console
from db.model import Profile
from screens import themes
from screens.places import Place
from tests.benchmarks.terminal import Terminal
from tests.screens.desks import command, console, listed, make, shown
from tests.screens.office import picture, shows, until

APPLICATIONS = Place("list", "paymentlinker", "applications")


@pytest.fixture(scope="module")
def linker(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """Payment Linker with 300 audit rows."""
    return make(tmp_path_factory.mktemp("linker"), "paymentlinker")


def program(profile: Profile, *more: str) -> list[str]:
    """The console as it is started from a shell."""
    url = profile.url.removeprefix("sqlite:///")
    return [sys.executable, "-m", "console", "open", f"paymentlinker+sqlite:///{url}", *more]


def test_it_opens_where_it_was_left(linker: Profile, tmp_path: Path) -> None:
    env = {"QUAESTOR_HOME": str(tmp_path)}
    with Terminal(program(linker, "--at", "applications"), env=env) as terminal:
        terminal.wait("1 of 60")
        terminal.send("jjjj")
        terminal.wait("5 of 60")
        terminal.send("\x11")
        while terminal.read(5.0) is not None:
            pass
        assert terminal.ended
    kept = (tmp_path / "state" / "console.json").read_text()
    assert (tmp_path / "state" / "console.json").stat().st_mode & 0o777 == 0o600
    assert json.loads(kept)["places"]
    with Terminal(program(linker), env=env) as terminal:
        terminal.wait("5 of 60")
        terminal.settle()
        assert terminal.screen.display[3 + 4].startswith("▌")


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("overview", "● paymentlinker +Payment Linker"),
        ("accounts", "1 of 60"),
        ("reviews", "Reviews .*waiting"),
        ("credentials", "(?m)what gives access, in 1 system$"),
        ("audit", "Timeline .*oldest"),
        ("fleet", "Devices .*in service"),
        ("database", "tables 6 +indexes"),
        ("ledger", "Ledger +proposals that wait"),
        ("verify", "Verification"),
        ("applications/review", "(?m)two-people .* 1 of 5$"),
    ],
)
def test_it_begins_where_it_is_asked_to(linker: Profile, tmp_path: Path, word: str, shown: str) -> None:
    with Terminal(program(linker, "--at", word), env={"QUAESTOR_HOME": str(tmp_path)}) as terminal:
        terminal.wait(shown)


def test_a_fleet_is_shown_of_the_system_that_has_one(
    linker: Profile, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    finpass = make(tmp_path_factory.mktemp("finpass"), "finpass")
    command = [*program(linker, "--at", "fleet")]
    command.insert(command.index("open") + 1, f"finpass+{finpass.url}")
    with Terminal(command, env={"QUAESTOR_HOME": str(tmp_path)}) as terminal:
        terminal.wait("Devices .*in service")


def test_what_is_typed_at_the_start_leaves_nothing_in_memory(linker: Profile, tmp_path: Path) -> None:
    with Terminal(program(linker), env={"QUAESTOR_HOME": str(tmp_path)}, quiet=0.5) as terminal:
        terminal.wait(r"\? help")
        terminal.type("2:who a\r2" * 40)
        terminal.settle()
        assert "applications" in terminal.screen.display[1]
        assert terminal.peak < 130 * 2**20, f"{terminal.peak / 2**20:.0f} MB"


async def test_a_screen_that_is_left_is_held_by_no_cache(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        for _ in range(5):
            await pilot.press("5")
            await shows(pilot, "Timeline")
            await pilot.press("2")
            await listed(pilot)
        assert (
            StylesCache.get_inner_outer.cache_info().currsize < 10
        )  # it holds widgets, with all their lines


def test_what_is_broken_is_named_and_the_usual_holds(linker: Profile, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "console.json").write_text("{broken")
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "mine.toml").write_text("[tones")
    (tmp_path / "console.toml").write_text('[settings]\ntheme = "mine"\n[keys]\nwide = "j"\n')
    with Terminal(program(linker, "--at", "applications"), env={"QUAESTOR_HOME": str(tmp_path)}) as terminal:
        terminal.wait("of 60")
        terminal.send(":messages\r")
        terminal.wait("esc closes")
        terminal.settle()
        said = "".join(terminal.text.split())  # a long path is folded where the screen ends
        assert "mine.tomlcannotberead" in said
        assert "Thekeyjcannotbeboth'down'and'wide'.Theusualkeyshold" in said
        assert "console.jsoncannotberead" in said
    assert (tmp_path / "state" / "console.json.broken").read_text() == "{broken"


async def test_what_was_said_can_be_read_to_its_end(linker: Profile) -> None:
    sentence = f"The server said {'a great deal, and then ' * 9}this at the very end."
    async with console(APPLICATIONS, linker).run_test(size=(80, 24)) as pilot:
        frame = await listed(pilot)
        frame.say(sentence, "error")
        await shows(pilot, ":messages all of it")
        await command(pilot, "messages")
        text = await shows(pilot, r"very\s+end\.")
        assert sentence in " ".join(text.replace("▌", "").split())
        await pilot.resize_terminal(60, 24)
        text = await shows(pilot, r"very\s+end\.")
        assert sentence in " ".join(text.replace("▌", "").split())


def test_keys_are_changed_in_the_file(linker: Profile, tmp_path: Path) -> None:
    (tmp_path / "console.toml").write_text('[keys]\nwide = "w"\n')
    with Terminal(program(linker, "--at", "applications"), env={"QUAESTOR_HOME": str(tmp_path)}) as terminal:
        terminal.wait("of 60")
        terminal.wait("w wide")
        terminal.send("w")
        terminal.wait(r"2025-06-01 11:59:04\.651 \+00:00")


@pytest.mark.parametrize("term", ["linux", "xterm-16color", "screen", "xterm-256color"])
def test_few_colours_and_poor_fonts(linker: Profile, tmp_path: Path, term: str) -> None:
    env = {"QUAESTOR_HOME": str(tmp_path), "TERM": term, "COLORTERM": ""}
    with Terminal(program(linker, "--at", "applications"), columns=80, lines=24, env=env) as terminal:
        terminal.wait("of 60")
        terminal.settle()
        if term in ("linux", "xterm-16color"):
            assert b"38;5;" not in terminal.seen
        assert b"38;2;" not in terminal.seen
        assert ("…" in terminal.text) is (term != "linux")


def test_without_colours_there_are_none(linker: Profile, tmp_path: Path) -> None:
    env = {"QUAESTOR_HOME": str(tmp_path)}
    command = ["env", "NO_COLOR=1", *program(linker, "--at", "applications")]
    with Terminal(command, env=env) as terminal:
        terminal.wait("of 60")
        terminal.settle()
        for colour in range(30, 38):
            assert b"\x1b[%dm" % colour not in terminal.seen
            assert b";%dm" % colour not in terminal.seen


async def test_a_terminal_that_is_too_small_says_so(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        await pilot.resize_terminal(50, 12)
        assert "60×16 at least, please; this is 50×12." in await shows(pilot, "60×16")
        await pilot.resize_terminal(100, 30)
        await shows(pilot, "1 of 60")
        assert "60×16" not in picture(pilot.app.screen)


async def test_who_types_before_the_first_place_is_there_gets_where_they_want(
    linker: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, held = Console._begin, []

    async def later(app: Console) -> None:
        held.append(app)

    monkeypatch.setattr(Console, "_begin", later)
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: bool(held))
        assert not picture(pilot.app.screen).splitlines()[1].strip()
        await pilot.press("1")
        await shows(pilot, "enter open  @ systems")
        await begin(held[0])
        assert len(pilot.app.screen_stack) == 2
        assert "enter open  @ systems" in picture(pilot.app.screen)


async def test_what_lies_over_a_place_goes_with_it(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        frame = await listed(pilot)
        await pilot.press("question_mark")
        await shows(pilot, "type to search")
        frame.go(Place())
        await shows(pilot, "enter open  @ systems")
        assert len(pilot.app.screen_stack) == 2


async def test_a_popup_that_is_left_twice_leaves_the_place_below(linker: Profile) -> None:
    async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        await pilot.press("question_mark")
        await shows(pilot, "type to search")
        popup = pilot.app.screen
        for _ in range(3):
            popup.post_message(events.Key("escape", None))
        await shows(pilot, "1 of 60")
        assert len(pilot.app.screen_stack) == 2


@pytest.mark.parametrize("name", themes.names())
async def test_every_theme_shows_the_same_words(linker: Profile, name: str) -> None:
    before = themes.current()
    try:
        async with console(APPLICATIONS, linker).run_test(size=(120, 40)) as pilot:
            await listed(pilot)
            words = shown(pilot)
            await command(pilot, f"set theme {name}")
            await pilot.pause()
            assert shown(pilot) == words
    finally:
        themes.use(before)


CRASH = """
import sys
from screens.listing import Listing
def arrived(self):
    secret = "s3cr3t-canary"
    raise RuntimeError("unexpected " + secret)
Listing.arrived = arrived
from console.__main__ import main
main()
"""


def test_a_crash_tells_no_values(linker: Profile, tmp_path: Path) -> None:
    command = [sys.executable, "-c", CRASH, *program(linker, "--at", "applications")[3:]]
    with Terminal(command, env={"QUAESTOR_HOME": str(tmp_path)}) as terminal:
        terminal.wait("incident")
        while terminal.read(5.0) is not None:
            pass
        assert b"s3cr3t" not in terminal.seen
        assert "Something unexpected happened (RuntimeError)" in terminal.text
    (report,) = (tmp_path / "state").glob("incident-*.txt")
    assert report.stat().st_mode & 0o777 == 0o600
    assert "s3cr3t" not in report.read_text()
    assert "in arrived" in report.read_text()
