"""A line as Textual draws it, let go of as soon as nobody shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.strip import Strip


class Drawn(Strip):
    """A strip that does not hold itself: Textual's is kept in a cache of its own and waits for the collector."""

    __slots__ = ()

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Itself where nothing is cut off."""
        listed = list(cuts)
        return [self] if listed == [self.cell_length] else super().divide(listed)
