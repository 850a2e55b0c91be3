"""The database behind a system: how full it is, who blocks whom, and one probe at a time; ending a session behind a sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual import events, work
from textual.app import ComposeResult

from db.errors import QuaestorError
from screens import databaselines, endings, keys, later, operators
from screens.bar import Bar
from screens.base import COMMON
from screens.databaselines import Held, Of
from screens.desk import Desk, Link
from screens.lines import Line, Lines
from screens.pages import session_of
from screens.places import Place
from screens.plots import Pane, Plotting
from screens.trends import Trends

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.clock import Clock
    from db.probes import Found, Lock, Probe
    from db.probes.locks import Forest

VERBS = ("next_view", "previous_view", "plot", "pause", "act")
TREND = 120
"""Refreshes that a trend remembers."""
DRAWN = ("lag seconds", "connections", "bytes")
"""What is drawn of a server: the first that it tells."""


@dataclass(frozen=True)
class Read:
    """What was read at one moment."""

    server: Found
    forest: Forest
    found: Found
    probes: tuple[Probe, ...]
    clock: Clock


class Database(Plotting):
    """One server."""

    VERBS = (*COMMON, *VERBS)
    BINDINGS = [*keys.bindings(*VERBS)]
    FOOTER = ("act", "next_view", "back", "plot", "refresh", "pause")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.read: Read | None = None
        self._probe = place.view
        self._first: dict[str, int] = {}
        """Sizes as this sitting found them."""
        self._trends = Trends[str](TREND)
        """What the server told, and the sizes of tables."""
        self._reading = False
        self._paused = False

    def body(self) -> ComposeResult:
        """The server in a line, the probes as tabs, then lines."""
        yield Bar(id="summary")
        yield Bar(id="probes")
        yield Lines(id="lines")
        yield Pane(id="plot")

    def on_mount(self) -> None:
        """Look again from time to time."""
        self.lines.focus()
        if self.desk.settings.refresh:
            self.set_interval(self.desk.settings.refresh, self._again)

    def here(self) -> Place:
        """The probe that is shown."""
        return replace(self.place, view=self._probe)

    def takes(self, place: Place) -> bool:
        """Another probe of the same server."""
        return place.screen == "database" and place.at == self.place.at

    def turn_to(self, place: Place) -> None:
        """Show that probe."""
        self._probe = place.view
        self.renew()

    def arrived(self) -> None:
        """Ask."""
        self.renew()

    def action_refresh(self) -> None:
        """Ask anew."""
        super().action_refresh()
        self.renew()

    def action_pause(self) -> None:
        """Stop asking by itself, or go on."""
        self._paused = not self._paused
        self.banner.paused = self._paused
        self.tick()

    def _again(self) -> None:
        """A tick while the last one still asks is dropped."""
        if not (self._paused or self._reading) and self.link is not None and self.link.session is not None:
            self.renew()

    @work(exclusive=True, group="database")
    async def renew(self) -> None:
        """Ask the server, the locks and the probe."""
        self._reading = True
        try:
            self.read = await self.load(self._ask)
        except QuaestorError as error:
            self.complain(error)
            return
        finally:
            self._reading = False
        if self.link is not None:
            self.link.read_at = self.read.server.at
        self._note(self.read)
        self._draw()

    def _note(self, read: Read) -> None:
        """Remember what was read."""
        at, server = read.server.at, read.server.records()
        for name in DRAWN if server else ():
            if server[0].get(name) is not None:
                self._trends.note(name, at, int(server[0][name]))
        if not read.forest.lacks:
            self._trends.note("waiting", at, sum(root.freed for root in read.forest.roots))
        if read.found.probe.name == "tables":
            for row in read.found.records():
                if row.get("bytes") is not None:
                    self._trends.note(f"tables/{row['table']}", at, int(row["bytes"]))

    def _ask(self, cancel: Cancel) -> Read:
        assert self.link is not None
        session = session_of(self.link)
        probes = later.probes.probes_of(session)
        chosen = next((probe for probe in probes if probe.name == self._probe), probes[1])
        server = later.probes.ask(session, probes[0], cancel)
        forest = later.probes.tree(session, cancel)
        clock = later.clock.measured(session, cancel)
        return Read(server, forest, later.probes.ask(session, chosen, cancel), probes, clock)

    def action_next_view(self) -> None:
        """The next probe."""
        self._turn(1)

    def action_previous_view(self) -> None:
        """The probe before."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        if self.read is not None:
            names = [probe.name for probe in self.read.probes[1:]]
            self._probe = names[(names.index(self.read.found.probe.name) + step) % len(names)]
            self.renew()

    # Drawing

    async def on_resize(self, event: events.Resize) -> None:
        """Draw it for another width."""
        await super().on_resize(event)
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        if self.read is None or not self.drawn:
            return
        self.query_one("#summary", Bar).show(
            [(" ", ""), databaselines.clock(self.read.clock), *databaselines.server(self.read.server)]
        )
        found, names = self.read.found, [probe.name for probe in self.read.probes[1:]]
        tabs = databaselines.tabs(names, names.index(found.probe.name), self.size.width)
        self.query_one("#probes", Bar).show(tabs)
        records = [self._grown(row) for row in found.records()]
        made = [*databaselines.forest(self.read.forest), Line(()), *databaselines.rows(found, records)]
        self.lines.show(made, keep=bool(self.lines.lines))
        self.show_keys()
        self.draw_plot()

    def _grown(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row with how much its table grew since this screen first saw it."""
        if "table" not in row or "bytes" not in row or "index" in row:
            return row
        size = int(row["bytes"])
        return {**row, "bytes": (size, size - self._first.setdefault(str(row["table"]), size))}

    # Ending a session

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now."""
        if verb == "act":
            if not self.drawn or self.link is None or not isinstance(self._target(), Held):
                return "A session can be ended: of the lock tree, or of a probe that lists sessions; this line is none."
            return operators.why_safe(self.link)
        return super().why_not(verb)

    def _target(self) -> object:
        return self.lines.current.target if self.lines.current is not None else None

    # Plots

    def plotted(self) -> Sequence[Line]:
        """Over this sitting: the table under the cursor, who waits at a lock tree; else how far behind or how full."""
        target = self._target()
        names = [f"tables/{target.name}"] if isinstance(target, Of) and target.probe == "tables" else []
        names += ["waiting"] if isinstance(target, Held) else []
        for name in (*names, *DRAWN):
            if points := self._trends.points(name):
                return databaselines.plot(name, points, self.size.width)
        return [Line(((" This database tells nothing that could be drawn.", "faint"),))]

    @work(exclusive=True, group="act")
    async def action_act(self) -> None:
        """Cancel the session's statement, or end it; by a sheet with the reason, and its number typed."""
        target, link = self._target(), self.link
        if not isinstance(target, Held) or link is None:
            return
        try:
            lock = await self.load(lambda cancel: later.probes.find(session_of(link), target.session, cancel))
        except QuaestorError as error:
            self.complain(error)
            return
        if not (how := await self.app.push_screen_wait(endings.Endings(lock))):
            return
        decision = await self.app.push_screen_wait(endings.sheet(lock, how))
        if decision is not None:
            self.app.run_worker(self._end(link, lock, how, decision.reason), group="writes")

    async def _end(self, link: Link, lock: Lock, how: str, reason: str) -> None:
        def end(cancel: Cancel) -> str:
            writer = operators.writer_of(link, self.desk.operators)
            ending = later.probes.Ending(how)
            done = later.probes.end(writer, lock, ending, reason, link.arming.now, cancel=cancel)
            heard = "" if done.heard else "; the server did not find it any more"
            return (
                f"Session {lock.session}: {how.replace('-', ' ')} is entry {done.seq} of the ledger{heard}."
            )

        try:
            self.say(await self.load(end), "note")
        except QuaestorError as error:
            self.complain(error)
        self.renew()
