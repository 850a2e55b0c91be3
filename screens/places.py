"""Where one is: a place as a value that can be left, found again, and written down without any data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from textual.message import Message

LIMIT = 100
"""Places that are remembered in each direction."""


@dataclass(frozen=True)
class Place:
    """What is open: a screen of a system, and where in it."""

    screen: str = "overview"
    """``overview``, ``list`` or ``record``."""
    at: str = ""
    """The profile's name."""
    entity: str = ""
    view: str = ""
    """The view or figure; the entity's first one where empty."""
    filter: str = ""
    """As typed."""
    order: str = ""
    """``created_at`` or ``-created_at``, in place of the view's."""
    record: str = ""
    """The id of the record that is open."""
    row: str = ""
    """The id of the row under the cursor."""
    offset: int = 0
    """How far down on the screen that row stands."""
    column: int = 0
    """The column under the cursor."""

    def kept(self) -> dict[str, Any]:
        """What may be written to disk: names and ids; never what somebody looked for."""
        return {name: value for name, value in asdict(self).items() if value and name != "filter"}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """The place of a table that was written down; raises ValueError for anything else."""
        known = {field.name: type(field.default) for field in fields(cls)}
        if any(name not in known or type(value) is not known[name] for name, value in kept.items()):
            raise ValueError("this is no place")
        return cls(**kept)

    def same(self, other: Place) -> bool:
        """Whether both show the same list or record, wherever the cursor is."""
        return replace(self, row="", offset=0, column=0) == replace(other, row="", offset=0, column=0)


class Open(Message):
    """Go to a place; the one message of screens to the app."""

    def __init__(self, place: Place, *, step: bool = True) -> None:
        super().__init__()
        self.place = place
        self.step = step
        """Whether ``[`` is to come back from there."""


class History:
    """Where one was, in both directions."""

    def __init__(self) -> None:
        self._before: list[Place] = []
        self._after: list[Place] = []

    def left(self, place: Place, to: Place) -> None:
        """Remember a place that is left for a new one."""
        if not place.same(to):
            self._before = [*self._before, place][-LIMIT:]
            self._after = []

    def back(self, here: Place) -> Place | None:
        """The place before this one."""
        return self._turn(self._before, self._after, here)

    def forward(self, here: Place) -> Place | None:
        """The place after this one."""
        return self._turn(self._after, self._before, here)

    def last(self, here: Place) -> Place | None:
        """The place that was left last; doing it again comes back here."""
        if not self._before:
            return None
        place = self._before.pop()
        self._before.append(here)
        return place

    @staticmethod
    def _turn(source: list[Place], other: list[Place], here: Place) -> Place | None:
        if not source:
            return None
        other.append(here)
        return source.pop()
