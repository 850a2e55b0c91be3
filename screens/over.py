"""A screen over a place, that is left once."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

from screens.desk import Link
from screens.room import Room

Result = TypeVar("Result")


class Over(ModalScreen[Result], Room[Result]):
    """Something to read, to choose or to fill in over the screen of a place."""

    DEFAULT_CSS = "Over { layers: base top; }"

    def link_changed(self, link: Link) -> None:
        """A link of the desk stands differently."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave it; not twice, or the place below would go too: keys may come before the first one was heard."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()
