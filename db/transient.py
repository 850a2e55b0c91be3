"""Which of the drivers' errors say what: try again, the server has answered, or nobody knows."""

from __future__ import annotations

import sqlite3
from typing import Any

from db import drivers

_AGAIN = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL: serialization failure, deadlock, lock not available."""
_NOT_SUPPORTED = "0A000"
_AGAIN_MYSQL = frozenset({1213, 1205})
"""MySQL: deadlock, lock wait timeout."""
_FAR = ("08", "57", "58", "XX")
"""Classes of SQLSTATE that come with the end of a connection or of a server."""
_FAR_MYSQL = frozenset({1040, 1053, 1152, 1153, 1158, 1159, 1160, 1161, 1180, 1317, 1927})
_MYSQL_CLIENT = range(2000, 3000)
"""Numbers that the client itself gives: the connection is lost."""


def is_transient(error: BaseException) -> bool:
    """Whether the server took the transaction back for the sake of another: the same may be tried again."""
    origin: Any = getattr(error, "orig", None) or error
    if drivers.is_postgresql(origin):
        return origin.sqlstate in _AGAIN or _is_outdated(origin)
    if drivers.is_mysql(origin):
        return bool(origin.args) and origin.args[0] in _AGAIN_MYSQL
    return isinstance(origin, sqlite3.OperationalError) and "locked" in str(origin)


def _is_outdated(error: Any) -> bool:
    """Whether a prepared statement met a table that was altered meanwhile; rolling back makes the driver forget it."""
    return error.sqlstate == _NOT_SUPPORTED and "cached plan" in str(error)


def is_answer(error: BaseException) -> bool:
    """Whether an error at COMMIT is the server's own no, after which nothing was done."""
    if getattr(error, "connection_invalidated", False):
        return False
    origin: Any = getattr(error, "orig", None) or error
    if drivers.is_postgresql(origin):
        return origin.sqlstate is not None and not origin.sqlstate.startswith(_FAR)
    if drivers.is_mysql(origin):
        number = origin.args[0] if origin.args else None
        return (
            isinstance(number, int)
            and number >= 1000
            and number not in _FAR_MYSQL
            and number not in _MYSQL_CLIENT
        )
    return isinstance(origin, sqlite3.OperationalError) and "locked" in str(origin)
