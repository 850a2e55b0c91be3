"""The line of time on a screen: which sources are on it, their rows, the rate, the record behind a row, following."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult

from db.errors import QuaestorError
from db.model import Page, Position, Query, Record, Row
from db.timeline import TIMELINE, Follow, Merged, Timeline
from db.timeline import query as asked_for
from screens import pivots, rates, tabs
from screens.bar import Bar, Part, clean, length
from screens.beside import Beside
from screens.cells import cut
from screens.desk import Desk, Link, Standing
from screens.formats import Look
from screens.lines import Lines
from screens.places import Place
from screens.table import Table

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.session import Session
    from db.timeline import Rate

EVERY = 2.0
"""Seconds between two looks for new rows."""
SAVED = "*/timeline"
"""Where saved views are kept: they are of no system alone."""


class Lanes:
    """The line's pages as a table takes them."""

    def __init__(self, screen: LineScreen, line: Timeline, query: Query) -> None:
        self._screen = screen
        self._line = line
        self._query = query

    async def read(
        self,
        *,
        after: Position | None = None,
        before: Position | None = None,
        end: bool = False,
        limit: int = 50,
    ) -> Page:
        """A page; raises QuaestorError."""

        def work(cancel: Cancel) -> Merged:
            return self._line.page(
                self._query, after=after, before=before, end=end, limit=limit, cancel=cancel
            )

        page = await self._screen.load(work)
        self._screen.arrived_page(page, self._line)
        return page

    async def locate(self, id_: str) -> Position | None:
        """A place on the line is found again by reading from its beginning."""
        return None


