"""The fleet, the database and the overview: pictures, the way from each number to its list, ending a session."""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from textual.pilot import Pilot

from console.app import Console
from db import registry
from db.cancel import Cancel
from db.engine import make_engine
from db.model import Profile
from db.names import NAMES
from db.overview import Meter, Number
from db.recent import by_operator
from db.seed import plan, seed
from migrations import runner
from screens.database import Database
from screens.desk import Desk
from screens.fleet import Fleet
from screens.overview import Overview
from screens.places import Place
from screens.plots import Pane
from screens.settings import Settings
from screens.state import State
from tests.conftest import Fresh, engines_for
from tests.probes.conftest import Holder
from tests.screens import golden
from tests.screens.office import arm, open_office, picture, shows, still, type_in, until
from tests.write import bank as banks
from tests.write.bank import Bank

SIZES = [(80, 24), (160, 50)]


@pytest.fixture(scope="module")
def linker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Engine]]:
    """A seeded Payment Linker whose devices are as old as the test, so that pictures stay the same."""
    file = tmp_path_factory.mktemp("fleet") / "fleet.db"
    url = f"sqlite:///{file}"
    file.touch()
    engine = make_engine(Profile("owner", url), read_only=False)
    system = registry.system("paymentlinker")
    runner.up(engine, system, "system")
    seed(engine, system, plan(400, seed=3, now=datetime.now(UTC), hostile=False))
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE devices SET region = 'eu-west' WHERE region IN ('us-east', 'sa-east')")
        )
    yield url, engine
    engine.dispose()


def console(url: str, place: Place) -> Console:
    settings = Settings(bastion=True, refresh=0)
    desk = Desk([Profile("paymentlinker", url, "paymentlinker")], settings, State(), None)
    return Console(desk, place)


def calm(shown: str) -> str:
    """Without ages, which grow, and what the last read took."""
    shown = re.sub(r"\A(.* sqlite\S*).*", r"\1 …", shown)
    return re.sub(r"\b\d+(s|m|h\d\d|d)\b *", "‹age›  ", still(shown)).replace("‹age›  \n", "‹age›\n")


def counted(app: Console) -> bool:
    """Whether the fleet was counted with since when everything is so."""
    screen = app.screen
    return (
        isinstance(screen, Fleet)
        and screen.change is not None
        and bool(screen.change.picture.groups[0].oldest)
    )


@pytest.mark.parametrize("size", SIZES)
async def test_the_fleet_at_a_glance(linker: tuple[str, Engine], size: tuple[int, int]) -> None:
    app = console(linker[0], Place("fleet", "paymentlinker"))
    async with app.run_test(size=size) as pilot:
        await shows(pilot, "Alerts")
        await until(pilot, lambda: counted(app))
        await shows(pilot, "tab next view")
        shown = picture(app.screen).replace("▁▁", "  ")  # a machine with much to do looks twice meanwhile
        golden.check(f"fleet-{size[0]}", calm(shown))


async def test_every_number_leads_to_its_list(linker: tuple[str, Engine]) -> None:
    app = console(linker[0], Place("fleet", "paymentlinker"))
    async with app.run_test(size=(120, 40)) as pilot:
        await shows(pilot, "By region")
        screen = app.screen
        assert isinstance(screen, Fleet)
        assert screen.change is not None
        alert = next(a for a in screen.change.picture.alerts() if a.state == "lost" and a.count > 1)
        wanted = re.compile(rf"lost +{alert.label} ")
        line = next(n for n, found in enumerate(screen.lines.lines) if wanted.search(found.text))
        screen.lines._move(line - screen.lines.cursor)
        await pilot.press("enter")
        await shows(pilot, f"region={alert.label}")
        await pilot.press("escape")
        await shows(pilot, "By region")


