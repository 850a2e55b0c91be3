"""The drivers' errors, without importing a driver for the sake of its errors: whoever connects has imported it."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

from sqlalchemy import exc


def errors() -> tuple[type[Exception], ...]:
    """What a driver can raise: to be asked when something was raised."""
    found = (sys.modules.get(name) for name in ("psycopg", "pymysql"))
    servers = (module.Error for module in found if module is not None)
    return (exc.SQLAlchemyError, *servers, sqlite3.Error, OSError, UnicodeError)


def lost() -> tuple[type[Exception], ...]:
    """What a driver raises when its connection has ended."""
    psycopg: Any = sys.modules.get("psycopg")
    pymysql: Any = sys.modules.get("pymysql")
    postgresql = () if psycopg is None else (psycopg.OperationalError,)
    mysql = () if pymysql is None else (pymysql.err.OperationalError, pymysql.err.InterfaceError)
    return (*postgresql, *mysql)


def is_postgresql(error: object) -> bool:
    """Whether psycopg raised it."""
    psycopg: Any = sys.modules.get("psycopg")
    return psycopg is not None and isinstance(error, psycopg.Error)


def is_mysql(error: object) -> bool:
    """Whether PyMySQL raised it."""
    pymysql: Any = sys.modules.get("pymysql")
    return pymysql is not None and isinstance(error, pymysql.Error)
