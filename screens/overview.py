"""All systems on the desk: how they are doing, what needs somebody there, and where that leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult

from db.errors import QuaestorError
from db.severity import Severity
from screens import keys, later, plots
from screens.base import COMMON
from screens.cellmap import SIGNS, spark
from screens.cells import fit, safe
from screens.desk import Desk, Link, Standing
from screens.formats import age
from screens.lines import Line, Lines
from screens.pages import session_of
from screens.places import Place
from screens.plots import Pane, Plotting
from screens.systems import MOODS
from screens.trends import Trends

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.overview import Meter, Number
    from db.session import Session

TREND = 40
"""Refreshes that a trend remembers."""
AREAS = ("accounts", "reviews", "credentials", "audit", "fleet")


@dataclass(frozen=True)
class Behind:
    """A number's line: several numbers may lead to one place."""

    name: str
    place: Place


class Overview(Plotting):
    """The first screen: choose a system, or go straight to one of its lists."""

    VERBS = (*COMMON, "plot")
    BINDINGS = [*keys.bindings("plot")]
    FOOTER = ("open", "systems", "plot", "refresh", "quit")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self._chosen = place.at
        self._meters: dict[str, tuple[Session, str, Meter]] = {}
        self._trends = Trends[tuple[str, str]](TREND)
        self._asking: set[str] = set()
        self._numbers: dict[str, list[Number]] = {}

    def body(self) -> ComposeResult:
        """One block of lines a system."""
        yield Lines(id="lines")
        yield Pane(id="plot")

    def on_mount(self) -> None:
        """Show all of them, and look again from time to time."""
        self.lines.focus()
        self._renew()
        self._look()
        if self.desk.settings.overview:
            self.set_interval(self.desk.settings.overview, self._look)

    def link_changed(self, link: Link) -> None:
        """A system stands differently."""
        super().link_changed(link)
        if self.drawn:
            self._renew()
            self._look()

    async def on_resize(self, event: events.Resize) -> None:
        """Draw it for another width."""
        await super().on_resize(event)
        self.call_after_refresh(self._renew)

    def _look(self, *, everything: bool = False) -> None:
        """Ask the open systems what is due; one that still answers is not asked again."""
        for link in self.desk.links:
            if link.session is not None and link.standing is Standing.OPEN and link.name not in self._asking:
                self._asking.add(link.name)
                self._ask(link, everything)

    @work(group="overview")
    async def _ask(self, link: Link, everything: bool) -> None:
        def ask(cancel: Cancel) -> list[Number]:
            return self._meter(link).refresh(cancel, everything=everything)

        try:
            numbers = await self.load(ask, link)
        except QuaestorError as error:
            self.complain(error)
            return
        finally:
            self._asking.discard(link.name)
        self._numbers[link.name] = numbers
        for number in numbers:
            if number.value is not None and number.at is not None:
                self._trends.note((link.name, number.name), number.at, number.value)
        self._renew()

    @property
    def settled(self) -> bool:
        """Whether every system has been asked once."""
        return all(link.name in self._numbers for link in self.desk.links)

    def _meter(self, link: Link) -> Meter:
        """The questions to that session, asked by whoever is at the keyboard."""
        session, me = session_of(link), link.writer.who.principal if link.writer is not None else ""
        kept = self._meters.get(link.name)
        if kept is None or kept[:2] != (session, me):
            made = later.overview.Meter(
                later.overview.questions(session, me), self.desk.settings.overview or 5
            )
            kept = self._meters[link.name] = (session, me, made)
        return kept[2]

    def _renew(self) -> None:
        if not self.drawn:
            return
        made = [line for link in self.desk.links for line in self._block(link)]
        if len(made) > self.lines.size.height > 0:
            made = [line for link in self.desk.links for line in self._block(link, tight=True)]
        self.lines.show(made, keep=bool(self.lines.lines))
        self.draw_plot()

    def plotted(self) -> Sequence[Line]:
        """The number under the cursor over this sitting."""
        told = self.lines.current.target if self.lines.current is not None else None
        if not isinstance(told, Behind) or not (points := self._trends.points((told.place.at, told.name))):
            return [Line(((" This line has no number that can be drawn.", "faint"),))]
        return plots.over_time(f"{told.place.at}: {told.name}, in this sitting", points, self.size.width)

    def action_refresh(self) -> None:
        """Ask everything anew; connect where that failed, or was not tried."""
        self._look(everything=True)
        for link in self.desk.links:
            if link.standing in (Standing.FAILED, Standing.CLOSED):
                self.app.run_worker(self.desk.open(link))

    def on_lines_moved(self, message: Lines.Moved) -> None:
        """The keys of the areas mean the system under the cursor."""
        place = _leads(message.line)
        self.link = self.desk.named(place.at) if place is not None else None
        super().on_lines_moved(message)

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """Go there, or connect first."""
        place = _leads(message.line)
        assert place is not None
        link = self.desk.named(place.at)
        if link.standing in (Standing.FAILED, Standing.CLOSED):
            self.app.run_worker(self.desk.open(link))
        kept = self.desk.kept.places.get(link.name)
        whole = place.screen == "list" and not place.entity
        self.go(kept if kept is not None and whole else place)

    def _block(self, link: Link, *, tight: bool = False) -> Iterator[Line]:
        """A system: how it stands, and its numbers, the worst first; its areas until there are any.

        Where there is little room, what is well is only counted.
        """
        yield from list(_head(link))[tight:]
        numbers = self._numbers.get(link.name, [])
        if link.session is None:
            return
        if not numbers:
            yield from _areas(link, link.session)
        told = sorted(filter(_told, numbers), key=lambda number: number.severity.rank)
        shown = [number for number in told if not tight or number.severity is not Severity.GOOD]
        for number in shown:
            yield _line(link, number, self._trends.values((link.name, number.name)), self.size.width)
        if well := len(told) - len(shown):
            names = ", ".join(f"{n.name} {n.shown}" for n in told[len(shown) :])
            yield Line(((f"   ■ {well} well  ", "good"), (names, "faint")))


