"""One line of styled words, painted again only where it changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from screens import themes
from screens.cells import cut, safe, width
from screens.strip import Drawn

Part = tuple[str, str]
"""A text and its tone."""


def clean(parts: Iterable[Part]) -> list[Part]:
    """The parts as text that cannot act; empty ones are left out."""
    return [(safe(text), tone) for text, tone in parts if text]


def length(parts: Iterable[Part]) -> int:
    """How many cells clean parts take."""
    return sum(width(text) for text, _ in parts)


def shorten(parts: Sequence[Part], room: int) -> list[Part]:
    """As many of clean parts as fit, the last one cut."""
    kept: list[Part] = []
    for text, tone in parts:
        size = width(text)
        if size > room:
            return [*kept, (cut(text, room), tone)] if room > 0 else kept
        kept.append((text, tone))
        room -= size
    return kept


def strip_of(left: Sequence[Part], right: Sequence[Part], cells: int, base: Style | None = None) -> Strip:
    """A line with parts at both ends; where there is no room for both, the left ones give way."""
    end = shorten(right, cells)
    begin = shorten(left, max(0, cells - length(end) - (1 if end else 0)))
    base = base or themes.style("")
    blank = (" " * (cells - length(begin) - length(end)), "")
    styled = [
        Segment(text, base + themes.style(tone) if tone else base)
        for text, tone in (*begin, blank, *end)
        if text
    ]
    return Drawn(styled, cells)


class Bar(Widget):
    """A line with something at its left and at its right end."""

    DEFAULT_CSS = "Bar { height: 1; width: 1fr; }"

    def __init__(self, *, ground: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.ground = ground
        """The tone of the line itself."""
        self.paint: Style | None = None
        """A style in place of that tone's."""
        self._left: list[Part] = []
        self._right: list[Part] = []
        self._strip: Strip | None = None
        self._look_number = -1

    def show(self, left: Iterable[Part], right: Iterable[Part] = ()) -> None:
        """Show these words; any text may be given, it is made safe here."""
        parts = clean(left), clean(right)
        if parts != (self._left, self._right):
            self._left, self._right = parts
            self._strip = None
            self.refresh()

    @property
    def text(self) -> str:
        """What is shown, without its looks."""
        return strip_of(self._left, self._right, self.size.width).text.rstrip()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The one line, drawn once."""
        cells = self.size.width
        if self._strip is None or self._strip.cell_length != cells or self._look_number != themes.number():
            self._strip = strip_of(self._left, self._right, cells, self.paint or themes.style(self.ground))
            self._look_number = themes.number()
        strip = self._strip if crop.width == cells else self._strip.crop(crop.x, crop.right)
        return [strip] * crop.height