async def test_another_way_to_divide_it_and_what_changed(linker: tuple[str, Engine]) -> None:
    app = console(linker[0], Place("fleet", "paymentlinker"))
    async with app.run_test(size=(120, 40)) as pilot:
        await shows(pilot, "By region")
        screen = app.screen
        assert isinstance(screen, Fleet)
        before = screen.change
        assert before is not None
        one = (
            "SELECT id FROM devices WHERE status = 'busy' AND deleted_at IS NULL AND compromised = 0 LIMIT 1"
        )
        worse = f"UPDATE devices SET compromised = 1, last_heartbeat = :now WHERE id = ({one})"
        with linker[1].begin() as connection:
            connection.execute(text(worse), {"now": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")})
        screen.renew()
        await shows(pilot, r"1 more compromised")
        assert "+1" in picture(app.screen)
        await pilot.press("tab")
        await shows(pilot, "By type")
        await pilot.press("tab")
        await shows(pilot, "By tenant")


@pytest.mark.parametrize("size", SIZES)
async def test_a_file_has_no_sessions_and_says_so(bank: Bank, size: tuple[int, int]) -> None:
    office = open_office(bank, Place("database", "trustsphere"))
    async with office.app.run_test(size=size) as pilot:
        await shows(pilot, "one writer at a time")
        await shows(pilot, "quaestor_ledger")
        await shows(pilot, "esc back")
        golden.check(
            f"database-{size[0]}", re.sub(r"3\.\d+\.\d+", "‹version›", still(picture(office.app.screen)))
        )


@pytest.mark.parametrize("engine", [engine for engine in engines_for() if engine != "sqlite"])
async def test_a_session_that_blocks_is_ended_from_the_screen(
    fresh: Fresh, tmp_path: Path, engine: str
) -> None:
    bank = banks.fill(banks.make(fresh(engine), tmp_path))
    holder, waiter = Holder(bank), Holder(bank)
    holder.change("A1")
    waiter.wait_for("A1")
    office = open_office(bank, Place("database", "trustsphere"))
    try:
        async with office.app.run_test(size=(120, 40)) as pilot:
            screen = await blocked(pilot, office.app)
            await shows(pilot, f"{holder.number} .*blocks 1")
            assert f"└─ {waiter.number}" in picture(screen)
            await arm(pilot)
            await pilot.press("exclamation_mark")
            await shows(pilot, "End the session")
            await pilot.press("down", "down", "enter")
            await shows(pilot, "1 wait for it and go on then")
            await type_in(pilot, "it blocks others")
            await pilot.press("enter")
            await type_in(pilot, "7")
            assert f"type {holder.number}" in await shows(pilot, "its number")
            await pilot.press("backspace")
            await type_in(pilot, str(holder.number))
            await pilot.press("enter", "right", "enter")
            await until(pilot, waiter.done)
            assert waiter.outcome == "changed"
            session = office.desk.links[0].session
            assert session is not None
            who = office.desk.links[0].writer
            assert who is not None
            assert (
                by_operator(
                    session, "end-session", {"sessions"}, who.who.key_id, datetime.fromtimestamp(0, UTC)
                )
                == 1
            )
    finally:
        holder.close()
        waiter.close()
        bank.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("engine", [engine for engine in engines_for() if engine == "postgresql"])
async def test_three_sessions_are_drawn_as_a_tree(
    fresh: Fresh, tmp_path: Path, engine: str, size: tuple[int, int]
) -> None:
    bank = banks.fill(banks.make(fresh(engine), tmp_path))
    first, second, third = holders = [Holder(bank) for _ in range(3)]
    first.change("A1")
    second.change("A2")
    second.wait_for("A1")
    third.wait_for("A2")
    office = open_office(bank, Place("database", "trustsphere", view="vacuum"))
    try:
        async with office.app.run_test(size=size) as pilot:
            await blocked(pilot, office.app)
            await until(pilot, slowly(lambda: look_for(office.app, 2)))
            await shows(pilot, f"└─ {third.number}")
            shown = picture(office.app.screen).partition("\n")[2].partition("\n")[2]
            for number, holder in enumerate(holders):
                shown = shown.replace(str(holder.number), f"{number + 101:<{len(str(holder.number))}}")
            shown = re.sub(r"\w*…$", "…", shown, flags=re.MULTILINE)  # an age takes more or less of the line
            golden.check(f"locks-{size[0]}", re.sub(r"(?<=10\d) +", " ", calm(shown)))
    finally:
        for holder in holders:
            holder.close()
        bank.close()


def look_for(app: Console, waiting: int) -> bool:
    """Whether so many wait for one; asks again."""
    screen = app.screen
    assert isinstance(screen, Database)
    if screen.read is None or [root.freed for root in screen.read.forest.roots] != [waiting]:
        screen.renew()
        return False
    return True


async def blocked(pilot: Pilot[None], app: Console) -> Database:
    """The database screen, once somebody waits."""

    def look() -> bool:
        screen = app.screen
        if isinstance(screen, Database) and screen.read is not None and not screen.read.forest.roots:
            screen.renew()
        return isinstance(screen, Database) and screen.read is not None and bool(screen.read.forest.roots)

    await until(pilot, slowly(look))
    assert isinstance(app.screen, Database)
    return app.screen


def slowly(look: Callable[[], bool]) -> Callable[[], bool]:
    """Ask only every twentieth time: InnoDB shows its transactions anew only after 0.1 s without a look."""
    count = 0

    def asked() -> bool:
        nonlocal count
        count += 1
        return count % 20 == 0 and look()

    return asked


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> list[Profile]:
    """The four systems with invented rows."""
    folder, profiles = tmp_path_factory.mktemp("four"), []
    for name in NAMES:
        url = f"sqlite:///{folder / name}.db"
        (folder / f"{name}.db").touch()
        engine = make_engine(Profile("owner", url), read_only=False)
        runner.up(engine, registry.system(name), "system")
        seed(engine, registry.system(name), plan(300, seed=3, now=datetime.now(UTC), hostile=False))
        engine.dispose()
        profiles.append(Profile(name, url, name))
    return profiles


@pytest.mark.parametrize("size", SIZES)
async def test_the_overview_of_four_systems(four: list[Profile], size: tuple[int, int]) -> None:
    desk = Desk(four, Settings(bastion=True, refresh=0, overview=0), State(), None)
    app = Console(desk, Place())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Overview) and app.screen.settled)
        await until(pilot, lambda: (" well  " in picture(app.screen)) is (size[1] < 40))
        await shows(pilot, "quit")
        shown = re.sub(
            r"sqlite .*(?= open)|usually \d+\.\d|\d+(?= late)", "‹measure›", calm(picture(app.screen))
        )
        shown = re.sub(r"\n[^\n]*grave audit rows[^\n]*", "", re.sub(r" +(?=‹)", "  ", shown))
        golden.check(f"overview-{size[0]}", shown)


