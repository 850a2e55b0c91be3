"""A device drawn: its measures on scales with their limits, what is wrong since when, and its life on a line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from db.severity import Severity, worst
from screens.bar import Part
from screens.cellmap import SIGNS
from screens.cells import fit, safe
from screens.formats import Look, age, moment, number
from screens.lines import Line
from screens.sheet import Past

if TYPE_CHECKING:
    from db.fleet import Event, Held, Measure, Portrait

SCALE = 40
"""Cells of a scale at most."""
EVENTS = 12
"""Events that are listed before the record; the line shows all."""
LABEL = 14


def lines(found: Portrait, look: Look, cells: int) -> Iterator[Line]:
    """Everything that a device's own record does not say by itself."""
    yield from _findings(found)
    yield Line(())
    for measure in found.measures:
        yield _gauge(measure, cells)
    yield Line(())
    yield from life(found.events, found.at, look, cells)


def _findings(found: Portrait) -> Iterator[Line]:
    severity = found.fleet.severity(found.state)
    sign, tone = SIGNS[severity]
    name = "   ".join(str(v) for n in found.record.entity.title if (v := found.record.value(n)) is not None)
    status = found.record.value("status")
    yield Line(
        (
            (f" {sign} ", tone), (f"{found.fleet.noun} ", "accent"), (name, "title"), (f"   {found.state}", tone),
            (f"   status {status if status is not None else 'unknown'}", "faint"),
        )
    )  # fmt: skip
    if not found.findings and found.state == "well":
        yield Line((("   Nothing is wrong with it.", "good"),))
    for held in found.findings:
        yield _finding(held, found.at)


def _finding(held: Held, now: datetime) -> Line:
    sign, tone = SIGNS[held.finding.severity]
    return Line(
        (
            (f"   {sign} ", tone), (fit(held.finding.name, 20), "title"), (fit(since(held.since, held.exact, now), 10), ""),
            (held.finding.summary, "faint"),
        )
    )  # fmt: skip


def since(told: datetime | None, exact: bool, now: datetime) -> str:
    """For how long something has been so; ``≥`` where only the last report tells it."""
    if told is None:
        return "–"
    return age(told, now) if exact or told > now else f"≥ {age(told, now)}"


def _gauge(measure: Measure, cells: int) -> Line:
    gauge = measure.gauge
    name = (f"   {fit(gauge.name, LABEL)}", "label")
    if measure.value is None:
        return Line((name, ("it does not report one", "faint")))
    tone = "bad" if measure.bad else "good"
    side = "at most" if gauge.above else "at least"
    return Line(
        (
            name, *_scale(measure, measure.value, max(8, min(SCALE, cells - LABEL - 34)), tone),
            (f" {number(measure.value):>7} {gauge.unit}", tone), (f"   {side} {number(measure.limit)}", "faint"),
        )
    )  # fmt: skip


def _scale(measure: Measure, value: Decimal, room: int, tone: str) -> Iterator[Part]:
    """A bar up to the value, and a mark where the limit is."""
    filled, mark = (_place(measure, at, room) for at in (value, measure.limit))
    drawn = ["█" if n < filled else "·" for n in range(room)]
    drawn[min(mark, room - 1)] = "┃"
    bar = "".join(drawn)
    yield bar[:filled], tone
    yield bar[filled:], "faint"


def _place(measure: Measure, value: Decimal, room: int) -> int:
    low, high = measure.gauge.low, measure.gauge.high
    return max(0, min(room, round(float(value - low) / (high - low) * room)))


# Its life


def life(events: Sequence[Event], at: datetime, look: Look, cells: int) -> Iterator[Line]:
    """What happened, on a line and in words, the latest first."""
    dated = [event for event in events if event.at is not None]
    if dated:
        yield from _line(dated, at, max(20, cells - 8))
    for event in events[:EVENTS]:
        yield _event(event, at, look)
    if len(events) > EVENTS:
        yield Line(((f"   and {len(events) - EVENTS} earlier", "faint"),))


def _line(events: Sequence[Event], now: datetime, room: int) -> Iterator[Line]:
    """All of it on one line: what is recent has more room (the scale is that of the logarithm of the age)."""
    ages = [(now - event.at).total_seconds() for event in events if event.at is not None]
    first, last = max(0.0, *ages), max(0.0, *(-seconds for seconds in ages))
    ahead = room // 8 if last else 0
    cells: dict[int, list[Severity]] = {}
    for event, seconds in zip(events, ages, strict=True):
        cells.setdefault(_cell(seconds, first, last, room - ahead, ahead), []).append(event.severity)
    parts: list[Part] = [("   ", "")]
    for n in range(room):
        if n in cells:
            parts.append(_mark(cells[n]))
        else:
            parts.append(
                ("┃", "accent") if n == room - ahead - 1 else ("─" if n < room - ahead else "┄", "faint")
            )
    oldest = next(event for event, seconds in zip(events, ages, strict=True) if seconds == max(ages))
    begin = f"   {safe(oldest.what)} {age(oldest.at, now) if oldest.at else ''} ago"
    yield Line(((fit(begin, room - ahead - 1), "faint"), ("now", "accent")))
    yield Line(tuple(parts))


def _mark(severities: Sequence[Severity]) -> Part:
    severity = worst(*severities)
    return ("●", "") if severity is Severity.GOOD else SIGNS[severity]


def _cell(seconds: float, first: float, last: float, past: int, ahead: int) -> int:
    """Where on the line: what is to come stands behind now."""
    if seconds < 0:
        share = math.log1p(-seconds) / math.log1p(last)
        return past + min(ahead - 1, int(share * ahead))
    share = math.log1p(seconds) / math.log1p(first) if first else 0.0
    return round((1 - share) * (past - 1))


def _event(event: Event, now: datetime, look: Look) -> Line:
    sign, tone = ("·", "faint") if event.severity is Severity.GOOD else SIGNS[event.severity]
    when = moment(event.at, look.zone, offset=False) if event.at is not None else "no time is told"
    old = age(event.at, now) if event.at is not None else ""
    return Line(
        (
            (f"   {sign} ", tone), (f"{when:<19}  ", "faint"), (f"{old:>8}  ", ""),
            (event.what, "" if event.severity is Severity.GOOD else tone), (f"   {event.text}" if event.text else "", "faint"),
        ),
        Past(event.entity, event.id) if event.entity else None,
    )  # fmt: skip
