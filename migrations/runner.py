"""Running a part's revisions: ``status``, ``up``, ``down``, ``stamp`` and ``preview``, without an ini file.

Each revision is one transaction where the engine can (PostgreSQL, SQLite). MySQL and MariaDB commit each
statement by themselves, so a failure there is told with what was done before it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import Script, ScriptDirectory

from db.errors import Refused, Usage, unknown
from db.model import System
from db.schema import snapshot
from migrations import marks
from migrations.parts import history, version_table
from migrations.place import Place, place

Steps = Callable[[Any, Any], Any]
BASE = "base"


@dataclass(frozen=True)
class Revision:
    """One step of a history."""

    id: str
    summary: str
    done: bool


@dataclass(frozen=True)
class Status:
    """Where a database stands in a part's history."""

    part: str
    current: str
    """The revision that holds; empty before the first."""
    stamped: bool
    """Whether others made the tables."""
    foreign: tuple[str, ...]
    """The system's tables that are there although no revision is recorded."""
    revisions: tuple[Revision, ...]

    @property
    def pending(self) -> tuple[Revision, ...]:
        """What ``up`` would run."""
        return tuple(revision for revision in self.revisions if not revision.done)


def status(engine: sa.Engine, system: System, part: str) -> Status:
    """Where the database stands; changes nothing."""
    steps = _in_order(history(system.name, part))
    with engine.connect() as connection:
        now = marks.current(connection, part)
        foreign = marks.foreign(connection, system) if part == "system" else []
        others = marks.stamped(connection, part)
    ids = [step.revision for step in steps]
    done = ids.index(now) + 1 if now in ids else 0
    revisions = tuple(Revision(step.revision, step.doc, n < done) for n, step in enumerate(steps))
    return Status(part, now, others, tuple(foreign), revisions)


def up(
    engine: sa.Engine, system: System, part: str, to: str = "head", options: Mapping[str, Any] | None = None
) -> Status:
    """Run the revisions that are missing; raises Refused where others made the tables."""
    scripts = history(system.name, part)
    steps = _upgrade(scripts, _revision(scripts, to))
    with place(engine) as where:
        marks.refuse_foreign(where.connection, system, part)
        _run(where, system, part, steps, options)
    return status(engine, system, part)


def down(
    engine: sa.Engine, system: System, part: str, to: str, options: Mapping[str, Any] | None = None
) -> Status:
    """Undo revisions down to ``to`` (``base`` undoes all); raises Refused where others made the tables."""
    scripts = history(system.name, part)
    steps = _downgrade(scripts, _revision(scripts, to))
    with place(engine) as where:
        marks.refuse_foreign(where.connection, system, part)
        _run(where, system, part, steps, options)
    return status(engine, system, part)


def stamp(engine: sa.Engine, system: System, part: str = "system", to: str = "head") -> Status:
    """Record that others made the tables, after looking; ``base`` forgets a stamp again."""
    if part != "system":
        raise Usage(f"Only the part 'system' is stamped: what '{part}' adds is quaestor's own.")
    scripts = history(system.name, part)
    target = _revision(scripts, to)
    with place(engine) as where:
        connection = where.connection
        now = marks.current(connection, part)
        if now and not marks.stamped(connection, part):
            raise Refused(f"quaestor made these tables itself (revision {now}): there is nothing to stamp.")
        if target != BASE:
            marks.require(connection, system, _tables_at(scripts, target, system))
        marks.set_stamp(connection, part, "" if target == BASE else target)
        connection.commit()
        _run(where, system, part, lambda heads, _: scripts._stamp_revs(target, heads), None)
    return status(engine, system, part)


def preview(
    engine: sa.Engine,
    system: System,
    part: str,
    to: str = "head",
    *,
    undo: bool = False,
    options: Mapping[str, Any] | None = None,
) -> str:
    """The SQL that ``up`` (or with ``undo`` ``down``) would run on this server; nothing is changed."""
    scripts = history(system.name, part)
    target = _revision(scripts, to)
    steps = _downgrade(scripts, target) if undo else _upgrade(scripts, target)
    written = io.StringIO()
    with place(engine) as where:
        marks.refuse_foreign(where.connection, system, part)
        now = marks.current(where.connection, part)
        _run(
            where, system, part, steps, options, as_sql=True, starting_rev=now or None, output_buffer=written
        )
    return written.getvalue()


def _run(
    where: Place, system: System, part: str, steps: Steps, options: Mapping[str, Any] | None, **more: Any
) -> None:
    """Let Alembic take these steps on the connection."""
    given = {
        "system": system,
        "options": dict(options or {}),
        "database": where.connection,
        "schema": snapshot(where.connection),
    }
    where.connection.rollback()  # Alembic begins and ends the transactions itself
    fixed = {"fn": steps, **given, **more}
    with EnvironmentContext(Config(), history(system.name, part), **fixed) as environment:
        environment.configure(
            connection=where.connection,
            version_table=version_table(part),
            transaction_per_migration=True,
            transactional_ddl=not where.lasting,
        )
        with environment.begin_transaction():
            environment.run_migrations()


def _upgrade(scripts: ScriptDirectory, target: str) -> Steps:
    return lambda heads, _context: scripts._upgrade_revs(target, heads)


def _downgrade(scripts: ScriptDirectory, target: str) -> Steps:
    return lambda heads, _context: scripts._downgrade_revs(target, heads)


def _in_order(scripts: ScriptDirectory) -> list[Script]:
    """From the first to the newest."""
    return list(reversed(list(scripts.walk_revisions())))


def _revision(scripts: ScriptDirectory, name: str) -> str:
    """The full id of ``head``, ``base`` or a revision's beginning; raises Usage with those that there are."""
    ids = [step.revision for step in _in_order(scripts)]
    if name in ("head", BASE):
        return ids[-1] if name == "head" else BASE
    found = [revision for revision in ids if revision.startswith(name)]
    if len(found) != 1:
        raise unknown("revision", name, [*ids, BASE])
    return found[0]


def _tables_at(scripts: ScriptDirectory, revision: str, system: System) -> Mapping[str, frozenset[str]]:
    """The columns by table that a revision stands for: its own ``TABLES``, at the head the system's."""
    module = scripts.get_revision(revision).module
    declared: Mapping[str, Any] | None = getattr(module, "TABLES", None)
    if declared is not None:
        return {table: frozenset(columns) for table, columns in declared.items()}
    if revision != scripts.get_current_head():
        raise Usage(f"The revision {revision} is not one to stamp; stamp {scripts.get_current_head()}.")
    return {e.table.name: frozenset(column.name for column in e.table.columns) for e in system.entities}
