"""The drivers' errors, without importing a driver for the sake of its errors."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

import psycopg
from sqlalchemy import exc


def errors() -> tuple[type[Exception], ...]:
    """What a driver can raise: to be asked when something was raised, as PyMySQL is imported by whoever connects with it."""
    pymysql: Any = sys.modules.get("pymysql")
    mysql = () if pymysql is None else (pymysql.Error,)
    return (exc.SQLAlchemyError, psycopg.Error, *mysql, sqlite3.Error, OSError, UnicodeError)


def lost() -> tuple[type[Exception], ...]:
    """What a driver raises when its connection has ended."""
    pymysql: Any = sys.modules.get("pymysql")
    mysql = () if pymysql is None else (pymysql.err.OperationalError, pymysql.err.InterfaceError)
    return (psycopg.OperationalError, *mysql)


def is_mysql(error: object) -> bool:
    """Whether PyMySQL raised it."""
    pymysql: Any = sys.modules.get("pymysql")
    return pymysql is not None and isinstance(error, pymysql.Error)
