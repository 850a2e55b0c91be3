"""Turns: the writers of this program at one SQLite file go one after the other, in the order in which they came.

SQLite lets each writer knock again and again, and whoever knocks at the right moment comes in: with many of them
one may stand outside until its timeout. Writers of other programs are still met at the file itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from db.errors import TooSlow


class Turns:
    """Who writes now, and who waits; first come, first served."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        """The first one writes."""

    def __len__(self) -> int:
        """How many write or wait."""
        return len(self._waiting)

    @contextmanager
    def taken(self, seconds: float) -> Iterator[None]:
        """One's turn, while inside; raises TooSlow where it does not come within so many seconds."""
        mine = threading.Event()
        with self._guard:
            self._waiting.append(mine)
            if self._waiting[0] is mine:
                mine.set()
        try:
            if not mine.wait(seconds):
                raise TooSlow(
                    f"Others write to the file since {seconds:g} s; nothing was changed. Try again."
                )
            yield
        finally:
            with self._guard:
                self._waiting.remove(mine)
                if self._waiting:
                    self._waiting[0].set()


@cache
def turns_at(file: str) -> Turns:
    """The turns at a file, the same for everybody in this program."""
    return Turns()
