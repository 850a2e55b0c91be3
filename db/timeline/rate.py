"""The rate of the line of time: how many rows of each severity in each span of the time that is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from db.timeline.lane import Tally

RATED = ("CRITICAL", "ERROR", "WARNING", "INFO", "")
"""The worst first; empty for what no source rated."""
WIDTHS = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1200,
    1800,
    3600,
    7200,
    10_800,
    14_400,
    21_600,
    43_200,
    86_400,
)
"""Seconds of a span; beyond that whole days."""
DAY = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Gap:
    """A source that is not in an answer."""

    source: str
    why: str


@dataclass(frozen=True)
class Rate:
    """Counts in a grid of time."""

    begin: datetime
    width: int
    """Seconds of each span."""
    slots: int
    counts: Mapping[str, tuple[int, ...]]
    """By severity, one for each span."""
    gaps: tuple[Gap, ...] = ()

    @property
    def end(self) -> datetime:
        """Where the last span ends."""
        return self.begin + timedelta(seconds=self.width * self.slots)


def width_of(low: datetime, high: datetime, slots: int) -> int:
    """The seconds of a span, so that there are at most so many."""
    needed = (high - low).total_seconds() / max(1, slots - 1)
    days = int(needed // DAY) + 1
    return next((width for width in WIDTHS if width >= needed), days * DAY)


def made(
    low: datetime, high: datetime, width: int, found: Iterable[Tally], gaps: tuple[Gap, ...] = ()
) -> Rate:
    """The grid between two moments, filled."""
    first = int((low - _EPOCH).total_seconds() // width)
    last = int((high - _EPOCH).total_seconds() // width)
    slots = last - first + 1
    grid: dict[str, list[int]] = {}
    for one in found:
        place = int((one.at - _EPOCH).total_seconds() // width) - first
        if 0 <= place < slots:
            severity = one.severity if one.severity in RATED else ""
            grid.setdefault(severity, [0] * slots)[place] += one.number
    counts = {severity: tuple(grid[severity]) for severity in RATED if severity in grid}
    return Rate(_EPOCH + timedelta(seconds=first * width), width, slots, counts, gaps)
