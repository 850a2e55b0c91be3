"""A screen of lines below a bar that sums them up."""

from __future__ import annotations

from textual.app import ComposeResult

from screens.bar import Bar
from screens.base import Frame
from screens.lines import Lines


class Lined(Frame):
    """The lines have the keys."""

    def body(self) -> ComposeResult:
        """The bar, then the lines."""
        yield Bar(id="summary")
        yield Lines(id="lines")

    @property
    def lines(self) -> Lines:
        """All there is to choose from."""
        return self.query_one("#lines", Lines)

    def refocus(self) -> None:
        """The lines have the keys."""
        self.lines.focus()
