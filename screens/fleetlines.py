"""A fleet as lines: states with their trends, the map, alerts and the devices behind them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from db.model import Filter, Operator
from db.severity import Severity
from screens import asking, plots
from screens.bar import Part
from screens.cellmap import SIGNS, cells, spark
from screens.cells import fit, safe
from screens.formats import number
from screens.gauges import since
from screens.lines import Line
from screens.places import Place

if TYPE_CHECKING:
    from db.fleet import Alert, Device, Group, Member, Picture, Spread

ALERTS = 200
"""Alerts that are listed."""
SHOWN = 40
"""Devices that are listed under an alert; marks and actions reach all that were read."""
NAME, COUNT = 22, 10


@dataclass(frozen=True)
class Alarm:
    """A line with an alert; it is the same one as long as state and parts are."""

    state: str
    parts: tuple[str | None, ...]
    alert: Alert = field(compare=False)


@dataclass(frozen=True)
class One:
    """A line with a device behind an alert."""

    id: str
    under: Alarm


@dataclass(frozen=True)
class Strip:
    """A line of the map whose cells are devices."""

    part: str | None
    devices: tuple[Device, ...] = field(compare=False)
    place: Place = field(compare=False)


@dataclass(frozen=True)
class Look:
    """What is drawn, besides the picture."""

    at: str
    """The profile's name."""
    width: int
    before: Mapping[str, int]
    """The counts of the last refresh."""
    trends: Mapping[str, Sequence[int]]
    singles: Sequence[Device] | None
    """Every device, where they are few."""
    unfolded: Mapping[Alarm, Sequence[Member]]
    marks: Collection[str]
    chosen: str
    """The id of the device whose cell is chosen."""


def lines(found: Picture, look: Look) -> Iterator[Line]:
    """All of it."""
    yield from _states(found, look)
    yield from _map(found, look)
    yield from _alerts(found, look)


def list_of(found: Picture, at: str, view: str, groups: Sequence[Group] = ()) -> Place:
    """The list behind a number; of several parts the whole view."""
    kept = (Filter(found.by.column, Operator.EQ, groups[0].value or ""),) if len(groups) == 1 else ()
    return Place("list", at, found.fleet.entity, view, filter=asking.written(kept))


def _states(found: Picture, look: Look) -> Iterator[Line]:
    for state, count in found.counts.items():
        if not count and not look.before.get(state):
            continue
        sign, tone = SIGNS[found.fleet.severity(state)]
        step = count - look.before.get(state, count)
        known = found.fleet.by_name.get(state)
        moved = f"{step:+d}" if step else ""
        yield Line(
            (
                (f" {sign} ", tone), (fit(state, NAME - 2), "title"), (fit(number(count), COUNT, True), ""),
                (f" {moved:>7} ", "changed"), (f"{spark(look.trends.get(state, ())):<13}", tone),
                (known.summary if known is not None else "Nothing is wrong.", "faint"),
            ),
            list_of(found, look.at, state),
        )  # fmt: skip


# The map


