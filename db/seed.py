"""Writing synthetic rows: a system's batches into an empty database, as fast as its engine takes them."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from random import Random
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from db.ahead import ahead
from db.errors import Missing, Refused
from db.types import Time

if TYPE_CHECKING:
    from db.model import System

Processor = Callable[[Any], Any]
Progress = Callable[[str, int], None]
"""Called after each batch with the table's name and the number of its rows so far."""

THEIRS = frozenset({"schema_version"})
"""Tables that a migration fills by itself, so that their rows are nobody's data."""
LARGE = 5_000
"""Audit rows from which it pays to make the indexes after the rows, where that is one transaction."""
COMMIT_EVERY = 50_000
"""Rows in one transaction where a very large one is dear (InnoDB's undo)."""


@dataclass(frozen=True)
class Batch:
    """Rows of one table, in the order of ``columns``, as the Python values of ``db.types``."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Plan:
    """What to invent: everything follows from these values, so that the same plan gives the same rows."""

    rows: int
    """About how many rows the audit table gets; the other tables in proportion."""
    seed: int
    now: datetime
    """The newest moment in the rows, aware UTC."""
    ssn_key: bytes
    """32 bytes, for the columns that are really encrypted."""
    hostile: bool = True
    """Whether some texts hold escape sequences, markup and the like."""

    def random(self, stream: str = "") -> Random:
        """A generator of its own for each stream, so that one table's rows do not move another's."""
        return Random(f"{self.seed}/{stream}")


@dataclass(frozen=True)
class Seeded:
    """What was written."""

    tables: Mapping[str, int]
    seconds: float

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(self.tables.values())


def plan(
    rows: int, seed: int = 1, now: datetime | None = None, ssn_key: bytes = b"", hostile: bool = True
) -> Plan:
    """A plan with the usual values: now to the second, and a key that follows from the seed."""
    key = ssn_key or hashlib.sha256(f"quaestor synthetic ssn {seed}".encode()).digest()
    return Plan(rows, seed, now or datetime.now(UTC).replace(microsecond=0), key, hostile)


def seed(engine: sa.Engine, system: System, plan: Plan, progress: Progress | None = None) -> Seeded:
    """Write the system's rows; Refused where rows already are, Missing where a column is not."""
    began = time.monotonic()
    done: Counter[str] = Counter()
    with engine.connect() as connection:
        _check(connection, system)
        _unhurried(connection)
        indexes = _without_indexes(connection) if plan.rows >= LARGE else []
        write = _WRITERS[connection.dialect.name]
        pending = 0
        for batch in _converted(connection.dialect, system, plan):
            write(connection, batch)
            done[batch.table] += len(batch.rows)
            pending += len(batch.rows)
            if pending >= COMMIT_EVERY and connection.dialect.name == "mysql":
                connection.commit()
                pending = 0
            if progress:
                progress(batch.table, done[batch.table])
        for definition in indexes:
            connection.exec_driver_sql(definition)
        connection.commit()
    _analyze(engine, system, done)
    return Seeded(dict(done), time.monotonic() - began)


def _check(connection: sa.Connection, system: System) -> None:
    """Refuse a database that lacks a table or column, or that holds a row."""
    inspector = sa.inspect(connection)
    found = inspector.get_multi_columns().items()
    there = {name: {column["name"] for column in columns} for (_, name), columns in found}
    for entity in system.entities:
        wanted = {column.name for column in entity.table.columns}
        if lacking := wanted - there.get(entity.table.name, set()):
            what = "table" if entity.table.name not in there else f"column '{min(lacking)}' in the table"
            raise Missing(
                f"There is no {what} '{entity.table.name}'; 'quaestor migrate TARGET up' makes them."
            )
    for name in sorted(set(system.metadata.tables) & set(there) - THEIRS):
        if connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first():
            raise Refused(f"The table '{name}' holds rows: synthetic ones go only into an empty database.")


def _unhurried(connection: sa.Connection) -> None:
    """Lift the session's statement timeouts for this one connection's transaction."""
    match connection.dialect.name, getattr(connection.dialect, "is_mariadb", False):
        case "postgresql", _:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
        case "mysql", True:
            connection.exec_driver_sql("SET SESSION max_statement_time = 0")
        case "sqlite", _:
            connection.exec_driver_sql("PRAGMA cache_size = -65536")
            connection.exec_driver_sql("BEGIN")  # the driver would leave DDL outside


