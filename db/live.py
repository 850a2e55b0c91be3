"""One transaction of a write: its settings and deadline, the locked record, the action run live, the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Delete, Insert, Select, Update
from sqlalchemy.exc import DBAPIError

from db import drivers, faults
from db.cancel import deadline, hang_up
from db.canonical import plain
from db.change import NONE, Change, Facts
from db.errors import QuaestorError, Stale
from db.rehearse import Rehearsed, hash_of, hashed
from db.row import gone, statement, values_of
from db.session import Session
from db.transaction import begin, local_settings
from db.transient import is_answer
from db.turns import turns_at

if TYPE_CHECKING:
    from db.desk import Desk

GRACE = 5.0
"""Seconds that a write may take beyond the server's own timeout for a statement, before the line is cut."""


class Uncertain(QuaestorError):
    """The connection failed between the first byte of COMMIT and its answer."""


class Live(Change):
    """A change that happens."""

    dry = False

    def __init__(self, facts: Facts, connection: Connection) -> None:
        super().__init__(facts)
        self._connection = connection

    def _rows(
        self, statement: Select[Any], parameters: Mapping[str, Any] = NONE, *, lock: bool
    ) -> Sequence[Any]:
        # SQLite's transaction holds the file alone from its beginning.
        locking = lock and self._connection.dialect.name != "sqlite"
        return self._connection.execute(_for_update(statement) if locking else statement, parameters).all()

    def _run(
        self,
        statement: Callable[[], Update | Insert | Delete],
        parameters: Mapping[str, Any] = NONE,
        counting: Callable[[], Select[Any]] | None = None,
    ) -> int:
        return self._connection.execute(statement(), parameters).rowcount


@contextmanager
def transaction(desk: Desk) -> Iterator[Connection]:
    """A transaction at READ COMMITTED with the session's settings, rolled back unless it is committed inside.

    Raises TooSlow where, on SQLite, other writers of this program do not let go of the file.
    """
    with _turn(desk), _connection(desk) as connection:
        seconds = desk.session.profile.statement_timeout + GRACE
        with deadline(seconds, hang_up(connection), []):
            yield connection


def _turn(desk: Desk) -> AbstractContextManager[None]:
    """One's turn at SQLite's file; other engines have rows to lock."""
    if desk.session.server.dialect != "sqlite":
        return nullcontext()
    return turns_at(str(desk.engine.url.database)).taken(desk.session.profile.statement_timeout)


def _connection(desk: Desk) -> Connection:
    """A connection whose transaction has begun; one that died in the pool is replaced, once."""
    try:
        return _begun(desk)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return _begun(desk)


def _begun(desk: Desk) -> Connection:
    connection = desk.engine.connect()
    try:
        _begin(desk.session, connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(session: Session, connection: Connection) -> None:
    if session.server.dialect == "postgresql":
        begin(connection, local_settings(session))
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if session.server.dialect == "sqlite" else "BEGIN")


def locked(session: Session, connection: Connection, facts: Facts) -> Facts:
    """The facts with the record as it is under its lock; raises Missing, and Stale where it is not as it was shown."""
    wanted = statement(session, facts.entity, facts.action, "lock" if facts.action.touches else "bare")
    found = connection.execute(wanted, values_of(facts.key)).first()
    if found is None:
        raise gone(facts.entity, facts.id)
    now = replace(facts, row=dict(found._mapping))
    if hash_of(now) != hash_of(facts):
        moved = [
            f"{name} was {plain(facts.row.get(name))} and is {plain(now.row.get(name))}"
            for name in hashed(facts)
            if facts.row.get(name) != now.row.get(name)
        ]
        raise Stale(
            f"{facts.entity.name} {facts.id} has changed meanwhile: {'; '.join(moved)}. Nothing was done."
        )
    return now


@lru_cache(maxsize=256)
def _for_update(statement: Select[Any]) -> Select[Any]:
    """The same for the same one, so that it is compiled once."""
    return statement.with_for_update()


def check_same(rehearsed: Rehearsed, live: Rehearsed) -> None:
    """Raise Stale where the change is not the one that was signed: something that hangs on the record has moved."""
    if live.recorded == rehearsed.recorded:
        return
    names = [
        n
        for n in {**rehearsed.recorded, **live.recorded}
        if rehearsed.recorded.get(n) != live.recorded.get(n)
    ]
    told = "; ".join(
        f"{n}: {rehearsed.recorded.get(n)} was shown, {live.recorded.get(n)} it would be" for n in names
    )
    raise Stale(f"What hangs on it has changed meanwhile ({told}). Nothing was done.")


def commit(connection: Connection) -> None:
    """COMMIT; raises Uncertain where its answer did not come."""
    faults.point("before-commit")
    try:
        connection.commit()
    except drivers.errors() as error:
        if is_answer(error):
            raise
        connection.invalidate()
        raise Uncertain("The connection failed around COMMIT.") from error
