"""The fleet: states, a map of cells by region, type, tenant or version, alerts; followed while one looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult

from db.errors import QuaestorError
from db.model import Row
from db.severity import Severity
from screens import acting, fleetlines, fleetread, keys, later, plots
from screens.acting import MANY, Acting, Targets
from screens.bar import Bar, Part
from screens.base import COMMON
from screens.desk import Desk, Link, Standing
from screens.fleetlines import Alarm, Look, One, Strip
from screens.fleetread import Read
from screens.formats import number
from screens.lines import Line, Lines
from screens.pages import session_of
from screens.places import Place
from screens.plots import Pane, Plotting
from screens.running import Run
from screens.trends import Trends

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.fleet import Change, Device, Following, Member, Spread

VERBS = ("next_view", "previous_view", "left", "right", "mark", "plot", "pause", *acting.VERBS)
TREND = 60
"""Refreshes that a trend remembers."""


class Fleet(Plotting, Acting):
    """A system's devices or passes at a glance."""

    VERBS = (*COMMON, *VERBS)
    BINDINGS = [*keys.bindings(*VERBS)]
    FOOTER = ("open", "right", "mark", "act", "next_view", "back", "plot", "refresh", "pause")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.change: Change | None = None
        self.singles: Sequence[Device] | None = None
        self._following: Following | None = None
        self._way = place.view
        self._reading = False
        self._paused = False
        self._before: dict[str, int] = {}
        self._trends = Trends[str](TREND)
        self._spread: Spread | None = None
        self._unfolded: dict[Alarm, Sequence[Member]] = {}
        self._chosen = ""

    def body(self) -> ComposeResult:
        """What it is, then everything as lines."""
        yield Bar(id="summary")
        yield Lines(id="lines")
        yield Pane(id="plot")

    @property
    def marks(self) -> dict[str, Row]:
        """What is marked, here and in the list of all."""
        if self.link is None or self.change is None:
            return {}
        return self.link.marks.setdefault(self.change.picture.fleet.entity, {})

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
        if not self._elsewhere():
            self._following = None
            self.renew()

    def link_changed(self, link: Link) -> None:
        """Another system may have the fleet that this one has not."""
        super().link_changed(link)
        if self.drawn and link is not self.link and link.standing is Standing.OPEN and self.change is None:
            self._elsewhere()

    def _elsewhere(self) -> bool:
        """Whether this system has no fleet and another one has: it is shown then, as whoever began here wants a fleet."""
        if self.link is None or self.link.session is None or _has_fleet(self.link):
            return False
        other = next((link for link in self.desk.links if _has_fleet(link)), None)
        if other is not None:
            self.leave(Place("fleet", other.name))
        return other is not None

    def action_refresh(self) -> None:
        """Count everything anew."""
        super().action_refresh()
        self._spread = None
        self.arrived()

    def action_pause(self) -> None:
        """Stop looking again by itself, or go on."""
        self._paused = not self._paused
        self.banner.paused = self._paused
        self.tick()

    # Reading

    def _again(self) -> None:
        """A tick while the last one still reads is dropped."""
        if not (self._paused or self._reading) and self.link is not None and self.link.session is not None:
            self.renew()

    @work(exclusive=True, group="fleet")
    async def renew(self) -> None:
        """Read what changed; behind the first picture at once since when all that is so."""
        self._reading = True
        try:
            self._take(await self.load(self._read))
            if self._following is not None and not self._following.counted:
                self._take(await self.load(self._read), trend=False)
        except QuaestorError as error:
            self.complain(error)
        finally:
            self._reading = False

    def _read(self, cancel: Cancel) -> Read:
        assert self.link is not None
        session = session_of(self.link)
        if self._following is None:
            self._following = fleetread.following(session, self._way)
        return fleetread.look(session, self._following, list(self._unfolded), cancel)

    def _take(self, read: Read, *, trend: bool = True) -> None:
        """Show it, mark what changed, and say what crossed a line."""
        assert self.link is not None
        change, counts = read.change, read.change.picture.counts
        self._before = self.change.picture.counts if self.change is not None else counts
        for state, count in counts.items() if trend else ():
            self._trends.note(state, change.picture.at, count)
        self.change, self.singles, self._unfolded = change, read.singles, dict(read.unfolded)
        self.link.read_at = datetime.now(UTC)  # not the server's clock, by which the rules are judged
        grave = [s for s, n in counts.items() if self._grave(s) and n > self._before.get(s, n)]
        if grave:
            self.say(", ".join(f"{counts[s] - self._before[s]} more {s}" for s in grave), "error")
            if self.desk.settings.bell:
                self.app.bell()
        self.draw()

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
        self._way, self._following, self._chosen = way, None, ""
        self._unfolded.clear()
        self.renew()

    # Looking closer

    @property
    def target(self) -> object:
        """What the cursor is on."""
        return self.lines.current.target if self.lines.current is not None else None

    def action_right(self) -> None:
        """Unfold an alert; in the map go to the next cell."""
        if isinstance(self.target, Alarm):
            self._unfold(self.target)
        else:
            self._step(1)

    def action_left(self) -> None:
        """Fold the alert; in the map go to the cell before."""
        target = self.target
        alarm = target.under if isinstance(target, One) else target
        if isinstance(alarm, Alarm):
            self._unfolded.pop(alarm, None)
            self.draw()
            self._cursor_to(alarm)
        else:
            self._step(-1)

    def _cursor_to(self, target: object) -> None:
        where = next((n for n, line in enumerate(self.lines.lines) if line.target == target), None)
        if where is not None:
            self.lines.go_to(where)

    def _step(self, step: int) -> None:
        """Another cell of the line of the map."""
        if isinstance(self.target, Strip) and (ids := [device.id for device in self.target.devices]):
            at = ids.index(self._chosen) + step if self._chosen in ids else (0 if step > 0 else -1)
            self._chosen = ids[at] if 0 <= at < len(ids) else ""
            self.draw()

    @work(exclusive=True, group="unfold")
    async def _unfold(self, alarm: Alarm) -> None:
        self._unfolded[alarm] = await self._behind(alarm)
        self.draw()

    async def _behind(self, alarm: Alarm) -> Sequence[Member]:
        """The devices behind an alert; none where they cannot be read, which is said."""
        assert self.link is not None
        assert self.change is not None
        session, found = session_of(self.link), self.change.picture
        try:
            return await self.load(
                lambda cancel: later.fleet.members(session, alarm.alert, found, MANY, cancel)
            )
        except QuaestorError as error:
            self.complain(error)
            return ()

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """To the device, or to the list behind a number."""
        target = message.line.target
        if isinstance(target, Alarm):
            self._open_alert(target)
        elif isinstance(target, One):
            self._open_device(target.id)
        elif isinstance(target, Strip):
            if self._chosen in {device.id for device in target.devices}:
                self._open_device(self._chosen)
            else:
                self.go(target.place)
        elif isinstance(target, Place):
            self.go(target)

    @work(exclusive=True, group="unfold")
    async def _open_alert(self, alarm: Alarm) -> None:
        """A single device itself, several as a list."""
        assert self.change is not None
        members = await self._behind(alarm) if alarm.alert.count == 1 else ()
        if len(members) == 1:
            self._open_device(members[0].id)
        else:
            found = self.change.picture
            self.go(fleetlines.list_of(found, self.place.at, alarm.state, alarm.alert.groups))

    def _open_device(self, id_: str) -> None:
        assert self.change is not None
        self.go(Place("device", self.place.at, self.change.picture.fleet.entity, record=id_))

    # Marks and actions

    @property
    def one(self) -> str:
        """The id of the device under the cursor; empty where there is none."""
        target = self.target
        if isinstance(target, One):
            return target.id
        here = isinstance(target, Strip) and self._chosen in {device.id for device in target.devices}
        return self._chosen if here else ""

    def action_mark(self) -> None:
        """Mark the device, or all behind an alert; again: take the marks off."""
        if isinstance(self.target, Alarm):
            self._mark_all(self.target)
        elif self.one:
            self._turn_marks([self.one])
            if isinstance(self.target, One):
                self.lines.action_down()

    @work(exclusive=True, group="unfold")
    async def _mark_all(self, alarm: Alarm) -> None:
        members = self._unfolded.get(alarm) or await self._behind(alarm)
        if alarm.alert.count > len(members):
            self.say(f"The first {len(members)} are marked; more are not changed at once.", "wait")
        self._turn_marks([member.id for member in members])

    def _turn_marks(self, ids: Sequence[str]) -> None:
        marks = self.marks
        if all(id_ in marks for id_ in ids):
            for id_ in ids:
                del marks[id_]
        else:
            marks.update((id_, Row(id_, (), ())) for id_ in ids)
        self.draw()

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now."""
        if verb in ("mark", "act", "undo", "left", "right") and self.change is None:
            return "The fleet is not counted yet."
        if verb == "mark" and not (self.one or isinstance(self.target, Alarm)):
            return "Devices behind an alert are marked, and cells of the map (→ chooses one)."
        if verb in ("left", "right") and not isinstance(self.target, Alarm | One | Strip):
            return "There is nothing to unfold on this line."
        if verb in ("act", "undo") and self.targets() is None:
            return "Choose a device, or mark some: → unfolds an alert, or chooses a cell of the map."
        return super().why_not(verb)

    def targets(self) -> Targets | None:
        """What is marked, or the device under the cursor."""
        if self.link is None or self.link.session is None or self.change is None:
            return None
        ids = tuple(self.marks) or ((self.one,) if self.one else ())
        entity = self.link.session.entity(self.change.picture.fleet.entity)
        return Targets(self.link, entity, ids) if ids else None

    def reflect(self, run: Run) -> None:
        """What was done is not marked any more; count anew."""
        for outcome in run.done:
            self.marks.pop(outcome.operation.id, None)
        self.arrived()

    # Plots

    def plotted(self) -> Sequence[Line]:
        """The state under the cursor over this sitting; elsewhere how the batteries are, which is asked first."""
        if self.change is None:
            return ()
        target = self.target
        state = target.view if isinstance(target, Place) and not target.filter else ""
        if points := self._trends.points(state):
            return plots.over_time(f"{state}, in this sitting", points, self.size.width)
        if self._spread is None:
            self._read_spread()
            return ()
        return fleetlines.spread(self._spread, self.size.width)

    @work(exclusive=True, group="spread")
    async def _read_spread(self) -> None:
        assert self.change is not None
        fleet, link = self.change.picture.fleet, self.link
        assert link is not None
        try:
            self._spread = await self.load(
                lambda cancel: later.fleet.spread(session_of(link), fleet, fleet.gauges[0], cancel)
            )
        except QuaestorError as error:
            self.complain(error)
            return
        self.draw_plot()

    # Drawing

    async def on_resize(self, event: events.Resize) -> None:
        """Draw it for another width."""
        await super().on_resize(event)
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Show what is known."""
        if self.change is None or not self.drawn:
            return
        found, marks = self.change.picture, self.marks
        ways: list[Part] = [
            (f" {way.name} ", "tab-here" if way is found.by else "tab") for way in found.fleet.ways
        ]
        title = f" {found.fleet.entity.replace('_', ' ').capitalize()}  {number(found.total)} in service   "
        told = (f"{len(marks)} marked  " if marks else "", "mark")
        self.query_one("#summary", Bar).show(
            [(title, "title"), *ways], [told, (fleetlines.odd(found), "wait")]
        )
        look = Look(
            self.place.at,
            self.size.width,
            self._before,
            self._trends.all_values(),
            self.singles,
            self._unfolded,
            marks,
            self._chosen,
        )
        self.lines.show(list(fleetlines.lines(found, look)), keep=bool(self.lines.lines))
        self.show_keys()


def _has_fleet(link: Link) -> bool:
    return link.session is not None and bool(link.session.system.areas.get("fleet"))