async def test_a_number_of_the_overview_opens_its_list(four: list[Profile]) -> None:
    desk = Desk(four, Settings(bastion=True, refresh=0, overview=1), State(), None)
    app = Console(desk, Place())
    async with app.run_test(size=(160, 50)) as pilot:
        await shows(pilot, "transactions pending")
        screen = app.screen
        assert isinstance(screen, Overview)
        await until(pilot, lambda: screen.settled)
        await pilot.press("down")
        await until(pilot, lambda: screen.lines.cursor > 1)
        await pilot.press("enter")
        await shows(pilot, "pending-large")
        await until(pilot, lambda: app.frame.here().view == "pending")
        await pilot.press("1")
        await shows(pilot, "lost-not-revoked")


async def test_an_overview_that_is_left_before_it_is_drawn_is_not_drawn(four: list[Profile]) -> None:
    app = Console(Desk(four[:1], Settings(bastion=True, refresh=0, overview=0), State(), None), Place())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Overview) and app.screen.settled)
        screen = app.screen
        assert isinstance(screen, Overview)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not screen and not screen.drawn)
        screen._renew()
        assert not screen.query("#lines")


async def test_numbers_of_the_overview_and_of_the_database_are_drawn_over_this_sitting(
    four: list[Profile],
) -> None:
    desk = Desk(four[:2], Settings(bastion=True, refresh=0, overview=0), State(), None)
    app = Console(desk, Place())
    async with app.run_test(size=(120, 44)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Overview) and app.screen.settled)
        await pilot.press("P")
        await shows(pilot, "This line has no number that can be drawn")
        await pilot.press("down")
        await shows(pilot, "transactions pending, in this sitting   it is drawn when")
        await pilot.press("R")
        await shows(pilot, r"pending, in this sitting   (\d+) now, \1 to \1 in")
        drawn = app.screen.query_one(Pane).lines
        for _ in range(5):
            await pilot.pause()
        assert app.screen.query_one(Pane).lines is drawn
        await pilot.press("P")
        await until(pilot, lambda: "in this sitting" not in picture(app.screen))


@pytest.mark.parametrize("engine", [engine for engine in engines_for() if engine != "sqlite"])
async def test_connections_and_tables_are_drawn_over_this_sitting(
    fresh: Fresh, tmp_path: Path, engine: str
) -> None:
    bank = banks.make(fresh(engine), tmp_path)
    office = open_office(bank, Place("database", "trustsphere", view="tables"))
    try:
        async with office.app.run_test(size=(120, 44)) as pilot:
            await shows(pilot, "quaestor_ledger")
            await pilot.press("P", "R")
            await shows(pilot, r"in this sitting   .* now, .* to .* in")
            await pilot.press("G")
            await shows(pilot, r"\w+, in this sitting   \S+ kB now")
            await pilot.press("tab")
            await shows(pilot, r"connections, in this sitting   \d+ now")
    finally:
        bank.close()


async def test_a_system_that_still_answers_is_not_asked_again(
    four: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answer = [], threading.Event()

    def slow(meter: Meter, cancel: Cancel | None = None, *, everything: bool = False) -> list[Number]:
        asked.append(meter)
        answer.wait(20)
        return []

    monkeypatch.setattr(Meter, "refresh", slow)
    app = Console(Desk(four[:1], Settings(bastion=True, refresh=0, overview=0), State(), None), Place())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(asked) == 1)
        await pilot.press("R", "R", "R")
        await pilot.pause()
        assert len(asked) == 1
        answer.set()
        screen = app.screen
        assert isinstance(screen, Overview)
        await until(pilot, lambda: screen.settled)
        await pilot.press("R")
        await until(pilot, lambda: len(asked) == 2)
