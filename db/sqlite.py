"""SQLite, the embedded default: a file, never memory; reads that cannot attach another."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from db.errors import Usage
from db.model import Mode, Profile
from db.types import Total


def engine(profile: Profile, url: URL, options: dict[str, Any], read_only: bool) -> Engine:
    """An engine on a file; for reads it is opened read-only and may attach no other."""
    path = url.database or ""
    if path in ("", ":memory:"):
        raise Usage(f"{profile.name}: name a file; a database in memory would be empty in every thread.")
    name = f"file:{quote(os.path.abspath(path))}?mode={'ro' if read_only else 'rw'}"  # noqa: PTH100 - a link must stay one
    options |= {"isolation_level": "AUTOCOMMIT"} if read_only else {"isolation_level": "SERIALIZABLE"}
    made = create_engine(
        URL.create("sqlite", database=name, query={"uri": "true"}),
        connect_args={"timeout": profile.lock_timeout, "check_same_thread": False},
        **options,
    )

    @event.listens_for(made, "do_connect")
    def heal(_dialect: Any, _record: Any, _arguments: Any, _options: Any) -> None:
        if read_only and profile.mode is not Mode.AUDIT:
            recover(path)

    @event.listens_for(made, "connect")
    def prepare(driver: sqlite3.Connection, _record: Any) -> None:
        driver.execute("PRAGMA foreign_keys = ON")
        driver.create_aggregate("quaestor_total", 1, Total)  # type: ignore[arg-type] # typeshed wants float or bytes from finalize
        if read_only:
            driver.execute("PRAGMA query_only = ON")
            driver.set_authorizer(authorize)

    return made


def recover(path: str) -> None:
    """Take back what a killed writer left half done: SQLite does so by itself, but not through a read-only connection."""
    if os.path.exists(f"{path}-journal"):  # noqa: PTH110 - beside a file that may be a link
        name = f"file:{quote(os.path.abspath(path))}?mode=rw"  # noqa: PTH100 - the same
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(name, uri=True)) as driver:
            driver.execute("SELECT count(*) FROM sqlite_master")


def is_half_done(error: BaseException) -> bool:
    """Whether a read failed because a killed writer left something half done."""
    origin = getattr(error, "orig", None) or error
    return getattr(origin, "sqlite_errorname", "") == "SQLITE_READONLY_ROLLBACK"


_READING = frozenset(
    {
        "table_info",
        "table_xinfo",
        "index_list",
        "index_xinfo",
        "index_info",
        "foreign_key_list",
        "table_list",
        "quick_check",
        "integrity_check",
        "page_count",
        "page_size",
        "freelist_count",
        "journal_mode",
        "user_version",
        "compile_options",
        "data_version",
        "query_only",
    }
)


_HARMLESS = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_SAVEPOINT,
    }
)


def authorize(
    action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None
) -> int:
    """Let nothing but reading through: no ATTACH (nor VACUUM INTO, which needs it), no pragma that sets something."""
    if action == sqlite3.SQLITE_PRAGMA:
        name = (first or "").lower()
        about = second is None or "table" in name or "index" in name or "foreign" in name
        return sqlite3.SQLITE_OK if name in _READING and about else sqlite3.SQLITE_DENY
    declaring = (
        action == sqlite3.SQLITE_UPDATE and first == "sqlite_master"
    )  # pragmas read as tables; mode=ro holds
    return sqlite3.SQLITE_OK if action in _HARMLESS or declaring else sqlite3.SQLITE_DENY
