"""Times that are typed in the operator's zone, where the clock is set forward or back within the range."""

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from db.errors import QuaestorError
from db.timeline import query
from tests.timeline.line import Line

ZURICH = ZoneInfo("Europe/Zurich")
BACK, FORWARD = datetime(2025, 10, 26, 1, tzinfo=UTC), datetime(2025, 3, 30, 1, tzinfo=UTC)
"""When the clock goes from 3 to 2, and from 2 to 3."""


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """A row every half hour around both moments, named by its time in UTC."""
    made = Line()
    finpass = made.open("finpass", f"sqlite:///{tmp_path}/finpass.db")
    rows: list[dict[str, Any]] = []
    for around in (BACK, FORWARD):
        for half in range(-6, 7):
            at = around + timedelta(minutes=30 * half)
            rows.append({"id": f"00000000-0000-4000-8000-{len(rows):012}", "created_at": at})
            rows[-1]["event_type"] = f"{at:%H:%M}"
    with finpass.engine.begin() as connection:
        connection.execute(insert(finpass.table), rows)
    yield made
    made.close()


def found(line: Line, typed: str, zone: Any = ZURICH) -> list[str]:
    """The names of the rows that fit, the oldest first."""
    timeline = line.timeline()
    at = [column.name for column in timeline.page(query()).columns].index("action")
    rows = [row for page in timeline.stream(query(typed, oldest_first=True, zone=zone)) for row in page.rows]
    timeline.close()
    return [str(row.values[at]) for row in rows]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("2025-10-26T02:00..2025-10-26T02:30", ["00:00", "00:30", "01:00", "01:30"]),
        ("2025-10-26T01:30..2025-10-26T03:00", ["23:30", "00:00", "00:30", "01:00", "01:30", "02:00"]),
        ("time>=2025-10-26T02:30 time<=2025-10-26T02:30", ["00:30", "01:00", "01:30"]),
        ("2025-03-30T01:30..2025-03-30T03:30", ["00:30", "01:00", "01:30"]),
        ("2025-03-30T02:00..2025-03-30T02:30", ["00:00", "00:30", "01:00", "01:30"]),
        ("2025-03-30T02:00+01:00..2025-03-30T02:00+01:00", ["01:00"]),
    ],
)
def test_nothing_is_lost_where_the_clock_is_set(line: Line, typed: str, wanted: list[str]) -> None:
    assert found(line, typed) == wanted


def test_a_day_is_as_long_as_it_is_there(line: Line) -> None:
    first, last = (datetime(2025, 10, day, tzinfo=ZURICH).astimezone(UTC) for day in (26, 27))
    assert last - first == timedelta(hours=25)
    everything = found(line, "2025-10-26..2025-10-26")
    assert everything == found(line, f"{first.isoformat()}..{(last - timedelta(microseconds=1)).isoformat()}")
    assert len(everything) == 13


def test_the_machines_own_zone_counts_the_same(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Zurich")
    time.tzset()
    try:
        assert found(line, "2025-10-26T02:00..2025-10-26T02:30", None) == ["00:00", "00:30", "01:00", "01:30"]
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("typed", ["2025-02-30..", "9999-12-31..", "0001-01-01..", "..9999-12-31T23:59:59"])
def test_the_ends_of_time_are_a_sentence_or_an_answer(line: Line, typed: str) -> None:
    everything = set(found(line, ""))
    for zone in (ZURICH, None, UTC, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Niue")):
        with suppress(QuaestorError):
            assert set(found(line, typed, zone)) <= everything
