"""How the audit screen looks when something is missing, uncertain or proven, at both sizes."""

import re
from dataclasses import replace
from typing import Any

import pytest

from db.clock import Clock
from db.errors import Unreachable
from db.model import Mode, Profile
from db.session import Session
from db.timeline.lane import TableLane
from db.timeline.merge import UNSURE
from tests.screens import golden
from tests.screens.office import picture, shows, until
from tests.timeline.consoles import HERE, NOTED, SIZES, audit, console, filtered, shown, values
from tests.timeline.line import Line


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
async def test_a_source_that_is_gone_is_marked(line: Line, size: tuple[int, int]) -> None:
    gone = Profile("gone", "sqlite:////nowhere/at/all.db", "finpass")
    async with console(line, HERE, gone).run_test(size=size) as pilot:
        await audit(pilot)
        await shows(pilot, "✗ gone failed")
        assert "● trustsphere 2" in picture(pilot.app.screen)
        await filtered(pilot, f"{NOTED} severity=ERROR")
        golden.check(f"audit-gone-{size[0]}", shown(pilot))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
async def test_a_source_that_fails_later_is_a_gap_in_what_is_shown(
    line: Line, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = TableLane.fetch

    def fails(self: TableLane, *given: Any) -> Any:
        if self.name == "trustsphere:audit_logs":
            raise Unreachable("The server has closed the connection.")
        return fetch(self, *given)

    async with console(line).run_test(size=size) as pilot:
        await audit(pilot)
        monkeypatch.setattr(TableLane, "fetch", fails)
        frame = await filtered(pilot, f"{NOTED} severity=INFO,ERROR")
        await shows(pilot, "✗ trustsphere:audit_logs")
        assert set(values(frame, "system")) == {"finpass"}
        golden.check(f"audit-gap-{size[0]}", shown(pilot))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
async def test_an_order_that_the_clocks_leave_open_is_marked(
    line: Line, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def apart(session: Session, cancel: Any = None) -> Clock:
        return Clock(3.2 if session.name == "finpass" else 0.0, 0.001)

    monkeypatch.setattr("db.clock.measured", apart)
    async with console(line).run_test(size=size) as pilot:
        await audit(pilot)
        frame = await filtered(pilot, f"{NOTED} severity=INFO,ERROR")
        await shows(pilot, r"≈ finpass \+3\.2 s")
        await until(pilot, lambda: UNSURE in values(frame, "order"))
        await shows(pilot, "≈  trustsphere")
        golden.check(f"audit-uncertain-{size[0]}", shown(pilot))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
async def test_how_the_pivot_looks(line: Line, size: tuple[int, int]) -> None:
    async with console(line).run_test(size=size) as pilot:
        await audit(pilot)
        await filtered(pilot, f"{NOTED} system=finpass severity=CRITICAL")
        await pilot.press("b")
        await shows(pilot, "All with the same")
        golden.check(f"audit-pivot-{size[0]}", shown(pilot))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}")
async def test_audit_mode_says_what_is_proven(line: Line, size: tuple[int, int]) -> None:
    """SQLite has no logins, so that whoever may write the file is read-only by session alone."""
    app = console(line)
    for link in app._desk.links:
        link.profile = replace(link.profile, mode=Mode.AUDIT)
    async with app.run_test(size=size) as pilot:
        await audit(pilot)
        await filtered(pilot, f"{NOTED} severity=ERROR")
        session = (await audit(pilot)).sessions()[0]
        assert session.proof is not None
        await shows(pilot, "trustsphere   READ-ONLY by session")
        await shows(pilot, r"\? help  : command")
        for link in app._desk.links:
            link.read_at = None  # how wide this is, and the next, differs from run to run
            link._trips.clear()
        app.frame.tick()
        await pilot.pause()
        top = picture(pilot.app.screen).splitlines()[0]
        assert "READ-ONLY by session" in top
        banner = re.sub(r"\s+\d\d:\d\d [+-].*", "  …", top).replace(
            session.server.host.rpartition("/")[2], "‹file›"
        )
        golden.check(f"audit-banner-{size[0]}", shown(pilot).replace(" …", banner, 1))
