"""Asking a probe: what it may not see, or what is not there, is said and never fails the screen."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from db.cancel import Cancel
from db.errors import Cancelled, QuaestorError, Unreachable
from db.probes import mysql, postgresql, sqlite
from db.probes.missing import MISSING
from db.probes.model import Found, Probe
from db.probes.shape import shape
from db.run import execute
from db.session import Session

_PROBES = {
    "postgresql": (*postgresql.PROBES, MISSING),
    "mysql": (*mysql.MYSQL, MISSING),
    "mariadb": (*mysql.MARIADB, MISSING),
    "sqlite": (*sqlite.PROBES, MISSING),
}
_SHAPED = ("statement", "Last_SQL_Error", "Last_Error")


def probes_of(session: Session) -> tuple[Probe, ...]:
    """What can be asked of this server."""
    return _PROBES[session.server.dialect]


def ask(session: Session, probe: Probe, cancel: Cancel | None = None) -> Found:
    """What it finds; a right or an extension that is missing stands in ``lacks``. Raises Unreachable and Cancelled."""
    began = time.perf_counter()
    if probe.known is not None:
        columns, known = probe.known(session)
        return Found(probe, columns, tuple(known), datetime.now(UTC))
    try:
        whole = not probe.right or bool(execute(session, text(probe.right), {}, cancel)[0][0])
        if not whole and probe.needs:
            return Found(probe, (), (), datetime.now(UTC), probe.lacking)
        rows = execute(session, text(probe.sql), {}, cancel)
    except (Unreachable, Cancelled):
        raise
    except QuaestorError as error:
        return Found(probe, (), (), datetime.now(UTC), probe.lacking or str(error))
    columns = tuple(rows[0]._fields) if rows else ()
    double = session.server.dialect in ("mysql", "mariadb")
    told = tuple(tuple(_value(n, v, double) for n, v in zip(columns, row, strict=True)) for row in rows)
    seconds = time.perf_counter() - began
    return Found(probe, columns, told, datetime.now(UTC), "" if whole else probe.lacking, seconds)


def _value(name: str, value: Any, double: bool) -> Any:
    if name in _SHAPED:
        return shape(value, double=double)
    if (
        isinstance(value, Decimal)
        and value == value.to_integral_value()
        and "percent" not in name
        and "mean" not in name
    ):
        return int(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
