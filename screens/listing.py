"""Every entity's list: its views and figures as tabs, filtered and sorted by the server, the record beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult

from db.errors import Missing, QuaestorError
from db.model import Count, Counted, Figure, Order, Page, Record, Row
from screens import acting, asking, keys, later
from screens.acting import Targets
from screens.base import COMMON
from screens.desk import Desk, Standing
from screens.formats import Look
from screens.pages import Computed, Pages, session_of
from screens.places import Place
from screens.table import Table
from screens.tabs import Tabs, place_parts
from screens.typed import Typed

if TYPE_CHECKING:
    from db.read import Cancel
    from screens.running import Run

VERBS = (
    "filter", "next_view", "previous_view", "detail", "sort", "sort_back", "wide", "column_left",
    "column_right",
    "pause", "export", "copy", "copy_row", "mark_pattern",
)  # fmt: skip


class Listing(Typed):
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

    _count: Count | None = None
    _not_served = ""
    _read_at = 0.0
    _pause_after = 0.0

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.tabs = Tabs()

    def body(self) -> ComposeResult:
        """Tabs, and the table with room for a record."""
        yield self.tabs
        yield from self.both()

    def on_mount(self) -> None:
        """Begin."""
        self.set_class(self.desk.kept.detail, "-detail")
        self.detail.aside = True
        self.table.told = self.show_tabs
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
        anyway, self.anyway = self.anyway, False
        self.begin(anyway=anyway)

    def _ask(self) -> None:
        assert self.link is not None
        session = session_of(self.link)
        entity = session.entity(asking.path(session, self.place)[0])
        saved = self.desk.saved_views(self.link, entity.name)
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
        table.restyle(look=Look(None, self.zone, table.wide))
        self._count, self._not_served = None, ""
        self.show_tabs()
        self.show_keys()
        table.closed = _NO_RECORDS if isinstance(asked.part, Figure) else ""
        if isinstance(asked.part, Figure):
            self.detail.show_record(None)
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

    def show_tabs(self) -> None:
        """Views, how many rows there are, marks."""
        asked, link = self.asked, self.link
        if asked is None or link is None or not self.is_attached:
            return
        window = self.table.window
        here = {row.id for row in window.rows} if self.table.marks else set()
        unseen = sum(id_ not in here for id_ in self.table.marks)
        parts = place_parts(asked, self._count, window.place(), len(self.table.marks), unseen)
        self.tabs.renew(asked, list(self.desk.saved_views(link, asked.entity.name)), list(parts))

    async def on_resize(self, _event: events.Resize) -> None:
        """The tabs have another width."""
        self.call_after_refresh(self.show_tabs)

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
        self.show_tabs()

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
        self.show_tabs()

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """Open the record."""
        if self.asked is not None and not isinstance(self.asked.part, Figure):
            self.go(Place("record", self.place.at, self.asked.entity.name, record=message.row.id))

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

    def behind(self, row: Row) -> Callable[[Cancel], Record] | None:
        """The record as it is now."""
        if self.asked is None or self.link is None or isinstance(self.asked.part, Figure):
            return None
        link, entity = self.link, self.asked.entity
        return lambda cancel: later.read.record(session_of(link), entity, row.id, cancel)

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
            return _NO_RECORDS
        if verb in ("next_view", "previous_view", "filter", "export") and self.asked is None:
            return "There is no list."
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

    def action_pause(self) -> None:
        """Stop reading anew by itself, or go on."""
        self.banner.paused = not self.banner.paused
        self.tick()

    def action_detail(self) -> None:
        """The record beside the list, or not, now and from now on."""
        super().action_detail()
        self.desk.kept.detail = self.has_class("-detail")

    def settings_changed(self) -> None:
        """Times in another zone."""
        super().settings_changed()
        self.table.restyle(look=replace(self.table.look, zone=self.zone))
        self.detail.restyle(self.table.look)

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


_NO_RECORDS = "A figure is computed as a whole; it has no records."
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
