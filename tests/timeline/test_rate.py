"""The rate by severity, the clocks, and sources that do not answer in time."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from db import clock
from db.cancel import Cancel
from db.engine import make_engine
from db.errors import QuaestorError, Unreachable
from db.model import Profile
from db.session import Session
from db.timeline import Timeline, query
from db.timeline import merge as merging
from db.timeline.rate import RATED, made, width_of
from tests.conftest import SYSTEM_ENGINES, Fresh, engines_for
from tests.timeline.line import NOW, Line


@pytest.fixture(params=engines_for())
def line(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[Line]:
    """Every system that runs on the engine, and a ledger."""
    made_line, random = Line(), Random(11)
    for name in ("trustsphere", "paymentlinker", "finpass", "multipass"):
        if request.param in SYSTEM_ENGINES[name]:
            made_line.open(name, fresh(request.param), with_ledger=name in ("trustsphere", "finpass"))
            made_line.sources[-1].add(random, 40)
    yield made_line
    made_line.close()


@pytest.mark.parametrize("typed", ["", "severity=INFO", "action=LOGIN", "system=finpass"])
def test_the_rate_counts_what_the_line_shows(line: Line, typed: str) -> None:
    chosen = "2026-03-01T11:59:00..2026-03-01T12:01:00"
    merged = line.timeline()
    found = merged.rate(query(f"{typed} {chosen}"), 60)
    rows = [row.values for page in merged.stream(query(f"{typed} {chosen}")) for row in page.rows]
    assert {name: sum(counts) for name, counts in found.counts.items()} == Counter(
        row[3] or "" for row in rows
    )
    assert found.gaps == ()
    assert found.slots <= 60
    for row in rows:
        assert found.begin <= row[0] < found.end
        place = int((row[0] - found.begin).total_seconds() // found.width)
        assert found.counts[row[3] or ""][place] > 0
    merged.close()


def test_entries_of_the_ledger_are_counted_by_how_severe_they_are(line: Line) -> None:
    with_ledger = next(one for one in line.sources if "quaestor_ledger" in one.session.schema)
    with_ledger.enter(1)
    with_ledger.enter(2, break_glass=True)
    merged = Timeline([with_ledger.session])
    found = merged.rate(query("source=quaestor_ledger -1h.."), 30)
    assert {name: sum(counts) for name, counts in found.counts.items()} == {"INFO": 2, "WARNING": 1}
    merged.close()


@given(st.integers(1, 10**9), st.integers(2, 400))
def test_the_spans_cover_the_time_and_are_never_more_than_asked_for(seconds: int, slots: int) -> None:
    low = datetime(2001, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    high = low + timedelta(seconds=seconds)
    found = made(low, high, width_of(low, high, slots), ())
    assert found.slots <= slots
    assert found.begin <= low <= high < found.end


def test_times_without_a_zone_are_counted_where_the_line_shows_them(fresh: Fresh) -> None:
    """Around the hour that Zurich has twice."""
    made_line = Line()
    source = made_line.open("finpass", fresh("postgresql"))
    zone = ZoneInfo("Europe/Zurich")
    source.session = replace(
        source.session, profile=replace(source.session.profile, naive_times="Europe/Zurich")
    )
    with source.engine.begin() as connection:
        for n, text in enumerate(("2025-10-26 01:30", "2025-10-26 04:30", "2025-10-26 12:00")):
            connection.exec_driver_sql(
                "INSERT INTO audit_events (id, event_type, severity, created_at)"
                f" VALUES ('00000000-0000-4000-9000-00000000000{n}', 'USER_LOGIN', 'INFO', '{text}')"
            )
    merged = made_line.timeline()
    asked = query("2025-10-26..2025-10-26", zone=zone)
    rows = [row.values[0] for row in merged.page(asked).rows]
    assert rows == [
        datetime(2025, 10, 26, hour, minute, tzinfo=UTC) for hour, minute in ((11, 0), (3, 30))
    ] + [datetime(2025, 10, 25, 23, 30, tzinfo=UTC)]
    found = merged.rate(asked, 60)
    assert (found.begin, found.end - found.begin) == (
        datetime(2025, 10, 25, 22, tzinfo=UTC),
        timedelta(hours=25, seconds=0 if 25 * 3600 % found.width == 0 else found.width),
    )
    places = [n for n, count in enumerate(found.counts["INFO"]) if count]
    wanted = [int((at - found.begin).total_seconds() // found.width) for at in reversed(rows)]
    assert places == wanted
    merged.close()
    made_line.close()


def test_clocks_are_measured_and_the_order_is_marked_within_their_difference(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged = line.timeline()
    assert merged.measure() == ()
    assert merged.clocks == {}
    name = line.sources[0].session.name
    real = clock.measured

    def wrong(session: Session, cancel: Cancel) -> clock.Clock:
        found = real(session, cancel)
        return replace(found, ahead=found.ahead + 3) if session is line.sources[0].session else found

    monkeypatch.setattr(clock, "measured", wrong)
    (told,) = merged.measure()
    assert told.startswith(f"{name}: its clock is +3.0")
    assert list(merged.clocks) == [name]
    marked = {row.values[2] for row in merged.page(query(), limit=500).rows if row.values[1] == "≈"}
    assert name in marked or len(line.sources) == 1
    assert len(marked) != 1  # it takes two to be in doubt
    merged.close()


def test_a_slow_source_is_waited_for_once_and_then_left_alone(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = line.sources[0]
    merged = Timeline([source.session for source in line.sources], patience=0.3)
    hold = slow.engine.connect()
    waits = {"postgresql": "SELECT pg_sleep(2)", "sqlite": _COUNT}
    statement = waits.get(hold.dialect.name, "SELECT sleep(2)")
    hold.close()

    @event.listens_for(slow.session.engine, "before_cursor_execute", retval=True)
    def delay(
        _c: object, _k: object, _s: str, parameters: object, _x: object, _many: bool
    ) -> tuple[str, object]:
        return statement, type(parameters)()

    if len(merged.lanes) == sum(lane.session is slow.session for lane in merged.lanes):
        with pytest.raises(QuaestorError, match="does not answer within"):
            merged.page(query())
    else:
        page = merged.page(query())
        assert {gap.source.partition(":")[0] for gap in page.gaps} == {slow.session.name}
        assert "does not answer within 0.3 s" in page.gaps[0].why
        assert page.rows
    began = time.perf_counter()
    again = merged.page(query()) if len(line.sources) > 1 else None
    assert time.perf_counter() - began < 0.3
    assert again is None or "left alone" in again.gaps[0].why
    event.remove(slow.session.engine, "before_cursor_execute", delay)
    monkeypatch.setattr(merging, "REST", 0.0)
    merged._rests.clear()
    assert merged.page(query()).gaps == ()
    merged.close()


_COUNT = (
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 9000000) SELECT count(*) FROM c"
)


def test_a_source_that_is_gone_is_a_gap_of_the_rate_too(line: Line) -> None:
    sessions = [source.session for source in line.sources]
    gone = Profile("gone", "sqlite:////nowhere/at/all.db", sessions[-1].system.name)
    sessions.append(replace(sessions[-1], profile=gone, engine=make_engine(gone)))
    merged = Timeline(sessions)
    found = merged.rate(query("2026-03-01..2026-03-01"), 20)
    assert {gap.source.partition(":")[0] for gap in found.gaps} == {"gone"}
    assert sum(map(sum, found.counts.values())) > 0
    assert set(found.counts) <= set(RATED)
    with pytest.raises(Unreachable):
        Timeline(sessions[-1:]).rate(query(), 20)
    merged.close()
    assert found.end > NOW
