"""The histogram of the line of time: a row of blocks for each severity, each by its own measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from screens.formats import number, span
from screens.lines import Line

if TYPE_CHECKING:
    from db.timeline import Rate

BESIDE = 31
"""Cells that are not blocks: the name, the sum, the most."""
TONES = {"CRITICAL": "bad", "ERROR": "bad", "WARNING": "wait", "INFO": "accent", "": "faint"}
_BLOCKS = "▁▂▃▄▅▆▇█"


def slots(cells: int) -> int:
    """How many spans there is room for."""
    return max(10, cells - BESIDE)


def lines(rate: Rate | None, zone: tzinfo | None) -> Iterator[Line]:
    """A line for each severity that is there, and the time below them."""
    if rate is None:
        yield Line(((" counting …", "faint"),))
        return
    for severity, counts in rate.counts.items():
        yield Line(
            (
                (f" {severity or 'unrated':<9}", TONES[severity]),
                (f"{number(sum(counts)):>10}  ", ""),
                (blocks(counts), TONES[severity]),
                (f" max {number(max(counts))}", "faint"),
            )
        )
    if not rate.counts:
        yield Line(((" nothing in that time", "faint"),))
    yield _axis(rate, zone)


def blocks(counts: Sequence[int]) -> str:
    """Nothing is a blank, anything at all is seen."""
    most = max(counts, default=0)
    return "".join(" " if count == 0 else _BLOCKS[(count * 8 - 1) // most] for count in counts)


def _axis(rate: Rate, zone: tzinfo | None) -> Line:
    """From when to when, how long a cell is, and whose rows are not counted."""
    begin, end = _clock(rate.begin, zone), _clock(rate.end, zone)
    middle = f" {span(rate.width)} each "
    room = max(0, rate.slots - len(begin) - len(end) - len(middle))
    left = room // 2
    gaps = f"  ✗ without {', '.join(gap.source for gap in rate.gaps)}" if rate.gaps else ""
    return Line(
        (
            (" " * 22, ""),
            (begin, "faint"),
            ("─" * left + middle + "─" * (room - left), "faint"),
            (end, "faint"),
            (gaps, "bad"),
        )
    )


def _clock(at: datetime, zone: tzinfo | None) -> str:
    return f"{at.astimezone(zone):%m-%d %H:%M}"
