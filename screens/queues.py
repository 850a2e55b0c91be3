"""The inbox as a list: the queues of all open systems, read as far as they are shown, and how many wait in all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.strip import Strip

from db.errors import QuaestorError, Usage
from db.model import Count, Counted, Filter, Operator, Query
from screens import inbox, later, queued, voting
from screens.bar import Bar
from screens.claiming import Claiming, Key
from screens.desk import Desk, Link, Standing
from screens.inbox import Inbox, Item
from screens.lines import Line, Lines
from screens.opening import Opening
from screens.pages import counted, session_of
from screens.places import Place

if TYPE_CHECKING:
    from db.proposals import Proposal

WIDE = 100
"""Columns from which the evidence stands beside the queue, not below it."""


class Side(Lines):
    """The evidence: its cursor is seen only while one is in it."""

    def _draw(self, line: Line, here: bool, cells: int) -> Strip:
        return super()._draw(line, here and self.has_focus, cells)

    def _redraw(self) -> None:
        self._strips.clear()
        self.refresh()

    def on_focus(self) -> None:
        """The cursor appears."""
        self._redraw()

    def on_blur(self) -> None:
        """The cursor goes."""
        self._redraw()


class Queues(Opening):
    """The screen of the inbox: the list at the left, room for the evidence at the right."""

    INNER = ("#queue", "#side")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.inbox: Inbox | None = None
        self.claiming = Claiming(desk)
        self.items: list[Item] = []
        """What is listed."""
        self._show, self._order, self._typed = "all", "age", place.filter
        self._marked: dict[Key, Item] = {}
        self._lines: dict[Key, tuple[tuple[object, ...], Line]] = {}
        self._counts: dict[str, str] = {}
        self._total: tuple[int, bool] | None = None
        """How many wait in all, and whether that is an estimate."""
        self._read_at = 0.0

    # The frame

    def body(self) -> ComposeResult:
        """The queue and the evidence."""
        yield Bar(id="summary")
        yield Bar(id="head")
        with Container(id="both"):
            yield Lines(id="queue")
            yield Bar(id="rule", ground="rule")
            yield Side(id="side")

    @property
    def queue(self) -> Lines:
        """The items."""
        return self.query_one("#queue", Lines)

    @property
    def side(self) -> Lines:
        """The evidence."""
        return self.query_one("#side", Lines)

    def refocus(self) -> None:
        """The queue has the keys."""
        self.queue.focus()

    def on_mount(self) -> None:
        """Read the queues of what is open."""
        self.queue.focus()
        self.query_one("#rule", Bar).show([("─" * 400, "rule")])
        self.renew()

    def takes(self, place: Place) -> bool:
        """The same screen, whatever system one came from."""
        return place.screen == "review"

    def turn_to(self, place: Place) -> None:
        """Another filter."""
        self.place, self._typed = place, place.filter
        self.renew()

    def here(self) -> Place:
        """This screen, with its filter, at its item's system."""
        return replace(self.place, filter=self._typed, at=self.link.name if self.link is not None else "")

    def link_changed(self, link: Link) -> None:
        """Another system is open, or one is lost."""
        super().link_changed(link)
        if self.drawn and link.standing is Standing.OPEN:
            self.renew()

    def arrived(self) -> None:
        """Somebody else may be at the keyboard."""
        self.renew()

    async def on_resize(self, event: events.Resize) -> None:
        """Beside or below."""
        self.set_class(event.size.width >= WIDE, "-wide")
        self.call_after_refresh(self._draw)

    @property
    def _zone(self) -> tzinfo | None:
        return None if self.desk.settings.local else UTC

    # Reading the queues

    @work(exclusive=True, group="inbox")
    async def renew(self) -> None:
        """Read every queue anew, as far down as the cursor stands."""
        self._read_at = asyncio.get_running_loop().time()
        try:
            found = inbox.sources(self.desk.links, self._typed)
        except Usage as error:
            self.complain(error)
            return
        made = Inbox(found, self._order)
        wanted = self.queue.cursor + inbox.PAGE
        while made.more and len(made.items) < wanted:
            if not await self._read_more(made):
                break
        await self._read_proposals(made)
        self.inbox = made
        self._draw()
        self.count(made)

    async def _read_more(self, made: Inbox) -> bool:
        """A page of each system that holds the list up; whether all could be read."""
        links = made.more
        done = await asyncio.gather(*(self._read(made, link) for link in links))
        return all(done)

    async def _read(self, made: Inbox, link: Link) -> bool:
        try:
            await self.load(lambda cancel: made.read(cancel, link), link)
        except QuaestorError as error:
            self.complain(error)
            made.streams = [stream for stream in made.streams if stream.source.link is not link]
            return len(made.streams) > 0
        return True

    async def _read_proposals(self, made: Inbox) -> None:
        for link in {stream.source.link for stream in made.streams}:
            try:
                made.propose(link, await self._waiting(link))
            except QuaestorError as error:
                self.complain(error)

    async def _waiting(self, link: Link) -> list[Proposal]:
        return await self.load(lambda cancel: voting.waiting(link), link)

    async def _number(self, query: Query, link: Link) -> Count:
        return await self.load(lambda cancel: later.read.count(session_of(link), query, cancel), link)

    @work(exclusive=True, group="count")
    async def count(self, made: Inbox) -> None:
        """How many wait in all, and how many of them are late."""
        total, late = 0, 0
        rough = False
        for stream in made.streams:
            source = stream.source
            overdue = Filter(source.queue.since, Operator.LT, f"-{int(source.hours * 60)}m")
            for wanted in ((), (overdue,)):
                query = replace(stream.query, filters=(*stream.query.filters, *wanted), order=None)
                try:
                    number = await self._number(query, source.link)
                except QuaestorError:
                    continue  # an inbox without a count is an inbox
                rough = rough or number.how is not Counted.EXACT
                total, late = (total, late + number.value) if wanted else (total + number.value, late)
        self._total = total, rough
        self._counts = {"all": told(total, rough=rough), "late": told(late, rough=rough)}
        self._draw_summary()

    # Drawing

    def _draw(self) -> None:
        """The list as it is known; the cursor stays on its item."""
        if self.inbox is None or not self.drawn:
            return
        now, cells = datetime.now(UTC), self.queue.size.width - 1
        me = {item.source.link.name: self.claiming.principal(item) for item in self.inbox.items}
        self.items = [item for item in self.inbox.items if inbox.shown(item, self._show, me, now)]
        lines = [self._line(item, now, cells) for item in self.items]
        empty = "Nothing waits for a decision." if self._show == "all" else f"Nothing here is {self._show}."
        self.queue.show(lines or [Line(((f"  {empty}", "faint"),))], keep=True)
        self.query_one("#head", Bar).show(queued.heading(cells, self._order))
        self._draw_summary()
        self._settle()

    def _line(self, item: Item, now: datetime, cells: int) -> Line:
        """The item's line; the one of before where nothing of it is another."""
        told = (item, self._flag(item), int(now.timestamp() // 60), cells)
        kept = self._lines.get(item.key)
        if kept is None or kept[0] != told:
            kept = self._lines[item.key] = told, queued.line(item, now, told[1], cells)
        return kept[1]

    def _flag(self, item: Item) -> tuple[str, str]:
        mine = self.claiming.mine(item)
        return queued.flags(item, self.claiming.others(item), mine=mine, marked=item.key in self._marked)

    def _draw_summary(self) -> None:
        if self.inbox is None:
            return
        known = self.inbox.items
        counts = dict(self._counts)
        now = datetime.now(UTC)
        me = {item.source.link.name: self.claiming.principal(item) for item in known}
        for name in ("mine", "waiting"):
            counts[name] = str(sum(inbox.shown(item, name, me, now) for item in known))
        if self._total is not None:
            taken = sum(not inbox.shown(item, "unclaimed", me, now) for item in known)
            counts["unclaimed"] = told(max(0, self._total[0] - taken), rough=self._total[1])
        by = [(f"by {self._order} ", "faint")]
        if self._marked:
            by.insert(0, (f"{len(self._marked)} marked  ", "mark"))
        if self._typed:
            by.insert(0, (f"/{self._typed}  ", "accent"))
        self.query_one("#summary", Bar).show(queued.summary(self._show, counts), by)

    def _settle(self) -> None:
        """The item under the cursor is another one, or known better."""
        self._turn_link(self.current)
        self.show_keys()

    def _turn_link(self, item: Item | None) -> None:
        if item is not None and self.link is not item.source.link:
            self.link = self.banner.link = item.source.link
            self.tick()

    @property
    def current(self) -> Item | None:
        """The item under the cursor."""
        at = self.queue.cursor
        return self.items[at] if at < len(self.items) else None

    @work(exclusive=True, group="more")
    async def read_on(self) -> None:
        """The next page of what holds the list up."""
        if self.inbox is not None and await self._read_more(self.inbox):
            self._draw()


def told(number: int, *, rough: bool) -> str:
    """A number of items, with a sign where it is an estimate."""
    return counted(Count(number, Counted.ESTIMATE if rough else Counted.EXACT))
