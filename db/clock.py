"""The server's clock in statements; SQLite has the program's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal, literal_column, type_coerce

from db.types import Time


def after(dialect: str, seconds: float = 0) -> ColumnElement[Any]:
    """The moment so many seconds from now, for a column with a zone."""
    zoned = Time(zone=True)
    if dialect == "postgresql":
        return type_coerce(func.clock_timestamp() + literal(timedelta(seconds=seconds)), zoned)
    if dialect in ("mysql", "mariadb"):
        return type_coerce(literal_column(f"SYSDATE() + INTERVAL {int(seconds)} SECOND"), zoned)
    return literal(datetime.now(UTC) + timedelta(seconds=seconds), zoned)
