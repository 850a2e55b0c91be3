"""What a probe is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from db.model import Kind

if TYPE_CHECKING:
    from db.session import Session

Told = tuple[tuple[str, ...], Sequence[tuple[Any, ...]]]
"""Columns and rows."""


@dataclass(frozen=True)
class Probe:
    """One question to a server, in the words of its engine."""

    name: str
    """``connections``, ``statements``."""
    summary: str
    sql: str
    """Its columns bear the names that are shown; those named ``statement`` lose their literals."""
    right: str = ""
    """A query whose one value says whether all of it can be seen."""
    lacking: str = ""
    """The sentence where that value is false, or where the question is refused."""
    needs: bool = False
    """Whether nothing can be asked without that right."""
    severity: str = ""
    """The column that says how bad a row is, if there is one."""
    known: Callable[[Session], Told] | None = None
    """What the console knows without asking, in place of a question."""


@dataclass(frozen=True)
class Found:
    """What a probe found."""

    probe: Probe
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    at: datetime
    lacks: str = ""
    """What could not be seen, and which right or extension it takes."""
    seconds: float = 0.0

    def records(self) -> list[Mapping[str, Any]]:
        """The rows by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


KINDS: Mapping[str, Kind] = {
    "bytes": Kind.INTEGER,
    "seconds": Kind.INTEGER,
    "percent": Kind.PERCENT,
    "state": Kind.STATUS,
}
"""How columns are shown, by the last word of their names; numbers and texts by themselves."""


def kind_of(name: str, value: Any = None) -> Kind:
    """How a column's values are shown."""
    known = KINDS.get(name.rpartition(" ")[2])
    if known is not None:
        return known
    if isinstance(value, datetime):
        return Kind.TIME
    if isinstance(value, bool):
        return Kind.BOOLEAN
    return Kind.INTEGER if isinstance(value, int) else Kind.TEXT