def _map(found: Picture, look: Look) -> Iterator[Line]:
    yield Line(())
    signs: list[Part] = [
        part for s in Severity for part in ((f" {SIGNS[s][0]}", SIGNS[s][1]), (f" {s} ", "faint"))
    ]
    yield Line(((f" By {found.by.name}   ", "head"), *signs))
    room = max(8, look.width - NAME - COUNT - 6)
    one = all(group.total <= room for group in found.groups)
    largest = max((group.total for group in found.groups), default=1)
    for group in found.groups:
        head = (
            (f" {fit(safe(group.label), NAME)}", ""),
            (fit(number(group.total), COUNT, True) + "  ", ""),
        )
        place = list_of(found, look.at, "needs-attention", (group,))
        if one and look.singles is not None:
            here = _of_part(found, look.singles, group)
            yield Line((*head, *_cells(found, here, look)), Strip(group.value, here, place))
        else:
            length = room if one else max(4, room * group.total // max(1, largest))
            yield Line((*head, *cells(_severities(found, group), length)), place)


def _of_part(found: Picture, singles: Sequence[Device], group: Group) -> tuple[Device, ...]:
    """The devices of a part, the worst first."""
    order = {state: n for n, state in enumerate(found.fleet.states)}
    here = (device for device in singles if device.part == group.value)
    return tuple(sorted(here, key=lambda device: (order[device.state], device.id)))


def _cells(found: Picture, devices: Sequence[Device], look: Look) -> Iterator[Part]:
    """A cell each; the chosen one is told apart, and so are those that are marked."""
    for device in devices:
        sign, tone = SIGNS[found.fleet.severity(device.state)]
        if device.id == look.chosen:
            yield sign, "head-here"
        else:
            yield ("◆", "mark") if device.id in look.marks else (sign, tone)


def _severities(found: Picture, group: Group) -> Mapping[Severity, int]:
    counts: dict[Severity, int] = {}
    for state, count in group.states.items():
        severity = found.fleet.severity(state)
        counts[severity] = counts.get(severity, 0) + count
    return counts


# Alerts


def _alerts(found: Picture, look: Look) -> Iterator[Line]:
    alerts = found.alerts()
    if not alerts:
        return
    yield Line(())
    yield Line(((f" {'Alerts, the worst and oldest first':<40}", "head"), (f"{'how many':>9}  for", "head")))
    for alert in alerts[:ALERTS]:
        alarm = Alarm(alert.state, tuple(group.value for group in alert.groups), alert)
        members = look.unfolded.get(alarm)
        yield _alert(found, alarm, look, unfolded=members is not None)
        if members is not None:
            yield from _members(found, alarm, members, look)
    if len(alerts) > ALERTS:
        yield Line(((f"   and {len(alerts) - ALERTS} more", "faint"),))


def _alert(found: Picture, alarm: Alarm, look: Look, *, unfolded: bool) -> Line:
    alert = alarm.alert
    sign, tone = SIGNS[alert.severity]
    return Line(
        (
            (f" {sign} ", tone), (fit(alert.state, NAME), "title"), (fit(safe(alert.label), 15), ""),
            (fit(number(alert.count), 9, True) + "  ", ""), (since(alert.since, alert.exact, found.at), "faint"),
            ("  ▾" if unfolded else "", "accent"),
        ),
        alarm,
    )  # fmt: skip


def _members(found: Picture, alarm: Alarm, members: Sequence[Member], look: Look) -> Iterator[Line]:
    named = {group.value: group.label for group in found.groups}
    for member in members[:SHOWN]:
        marked = member.id in look.marks
        yield Line(
            (
                ("   ◆ " if marked else "   · ", "mark" if marked else "faint"), (fit(safe(member.name), 33), "mark" if marked else ""),
                (fit(safe(named.get(member.part, member.part or "none")), 13), "faint"),
                (since(member.since, member.exact, found.at), "faint"),
            ),
            One(member.id, alarm),
        )  # fmt: skip
    if (rest := alarm.alert.count - min(len(members), SHOWN)) > 0:
        yield Line(((f"     and {number(rest)} more; enter on the alert lists all", "faint"),))


def spread(found: Spread, cells: int) -> list[Line]:
    """How a measure is spread over the fleet."""
    gauge = found.gauge
    told = f"{number(found.silent)} report none; in {gauge.unit}, all in service"
    return plots.histogram(gauge.name, told, [str(edge) for edge in found.edges[:-1]], found.counts, cells)


def odd(found: Picture) -> str:
    """What is strange about the reports."""
    told = [f"{number(found.ahead)} report from the future"] if found.ahead else []
    if found.silent:
        told.append(f"{number(found.silent)} never reported")
    if found.strange:
        told.append(f"{number(found.strange)} of unknown status")
    return " · ".join(told) + " " * bool(told)