class LineScreen(Beside):
    """One line of time; what can be done there is in ``screens.audit``."""

    CSS_PATH = "audit.tcss"

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.tabs = Bar(id="views")
        self.sources_bar = Bar(id="sources")
        self.histogram = Lines(id="rate")
        self.query_: Query | None = None
        """What is shown; None until a system is open."""
        self.rate: Rate | None = None
        """What the histogram shows."""
        self.following: Follow | None = None
        self._unseen = 0
        self._to_top = False
        self._line: Timeline | None = None
        self._page: Merged | None = None
        self._told = self._warned = ""

    def body(self) -> ComposeResult:
        """Views, sources, the rate, the line, and the record behind a row."""
        yield self.tabs
        yield self.sources_bar
        yield self.histogram
        yield from self.both()

    def on_mount(self) -> None:
        """Begin with the systems that are open."""
        self.detail.aside = self.histogram.aside = True
        self.detail.changes_first = True
        self.table.focus()
        self.begin()
        self.set_interval(EVERY, self._again)

    def on_unmount(self) -> None:
        """Let the threads go."""
        if self._line is not None:
            self._line.close()

    def takes(self, place: Place) -> bool:
        """Another view or filter of the same line."""
        return place.screen == "audit"

    def turn_to(self, place: Place) -> None:
        """Show that."""
        self.place = place
        self.begin()

    def link_changed(self, link: Link) -> None:
        """A system more, or one less, is on the line."""
        super().link_changed(link)
        if self.drawn and link.standing in (Standing.OPEN, Standing.FAILED):
            self.begin()

    # What is shown

    @property
    def views(self) -> dict[str, str]:
        """The operator's own views by name."""
        return self.desk.kept.views.setdefault(SAVED, {})

    def asked(self, place: Place) -> Query:
        """What a place means; raises Usage."""
        base, _, kept = self.views.get(place.view, place.view).partition(" /")
        return asked_for(f"{kept} {place.filter}".strip(), name=base, zone=self.zone)

    def sessions(self) -> list[Session]:
        """The open systems."""
        return [
            link.session
            for link in self.desk.links
            if link.session is not None and link.standing is Standing.OPEN
        ]

    def begin(self) -> None:
        """Read the line anew; raises nothing."""
        if self._line is not None:
            self._line.close()
        self._page, self.following, self._unseen, self.query_ = None, None, 0, None
        self._line = Timeline(self.sessions()) if self.sessions() else None
        self._draw_sources()
        if self._line is None:
            self.table.empty = "No system is open."
            self.table.show(None)
            return
        try:
            self.query_ = query = self.asked(self.place)
        except QuaestorError as error:
            self.complain(error)
            return
        if self.place.view and query.view.name == self.place.view:
            self.say(query.view.summary)
        self.table.empty = "No rows fit." if self.place.filter or self.place.view else "No rows."
        self.table.restyle(look=Look(None, self.zone, self.table.wide))
        self.table.show(Lanes(self, self._line, query), order=query.sort)
        self._draw_sources()
        self.measure()
        self.count()

    def arrived_page(self, page: Merged, line: Timeline) -> None:
        """Say which sources are on the line, which are not, and how they were read, unless it is another by now."""
        if line is not self._line:
            return
        self._page = page
        told = "  ".join([*(f"{gap.source}: {gap.why}" for gap in page.gaps), *page.notes])
        if told and told != self._told:
            self.say(told, "wait")
        self._told = told
        self._draw_sources()

    def _draw_sources(self) -> None:
        names = [*(view.name for view in TIMELINE.views), *self.views]
        state = "paused" if self.banner.paused else "following" if self.following is not None else ""
        right: list[Part] = [
            (f" {self._unseen} new " if self._unseen else "", "wait"),
            (f" {state} " if state else "", "accent"),
        ]
        room = self.size.width - sum(len(text) for text, _ in right) - 2
        self.tabs.show(tabs.named("Timeline", names, self.place.view or "all", room), right)
        apart = self._line.clocks if self._line is not None else {}
        sources = [
            *self._sources(),
            *((f" ≈ {name} {ahead:+.1f} s ", "wait") for name, ahead in apart.items()),
        ]
        left = self.size.width - length(clean(sources)) - 4  # a gap is never hidden by what was typed
        typed = cut(f"/{self.place.filter}", max(8, left)) if self.place.filter else ""
        self.sources_bar.show(sources, [(f" {typed} ", "accent")])

    def _sources(self) -> list[Part]:
        """Each system with how many sources it has on the line; those that are not in what is shown by name."""
        gaps = {gap.source for gap in self._page.gaps} if self._page is not None else set()
        lanes = [lane.name for lane in self._line.lanes] if self._line is not None else []
        gone: list[Part] = [(f" ✗ {name} ", "bad") for name in lanes if name in gaps]
        parts: list[Part] = []
        for link in self.desk.links:
            mine = [name for name in lanes if name.startswith(f"{link.name}:") and name not in gaps]
            if mine:
                parts += [
                    (" ● ", "good"),
                    (link.name, ""),
                    (f" {len(mine)} " if len(mine) > 1 else " ", "faint"),
                ]
            elif not any(name.startswith(f"{link.name}:") for name in lanes):
                gone.append((f" ✗ {link.name} {link.standing} ", "bad"))
        return gone + parts

    @work(exclusive=True, group="clocks")
    async def measure(self) -> None:
        """How far the servers' clocks are apart; within that the order is marked as uncertain."""
        line = self._line
        assert line is not None
        try:
            said = await self.load(line.measure)
        except QuaestorError:
            return  # the line itself tells what does not answer
        if said and line is self._line:
            self.say("; ".join(said), "wait")
            self.table.reread()
            self._draw_sources()

    @work(exclusive=True, group="rate")
    async def count(self) -> None:
        """The histogram, where it is wanted."""
        line, query = self._line, self.query_
        if not self.has_class("-rate") or line is None or query is None:
            return
        room = rates.slots(self.size.width - 2)
        self._draw_rate(None)
        try:
            found = await self.load(lambda cancel: line.rate(query, room, cancel))
        except QuaestorError as error:
            self.complain(error)
            return
        self._draw_rate(found)

    def _draw_rate(self, found: Rate | None) -> None:
        self.rate = found
        made = list(rates.lines(found, self.zone))
        self.histogram.styles.height = len(made)
        self.histogram.show(made)

    # Following

    def _again(self) -> None:
        if self.following is not None and self.is_current and not self._readings:
            self.look()

    @work(exclusive=True, group="follow")
    async def look(self) -> None:
        """See what has come; show it unless one looks at older rows, or has paused."""
        follow = self.following
        if follow is None:
            return
        try:
            found = await self.load(follow.look)
        except QuaestorError as error:
            if follow is self.following:
                self.complain(error)
            return
        if follow is self.following and found:
            self._unseen += len(found)
            self._show_new()
            self._draw_sources()

    def _show_new(self) -> None:
        if self._unseen and not self.banner.paused and self.table.window.cursor == 0:
            self._unseen, self._to_top = 0, True
            self.table.reread()
            self.count()

    # The table

    def on_table_arrived(self, message: Table.Arrived) -> None:
        """Rows came; whoever follows looks at the newest."""
        if self._to_top:
            self._to_top = False
            self.table.action_first()
        self.show_keys()

    def on_table_moved(self, message: Table.Moved) -> None:
        """The cursor is on another row: the banner is that of its system."""
        if message.row is None or self._line is None:
            return
        self._show_new()
        link = self.desk.named(self._line.session_of(message.row.id).name)
        if link is not self.link:
            self.link = self.banner.link = link
            self.tick()

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """Open the record in its own system; an entry of the ledger here."""
        assert self._line is not None
        if self._line.is_entry(message.row.id):
            self.entry(message.row)
        else:
            lane, entity, id_ = self._line.split(message.row.id)
            self.go(Place("record", lane.session.name, entity.name, record=id_))

    def behind(self, row: Row) -> Callable[[Cancel], Record] | None:
        """The record, or the entry of the ledger."""
        line = self._line
        return (lambda cancel: pivots.told(line.behind(row.id, cancel))) if line is not None else None

    @work(exclusive=True, group="preview")
    async def entry(self, row: Row) -> None:
        """Show an entry of the ledger."""
        line = self._line
        assert line is not None
        try:
            record = await self.load(lambda cancel: line.behind(row.id, cancel))
        except QuaestorError as error:
            self.complain(error)
        else:
            await self.app.push_screen(pivots.Entry(record, self.zone, self.size.width))

    # The frame

    async def on_resize(self, _event: events.Resize) -> None:
        """There is another width for the bars and the rate."""
        self.call_after_refresh(self._draw_sources)
        self.count()

    def settings_changed(self) -> None:
        """Times in another zone: also those that were typed."""
        super().settings_changed()
        self.detail.restyle(Look(None, self.zone))
        self.begin()
