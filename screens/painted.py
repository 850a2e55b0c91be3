"""Keys that decide something count only if they were pressed after what they decide on was painted."""

from __future__ import annotations

import time

from textual import events
from textual.screen import Screen


class Shown:
    """Since when what is on the screen has been there, on the clock of key presses."""

    def __init__(self) -> None:
        self._since: float | None = None

    def changing(self) -> None:
        """Something else is about to be painted: until then nothing is decided."""
        self._since = None

    def painted(self) -> None:
        """It is on the screen."""
        if self._since is None:
            self._since = time.monotonic()

    def seen_by(self, pressed: float) -> bool:
        """Whether a key that was pressed then was meant for what is shown."""
        return self._since is not None and pressed >= self._since


def ready(screen: Screen[object], event: events.Key) -> bool:
    """Whether the key was pressed for what the screen shows; a screen that decides nothing takes every key."""
    takes = getattr(screen, "takes_key", None)
    return takes is None or bool(takes(event))
