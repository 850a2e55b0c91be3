"""Rows drawn in columns: which columns are on screen, and the lines, each drawn once."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.strip import Strip

from db.model import Column, Order, Row
from screens import themes
from screens.cells import cut, fit, safe, text_of
from screens.columns import GAP, Slot, lay_out
from screens.formats import Look, tone
from screens.strip import Drawn

EDGE = 2
"""Cells before the first column: the cursor's mark, and that of a marked row."""
STRIPS = 256
"""Drawn rows that are kept, the oldest going first: more than any screen shows, at 7 KB each."""
_LEAST = 5
"""Cells below which the last column is not begun."""
_HEAD = Row("", (), ())


class Grid:
    """How rows look; the first column stays where it is when the others move sideways."""

    def __init__(self) -> None:
        self.columns: tuple[Column, ...] = ()
        self.order: Order | None = None
        """The order that the heading shows."""
        self.look = Look(whole=False)
        self.wide = False
        """Whether every column is as wide as its content."""
        self.column = 0
        """The column of the cursor."""
        self.changed: dict[str, frozenset[int]] = {}
        """By row id, the columns whose values are other ones than before."""
        self._cells = 0
        self._slots: tuple[Slot, ...] = ()
        self._spans: tuple[tuple[Slot, int], ...] = ()
        self._left = 1
        self._strips: dict[tuple[int, int], tuple[Row, Strip]] = {}
        self._theme = -1

    # Columns

    def clear(self, column: int = 0) -> None:
        """Forget columns and rows; the cursor will be in that column."""
        self.columns, self._slots, self._spans = (), (), ()
        self.column, self._left = column, 1
        self.changed = {}
        self.forget()

    def forget(self) -> None:
        """Draw everything anew."""
        self._strips.clear()

    @property
    def laid_out(self) -> bool:
        """Whether columns have their widths."""
        return bool(self._slots)

    def lay_out(self, columns: tuple[Column, ...], rows: Sequence[Row], cells: int) -> None:
        """Give the columns their widths, by these rows, in so many cells."""
        self.columns, self._cells = columns, cells
        room = cells - EDGE - 1
        if columns and room > 0:
            order = self.order.column if self.order is not None else ""
            self._slots = lay_out(columns, rows, self.look, room, wide=self.wide, order=order)
            self.to_column(self.column)

    def to_column(self, column: int) -> None:
        """Put the cursor into a column, and that column on the screen."""
        self.column = max(0, min(column, len(self._slots) - 1))
        self._left = max(1, min(self._left, self.column or 1))
        self._spans = self._fitting()
        while self.column >= self._left and self.column not in {slot.index for slot, _ in self._spans}:
            self._left += 1
            self._spans = self._fitting()
        self.forget()

    def _fitting(self) -> tuple[tuple[Slot, int], ...]:
        """The first column, and those from the left one on that fit; the last one may be cut, but no number."""
        room = self._cells - EDGE - 1
        spans: list[tuple[Slot, int]] = []
        for slot in self._slots[:1] + self._slots[self._left :]:
            cells = min(slot.width, room)
            if cells < (slot.width if slot.right and spans else min(slot.width, _LEAST)):
                break
            spans.append((slot, cells))
            room -= cells + GAP
        return tuple(spans)

    # Lines

    def blank(self) -> Strip:
        """A line with nothing."""
        return Strip.blank(self._cells, themes.style(""))

    def note(self, text: str) -> Strip:
        """A line that says something in place of rows; any text may be given."""
        words = cut(safe(text), max(1, self._cells - EDGE))
        return self._padded([Segment(" " * EDGE + words, themes.style("faint"))])

    def _padded(self, segments: list[Segment]) -> Strip:
        used = sum(segment.cell_length for segment in segments)
        return Drawn([*segments, Segment(" " * (self._cells - used), themes.style(""))], self._cells)

    def heading(self) -> Strip:
        """The names of the columns."""
        return self._kept(_HEAD, 0) or self._keep(_HEAD, 0, self._draw_heading())

    def row(self, row: Row, *, here: bool, marked: bool) -> Strip:
        """A row; the cursor may be on it, and it may be marked."""
        flags = here + 2 * marked + (4 * self.column if here else 0)
        return self._kept(row, flags) or self._keep(row, flags, self._draw(row, here, marked))

    def _kept(self, row: Row, flags: int) -> Strip | None:
        if self._theme != themes.number():
            self._theme = themes.number()
            self.forget()
        found = self._strips.get((id(row), flags))
        return found[1] if found is not None and found[0] is row else None

    def _keep(self, row: Row, flags: int, strip: Strip) -> Strip:
        if len(self._strips) >= STRIPS:
            del self._strips[next(iter(self._strips))]
        self._strips[id(row), flags] = row, strip
        return strip

    def _draw_heading(self) -> Strip:
        segments = [Segment(" " * EDGE, themes.style(""))]
        for slot, cells in self._spans:
            name = safe(slot.column.heading)
            if self.order is not None and self.order.column == slot.column.name:
                name = cut(name, max(1, cells - 2)) + (" ▼" if self.order.descending else " ▲")
            style = themes.style("head-here" if slot.index == self.column else "head")
            segments += [Segment(fit(name, cells, slot.right), style), Segment(" " * GAP, themes.style(""))]
        return self._padded(self._with_arrows(segments[:-1]))

    def _with_arrows(self, segments: list[Segment]) -> list[Segment]:
        """Say at the edges of the heading that there are columns beyond them."""
        if self._left > 1:
            segments[0] = Segment(" ‹", themes.style("accent"))
        if self._spans and self._spans[-1][0].index < len(self._slots) - 1:
            used = sum(segment.cell_length for segment in segments)
            gap = Segment(" " * (self._cells - used - 1), themes.style(""))
            segments += [gap, Segment("›", themes.style("accent"))]
        return segments

    def _draw(self, row: Row, here: bool, marked: bool) -> Strip:
        changed = self.changed.get(row.id, frozenset())
        segments = [
            Segment("▌" if here else " ", themes.style("edge" if here else "")),
            Segment("●" if marked else " ", themes.style("mark" if marked else "")),
        ]
        for slot, cells in self._spans:
            value, kind = row.values[slot.index], slot.column.kind
            text = fit(text_of(value, kind, self.look, _currency(slot, row)), cells, slot.right)
            style = themes.style("changed" if slot.index in changed else tone(value, kind))
            if here and slot.index in (0, self.column):
                style += themes.style("here" if slot.index == self.column else "row")
            segments += [Segment(text, style), Segment(" " * GAP, themes.style(""))]
        return self._padded(segments[:-1])


def _currency(slot: Slot, row: Row) -> str:
    return slot.currency if isinstance(slot.currency, str) else str(row.values[slot.currency])
