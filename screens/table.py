"""The table: rows among which one moves, and that can be opened and marked, with keys or a mouse."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable

from textual import events
from textual.message import Message

from db.model import Row
from screens import keys
from screens.cells import text_of
from screens.reading import job
from screens.rows import Rows
from screens.window import LIMIT, Window


class Table(Rows):
    """What can be done to rows in a list."""

    class Said(Message):
        """Something is to be told."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Chosen(Message):
        """A row is to be opened."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    VERBS = (*keys.MOVES, "open", "mark", "mark_range", "next_match", "previous_match")
    """What its keys do."""
    BINDINGS = [*keys.bindings(*VERBS)]

    closed = ""
    """Why these rows cannot be marked."""
    _range_from: tuple[Window, str] | None = None
    """The rows in which a range was begun, and the row; the window of another list is another one."""

    # Moving

    def _go(self, move: Callable[[int], int], by: int) -> None:
        self._way = 1 if by > 0 else -1
        top, cursor = self.window.top, self.window.cursor
        left = move(by)
        more = self.window.more_after if left > 0 else self.window.more_before
        self._owed = max(-LIMIT, min(self._owed + left, LIMIT)) if left and more else 0
        self._moved(in_place=self.window.top == top, cursor=cursor)
        if self._owed:
            self._fetch_ahead()
        else:  # at once, its thread would slow down the painting by a third
            self.call_after_refresh(self._fetch_ahead)

    def action_down(self) -> None:
        """Next row."""
        self._go(self.window.move, 1)

    def action_up(self) -> None:
        """The row before."""
        self._go(self.window.move, -1)

    def action_page_down(self) -> None:
        """A page on."""
        self._go(self.window.turn, self.window.height)

    def action_page_up(self) -> None:
        """A page back."""
        self._go(self.window.turn, -self.window.height)

    def action_half_down(self) -> None:
        """Half a page on."""
        self._go(self.window.turn, max(1, self.window.height // 2))

    def action_half_up(self) -> None:
        """Half a page back."""
        self._go(self.window.turn, -max(1, self.window.height // 2))

    def action_first(self) -> None:
        """To the first row of the list, wherever the window is."""
        if self.window.more_before:
            self._way = 1
            self._jump(job(self._begin))
        else:
            self._go(self.window.move, -len(self.window.rows))

    def action_last(self) -> None:
        """To the last row of the list, read backwards from the end."""
        if self.window.more_after:
            self._jump(job(self._end))
        else:
            self._go(self.window.move, len(self.window.rows))

    def action_left(self) -> None:
        """To the column on the left."""
        self._to_column(self.grid.column - 1)

    def action_right(self) -> None:
        """To the column on the right."""
        self._to_column(self.grid.column + 1)

    def _to_column(self, column: int) -> None:
        self.grid.to_column(column)
        self.refresh()
        self.told()

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self.current is not None:
            self.post_message(self.Chosen(self.current))

    # Marks

    def action_mark(self) -> None:
        """Mark the row, or take its mark off, and go on; ends a range that was begun."""
        row = self._markable()
        if row is None:
            return
        if self.marks.pop(row.id, None) is None:
            self.marks[row.id] = row
        self._range_from = None
        self._go(self.window.move, 1)
        self.refresh()

    def action_mark_range(self) -> None:
        """Begin a range here; again: mark everything between."""
        row = self._markable()
        if row is None:
            return
        window, id_ = self._range_from or (None, "")
        begun = self.window.index(id_, -1) if window is self.window else -1
        if begun < 0:
            self.post_message(self.Said(_LOST_RANGE if window is self.window else _RANGE))
            self._range_from = self.window, row.id
            return
        first, last = sorted((begun, self.window.cursor))
        self.marks.update((row.id, row) for row in self.window.rows[first : last + 1])
        self._range_from = None
        self.post_message(self.Said(f"{last + 1 - first} rows are marked, from there to here."))
        self._marked()

    def _markable(self) -> Row | None:
        """The row under the cursor; None where there is none, or where rows are no records."""
        if self.closed:
            self.post_message(self.Said(self.closed))
        return None if self.closed else self.current

    def mark_matching(self, pattern: str) -> int:
        """Mark the rows at hand of which a cell fits the pattern (``*`` and ``?``); how many do."""
        fits = re.compile(fnmatch.translate(pattern), re.IGNORECASE).match
        found = [
            row
            for row in self.window.rows
            if any(
                fits(text_of(value, column.kind))
                for value, column in zip(row.values, self.columns, strict=True)
            )
        ]
        self.marks.update((row.id, row) for row in found)
        self._marked()
        return len(found)

    def unmark(self) -> None:
        """Take all marks off."""
        self.marks.clear()
        self._marked()

    def _marked(self) -> None:
        self.refresh()
        self.told()
        self.post_message(self.Moved(self.current))

    def action_next_match(self) -> None:
        """To the next marked row at hand."""
        self._to_mark(range(self.window.cursor + 1, len(self.window.rows)))

    def action_previous_match(self) -> None:
        """To the marked row before."""
        self._to_mark(range(self.window.cursor - 1, -1, -1))

    def _to_mark(self, way: range) -> None:
        found = next((n for n in way if self.window.rows[n].id in self.marks), None)
        if found is None:
            self.post_message(
                self.Said("There is no marked row further on." if self.marks else "No row is marked.")
            )
        else:
            self._go(self.window.move, found - self.window.cursor)

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there; twice, open it."""
        index = self.window.top + event.y - 1
        if event.y > 0 and index < len(self.window.rows):
            self._go(self.window.move, index - self.window.cursor)
            if event.chain > 1:
                self.action_open()

    def on_mouse_scroll_down(self) -> None:
        """Three rows on."""
        self._go(self.window.turn, 3)

    def on_mouse_scroll_up(self) -> None:
        """Three rows back."""
        self._go(self.window.turn, -3)


_RANGE = "A range begins here; the same key again marks all rows up to the cursor."
_LOST_RANGE = "The range's beginning is no longer at hand; it begins here now."
