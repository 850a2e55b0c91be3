"""The server's clock: in statements, and how far it is from ours; SQLite has the program's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal, literal_column, text, type_coerce

from db.cancel import Cancel
from db.run import execute
from db.session import Session
from db.types import Time

_NOW = {
    "postgresql": "SELECT clock_timestamp()",
    "mysql": "SELECT utc_timestamp(6)",
    "mariadb": "SELECT utc_timestamp(6)",
}
LEAST = 0.02
"""Seconds below which a difference is none: threads and schedulers take as long."""


@dataclass(frozen=True)
class Clock:
    """How a server's clock goes."""

    ahead: float = 0.0
    """Seconds before this machine's; negative behind it."""
    within: float = 0.0
    """Half of the time that asking took: it is measured no better."""

    @property
    def differs(self) -> bool:
        """Whether it is another time there than here."""
        return abs(self.ahead) > max(self.within, LEAST)

    def __str__(self) -> str:
        return f"its clock is {self.ahead:+.2f} s from this machine's (± {self.within:.3f} s)"


def measured(session: Session, cancel: Cancel) -> Clock:
    """Ask the server what time it is; raises QuaestorError."""
    if session.server.dialect not in _NOW:
        return Clock()
    before = datetime.now(UTC)
    (found,) = execute(session, text(_NOW[session.server.dialect]), {}, cancel)
    took = datetime.now(UTC) - before
    theirs = found[0] if found[0].tzinfo else found[0].replace(tzinfo=UTC)
    return Clock((theirs - before - took / 2).total_seconds(), took.total_seconds() / 2)


def after(dialect: str, seconds: float = 0) -> ColumnElement[Any]:
    """The moment so many seconds from now, for a column with a zone."""
    zoned = Time(zone=True)
    if dialect == "postgresql":
        return type_coerce(func.clock_timestamp() + literal(timedelta(seconds=seconds)), zoned)
    if dialect in ("mysql", "mariadb"):
        return type_coerce(literal_column(f"SYSDATE() + INTERVAL {int(seconds)} SECOND"), zoned)
    return literal(datetime.now(UTC) + timedelta(seconds=seconds), zoned)
