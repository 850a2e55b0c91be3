"""Rows: a window over a list of any length, drawn line by line, that costs what it shows and no more.

It reads through a Source, keeps the next page ready in the direction of travel, and paints only lines that
changed. It knows columns and rows, not where they come from.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from db.errors import QuaestorError
from db.model import Column, Order, Page, Position, Row
from screens import keys, themes
from screens.formats import Look
from screens.grid import EDGE, Grid
from screens.reading import job
from screens.window import Window


class Source(Protocol):
    """Where pages come from."""

    async def read(
        self,
        *,
        after: Position | None = None,
        before: Position | None = None,
        end: bool = False,
        limit: int = 50,
    ) -> Page:
        """The first rows, those behind or before a position, or the last ones; raises QuaestorError."""

    async def locate(self, id_: str) -> Position | None:
        """Where the row with an id stands; None where there is none; raises QuaestorError."""


class Rows(keys.Moving, Widget, can_focus=True):
    """Rows in columns, with a cursor."""

    DEFAULT_CSS = "Rows { width: 1fr; height: 1fr; }"

    class Moved(Message, namespace="table"):
        """The cursor stands on another row (or on none)."""

        def __init__(self, row: Row | None) -> None:
            super().__init__()
            self.row = row

    class Arrived(Message, namespace="table"):
        """A page was read."""

        def __init__(self, page: Page) -> None:
            super().__init__()
            self.page = page

    class Failed(Message, namespace="table"):
        """A page could not be read; what was there is still there."""

        def __init__(self, error: QuaestorError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.window = Window()
        self.grid = Grid()
        """How it looks."""
        self.marks: dict[str, Row] = {}
        """Marked rows by id; they stay marked when they leave the window."""
        self.empty = ""
        """What is said where there are none."""
        self.read_at: datetime | None = None
        """When the rows were read."""
        self.told: Callable[[], None] = lambda: None
        """Called when the cursor moved, before anything is painted: a message would come a frame later."""
        self._source: Source | None = None
        self._begins: Any = None
        self._reading = 0
        self._stale = False
        self._generation = 0
        self._way = 1
        self._owed = 0

    # What is shown

    def show(
        self,
        source: Source | None,
        *,
        order: Order | None = None,
        at: str = "",
        offset: int = 0,
        column: int = 0,
    ) -> None:
        """Show a list from its beginning, or with the row with an id so far down; nothing without a source."""
        self._source, self.grid.order = source, order
        self._generation += 1  # what is still on its way is of another list
        self._owed = 0
        self._stale = False
        self.grid.clear(column)
        self.window = Window(self.window.height)
        self.refresh()
        self._begins = job(self._begin, at, offset) if source is not None else None
        if self.size:
            self._start()

    def _start(self) -> None:
        """Read for the first time, as soon as it is known how many rows there is room for."""
        begins, self._begins = self._begins, None
        if begins is not None:
            self._jump(begins)

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.window.current

    @property
    def reading(self) -> bool:
        """Whether rows are on their way."""
        return self._reading > 0

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the rows."""
        return self.grid.columns

    @property
    def current_column(self) -> Column | None:
        """The column under the cursor."""
        return self.columns[self.grid.column] if self.columns else None

    @property
    def column(self) -> int:
        """The number of the column under the cursor."""
        return self.grid.column

    @property
    def wide(self) -> bool:
        """Whether every column is as wide as its content."""
        return self.grid.wide

    @property
    def look(self) -> Look:
        """How values are written."""
        return self.grid.look

    def restyle(self, *, wide: bool | None = None, look: Look | None = None) -> None:
        """Lay the columns out anew: wider, or with times in the zone of another look."""
        self.grid.wide = self.grid.wide if wide is None else wide
        self.grid.look = look or self.grid.look
        self._age()
        self._lay_out()

    def _age(self) -> None:
        """Write times as their age when the rows were read; in full where columns are wide."""
        wide = self.grid.wide
        self.grid.look = Look(None if wide else self.read_at, self.grid.look.zone, wide)

    def _lay_out(self) -> None:
        self.grid.lay_out(self.columns, self.window.rows, self.size.width)
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a region, from the cache where they did not change."""
        strips = [self.render_line(y) for y in range(crop.y, crop.bottom)]
        return strips if crop.width == self.size.width else [s.crop(crop.x, crop.right) for s in strips]

    def render_line(self, y: int) -> Strip:
        """One line: the headings, a row, what is said where there are none, or nothing."""
        if y == 0 and self.grid.laid_out:
            return self.grid.heading()
        index = self.window.top + y - 1
        if 0 <= index < len(self.window.rows):
            row = self.window.rows[index]
            return self.grid.row(row, here=index == self.window.cursor, marked=row.id in self.marks)
        if y == 1 and not self.window.rows and not self._reading and self.size.width > EDGE:
            return self.grid.note(self.empty)
        return Strip.blank(self.size.width, themes.style(""))

    # Reading

    @property
    def _screenful(self) -> int:
        """Rows for the first look."""
        return self.window.height + 16

    @property
    def _ahead(self) -> int:
        """Rows that are kept ready beyond what is visible."""
        return max(64, 2 * self.window.height)

    def _jump(self, work: Any) -> None:
        """Read something else than what follows; what is still on its way does not count any more."""
        self._generation += 1
        self._owed = 0
        self.run_worker(work, group="jump", exclusive=True)

    async def _read(self, **where: Any) -> Page | None:
        """A page; None where it failed, or was overtaken by another jump."""
        assert self._source is not None
        generation = self._generation
        self._reading += 1
        try:
            page = await self._source.read(**where)
        except QuaestorError as error:
            if generation == self._generation:
                self.post_message(self.Failed(error))
            return None
        finally:
            self._reading -= 1
            if self._stale and not self._reading:
                self.call_later(self.reread)
        return page if generation == self._generation else None

    async def _begin(self, at: str = "", offset: int = 0) -> None:
        before = await self._before(at) if at else None
        if before is not None and before.rows:
            page = await self._read(after=before.rows[-1].position, limit=self._screenful)
        else:
            page = await self._read(limit=self._screenful)
        if page is None:
            return
        self._way = 1
        self._fill(page, at=at)
        if before is not None and before.rows:
            self.window.prepend(before)
            self.window.top = self.window.cursor - offset
            self.window.move(0)
            self.refresh()

    async def _before(self, at: str) -> Page | None:
        """What stands before the row with an id; None where there is no such row."""
        assert self._source is not None
        try:
            position = await self._source.locate(at)
        except QuaestorError:
            return None
        return await self._read(before=position, limit=self.window.height) if position is not None else None

    async def _end(self) -> None:
        page = await self._read(end=True, limit=self._screenful)
        if page is not None:
            self._way = -1
            self._fill(page, end=True)

    def _fill(self, page: Page, *, end: bool = False, at: str = "") -> None:
        self.window.fill(page, end=end, at=at)
        self.read_at = page.at
        self._age()
        self.grid.changed = {}
        if page.columns != self.columns:
            self.grid.lay_out(page.columns, page.rows, self.size.width)
        self.grid.forget()
        self.refresh()
        self._arrived(page)

    def _arrived(self, page: Page) -> None:
        self.told()
        self.post_message(self.Arrived(page))
        self.post_message(self.Moved(self.current))
        self._fetch_ahead()

    def _fetch_ahead(self) -> None:
        """Read what follows in the direction of travel, if little of it is left; then the other side."""
        if self._reading or self._source is None or not self.window.rows:
            return
        after = self.window.lacks_after(self._ahead if self._way > 0 else self.window.height)
        before = self.window.lacks_before(self._ahead if self._way < 0 else self.window.height)
        if after and (self._way > 0 or not before):
            self.run_worker(job(self._extend, self.window, 1), group="ahead", exclusive=True)
        elif before:
            self.run_worker(job(self._extend, self.window, -1), group="ahead", exclusive=True)

    async def _extend(self, window: Window, way: int) -> None:
        if window is not self.window or not window.rows:
            return  # something else is shown by now
        limit = self._ahead
        if way > 0:
            page = await self._read(after=window.rows[-1].position, limit=limit)
        else:
            page = await self._read(before=window.rows[0].position, limit=limit)
        if page is None:
            return
        (window.append if way > 0 else window.prepend)(page)
        left = window.move(self._owed)
        self._owed = left if (window.more_after if left > 0 else window.more_before) else 0
        self._moved(in_place=False)
        self._fetch_ahead()

    def reread(self) -> None:
        """Read what is visible anew; the cursor stays on its record, what changed is marked.

        What is on its way may be older than what this is called for, so that it is read after that.
        """
        self._stale = self._source is not None and self._reading > 0
        if self._source is not None and not self._reading and self._begins is None:
            self._jump(job(self._reread))

    async def _reread(self) -> None:
        anchor = self.window.anchor()
        page = (
            await self._read(after=anchor, limit=self._screenful)
            if anchor
            else await self._read(limit=self._screenful)
        )
        if page is None:
            return
        if page.columns != self.columns:  # nothing was there before
            self._fill(page)
            return
        earlier = self.window.renew(page)
        self.grid.changed = {
            row.id: _different(row, old)
            for row in page.rows
            if (old := earlier.get(row.id)) is not None and old.values != row.values
        }
        self.read_at = page.at
        self._age()
        self.grid.forget()
        self.refresh()
        self._arrived(page)

    # What changed on screen

    def on_resize(self, event: events.Resize) -> None:
        """Show as many rows as there is room for."""
        self.window.resize(event.size.height - 1)
        self._lay_out()
        self._start()
        self._fetch_ahead()

    def _moved(self, *, in_place: bool, cursor: int = 0) -> None:
        """Paint what a move changed: two lines, or all of them."""
        if in_place:
            for index in (cursor, self.window.cursor):
                self.refresh(Region(0, index - self.window.top + 1, self.size.width, 1))
        else:
            self.refresh()
        self.told()
        self.post_message(self.Moved(self.current))


def _different(row: Row, old: Row) -> frozenset[int]:
    """The columns whose values are not the same."""
    pairs = zip(row.values, old.values, strict=True)
    return frozenset(n for n, (now, then) in enumerate(pairs) if now != then)
