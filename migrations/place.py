"""The connection on which revisions run: no statement timeout, but short waits for locks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from db import drivers
from db.errors import QuaestorError
from db.model import Profile
from db.translate import translate

LOCK_SECONDS = 5
"""How long a change of a table waits for those who use it, so that it does not hold up all behind it."""
_READS = ("SELECT", "PRAGMA", "SHOW", "SET", "BEGIN", "DESCRIBE", "EXPLAIN")


class Place:
    """A connection, and what was changed through it for good where the engine commits by itself."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.done: list[str] = []
        """The running revision's statements that stand whatever comes, where DDL commits by itself."""
        self.lasting = connection.dialect.name not in ("postgresql", "sqlite")
        sa.event.listen(connection, "after_cursor_execute", self._note)
        sa.event.listen(connection, "begin", self._begin)

    def _note(self, _c: Any, _k: Any, statement: str, *_rest: Any) -> None:
        words = " ".join(statement.split())
        if words.upper().startswith(_READS) or not self.lasting:
            return
        if "quaestor_version_" in words:  # a revision is complete, and recorded
            self.done.clear()
        else:
            self.done.append(words)

    def _begin(self, connection: sa.Connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


@contextmanager
def place(engine: sa.Engine) -> Iterator[Place]:
    """Connect; what fails inside is told with what was done before it."""
    with engine.connect() as connection:
        found = Place(connection)
        try:
            with _prepared(connection):
                yield found
        except drivers.errors() as error:
            raise halted(
                translate(error, Profile(connection.engine.url.database or "", "")), found
            ) from error


@contextmanager
def _prepared(connection: sa.Connection) -> Iterator[None]:
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        level = driver.isolation_level
        driver.isolation_level = None  # or DDL would run outside the transaction
        driver.execute("PRAGMA foreign_keys = OFF")
        try:
            yield
        finally:
            connection.rollback()
            driver.execute("PRAGMA foreign_keys = ON")
            driver.isolation_level = level
        return
    if connection.dialect.name == "mysql":
        connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {LOCK_SECONDS}")
        if getattr(connection.dialect, "is_mariadb", False):
            connection.exec_driver_sql("SET SESSION max_statement_time = 0")
        connection.rollback()
    yield


def halted(reason: QuaestorError, found: Place) -> QuaestorError:
    """The same error, and what stands although it happened."""
    if not found.done:
        return reason
    listed = "; ".join(statement[:100] + "…" * (len(statement) > 100) for statement in found.done)
    return type(reason)(
        f"{reason} The engine commits each statement by itself: {len(found.done)} before it stand: {listed}."
    )
