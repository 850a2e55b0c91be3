"""A masked value: shown in its place for a reason, told of in ledger and trail, and hidden again after 20 seconds."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from console.app import Console
from console.operator import Cast
from db.model import Mode, Profile
from db.paymentlinker import ssn
from db.paymentlinker.tables import audit_logs
from screens import detail
from screens.desk import Desk
from screens.dialogs import Form
from screens.places import Place
from screens.record import RecordScreen
from screens.settings import Settings
from screens.state import State
from tests.paymentlinker.office import ANNA, KEYS, TENANT, Office, make
from tests.screens import golden
from tests.screens.office import arm, picture, shows, still, type_in, until

WHERE = "0a1b2c3d-0000-4000-8000-000000000001"
PERSON = {
    "id": WHERE,
    "full_legal_name": "Ann Example",
    "ssn_encrypted": ssn.encrypt("078-05-4417", WHERE, TENANT, "2025-07", KEYS["2025-07"]),
}
HIDDEN, SHOWN = "•••-••-••••", r"•••-••-\d{4}"


class Clock:
    """Time as the test has it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What the detail takes for the time."""
    made = Clock()
    monkeypatch.setattr(detail, "monotonic", made)
    return made


@pytest.fixture
def linker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """One application with a sealed number."""
    monkeypatch.setenv("QUAESTOR_HOME", str(tmp_path / "home"))
    made = make(f"sqlite:///{tmp_path}/linker.db", tmp_path)
    made.put("applications", **PERSON)
    yield made
    made.close()


def console(linker: Office, **more: Any) -> Console:
    """The console at the application."""
    given: dict[str, Any] = {"mode": Mode.OPERATE, "sealing_key": KEYS.get, **more}
    profile = Profile("linker", linker.url, "paymentlinker", **given)
    desk = Desk([profile], Settings(bastion=True, refresh=0), State(), None)
    desk.operators = Cast(lambda: {"anna": ANNA}, ("anna",))
    return Console(desk, Place("record", "linker", "applications", record=WHERE))


async def record(pilot: Pilot[None]) -> RecordScreen:
    """The screen, once the record is there."""
    app = pilot.app
    assert isinstance(app, Console)
    await until(pilot, lambda: isinstance(app.frame, RecordScreen) and app.frame.detail.record is not None)
    frame = app.frame
    assert isinstance(frame, RecordScreen)
    await until(pilot, lambda: not frame._readings)
    return frame


async def revealed(pilot: Pilot[None]) -> None:
    """By the key, with a reason."""
    await pilot.press("r")
    await shows(pilot, "last four digits")
    await until(pilot, lambda: isinstance(pilot.app.screen, Form))
    await type_in(pilot, "she asks what we hold")
    await pilot.press("tab", "tab", "enter")
    await shows(pilot, SHOWN)


def seen(pilot: Pilot[None]) -> str:
    """The screen without what moves."""
    text = re.sub(r"\A.*", " …", picture(pilot.app.screen))
    return still(text)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}")
async def test_it_is_shown_in_its_place_and_hides_itself(
    linker: Office, clock: Clock, size: tuple[int, int]
) -> None:
    async with console(linker).run_test(size=size) as pilot:
        frame = await record(pilot)
        await arm(pilot)
        assert frame.detail.find("ssn", 1)
        before = picture(pilot.app.screen)
        assert not re.search(SHOWN, before)
        golden.check(f"reveal-before-{size[0]}", seen(pilot))
        await revealed(pilot)
        await record(pilot)
        await shows(pilot, "hides itself in 20 s")
        golden.check(f"reveal-after-{size[0]}", seen(pilot))
        told = linker.rows(audit_logs)[-1]
        assert (told["event_type"], told["application_id"]) == ("SSN_REVEALED", WHERE)
        assert linker.counts()[1] == 1
        clock.now += 12.5
        await shows(pilot, "hides itself in 8 s")
        clock.now += 8
        await until(pilot, lambda: not re.search(SHOWN, picture(pilot.app.screen)))
        assert frame.detail._bared == {}


async def test_it_is_copied_nowhere_and_gone_with_the_record(linker: Office, clock: Clock) -> None:
    other = linker.put("applications")["id"]
    async with console(linker).run_test(size=(120, 40)) as pilot:
        frame = await record(pilot)
        await arm(pilot)
        assert frame.detail.find("ssn", 1)
        await revealed(pilot)
        await record(pilot)
        await pilot.press("y")
        await shows(pilot, "is masked; it is not copied either")
        assert not re.search(r"•-\d{4}", frame.detail.as_json())
        frame.go(replace(frame.place, record=other))
        await until(pilot, lambda: frame.detail.record is not None and frame.detail.record.id == other)
        assert not re.search(SHOWN, picture(pilot.app.screen))
        assert frame.detail._bared == {}


async def test_it_needs_a_reason(linker: Office) -> None:
    async with console(linker).run_test(size=(120, 40)) as pilot:
        await record(pilot)
        await arm(pilot)
        await pilot.press("r")
        await shows(pilot, "last four digits")
        await pilot.press("tab", "tab", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Form), "a reason is needed"
        await pilot.press("escape")
        assert linker.counts()[1] == 0


async def test_whoever_is_not_armed_is_told_so(linker: Office) -> None:
    async with console(linker).run_test(size=(120, 40)) as pilot:
        await record(pilot)
        await pilot.press("r")
        await shows(pilot, "linker is safe")


async def test_audit_mode_has_no_way(linker: Office) -> None:
    async with console(linker, mode=Mode.AUDIT).run_test(size=(120, 40)) as pilot:
        frame = await record(pilot)
        await pilot.press("r")
        await shows(pilot, "open in audit mode: nothing can be changed")
        await pilot.press("colon")
        await type_in(pilot, "arm 30m T-1")
        await pilot.press("enter")
        await shows(pilot, "open in audit mode")
        found = frame._revealing()
        assert found is not None
        assert await frame.decide(*found) is None
        assert linker.counts()[1] == 0


async def test_a_secret_is_never_shown(linker: Office) -> None:
    user = linker.put("users")["id"]
    app = console(linker)
    async with app.run_test(size=(120, 40)) as pilot:
        frame = await record(pilot)
        frame.go(Place("record", "linker", "users", record=user))
        await shows(pilot, "password hash")
        await pilot.press("r")
        await shows(pilot, "secrets that are never shown")
