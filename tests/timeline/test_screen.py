"""The line of time on the screen: sources, filters, pivots, the record behind a row."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from textual.pilot import Pilot

from console.app import Console
from db.model import Profile
from screens.audit import Audit
from screens.bar import Bar
from screens.desk import Desk
from screens.listing import Listing
from screens.places import Place
from screens.record import RecordScreen
from screens.settings import Settings
from screens.state import State
from tests.timeline.line import Line


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    """Let the app work until something holds."""
    for _ in range(2000):
        if true():
            await pilot.pause()
            return
        await pilot.pause(0)
        await pilot.app.workers.wait_for_complete()
    raise AssertionError("it never happened")


async def type_in(pilot: Pilot[None], text: str) -> None:
    """Press the keys of a text, and enter."""
    await pilot.press(*("space" if char == " " else char for char in text), "enter")


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """Two systems, one with a ledger."""
    made, random = Line(), Random(5)
    for name in ("trustsphere", "finpass"):
        made.open(name, f"sqlite:///{tmp_path}/{name}.db", with_ledger=name == "finpass").add(random, 40)
    yield made
    made.close()


async def test_the_line_is_filtered_and_leads_to_records(line: Line) -> None:
    profiles = [
        Profile(source.session.name, source.session.profile.url, source.session.system.name)
        for source in line.sources
    ]
    desk = Desk(profiles, Settings(bastion=True, refresh=0), State(), None)
    app = Console(desk, Place("list", "finpass", "audit_events"))
    async with app.run_test(size=(150, 30)) as pilot:
        await until(pilot, lambda: all(link.session is not None for link in desk.links))
        await until(pilot, lambda: isinstance(app.frame, Listing) and bool(app.frame.table.window.rows))
        await pilot.press("colon")
        await type_in(pilot, "timeline")
        await until(pilot, lambda: isinstance(app.frame, Audit) and bool(app.frame.table.window.rows))
        frame = app.frame
        assert isinstance(frame, Audit)
        assert {row.values[2] for row in frame.table.window.rows} == {"trustsphere", "finpass"}
        assert "finpass:quaestor_ledger" in frame.query_one("#sources", Bar).text
        await pilot.press("slash")
        await type_in(pilot, "system=finpass severity=CRITICAL")
        await until(pilot, lambda: {row.values[3] for row in frame.table.window.rows} == {"CRITICAL"})
        await pilot.press("enter")
        await until(
            pilot, lambda: isinstance(app.frame, RecordScreen) and app.frame.detail.record is not None
        )
        record = app.frame
        assert isinstance(record, RecordScreen)
        assert record.detail.record is not None
        assert record.detail.record.value("severity") == "CRITICAL"
