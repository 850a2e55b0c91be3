"""What numbers were in this sitting: the last of them, each with its moment."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)
Points = Sequence[tuple[datetime, int]]


class Trends(Generic[Name]):
    """Values by name, so many of each at most."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._points: dict[Name, deque[tuple[datetime, int]]] = {}

    def note(self, name: Name, at: datetime, value: int) -> None:
        """Remember a value; at one moment only the first."""
        points = self._points.setdefault(name, deque(maxlen=self._most))
        if not points or points[-1][0] != at:
            points.append((at, value))

    def points(self, name: Name) -> Points:
        """The values with their moments, oldest first."""
        return list(self._points.get(name, ()))

    def values(self, name: Name) -> Sequence[int]:
        """The values alone."""
        return [value for _, value in self._points.get(name, ())]

    def all_values(self) -> Mapping[Name, Sequence[int]]:
        """Those of every name."""
        return {name: self.values(name) for name in self._points}
