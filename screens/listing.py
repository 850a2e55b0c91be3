"""Every entity's list: its views and figures as tabs, filtered and sorted by the server, the record beside it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Container

from db.errors import Cancelled, Missing, QuaestorError, Usage, unknown
from db.model import Count, Counted, Figure, Kind, Order, Page, Record, Row
from screens import acting, asking, keys, later, plain
from screens.acting import Targets
from screens.asking import Asked
from screens.base import COMMON
from screens.commands import Listed
from screens.desk import Desk, Standing
from screens.detail import Detail
from screens.formats import Look
from screens.opening import Opening
from screens.pages import Computed, Pages, distinct, session_of
from screens.places import Place
from screens.table import Table
from screens.tabs import Tabs, place_parts

if TYPE_CHECKING:
    from db.read import Cancel
    from screens.completion import Known
    from screens.export import Export
    from screens.prompt import Choices
    from screens.running import Run

WIDE = 132
"""Columns from which the record stands beside the list, not below it."""
REST = 0.08
"""Seconds that the cursor rests before the record under it is read."""

VERBS = (
    "filter", "next_view", "previous_view", "detail", "sort", "sort_back", "wide", "column_left",
    "column_right",
    "pause", "export", "copy", "copy_row", "mark_pattern",
)  # fmt: skip


class Listing(Opening):
    """A list of records, or the rows of a figure."""

    # Not as CSS_PATH: for the sake of one more file, Textual parses all others anew, 4 ms before the first rows.
    CSS_PATH = None
    DEFAULT_CSS = Path(__file__).with_name("listing.tcss").read_text(encoding="utf-8")
    VERBS = (*COMMON, *acting.VERBS, *VERBS)
    BINDINGS = [*keys.bindings(*VERBS)]
    FOOTER = (
        "open",
        "filter",
        "next_view",
        "act",
        "sort",
        "mark",
        "detail",
        "wide",
        "copy",
        "export",
        "back",
    )

    asked: Asked | None = None
    """What is shown; None until the system is open."""
    _count: Count | None = None
    _not_served = ""
    _read_at = 0.0
    _pause_after = 0.0
    _warned = ""
    _anyway = False

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.tabs = Tabs()
        self.table = Table(id="table")
        """The rows."""
        self.detail = Detail(id="detail")
        """The record beside them."""

    def body(self) -> ComposeResult:
        """Tabs, and the table with room for a record."""
        yield self.tabs
        with Container(id="both"):
            yield self.table
            yield self.detail

    def refocus(self) -> None:
        """The table has the keys."""
        self.table.focus()

    def on_mount(self) -> None:
        """Begin."""
        self.set_class(self.desk.kept.detail, "-detail")
        self.detail.aside = True
        self.table.told = self._show_tabs
        self.table.focus()

    @property
    def settled(self) -> bool:
        """Whether everything that is to be shown has been read."""
        return (
            self.asked is not None
            and not self._readings
            and not self.table.reading
            and self._count is not None
        )

    # What is shown

    def takes(self, place: Place) -> bool:
        """Whether this screen can show that place itself."""
        return place.screen == "list" and self.link is not None and place.at == self.link.name

    def turn_to(self, place: Place) -> None:
        """Show another list of the same system."""
        self.place = place
        if self.link is not None and self.link.session is not None:
            self.arrived()

    def here(self) -> Place:
        """This list, its filter, the row under the cursor and where it stands."""
        window, row = self.table.window, self.table.current
        place = replace(self.place, entity=self.asked.entity.name) if self.asked is not None else self.place
        if row is None:
            return place
        return replace(place, row=row.id, offset=window.cursor - window.top, column=self.table.column)

    def arrived(self) -> None:
        """Ask the system for what the place says."""
        assert self.link is not None
        try:
            self._ask()
        except QuaestorError as error:
            self.complain(error)
            self.table.empty = str(error)
            if self.asked is None or isinstance(error, Missing):
                self.table.show(None)
                return
            self.place = replace(self.place, view="", filter="", order="")
            self._ask()
        anyway, self._anyway = self._anyway, False
        self.begin(anyway=anyway)

    def _ask(self) -> None:
        assert self.link is not None
        session = session_of(self.link)
        entity = session.entity(self.place.entity).name if self.place.entity else ""
        saved = self.desk.saved_views(self.link, entity)
        asked = asking.ask(session, self.place, saved)
        chosen = self.desk.columns(self.link, asked.path)
        self.asked = replace(asked, columns=tuple(name for name in chosen if name in asked.entity.by_name))

    def begin(self, *, anyway: bool = False) -> None:
        """Read from the beginning, or from the place's row; what no index serves only if it is wanted anyway."""
        asked, link, table = self.asked, self.link, self.table
        assert asked is not None
        assert link is not None
        table.marks = link.marks.setdefault(asked.entity.name, {})
        table.empty = "No rows fit the filter." if asked.typed else "No rows."
        table.restyle(look=Look(None, self._zone, table.wide))
        self._count, self._not_served = None, ""
        self._show_tabs()
        self.show_keys()
        if isinstance(asked.part, Figure):
            table.show(Computed(self.load, link, asked.entity, asked.part, asked.parameters or {}))
        elif not anyway and (reason := later.read.served(session_of(link), asked.query)):
            self._refuse(reason)
        else:
            place = self.place
            source = Pages(self.load, link, asked.query)
            table.show(source, order=asked.query.sort, at=place.row, offset=place.offset, column=place.column)

    def _refuse(self, reason: str) -> None:
        """Say why it is not read by itself."""
        self._not_served = reason
        self.table.empty = (
            f"Not read: {reason} {keys.sign(keys.keys_of('refresh')[0])} reads it all the same."
        )
        self.table.show(None)
        self.say(self.table.empty, "wait")

    @property
    def _zone(self) -> tzinfo | None:
        return None if self.desk.settings.local else UTC

    def _show_tabs(self) -> None:
        asked, link = self.asked, self.link
        if asked is None or link is None or not self.is_attached:
            return
        window = self.table.window
        here = {row.id for row in window.rows} if self.table.marks else set()
        unseen = sum(id_ not in here for id_ in self.table.marks)
        parts = place_parts(asked, self._count, window.place(), len(self.table.marks), unseen)
        self.tabs.renew(asked, list(self.desk.saved_views(link, asked.entity.name)), list(parts))

    async def on_resize(self, event: events.Resize) -> None:
        """The record stands beside the list where there is room."""
        self.set_class(event.size.width >= WIDE, "-wide")
        self.call_after_refresh(self._show_tabs)

    # What the table tells

    def on_table_arrived(self, message: Table.Arrived) -> None:
        """Rows came: note how old they are, and count once."""
        assert self.link is not None
        self._read_at = time.monotonic()
        self._pause_after = message.page.seconds * 20
        self.link.read_at = message.page.at
        if self._count is None:
            self._begin_count(message.page)
        self.tick()
        self.show_keys()
        self._show_tabs()

    def _begin_count(self, page: Page) -> None:
        whole = not page.more_before and not page.more_after
        if whole or isinstance(self.asked and self.asked.part, Figure):
            self._count = Count(len(page.rows), Counted.EXACT)
        else:
            self.count_rows()

    @work(exclusive=True, group="count")
    async def count_rows(self) -> None:
        """Ask how many rows there are: never more than a capped count or an estimate."""
        assert self.asked is not None
        assert self.link is not None
        link, query = self.link, self.asked.query
        try:
            count = await self.load(lambda cancel: later.read.count(session_of(link), query, cancel))
        except QuaestorError:
            return  # a list without a count is a list
        self._count = count
        self._show_tabs()

    def on_table_failed(self, message: Table.Failed) -> None:
        """Rows could not be read; those that are there stay."""
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
        """Open the record."""
        if self.asked is not None and not isinstance(self.asked.part, Figure):
            self.go(Place("record", self.place.at, self.asked.entity.name, record=message.row.id))

    @work(exclusive=True, group="preview")
    async def preview(self, row: Row) -> None:
        """Show the record beside the list, as soon as the cursor rests on it."""
        if self.asked is None or self.link is None or isinstance(self.asked.part, Figure):
            return
        link, entity = self.link, self.asked.entity
        await asyncio.sleep(REST)

        def read(cancel: Cancel) -> Record:
            return later.read.record(session_of(link), entity, row.id, cancel)

        try:
            self.detail.show_record(await self.load(read))
        except QuaestorError as error:
            self.complain(error)

    def tick(self) -> None:
        """Once a second, and now and then read anew what is visible."""
        super().tick()
        every = self.desk.settings.refresh
        due = max(float(every), self._pause_after)
        idle = not (
            self.banner.paused
            or self._not_served
            or (self.prompt is not None and self.prompt.is_open)
            or self._readings
        )
        if every and idle and self._read_at and time.monotonic() - self._read_at >= due and self._is_live():
            self._read_at = time.monotonic()
            self.table.reread()

    def _is_live(self) -> bool:
        return self.is_current and self.link is not None and self.link.standing is Standing.OPEN

    # Verbs

    def targets(self) -> Targets | None:
        """What is marked, or the row under the cursor."""
        if self.asked is None or self.link is None or isinstance(self.asked.part, Figure):
            return None
        row = self.table.current
        ids = tuple(self.table.marks) or ((row.id,) if row is not None else ())
        return Targets(self.link, self.asked.entity, ids) if ids else None

    def reflect(self, run: Run) -> None:
        """Read anew what is on screen; what was done is not marked any more."""
        for outcome in run.done:
            self.table.marks.pop(outcome.operation.id, None)
        self.action_refresh()
        if self.table.current is not None and self.has_class("-detail"):
            self.preview(self.table.current)

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now."""
        if self.asked is not None and isinstance(self.asked.part, Figure) and verb in _NOT_FOR_FIGURES:
            return "A figure is computed as a whole; it has no records."
        if verb in ("next_view", "previous_view", "filter", "export") and self.asked is None:
            return "The system is not open yet."
        if verb in ("sort", "sort_back", "copy") and self.table.current_column is None:
            return "There is no column."
        return super().why_not(verb)

    def action_refresh(self) -> None:
        """Read anew; also what no index serves."""
        if self._not_served:
            self.begin(anyway=True)
        elif self.link is not None and self.link.standing is Standing.OPEN:
            self._count = None
            self.table.reread()
        else:
            super().action_refresh()

    def action_next_view(self) -> None:
        """The next tab."""
        self._turn(1)

    def action_previous_view(self) -> None:
        """The tab before."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        assert self.asked is not None
        names = self.tabs.names
        at = names.index(self.asked.name) if self.asked.name in names else -by
        self.leave(Place("list", self.place.at, self.asked.entity.name, names[(at + by) % len(names)]))

    def action_sort(self) -> None:
        """By this column; again: as the view has it."""
        self._sort(descending=False)

    def action_sort_back(self) -> None:
        """By this column, descending; again: as the view has it."""
        self._sort(descending=True)

    def _sort(self, *, descending: bool) -> None:
        column = self.table.current_column
        assert column is not None
        order = str(Order(column.name, descending))
        order = "" if self.place.order == order else order
        self.leave(replace(self.place, order=order, row="", offset=0, column=self.table.column))

    def action_wide(self) -> None:
        """Columns as wide as their content, ids and times in full."""
        self.table.restyle(wide=not self.table.wide)

    def action_pause(self) -> None:
        """Stop reading anew by itself, or go on."""
        self.banner.paused = not self.banner.paused
        self.tick()

    def action_detail(self) -> None:
        """The record beside the list, or not."""
        self.toggle_class("-detail")
        self.desk.kept.detail = self.has_class("-detail")
        if self.has_class("-detail") and self.table.current is not None:
            self.preview(self.table.current)

    def settings_changed(self) -> None:
        """Times in another zone."""
        super().settings_changed()
        self.table.restyle(look=replace(self.table.look, zone=self._zone))
        self.detail.restyle(self.table.look)

    def action_copy(self) -> None:
        """Copy this value."""
        row, column = self.table.current, self.table.current_column
        if row is None or column is None:
            return
        if column.kind is Kind.MASKED:
            self.say(f"{column.heading} is masked; it is not copied either.", "wait")
            return
        self.copy(column.heading, plain.copied(row.values[self.table.column], column.kind))

    def action_copy_row(self) -> None:
        """Copy the row as JSON; masked values stay masked."""
        if (row := self.table.current) is not None:
            self.copy("the row", plain.as_json(self.table.columns, row))

    # Columns

    def action_column_left(self) -> None:
        """Move this column to the left."""
        self._move_column(-1)

    def action_column_right(self) -> None:
        """Move this column to the right."""
        self._move_column(1)

    def _move_column(self, by: int) -> None:
        names = [column.name for column in self.table.columns]
        at, to = self.table.column, self.table.column + by
        if 0 <= to < len(names):
            names[at], names[to] = names[to], names[at]
            self.table.grid.column = to
            self.choose_columns(names)

    def choose_columns(self, names: list[str]) -> None:
        """Show these columns, in this order; the view's own without names; raises Usage."""
        assert self.asked is not None
        assert self.link is not None
        if isinstance(self.asked.part, Figure):
            raise Usage("The columns of a figure are what it computes.")
        by_name = self.asked.entity.by_name
        if wrong := next((name for name in names if name not in by_name), None):
            raise unknown(f"column of {self.asked.entity.name}", wrong, by_name)
        self.desk.columns(self.link, self.asked.path, names)
        self.turn_to(self.here())

    # Typing

    def listed(self, command: str) -> Listed:
        """This list; raises Usage where nothing is listed yet."""
        if self.asked is None or self.link is None or self.link.session is None:
            raise Usage(f"{command}: the list is not open yet.")
        return self

    def known(self) -> Known:
        """Also what is on screen."""
        known = super().known()
        if self.asked is None:
            return known
        seen = distinct(self.table.columns, [row.values for row in self.table.window.rows])
        return replace(known, entity=self.asked.entity, seen=seen)

    async def action_filter(self) -> None:
        """Type a filter."""
        from screens import completion  # noqa: PLC0415 - typed at after the first rows: 4 ms

        assert self.asked is not None
        entity, part, seen = self.asked.entity, self.asked.part, self.known().seen
        if isinstance(part, Figure):
            await self.ask("/", self.asked.typed, lambda text: _parameters(part, text))
        else:
            await self.ask("/", self.asked.typed, lambda text: completion.complete_filter(entity, text, seen))

    async def action_mark_pattern(self) -> None:
        """Type a pattern."""
        await self.ask("*", "")

    async def action_export(self) -> None:
        """Type where to."""
        from screens.export import proposed  # noqa: PLC0415 - exported after the first rows: 1 ms

        assert self.asked is not None
        assert self.link is not None
        session = session_of(self.link)
        await self.ask("export ", f"csv {proposed(self.asked, session.system.name)}")

    def typed(self, sign: str, text: str) -> None:
        """A filter, a pattern, or where to export to; raises Usage."""
        if sign == "/":
            self._filter(text)
        elif sign == "*":
            self._mark(text)
        elif sign == "export ":
            format_, _, file = text.partition(" ")
            self.export(format_, file.strip())
        else:
            super().typed(sign, text)

    def _filter(self, text: str) -> None:
        """Check it, and what it would cost, before going there."""
        assert self.link is not None
        session = session_of(self.link)
        place = replace(self.here(), filter=text, row="", offset=0)
        asked = asking.ask(session, place, {})
        cost = None if isinstance(asked.part, Figure) else later.read.served(session, asked.query)
        if cost and self._warned != text:
            self._warned = text
            raise Usage(f"{cost} Enter once more reads it all the same.")
        self._anyway, self._warned = bool(cost), ""
        self.go(place)

    def _mark(self, pattern: str) -> None:
        if not pattern:
            self.table.unmark()
            return
        number = self.table.mark_matching(pattern)
        self.say(f"{number} of the rows at hand fit {pattern}.")

    # Saved views, exports

    def save_view(self, name: str) -> None:
        """Keep view and filter under a name; raises Usage."""
        assert self.asked is not None
        assert self.link is not None
        if name in asking.tabs_of(self.asked.entity, {}):
            raise Usage(f"{name} is a view of {self.asked.entity.name} already.")
        saved = self.desk.saved_views(self.link, self.asked.entity.name)
        base = saved.get(self.asked.name, self.asked.name).partition(" /")[0]
        self.desk.save_view(self.link, self.asked.entity.name, name, f"{base} /{self.asked.typed}")
        self.leave(Place("list", self.place.at, self.asked.entity.name, name))

    def drop_view(self, name: str) -> None:
        """Forget a saved view; raises Usage."""
        assert self.asked is not None
        assert self.link is not None
        self.desk.drop_view(self.link, self.asked.entity.name, name)
        self.say(f"The view {name} is forgotten.")
        self._show_tabs()

    def export(self, format_: str, file: str) -> None:
        """Write the whole view to a file; raises Usage."""
        from screens.export import prepare  # noqa: PLC0415 - exported after the first rows: 1 ms

        assert self.asked is not None
        assert self.link is not None
        self.run_export(prepare(session_of(self.link), self.asked, format_, file))

    @work(exclusive=True, group="export")
    async def run_export(self, job: Export) -> None:
        """Write it, and say how far it is."""
        timer = self.set_interval(0.5, lambda: self.footer.say(f"exporting, {job.rows} rows", "note"))
        try:
            path = await self.load(job.run)
        except Cancelled:
            self.say("The export was cancelled; nothing is left of it.", "wait")
        except QuaestorError as error:
            self.complain(error)
        else:
            self.say(f"{job.rows} rows are in {path}.")
        finally:
            timer.stop()


_NOT_FOR_FIGURES = (
    "open",
    "detail",
    "mark",
    "mark_range",
    "mark_pattern",
    "sort",
    "sort_back",
    "column_left",
    "column_right",
)


def _parameters(figure: Figure, text: str) -> Choices:
    """The parameters of a figure, with what holds without them."""
    from screens.prompt import Choice, Choices  # noqa: PLC0415 - typed at after the first rows: 4 ms

    word = text.rpartition(" ")[2]
    named = [Choice(f"{p.name}={p.default}", str(p.kind)) for p in figure.parameters]
    return Choices(len(text) - len(word), [choice for choice in named if choice.text.startswith(word)])
