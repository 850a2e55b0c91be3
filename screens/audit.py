"""The audit trails of all open systems, and their ledgers, on one line of time; what changed stands in the detail."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Container

from db.errors import Missing, QuaestorError
from db.model import Page, Position, Query, Record, Row
from db.timeline import TIMELINE, Merged, Timeline, parse
from screens import completion, keys
from screens.bar import Bar
from screens.base import COMMON
from screens.desk import Desk, Standing
from screens.detail import Detail
from screens.formats import Look
from screens.opening import Opening
from screens.places import Place
from screens.table import Table

if TYPE_CHECKING:
    from db.cancel import Cancel

VERBS = ("filter", "pause", "detail", "wide", "copy")
WIDE, REST = 132, 0.08
PIVOTS = {
    "actor": "actor",
    "record": "record",
    "session": "session",
    "address": "address",
    "operation": "correlation",
}
"""What ``/by WORD`` narrows the line to, of the row under the cursor → the column."""


class Lanes:
    """The line's pages as a table takes them."""

    def __init__(self, screen: Audit, line: Timeline, query: Query) -> None:
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
        self._screen.arrived_page(page)
        return page

    async def locate(self, id_: str) -> Position | None:
        """A place on the line is found again by reading from its beginning."""
        return None


class Audit(Opening):
    """One line of time."""

    CSS_PATH = "audit.tcss"
    VERBS = (*COMMON, *VERBS)
    BINDINGS = [*keys.bindings(*VERBS)]
    FOOTER = ("open", "filter", "detail", "wide", "pause", "refresh", "back")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self._line: Timeline | None = None
        self._told = ""

    def body(self) -> ComposeResult:
        """The sources, the line, and the record behind a row."""
        yield Bar(id="sources")
        with Container(id="both"):
            yield Table(id="table")
            yield Detail(id="detail")

    @property
    def table(self) -> Table:
        """The rows."""
        return self.query_one(Table)

    @property
    def detail(self) -> Detail:
        """The record behind the row."""
        return self.query_one(Detail)

    def refocus(self) -> None:
        """The table has the keys."""
        self.table.focus()

    def on_mount(self) -> None:
        """Begin with the systems that are open."""
        self.table.focus()
        self.begin()
        self.set_interval(max(2.0, float(self.desk.settings.refresh or 0)), self._again)

    def on_unmount(self) -> None:
        """Let the threads go."""
        if self._line is not None:
            self._line.close()

    def takes(self, place: Place) -> bool:
        """Another filter of the same line."""
        return place.screen == "audit"

    def turn_to(self, place: Place) -> None:
        """Filter it so."""
        self.place = place
        self.begin()

    def begin(self) -> None:
        """Read the line anew; raises nothing."""
        sessions = [
            link.session
            for link in self.desk.links
            if link.session is not None and link.standing is Standing.OPEN
        ]
        if not sessions:
            self.table.empty = "No system is open."
            return
        if self._line is not None:
            self._line.close()
        self._line = Timeline(sessions)
        try:
            found, search = parse(self.place.filter, self._zone)
        except QuaestorError as error:
            self.complain(error)
            return
        query = Query(TIMELINE, TIMELINE.views[0], found, search)
        if cost := self._line.served(query):
            self.say(cost, "wait")
        self.table.empty = "No rows fit the filter." if self.place.filter else "No rows."
        self.table.restyle(look=Look(None, self._zone, self.table.wide))
        self.table.show(Lanes(self, self._line, query), order=query.sort)
        self.arrived_page(None)

    @property
    def _zone(self) -> tzinfo | None:
        return None if self.desk.settings.local else UTC

    def arrived_page(self, page: Merged | None) -> None:
        """Say which sources are on the line, which are not, and how they were read."""
        assert self._line is not None
        gaps = {gap.source: gap.why for gap in page.gaps} if page is not None else {}
        parts = [(" one line of time  ", "title")]
        if self.place.filter:
            parts.append((f"/{self.place.filter}  ", "key"))
        for lane in self._line.lanes:
            mark, tone = ("✗", "bad") if lane.name in gaps else ("●", "faint")
            parts.append((f" {mark} {lane.name}", tone))
        self.query_one("#sources", Bar).show(parts)
        told = "  ".join([*(f"{name}: {why}" for name, why in gaps.items()), *(page.notes if page else ())])
        if told and told != self._told:
            self.say(told, "wait")
        self._told = told

    def _again(self) -> None:
        """New rows as they come, while one looks at the newest and has not paused."""
        idle = not (self.banner.paused or self._readings or (self.prompt is not None and self.prompt.is_open))
        if idle and self.is_current and self.table.window.cursor == 0:
            self.table.reread()

    async def on_resize(self, event: events.Resize) -> None:
        """The record stands beside the line where there is room."""
        self.set_class(event.size.width >= WIDE, "-wide")

    # The table

    def on_table_arrived(self, message: Table.Arrived) -> None:
        """Rows came."""
        self.show_keys()

    def on_table_failed(self, message: Table.Failed) -> None:
        """Nothing could be read; what is there stays."""
        self.complain(message.error)
        if not self.table.window.rows:
            self.table.empty = str(message.error)
            self.table.refresh()

    def on_table_said(self, message: Table.Said) -> None:
        """Tell it."""
        self.say(message.text)

    def on_table_moved(self, message: Table.Moved) -> None:
        """The cursor is on another row: show its record."""
        if self.has_class("-detail") and message.row is not None:
            self.preview(message.row)

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """Open the record in its own system."""
        assert self._line is not None
        try:
            lane, entity, id_ = self._line.split(message.row.id)
        except Missing as error:
            self.say(str(error), "wait")
            return
        self.go(Place("record", lane.session.name, entity.name, record=id_))

    @work(exclusive=True, group="preview")
    async def preview(self, row: Row) -> None:
        """Show the record as soon as the cursor rests on it."""
        line = self._line
        assert line is not None
        await asyncio.sleep(REST)

        def read(cancel: Cancel) -> Record:
            return line.behind(row.id, cancel)

        try:
            self.detail.show_record(await self.load(read))
        except Missing as error:
            self.say(str(error), "wait")
        except QuaestorError as error:
            self.complain(error)

    # Verbs

    def action_detail(self) -> None:
        """The record beside the line, or not."""
        self.toggle_class("-detail")
        if self.has_class("-detail") and self.table.current is not None:
            self.preview(self.table.current)

    def action_wide(self) -> None:
        """Columns as wide as their content."""
        wide = not self.table.wide
        self.table.restyle(wide=wide, look=replace(self.table.look, whole=wide))

    def action_pause(self) -> None:
        """Stop following, or go on."""
        self.banner.paused = not self.banner.paused
        self.tick()

    def action_refresh(self) -> None:
        """Read anew, with the systems that were opened meanwhile."""
        self.begin()

    def action_copy(self) -> None:
        """Copy this value."""
        row, column = self.table.current, self.table.current_column
        if row is not None and column is not None:
            self.copy(column.heading, str(row.values[self.table.column]))

    async def action_filter(self) -> None:
        """Type a filter."""
        await self.ask("/", self.place.filter, lambda text: completion.complete_filter(TIMELINE, text, {}))

    def typed(self, sign: str, text: str) -> None:
        """A filter; raises Usage."""
        if sign != "/":
            super().typed(sign, text)
            return
        word, _, what = text.partition(" ")
        if word == "by" and what in PIVOTS:
            self.pivot(what)
            return
        parse(text, self._zone)
        self.go(replace(self.place, filter=text))

    def pivot(self, word: str) -> None:
        """Narrow the line to what the row under the cursor has; raises Usage."""
        row = self.table.current
        column = PIVOTS.get(word, "actor")
        names = [one.name for one in self.table.columns]
        value = row.values[names.index(column)] if row is not None and column in names else None
        if value is None:
            self.say(f"This row has no {word}.", "wait")
            return
        self.go(replace(self.place, filter=f'{column}="{value}"'))
