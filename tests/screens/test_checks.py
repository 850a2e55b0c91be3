"""Verification on the screen: ledgers with their progress, the trail against the ledger, what retention says."""

import re
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update
from textual.pilot import Pilot

import db.engine
from console import marks
from console.app import Console
from console.operator import Cast
from db import chain, own
from db.chain import Mark
from db.model import Mode, Profile
from db.paymentlinker.attested import row_of
from db.paymentlinker.tables import audit_logs
from db.session import Session
from screens.checks import Checks
from screens.desk import Desk, Standing
from screens.places import Place
from screens.record import RecordScreen
from screens.settings import Settings
from screens.state import State
from screens.verifying import Verifying
from tests.paymentlinker.office import ANNA, NOW, TENANT, Office, done, make, operation
from tests.screens import golden
from tests.screens.office import picture, shows, still, until
from tests.timeline.line import Line

SIZES = [(80, 24), (120, 40)]
USER = "0a1b2c3d-0000-4000-8000-000000000002"


@pytest.fixture
def linker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Three operations, and a row that is kept too long."""
    monkeypatch.setenv("QUAESTOR_HOME", str(tmp_path / "home"))
    made = make(f"sqlite:///{tmp_path}/linker.db", tmp_path)
    user, desk = made.put("users", id=USER)["id"], made.desk()
    for action in ("deactivate", "activate", "reset-mfa"):
        done(desk, operation("users", user, action))
    old = {"id": str(uuid.uuid4()), "tenant_id": TENANT, "event_type": "LOGIN", "event_category": "ACCESS"}
    then = NOW - timedelta(days=9 * 366)
    with made.engine.begin() as connection:
        kept = {"event_timestamp": then, "retention_until": NOW - timedelta(days=3), "regulation": "GDPR"}
        connection.execute(insert(audit_logs).values(**old, service_name="api", created_at=then, **kept))
    yield made
    made.close()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """A system without a ledger, and one whose document names no rule."""
    made = Line()
    made.open("trustsphere", f"sqlite:///{tmp_path}/trustsphere.db")
    made.open("multipass", f"sqlite:///{tmp_path}/multipass.db", with_ledger=True)
    yield made
    made.close()


def console(linker: Office, line: Line | None = None, mode: Mode = Mode.AUDIT) -> Console:
    """The console at the checks."""
    profiles = [Profile("linker", linker.url, "paymentlinker", mode=mode)]
    profiles += [
        Profile(source.session.name, source.session.profile.url, source.session.system.name, mode=mode)
        for source in (line.sources if line is not None else ())
    ]
    desk = Desk(profiles, Settings(bastion=True, refresh=0), State(), None)
    desk.operators = Cast(lambda: {"anna": ANNA}, ("anna",))
    return Console(desk, Place("checks", "linker"))


async def over(pilot: Pilot[None], many: int = 1) -> Checks:
    """The screen, once everything is checked."""
    app = pilot.app
    assert isinstance(app, Console)

    def ready() -> bool:
        frame = app.frame
        return (
            isinstance(frame, Checks)
            and len(frame.checked) == many
            and not frame._readings
            and all(one.trail is not None and one.retention is not None for one in frame.checked.values())
        )

    await until(pilot, ready)
    frame = app.frame
    assert isinstance(frame, Checks)
    await pilot.pause()
    return frame


def seen(pilot: Pilot[None]) -> str:
    """The screen without what moves."""
    text = re.sub(r"\A.*", " …", picture(pilot.app.screen))
    text = re.sub(r"20\d\d-\d\d-\d\d", "0000-00-00", text)
    return still(re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{12,}", "‹id›", text))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
async def test_what_holds_and_what_does_not(linker: Office, line: Line, size: tuple[int, int]) -> None:
    async with console(linker, line).run_test(size=size) as pilot:
        await over(pilot, 3)
        text = picture(pilot.app.screen)
        assert "verified to 5, anchored to" in text
        assert "all as signed" in text
        await pilot.press("g")
        await pilot.pause()
        golden.check(f"checks-{size[0]}", seen(pilot))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
async def test_what_is_wrong_is_named_and_opened(linker: Office, size: tuple[int, int]) -> None:
    entries = sorted(linker.rows(own.ledger), key=lambda row: int(row["seq"]))
    first, second = (row_of(str(entry["operation_id"])) for entry in entries[2:4])
    with linker.engine.begin() as connection:
        c = own.ledger.c
        connection.execute(update(own.ledger).where(c.seq == 4).values(db_user="somebody"))
        connection.execute(update(audit_logs).where(audit_logs.c.id == first).values(new_state="{}"))
        connection.execute(delete(audit_logs).where(audit_logs.c.id == second))
    async with console(linker).run_test(size=size) as pilot:
        frame = await over(pilot)
        assert re.search(r"entry 4 was changed", picture(pilot.app.screen))
        found = frame.checked["linker"].trail
        assert not isinstance(found, str | None)
        assert {(one.id, one.gone) for one in found.wrong} == {(first, False), (second, True)}
        await pilot.press("g")
        await pilot.pause()
        golden.check(f"checks-wrong-{size[0]}", seen(pilot))
        lines = frame.lines
        at = next(n for n, one in enumerate(lines.lines) if getattr(one.target, "record", "") == first)
        assert lines.lines[at].target == Place("record", "linker", "audit_logs", record=first)
        frame.go(Place("record", "linker", "audit_logs", record=first))
        await until(pilot, lambda: isinstance(pilot.app.frame, RecordScreen))  # type: ignore[attr-defined] # Console


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The ledger is read entry by entry."""
    monkeypatch.setattr(chain, "PIECE", 1)
    chain._wanted.cache_clear()
    yield
    chain._wanted.cache_clear()


