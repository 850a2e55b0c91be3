"""A sentence in place of everything, where there is too little room to show anything."""

from __future__ import annotations

from textual import events
from textual.geometry import Region, Size
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip
from textual.widget import Widget

from screens import themes
from screens.bar import strip_of

SMALLEST = (60, 16)
"""Columns and lines below which nothing useful can be shown."""


def too_small(size: Size) -> bool:
    """Whether nothing useful can be shown in it."""
    return size.width < SMALLEST[0] or size.height < SMALLEST[1]


class Room(Screen[ScreenResultType]):
    """A screen that says so; its style sheet has a layer ``top`` for that, above all others."""

    async def on_resize(self, event: events.Resize) -> None:
        """Say so, or no longer."""
        notices = self.query(TooSmall)
        if not too_small(event.size):
            await notices.remove()
        elif not notices:
            await self.mount(TooSmall())


class TooSmall(Widget):
    """In place of everything."""

    DEFAULT_CSS = "TooSmall { layer: top; dock: top; width: 100%; height: 100%; }"

    def render_lines(self, crop: Region) -> list[Strip]:
        """One sentence."""
        text = f"{SMALLEST[0]}×{SMALLEST[1]} at least, please; this is {self.size.width}×{self.size.height}."
        line = strip_of([(text, "error")], (), self.size.width)
        blank = Strip.blank(self.size.width, themes.style(""))
        return [line if y == 0 else blank for y in range(crop.y, crop.bottom)]
