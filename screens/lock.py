"""What stands on the screen while it is locked: nothing of any record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.screen import Screen

from screens.lines import Line, Lines

WORDS = (
    ("quaestor is locked", "title"),
    ("", ""),
    ("All connections are closed, nothing is armed, and what a password or", "label"),
    ("a passphrase opened is forgotten.", "label"),
    ("", ""),
    ("enter opens it again   ctrl+q leaves", "accent"),
)


class _Words(Lines, can_focus=False):
    """What it says; the keys go past it."""


class Lock(Screen[None]):
    """Opaque; one key opens it."""

    BINDINGS = [("enter", "unlock"), ("ctrl+q", "app.quit")]

    def __init__(self, unlock: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._unlock = unlock

    def compose(self) -> ComposeResult:
        """A few words."""
        yield _Words()

    def on_mount(self) -> None:
        """Say them."""
        self.query_one(_Words).show([Line(()), *(Line(((f"   {text}", tone),)) for text, tone in WORDS)])

    def action_unlock(self) -> None:
        """Open it again; by the app, since this screen goes."""
        self.app.call_later(self._unlock)
