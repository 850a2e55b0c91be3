"""The fleet: states, a map of cells by region, type, tenant or version, alerts; followed while one looks at it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult

from db.errors import QuaestorError
from db.model import Filter, Operator
from db.severity import Severity
from screens import asking, keys, later
from screens.bar import Bar, Part
from screens.base import COMMON, Frame
from screens.cellmap import SIGNS, cells, spark
from screens.cells import fit, safe
from screens.desk import Desk
from screens.formats import age, number
from screens.lines import Line, Lines
from screens.pages import session_of
from screens.places import Place

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.fleet import Alert, Change, Following, Group, Picture

VERBS = ("next_view", "previous_view", "pause")
ALERTS = 200
"""Alerts that are listed."""
TREND = 60
"""Refreshes that a trend remembers."""
NAME, COUNT = 22, 10


class Fleet(Frame):
    """A system's devices or passes at a glance."""

    VERBS = (*COMMON, *VERBS)
    BINDINGS = [*keys.bindings(*VERBS)]
    FOOTER = ("open", "next_view", "refresh", "pause", "back")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.change: Change | None = None
        self._following: Following | None = None
        self._way = place.view
        self._reading = False
        self._paused = False
        self._before: dict[str, int] = {}
        self._trends: dict[str, deque[int]] = {}

    def body(self) -> ComposeResult:
        """What it is, then everything as lines."""
        yield Bar(id="summary")
        yield Lines(id="lines")

    @property
    def lines(self) -> Lines:
        """States, map, alerts."""
        return self.query_one("#lines", Lines)

    def refocus(self) -> None:
        """The lines have the keys."""
        self.lines.focus()

    def on_mount(self) -> None:
        """Look again from time to time."""
        self.lines.focus()
        if self.desk.settings.refresh:
            self.set_interval(self.desk.settings.refresh, self._again)

    def takes(self, place: Place) -> bool:
        """Another division of the same fleet."""
        return place.screen == "fleet" and place.at == self.place.at

    def turn_to(self, place: Place) -> None:
        """Divide it so."""
        self._divide(place.view)

    def here(self) -> Place:
        """The fleet, divided as it is."""
        return replace(self.place, view=self._way)

    def arrived(self) -> None:
        """Count it."""
        self._following = None
        self.renew()

    def action_refresh(self) -> None:
        """Count everything anew."""
        super().action_refresh()
        self.arrived()

    def action_pause(self) -> None:
        """Stop looking again by itself, or go on."""
        self._paused = not self._paused
        self.banner.paused = self._paused
        self.tick()

    def _again(self) -> None:
        """A tick while the last one still reads is dropped."""
        if not (self._paused or self._reading) and self.link is not None and self.link.session is not None:
            self.renew()

    @work(exclusive=True, group="fleet")
    async def renew(self) -> None:
        """Read what changed."""
        self._reading = True
        try:
            change = await self.load(self._read)
        except QuaestorError as error:
            self.complain(error)
            return
        finally:
            self._reading = False
        self._take(change)

    def _read(self, cancel: Cancel) -> Change:
        assert self.link is not None
        session = session_of(self.link)
        if self._following is None:
            fleet = later.fleet.fleet_of(session)
            assert fleet is not None
            self._following = later.fleet.Following(session, fleet, fleet.way(self._way))
        return self._following.refresh(cancel)

    def _take(self, change: Change) -> None:
        """Show it, mark what changed, and say what crossed a line."""
        assert self.link is not None
        counts = change.picture.counts
        self._before = self.change.picture.counts if self.change is not None else counts
        for state, count in counts.items():
            self._trends.setdefault(state, deque(maxlen=TREND)).append(count)
        self.change, self.link.read_at = change, change.picture.at
        grave = [s for s, n in counts.items() if self._grave(s) and n > self._before.get(s, n)]
        if grave:
            self.say(", ".join(f"{counts[s] - self._before[s]} more {s}" for s in grave), "error")
            if self.desk.settings.bell:
                self.app.bell()
        self._draw()

    def _grave(self, state: str) -> bool:
        return self.change is not None and self.change.picture.fleet.severity(state) is Severity.CRITICAL

    # Ways

    def action_next_view(self) -> None:
        """Divide it in the next way."""
        self._turn(1)

    def action_previous_view(self) -> None:
        """Divide it in the way before."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        if self.change is not None:
            names = [way.name for way in self.change.picture.fleet.ways]
            self._divide(names[(names.index(self.change.picture.by.name) + step) % len(names)])

    def _divide(self, way: str) -> None:
        self._way = way
        self._following = None
        self.renew()

    # Drawing

    async def on_resize(self, event: events.Resize) -> None:
        """Draw it for another width."""
        await super().on_resize(event)
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        if self.change is None or not self.is_attached:
            return
        found = self.change.picture
        ways: list[Part] = [
            (f" {way.name} ", "tab-here" if way is found.by else "tab") for way in found.fleet.ways
        ]
        title = f" {found.fleet.entity.replace('_', ' ').capitalize()}  {number(found.total)} in service   "
        self.query_one("#summary", Bar).show([(title, "title"), *ways], [(_odd(found), "wait")])
        made = [*self._states(found), *self._map(found), *self._alerts(found)]
        self.lines.show(made, keep=bool(self.lines.lines))
        self.show_keys()

    def _states(self, found: Picture) -> Iterator[Line]:
        for state, count in found.counts.items():
            if not count and not self._before.get(state):
                continue
            sign, tone = SIGNS[found.fleet.severity(state)]
            step = count - self._before.get(state, count)
            summary = (
                found.fleet.by_name[state].summary if state in found.fleet.by_name else "Nothing is wrong."
            )
            moved = f"{step:+d}" if step else ""
            yield Line(
                (
                    (f" {sign} ", tone), (fit(state, NAME - 2), "title"), (fit(number(count), COUNT, True), ""),
                    (f" {moved:>7} ", "changed"), (f"{spark(self._trends.get(state, ())):<13}", tone), (summary, "faint"),
                ),
                self._list(found, state),
            )  # fmt: skip

    def _map(self, found: Picture) -> Iterator[Line]:
        yield Line(())
        signs: list[Part] = [
            part for s in Severity for part in ((f" {SIGNS[s][0]}", SIGNS[s][1]), (f" {s} ", "faint"))
        ]
        yield Line(((f" By {found.by.name}   ", "head"), *signs))
        room = max(8, self.size.width - NAME - COUNT - 6)
        one = all(group.total <= room for group in found.groups)
        for group in found.groups:
            counts: dict[Severity, int] = {}
            for state, count in group.states.items():
                severity = found.fleet.severity(state)
                counts[severity] = counts.get(severity, 0) + count
            largest = max(1, found.groups[0].total)
            length = room if one else max(4, room * group.total // largest)
            yield Line(
                (
                    (f" {fit(safe(group.label), NAME)}", ""),
                    (fit(number(group.total), COUNT, True) + "  ", ""),
                    *cells(counts, length),
                ),
                self._list(found, "needs-attention", group),
            )

    def _alerts(self, found: Picture) -> Iterator[Line]:
        alerts = found.alerts()
        if not alerts:
            return
        yield Line(())
        yield Line(
            ((f" {'Alerts, the worst and oldest first':<40}", "head"), (f"{'how many':>9}  since", "head"))
        )
        for alert in alerts[:ALERTS]:
            yield self._alert(found, alert)
        if len(alerts) > ALERTS:
            yield Line(((f"   and {len(alerts) - ALERTS} more", "faint"),))

    def _alert(self, found: Picture, alert: Alert) -> Line:
        sign, tone = SIGNS[alert.severity]
        since = _since(alert.since, found.at)
        return Line(
            (
                (f" {sign} ", tone), (fit(alert.state, NAME), "title"), (fit(safe(alert.group.label), 17), ""),
                (fit(number(alert.count), 9, True) + "  ", ""), (since, "faint"),
            ),
            self._list(found, alert.state, alert.group),
        )  # fmt: skip

    def _list(self, found: Picture, view: str, group: Group | None = None) -> Place:
        """The list behind a number."""
        kept = (Filter(found.by.column, Operator.EQ, group.value or ""),) if group is not None else ()
        return Place("list", self.place.at, found.fleet.entity, view, filter=asking.written(kept))

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """To the list behind it."""
        if isinstance(message.line.target, Place):
            self.go(message.line.target)


def _since(moment: datetime | None, now: datetime) -> str:
    return age(moment, now) if moment is not None else "–"


def _odd(found: Picture) -> str:
    """What is strange about the reports."""
    told = [f"{number(found.ahead)} report from the future"] if found.ahead else []
    if found.silent:
        told.append(f"{number(found.silent)} never reported")
    return " · ".join(told) + " " * bool(told)