def _told(number: Number) -> bool:
    """The fleet's lesser findings are on its own screen."""
    return number.group != "fleet" or number.severity is Severity.CRITICAL or number.path == "fleet"


def _line(link: Link, number: Number, trend: Sequence[int], cells: int) -> Line:
    """One number, with its trend in this sitting and its age."""
    sign, tone = SIGNS[number.severity]
    old = age(number.at, datetime.now(UTC)) if number.at is not None else ""
    line = f"{spark(trend, 10):<10} " if cells >= 100 else ""
    return Line(
        (
            (f"   {sign} ", tone), (fit(safe(number.name), 27), ""), (fit(number.shown, 9, True) + "  ", "title"),
            (line, tone), (number.text, "faint"),
        ),
        Behind(number.name, _place(link, number)),
        ((f"{old} ", "faint"),),
    )  # fmt: skip


def _leads(line: Line | None) -> Place | None:
    """Where a line leads."""
    target = line.target if line is not None else None
    place = target.place if isinstance(target, Behind) else target
    return place if isinstance(place, Place) else None


def _place(link: Link, number: Number) -> Place:
    """Where a number leads."""
    if number.path in ("fleet", "database", "ledger", "review"):
        return Place(number.path, link.name)
    entity, _, view = number.path.partition("/")
    return Place("list", link.name, entity, view, filter=number.filter)


def _head(link: Link) -> Iterator[Line]:
    """How a system stands."""
    sign, tone = MOODS[link.standing]
    session = link.session
    yield Line(())
    title = session.system.title if session is not None else link.profile.system
    lag = f"{max(1, round(link.lag * 1000))} ms " if link.lag is not None else ""
    yield Line(
        (
            (f" {sign} ", tone), (f"{link.name:<16} ", "title"),
            (f"{link.profile.label:<6} ", "wait"), (f"{title}   ", ""),
            (f"{session.server.dialect} {session.server.version_text}  {session.server.host}" if session else "", "faint"),
        ),
        Place("list", link.name),
        ((lag, "faint"), (f"{link.standing} ", tone)),
    )  # fmt: skip
    if link.sentence:
        yield Line(((f"   {link.sentence}", "bad"),))


def _areas(link: Link, session: Session) -> Iterator[Line]:
    """Its areas with their lists."""
    for area in AREAS:
        if paths := session.system.areas.get(area, ()):
            entity, _, view = paths[0].partition("/")
            yield Line(
                (
                    (f"   {keys.sign(keys.keys_of(area)[0])} ", "key"), (f"{area:<13}", "label"),
                    (paths[0], ""), ("".join(f"  · {path}" for path in paths[1:]), "faint"),
                ),
                Place("list", link.name, entity, view),
            )  # fmt: skip