@dataclass
class Held:
    """A ledger that is held up behind its third entry, as by a slow database."""

    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    began: list[int] = field(default_factory=list)
    """Behind which entry each verification began."""


@pytest.fixture
def held(one_by_one: None, monkeypatch: pytest.MonkeyPatch) -> Held:
    """Every one."""
    made, tell, verify = Held(), Verifying._tell, chain.verify

    def told(self: Verifying, seq: int) -> None:
        tell(self, seq)
        if seq == 3 and not made.go_on.is_set():
            made.reached.set()
            assert made.go_on.wait(20)

    def noted(*given: object, since: Mark | None = None, **more: object) -> chain.Verified:
        made.began.append(since.size if since is not None else 0)
        return verify(*given, since=since, **more)  # type: ignore[arg-type] # handed on

    monkeypatch.setattr(Verifying, "_tell", told)
    monkeypatch.setattr("db.entries.verify", noted)
    return made


async def test_a_system_that_is_opened_meanwhile_comes_after_what_is_being_verified(
    linker: Office, line: Line, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = db.engine.connect

    def later(profile: Profile) -> Session:
        assert profile.name == "linker" or held.reached.wait(20)
        return connect(profile)

    monkeypatch.setattr(db.engine, "connect", later)
    async with console(linker, line).run_test(size=(120, 40)) as pilot:
        app = pilot.app
        assert isinstance(app, Console)
        await until(pilot, held.reached.is_set)
        await until(pilot, lambda: all(link.standing is Standing.OPEN for link in app._desk.links))
        await pilot.pause()
        held.go_on.set()
        await over(pilot, 3)
        assert held.began == [0, 0], "each ledger once, from its beginning"
        await shows(pilot, r"verified to 5, anchored to \d, \d not anchored *\n")


async def test_a_ledger_is_stopped_and_goes_on_from_there(linker: Office, held: Held) -> None:
    reached, go_on, began = held.reached, held.go_on, held.began
    async with console(linker).run_test(size=(120, 40)) as pilot:
        await until(pilot, reached.is_set)
        await shows(pilot, r"being verified: 3 of 5 +█+░+")
        await pilot.press("ctrl+c")
        await shows(pilot, "stopped at 3 of 5; R goes on")
        go_on.set()
        name = str(linker.rows(own.ledger_head)[0]["ledger"])
        await until(pilot, lambda: marks.mark(name) is not None)
        await pilot.press("R")
        await over(pilot)
        await shows(pilot, r"verified to 5, .*\(since \d\)")
        assert began[0] == 0
        assert began[-1] in (3, 4), "one more may have been read before it was stopped"
        goes_on = len(began)
        await pilot.press("R")
        await shows(pilot, r"verified to 5, anchored to \d, \d not anchored *\n")
        assert set(began[goes_on:]) == {0}
    chain._wanted.cache_clear()


async def test_the_key_leads_there_from_the_line_of_time(linker: Office) -> None:
    app = console(linker)
    async with app.run_test(size=(120, 40)) as pilot:
        await over(pilot)
        await pilot.press("5")
        await shows(pilot, "Timeline")
        await shows(pilot, "USER_DEACTIVATE")
        await pilot.press("v")
        await over(pilot)
        await shows(pilot, r"verified to 5, .*\(since 5\)")