_PLAIN_INDEXES = {
    "postgresql": """
SELECT i.relname, pg_get_indexdef(i.oid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE pg_table_is_visible(t.oid) AND t.relkind = 'r' AND NOT t.relispartition
  AND t.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  AND NOT x.indisunique AND NOT x.indisexclusion AND x.indisvalid AND pg_has_role(t.relowner, 'USAGE')
""",
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT LIKE 'CREATE UNIQUE %'",
}


def _without_indexes(connection: sa.Connection) -> list[str]:
    """Drop the plain indexes, and give the statements that make them again; all in the rows' transaction."""
    if connection.dialect.name not in _PLAIN_INDEXES:
        return []
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '256MB'")
    found = connection.exec_driver_sql(_PLAIN_INDEXES[connection.dialect.name]).all()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP INDEX {connection.dialect.identifier_preparer.quote(name)}")
    return [definition for _, definition in found]


def _converted(dialect: sa.Dialect, system: System, plan: Plan) -> Iterator[Batch]:
    """The system's batches with the driver's values; made in a thread where the driver waits for answers."""
    batches: Iterator[Batch] = import_module(f"db.{system.name}.seed").batches(plan)
    processors: dict[tuple[str, tuple[str, ...]], Sequence[Processor | None]] = {}

    def convert() -> Iterator[Batch]:
        for batch in batches:
            if not batch.rows:
                continue
            shape = batch.table, batch.columns
            if shape not in processors:
                processors[shape] = _processors(dialect, system.metadata.tables[batch.table], batch.columns)
            yield Batch(batch.table, batch.columns, _bound(batch.rows, processors[shape]))

    return ahead(convert(), 4) if dialect.name == "mysql" else convert()


def _processors(dialect: sa.Dialect, table: sa.Table, names: tuple[str, ...]) -> Sequence[Processor | None]:
    """The bind processor of each column, None where values pass; COPY needs only our own types' part."""
    return [_processor(dialect, table.columns[name].type) for name in names]


def _processor(dialect: sa.Dialect, type_: sa.types.TypeEngine[Any]) -> Processor | None:
    if dialect.name != "postgresql":
        return type_.dialect_impl(dialect).bind_processor(dialect)
    if isinstance(type_, Time):
        return None  # PostgreSQL reads an aware UTC moment into either kind of column: a third of the client's time
    own = getattr(type(type_), "process_bind_param", None)
    if own is None or own is sa.TypeDecorator.process_bind_param:
        return None
    return lambda value: own(type_, value, dialect)


def _bound(rows: list[tuple[Any, ...]], processors: Sequence[Processor | None]) -> list[tuple[Any, ...]]:
    """The rows with their values processed, column by column."""
    if not any(processors):
        return rows
    pairs = zip(processors, zip(*rows, strict=True), strict=True)
    return list(zip(*(map(process, values) if process else values for process, values in pairs), strict=True))


def _names(connection: sa.Connection, batch: Batch) -> tuple[str, str]:
    quote = connection.dialect.identifier_preparer.quote
    return quote(batch.table), ", ".join(map(quote, batch.columns))


def _copy(connection: sa.Connection, batch: Batch) -> None:
    """PostgreSQL: one COPY a batch."""
    table, columns = _names(connection, batch)
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in batch.rows:
            copy.write_row(row)


def _insert(connection: sa.Connection, batch: Batch) -> None:
    """The others: multi-row inserts as the driver makes them."""
    table, columns = _names(connection, batch)
    mark = "%s" if connection.dialect.paramstyle in ("format", "pyformat") else "?"
    marks = ", ".join([mark] * len(batch.columns))
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - quoted names of our own tables
    connection.exec_driver_sql(statement, batch.rows)


def _analyze(engine: sa.Engine, system: System, tables: Mapping[str, int]) -> None:
    """Let the planner know what is there now."""
    verb = "ANALYZE TABLE" if engine.dialect.name == "mysql" else "ANALYZE"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in tables:
            connection.exec_driver_sql(f"{verb} {connection.dialect.identifier_preparer.quote(name)}")


_WRITERS: Mapping[str, Callable[[sa.Connection, Batch], None]] = {
    "postgresql": _copy,
    "mysql": _insert,
    "mariadb": _insert,
    "sqlite": _insert,
}
