"""Every place of the console that another test does not picture, at both sizes, looked at and kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from db.errors import Unreachable
from db.profile import Profile
from screens.desk import Standing
from screens.places import Place
from screens.record import RecordScreen
from tests.screens import golden
from tests.screens.desks import command, console, listed, make, shown
from tests.screens.office import shows, type_in, until

APPLICATIONS = Place("list", "paymentlinker", "applications")
Size = tuple[int, int]

pytestmark = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}")


@pytest.fixture(scope="session")
def linker(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """Payment Linker with 300 audit rows."""
    return make(tmp_path_factory.mktemp("linker"), "paymentlinker")


def keep(name: str, size: Size, pilot: Pilot[None]) -> str:
    """Compare the screen with the picture of that name; what it shows."""
    text = shown(pilot)
    lines = text.splitlines()
    assert len(lines) <= size[1]
    golden.check(f"{name}-{size[0]}", text)
    return text


async def test_json_as_a_tree(linker: Profile, size: Size) -> None:
    async with console(APPLICATIONS, linker).run_test(size=size) as pilot:
        await listed(pilot)
        await pilot.press("enter")
        await shows(pilot, "requested limit")
        screen = pilot.app.screen
        assert isinstance(screen, RecordScreen)
        assert screen.detail.find("device fingerprint", 1)
        await pilot.press("space")
        await shows(pilot, "device fingerprint +▸")
        await pilot.press("space", "j", "j", "j")
        await shows(pilot, "▌ +seen_before")
        keep("record-json", size, pilot)


async def test_what_an_audit_row_changed(linker: Profile, size: Size) -> None:
    place = Place("list", "paymentlinker", "audit_logs", filter="event_type=DECISION_MADE")
    async with console(place, linker).run_test(size=size) as pilot:
        await listed(pilot)
        await pilot.press("enter")
        await shows(pilot, "audit_logs")
        screen = pilot.app.screen
        assert isinstance(screen, RecordScreen)
        await until(pilot, lambda: screen.detail.find("new state", 1))
        await pilot.press("pagedown")
        keep("record-diff", size, pilot)


async def test_what_became_of_a_record(linker: Profile, size: Size) -> None:
    async with console(Place("list", "paymentlinker", "applications", "approved"), linker).run_test(
        size=size
    ) as pilot:
        await listed(pilot)
        await pilot.press("enter")
        await shows(pilot, "requested limit")
        screen = pilot.app.screen
        assert isinstance(screen, RecordScreen)
        await until(pilot, lambda: bool(screen.detail.history))
        await pilot.press("G")
        keep("record-history", size, pilot)


async def test_help(linker: Profile, size: Size) -> None:
    async with console(APPLICATIONS, linker).run_test(size=size) as pilot:
        await listed(pilot)
        await pilot.press("question_mark")
        await shows(pilot, "type to search")
        assert "filter on the server" in keep("help", size, pilot)
        await type_in(pilot, "quer")
        assert "cancel the running query" in keep("help-found", size, pilot)


async def test_a_command_is_completed(linker: Profile, size: Size) -> None:
    async with console(APPLICATIONS, linker).run_test(size=size) as pilot:
        await listed(pilot)
        await type_in(pilot, ":a")
        await pilot.press("tab", "tab")
        keep("command", size, pilot)
        await pilot.press("escape", "ctrl+p")
        await type_in(pilot, "view")
        keep("palette", size, pilot)


async def test_a_filter_is_completed_and_refused(linker: Profile, size: Size) -> None:
    async with console(APPLICATIONS, linker).run_test(size=size) as pilot:
        await listed(pilot)
        await type_in(pilot, "/status=")
        await pilot.press("tab")
        keep("filter", size, pilot)
        await pilot.press("ctrl+u")
        await type_in(pilot, "status=review statsu=x")
        await pilot.press("enter")
        await shows(pilot, "Did you mean status")
        keep("filter-refused", size, pilot)


async def test_columns_and_settings_are_completed(linker: Profile, size: Size) -> None:
    async with console(APPLICATIONS, linker).run_test(size=size) as pilot:
        await listed(pilot)
        await type_in(pilot, ":columns status cre")
        await pilot.press("tab")
        keep("columns", size, pilot)
        await pilot.press("ctrl+u")
        await type_in(pilot, "set theme ")
        keep("settings", size, pilot)


async def test_marks(linker: Profile, size: Size) -> None:
    async with console(APPLICATIONS, linker).run_test(size=size) as pilot:
        await listed(pilot)
        await pilot.press("space", "j", "space", "V", "j", "j", "V")
        await pilot.pause()
        assert "● 5 marked" in keep("marks", size, pilot)


async def test_where_an_export_goes(linker: Profile, size: Size) -> None:
    async with console(APPLICATIONS, linker).run_test(size=size) as pilot:
        await listed(pilot)
        await pilot.press("E")
        await shows(pilot, r"(?m)^export .*\.csv$")
        await pilot.press("ctrl+u")
        await type_in(pilot, "xml")
        await pilot.press("enter")
        await shows(pilot, "csv or jsonl")
        keep("export", size, pilot)


async def test_messages(linker: Profile, size: Size) -> None:
    async with console(APPLICATIONS, linker).run_test(size=size) as pilot:
        frame = await listed(pilot)
        frame.say("Copied status (6 characters), if the terminal allows it.")
        frame.say(f"The server said {'a great deal, and then ' * 9}this.", "error")
        await command(pilot, "messages")
        await shows(pilot, "esc closes")
        keep("messages", size, pilot)


async def test_systems(linker: Profile, size: Size, tmp_path: Path) -> None:
    gone = Profile(
        "archive", f"sqlite:///{tmp_path / 'gone.db'}", "paymentlinker", label="OLD", colour="blue"
    )
    app = console(APPLICATIONS, linker, gone)
    async with app.run_test(size=size) as pilot:
        frame = await listed(pilot)
        await until(pilot, lambda: frame.desk.links[1].standing is Standing.FAILED)
        frame.footer.hush()
        await pilot.press("at")
        await shows(pilot, "archive")
        text = shown(pilot)
        assert "failed" in text
        golden.check(f"systems-{size[0]}", text)


async def test_a_connection_is_lost(linker: Profile, size: Size, monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(APPLICATIONS, linker).run_test(size=size) as pilot:
        frame = await listed(pilot)
        assert frame.link is not None
        error = Unreachable("paymentlinker: the server at db1:5432 hung up.")

        tries = []

        def refuse(profile: Profile) -> None:
            tries.append(profile)
            raise error

        monkeypatch.setattr("db.engine.connect", refuse)
        frame.desk.lost(frame.link, error)
        text = await shows(pilot, "LOST, again in")
        assert frame.table.window.rows
        assert text.splitlines()[0].startswith(" paymentlinker")
        await until(pilot, lambda: len(tries) > 1)
        assert len(tries) < 5
        golden.check(f"lost-{size[0]}", shown(pilot))


async def test_there_is_too_little_room(linker: Profile, size: Size) -> None:
    async with console(APPLICATIONS, linker).run_test(size=size) as pilot:
        await listed(pilot)
        await pilot.resize_terminal(size[0] // 2, 14)
        await shows(pilot, "60×16")
        keep("small", size, pilot)
