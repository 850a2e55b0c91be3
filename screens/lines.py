"""A list of styled lines with a cursor: records, trees, help, choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from screens import keys, themes
from screens.bar import Part, clean, length, strip_of
from screens.cells import width, wrapped
from screens.strip import Drawn


@dataclass(frozen=True, slots=True)
class Line:
    """One line; any text may stand in its parts, it is made safe when it is drawn."""

    parts: tuple[Part, ...]
    target: object = None
    """What ``enter`` on it means; the cursor passes over lines without one, unless all have none."""
    right: tuple[Part, ...] = ()

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(text for text, _ in self.parts)


_NARROW = 16
"""Cells below which a text is rather cut than written below itself."""

_NOTHING = Line(())


def folded(line: Line, room: int) -> list[Line]:
    """A line in as many as it takes to read all of its last part, which goes on below where its words begin."""
    if line.right or not line.parts:
        return [line]
    *before, (text, tone) = clean(line.parts)
    if not before and (words := text.lstrip()) and words != text:
        before, text = [(text[: -len(words)], "")], words
    indent = length(before)
    if indent + width(text) <= room or room - indent < _NARROW:
        return [line]
    first, *rest = wrapped(text, room - indent)
    more = [Line(((" " * indent + piece, tone),)) for piece in rest]
    return [replace(line, parts=(*before, (first, tone))), *more]


class Lines(keys.Moving, Widget, can_focus=True):
    """Lines, of which those with a target can be chosen."""

    DEFAULT_CSS = "Lines { width: 1fr; height: 1fr; }"
    VERBS = (*(verb for verb in keys.MOVES if verb not in ("left", "right")), "open")
    """What its keys do."""
    BINDINGS = [*keys.bindings(*VERBS)]

    class Chosen(Message):
        """A line with a target was opened."""

        def __init__(self, line: Line) -> None:
            super().__init__()
            self.line = line

    class Moved(Message):
        """The cursor stands on another line."""

        def __init__(self, line: Line | None) -> None:
            super().__init__()
            self.line = line

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.lines: Sequence[Line] = ()
        self.cursor = 0
        self.top = 0
        self.aside = False
        """Whether it stands beside what has the keys: a rule in place of the cursor."""
        self._strips: dict[tuple[int, bool], Strip] = {}
        self._look_number = -1

    @property
    def current(self) -> Line | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if self.cursor < len(self.lines) else None

    def show(self, lines: Sequence[Line], *, keep: bool = False) -> None:
        """Show other lines; with ``keep`` the cursor stays on its target, or at its height."""
        target = self.current.target if keep and self.current is not None else None
        before, self.lines = self.cursor, lines
        self._strips.clear()
        if not keep:
            self.cursor = self.top = 0
            self._move(0)
        else:
            same = (n for n, line in enumerate(lines) if target is not None and line.target == target)
            self.cursor = next(same, min(before, max(0, len(lines) - 1)))
            self._move(0)
        self.refresh()

    def go_to(self, index: int) -> None:
        """Put the cursor on a line."""
        self._move(index - self.cursor)

    def find(self, text: str, way: int) -> bool:
        """Go to the next line in that direction that has the text, around the end; whether there is one."""
        count, wanted = len(self.lines), text.lower()
        for step in range(1, count + 1):
            index = (self.cursor + way * step) % count
            if wanted in self.lines[index].text.lower() and self._stops(index):
                self._move(index - self.cursor)
                return True
        return False

    def _stops(self, index: int) -> bool:
        return self.lines[index].target is not None

    def _move(self, by: int) -> None:
        """Move the cursor to a line where it may stand, on in the same direction or else back."""
        if not self.lines:
            return
        last = len(self.lines) - 1
        wanted = max(0, min(self.cursor + by, last))
        ways = (range(wanted, last + 1), range(wanted, -1, -1))
        for way in ways if by >= 0 else reversed(ways):
            if (found := next((n for n in way if self._stops(n)), None)) is not None:
                wanted = found
                break
        moved, self.cursor = wanted != self.cursor, wanted
        self._scroll()
        if moved or by == 0:
            self.post_message(self.Moved(self.current))
        self.refresh()

    def _scroll(self) -> None:
        """Keep the cursor visible, and what stands before the first line that can be chosen."""
        height = max(1, self.size.height)
        first = next((n for n in range(len(self.lines)) if self._stops(n)), 0)
        if self.cursor <= first and self.cursor < height:
            self.top = 0
        self.top = max(self.cursor - height + 1, min(self.top, self.cursor))
        self.top = max(0, min(self.top, len(self.lines) - height))

    def on_resize(self, event: events.Resize) -> None:
        """Keep the cursor visible."""
        self._strips.clear()
        self._scroll()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a region, from the cache where they did not change."""
        if self._look_number != themes.number():
            self._look_number = themes.number()
            self._strips.clear()
        strips = [self._line(self.top + y) for y in range(crop.y, crop.bottom)]
        return strips if crop.width == self.size.width else [s.crop(crop.x, crop.right) for s in strips]

    def _line(self, index: int) -> Strip:
        cells = self.size.width
        if index >= len(self.lines) and not self.aside:
            return Strip.blank(cells, themes.style(""))
        here = not self.aside and index == self.cursor and self._stops(index)
        strip = self._strips.get((index, here))
        if strip is None:
            line = self.lines[index] if index < len(self.lines) else _NOTHING
            strip = self._strips[index, here] = self._draw(line, here, cells)
        return strip

    def _draw(self, line: Line, here: bool, cells: int) -> Strip:
        sign, tone = ("▏", "rule") if self.aside else ("▌", "edge") if here else (" ", "")
        edge = Segment(sign, themes.style(tone))
        parts = clean(line.parts)
        if here:
            parts = [(text, tone or "row") for text, tone in parts]
        return Drawn([edge, *strip_of(parts, clean(line.right), cells - 1)], cells)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there; twice, open it."""
        index = self.top + event.y
        if index < len(self.lines) and self._stops(index):
            self._move(index - self.cursor)
            if event.chain > 1:
                self.action_open()

    def on_mouse_scroll_down(self) -> None:
        """Three lines on."""
        self._move(3)

    def on_mouse_scroll_up(self) -> None:
        """Three lines back."""
        self._move(-3)

    def action_down(self) -> None:
        """Next line."""
        if self._beyond(1):
            self._show_more(1)
        else:
            self._move(1)

    def action_up(self) -> None:
        """The line before."""
        if self._beyond(-1):
            self._show_more(-1)
        else:
            self._move(-1)

    def _beyond(self, way: int) -> bool:
        """Whether there is nothing more to choose in that direction."""
        rest = range(self.cursor + 1, len(self.lines)) if way > 0 else range(self.cursor)
        return not any(self._stops(n) for n in rest)

    def _show_more(self, way: int) -> None:
        """Scroll to lines that can only be read."""
        top = max(0, min(self.top + way, len(self.lines) - max(1, self.size.height)))
        if top != self.top:
            self.top = top
            self.refresh()

    def action_page_down(self) -> None:
        """A page on."""
        self._move(max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        """A page back."""
        self._move(-max(1, self.size.height - 1))

    def action_half_down(self) -> None:
        """Half a page on."""
        self._move(max(1, self.size.height // 2))

    def action_half_up(self) -> None:
        """Half a page back."""
        self._move(-max(1, self.size.height // 2))

    def action_first(self) -> None:
        """To the first line."""
        self._move(-len(self.lines))

    def action_last(self) -> None:
        """To the last line."""
        self._move(len(self.lines))

    def action_open(self) -> None:
        """Open what the cursor is on."""
        if self.current is not None and self.current.target is not None:
            self.post_message(self.Chosen(self.current))
