"""Who blocks whom, as a forest: a session that waits stands under the one that it waits for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from db.cancel import Cancel
from db.errors import Cancelled, Missing, QuaestorError, Unreachable
from db.mysql import opened
from db.probes import mysql, postgresql
from db.probes.shape import shape
from db.run import execute
from db.session import Session

OURS = "quaestor"


@dataclass(frozen=True)
class Lock:
    """A session that others wait for, or that waits."""

    session: int
    began: str
    """What tells it from another one that gets the same number later."""
    role: str
    state: str
    seconds: float
    """For how long it has been so."""
    waits_for: str
    """The table or the like that it waits for; empty at a root."""
    statement: str
    """Without literals."""
    ours: bool
    """Whether it is one of this program."""
    blocked: tuple[Lock, ...] = ()
    """Those that wait for it."""

    @property
    def freed(self) -> int:
        """How many wait for it, directly or not."""
        return sum(1 + lock.freed for lock in self.blocked)


@dataclass(frozen=True)
class Forest:
    """Every root that blocks somebody, the one that blocks most first."""

    roots: tuple[Lock, ...]
    lacks: str = ""
    """What could not be seen."""


def tree(session: Session, cancel: Cancel | None = None) -> Forest:
    """Who blocks whom now; raises Unreachable and Cancelled."""
    dialect = session.server.dialect
    if dialect == "sqlite":
        return Forest((), "SQLite has one writer at a time and no sessions to draw.")
    sql = postgresql.LOCKS if dialect == "postgresql" else mysql.LOCKS[dialect]
    try:
        rows = execute(session, text(sql), {}, cancel)
    except (Unreachable, Cancelled):
        raise
    except QuaestorError as error:
        lacks = "Who blocks whom takes PROCESS" + (
            " and SELECT on performance_schema" if dialect == "mysql" else ""
        )
        return Forest((), f"{lacks}: {error}")
    mine = _consoles(session, cancel) if dialect != "postgresql" else set()
    return Forest(
        forest({row.pid: (row, _numbers(row.blockers)) for row in rows}, dialect != "postgresql", mine)
    )


def find(session: Session, number: int, cancel: Cancel | None = None) -> Lock:
    """A session, whether it blocks others or not; raises Missing where it has ended."""
    dialect = session.server.dialect
    sql = postgresql.LOCKS if dialect == "postgresql" else mysql.LOCKS[dialect]
    rows = {row.pid: (row, _numbers(row.blockers)) for row in execute(session, text(sql), {}, cancel)}
    if number not in rows:
        raise Missing(f"Session {number} has ended by itself.")
    roots = list(forest(rows, dialect != "postgresql", set()))
    while roots:
        root = roots.pop()
        if root.session == number:
            return root
        roots += root.blocked
    return _lock(rows[number][0], (), dialect != "postgresql", set())


def _consoles(session: Session, cancel: Cancel | None) -> set[int]:
    """The numbers of consoles' sessions, as far as the server tells, and of this process's own."""
    url = session.engine.url
    own = {number for host, port, number in opened if (host, port) == (str(url.host), url.port)}
    try:
        rows = execute(session, text(mysql.OURS), {}, cancel)
    except (Unreachable, Cancelled):
        raise
    except QuaestorError:
        return own
    return own | {int(number) for (number,) in rows}


def forest(
    sessions: Mapping[int, tuple[Any, Sequence[int]]], double: bool, mine: Collection[int]
) -> tuple[Lock, ...]:
    """The roots and what hangs on them; ``mine`` are consoles. A ring of sessions (a deadlock about to be found) is cut once."""
    waiting: dict[int, list[int]] = {}
    for pid, (_, blockers) in sessions.items():
        for blocker in blockers:
            if blocker in sessions:
                waiting.setdefault(blocker, []).append(pid)
    drawn: set[int] = set()

    def grow(pid: int) -> Lock:
        drawn.add(pid)
        children = [child for child in sorted(waiting.get(pid, ())) if child not in drawn]
        blocked = tuple(grow(child) for child in children if child not in drawn)
        return _lock(sessions[pid][0], blocked, double, mine)

    blocked = {pid for children in waiting.values() for pid in children}
    roots = [grow(pid) for pid in sorted(waiting) if pid not in blocked]
    roots += [grow(pid) for pid in sorted(waiting) if pid not in drawn]
    return tuple(sorted(roots, key=lambda root: (-root.freed, root.session)))


def _lock(row: Any, blocked: tuple[Lock, ...], double: bool, mine: Collection[int]) -> Lock:
    return Lock(
        session=int(row.pid),
        began=str(row.began),
        role=str(row.usename),
        state=str(row.state),
        seconds=float(row.seconds or 0),
        waits_for=str(row.what or ""),
        statement=shape(row.query, double=double),
        ours=row.application_name == OURS or int(row.pid) in mine,
        blocked=blocked,
    )


def _numbers(told: Any) -> list[int]:
    """PostgreSQL's list, or MySQL's numbers with commas; what blocks without a session is 0."""
    if told is None:
        return []
    parts = told if isinstance(told, list | tuple) else str(told).split(",")
    return [int(part) for part in parts if str(part).strip()]
