"""A list over the screen, narrowed by what is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from textual import events
from textual.app import ComposeResult

from screens.bar import Bar
from screens.lines import Line, Lines, folded
from screens.over import Over

Result = TypeVar("Result")


class Choices(Lines, inherit_bindings=False):
    """Lines whose letters are left to the search."""

    BINDINGS = [
        ("down", "down"),
        ("up", "up"),
        ("pagedown,ctrl+f", "page_down"),
        ("pageup,ctrl+b", "page_up"),
        ("home", "first"),
        ("end", "last"),
        ("enter", "open"),
    ]


class Popup(Over[Result]):
    """Lines to look through or to choose from; letters narrow them, ``esc`` leaves."""

    CSS_PATH = "popup.tcss"
    TITLE_TEXT = ""
    """What stands above."""

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__()
        self._all = lines
        self._typed = ""

    def compose(self) -> ComposeResult:
        """A title and the lines."""
        yield Bar(ground="tab-here", id="title")
        yield Choices(id="lines")

    def on_mount(self) -> None:
        """Show all of them."""
        self.query_one(Lines).focus()
        self._narrow()

    async def on_resize(self, event: events.Resize) -> None:
        """Fold the lines anew."""
        self._show(keep=True)

    def renew(self, lines: Sequence[Line]) -> None:
        """Show these from now on, the cursor where it is."""
        self._all = lines
        if self.query(Lines):
            self._show(keep=True)

    def _show(self, *, keep: bool = False) -> None:
        words = self._typed.lower().split()
        kept = [line for line in self._all if not words or self._fits(line, words)]
        room = self.app.size.width - 1
        self.query_one(Lines).show([piece for line in kept for piece in folded(line, room)], keep=keep)

    def _narrow(self) -> None:
        self._show()
        typed = f"  {self._typed}▏" if self._typed else "  type to search"
        self.query_one(Bar).show([(f" {self.TITLE_TEXT}", ""), (typed, "")], [("esc closes ", "")])

    @staticmethod
    def _fits(line: Line, words: Sequence[str]) -> bool:
        text = line.text.lower()
        return line.target is not None and all(word in text for word in words)

    def on_key(self, event: events.Key) -> None:
        """Letters narrow, the rest moves."""
        if event.key in ("escape", "ctrl+c"):
            event.stop()
            _ = self.dismiss(None)
        elif event.key in ("backspace", "ctrl+h", "ctrl+u"):
            event.stop()
            self._typed = "" if event.key == "ctrl+u" else self._typed[:-1]
            self._narrow()
        elif event.character and event.character.isprintable() and len(self._typed) < 60:
            event.stop()
            self._typed += event.character
            self._narrow()
