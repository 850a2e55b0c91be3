"""Large tables: the rows of a seeded database, multiplied by the server itself."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, inspect, select, text
from sqlalchemy.pool import NullPool

from db import registry
from db.seed import plan, seed
from migrations import runner

SEEDED = 20_000
"""Audit rows that are invented one by one."""
_TIMES = frozenset({"timestamp", "event_timestamp", "created_at"})
_AT_EASE = {
    "postgresql": ("SET maintenance_work_mem = '1GB'", "SET synchronous_commit = off"),
    "mariadb": ("SET unique_checks = 0, foreign_key_checks = 0, max_statement_time = 0",),
    "mysql": ("SET unique_checks = 0, foreign_key_checks = 0, sql_log_bin = 0",),
    "sqlite": ("PRAGMA synchronous = OFF", "PRAGMA journal_mode = MEMORY", "PRAGMA cache_size = -500000"),
}
"""What makes a session quick that nobody else waits for."""
_ID = {
    "postgresql": "gen_random_uuid()",
    "mariadb": "concat(lpad(hex(:n), 8, '0'), substr(id, 9))",
    "mysql": "concat(lpad(hex(:n), 8, '0'), substr(id, 9))",
    "sqlite": "printf('%08x', :n) || substr(id, 9)",
}
_OLDER = {
    "postgresql": "{0} - :n * interval '40 hours'",
    "mariadb": "{0} - INTERVAL :n * 40 HOUR",
    "mysql": "{0} - INTERVAL :n * 40 HOUR",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', {0}, '-' || (:n * 40) || ' hours')",
}
_INDEXES = {
    "postgresql": "SELECT 'DROP INDEX ' || indexname, indexdef FROM pg_indexes WHERE tablename = :t "
    "AND indexname NOT LIKE '%pkey'",
    "mysql": "SELECT concat('DROP INDEX ', index_name, ' ON ', :t), concat('CREATE INDEX ', index_name, ' ON ', :t, "
    "' (', group_concat(column_name ORDER BY seq_in_index), ')') FROM information_schema.statistics "
    "WHERE table_schema = database() AND table_name = :t AND non_unique AND column_name NOT IN (SELECT column_name FROM "
    "information_schema.key_column_usage WHERE table_schema = database() AND table_name = :t "
    "AND referenced_table_name <> '') GROUP BY index_name",
    "sqlite": "SELECT 'DROP INDEX ' || name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :t AND sql <> ''",
}
"""How each index that no key needs goes, and how it comes back: built once at the end it is quicker than row by row."""


def prepare(url: str, system: str, rows: int = SEEDED) -> Engine:
    """A database with the system's tables and about so many invented audit rows."""
    engine = create_engine(url, poolclass=NullPool)
    runner.up(engine, registry.system(system), "system")
    seed(engine, registry.system(system), plan(rows, hostile=False))
    return engine


def multiply(engine: Engine, table: str, rows: int) -> None:
    """Copy the audit rows until there are ``rows``, each copy older than the one before, ids made from the old ones."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        have = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        copies = max(0, -(-rows // have) - 1)
        kind = "mariadb" if getattr(connection.dialect, "is_mariadb", False) else connection.dialect.name
        for statement in _AT_EASE[kind]:
            connection.exec_driver_sql(statement)
        indexes = connection.execute(
            text(_INDEXES["mysql" if kind == "mariadb" else kind]), {"t": table}
        ).all()
        for drop, _ in indexes:
            connection.execute(text(drop))
        _copy(connection, kind, table, copies)
        for _, create in indexes:
            connection.execute(text(create))
        _analyse(connection, table)


def newest(source: Engine, target: Engine, table: str, order: str, rows: int) -> None:
    """Put the newest rows of one database into another in place of its own, so that both have the same to read.

    They go in by id, so that neighbours in time lie as far apart as the copies of a large table do.
    """
    found = Table(table, MetaData(), autoload_with=source)
    wanted = select(found).order_by(found.c[order].desc(), found.c.id.desc()).limit(rows)
    with source.connect() as connection:
        copied = sorted(map(dict, connection.execute(wanted).mappings()), key=lambda row: row["id"])
    with target.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(found.delete())
        connection.execute(found.insert(), copied)
        _analyse(connection, table)


def _analyse(connection: Connection, table: str) -> None:
    words = {"postgresql": "VACUUM ANALYZE", "sqlite": "ANALYZE"}
    connection.execute(text(f"{words.get(connection.dialect.name, 'ANALYZE TABLE')} {table}"))


def _copy(connection: Connection, kind: str, table: str, copies: int) -> None:
    quote = connection.dialect.identifier_preparer.quote
    names = [column["name"] for column in inspect(connection).get_columns(table)]
    values = [
        _ID[kind] if name == "id" else _OLDER[kind].format(quote(name)) if name in _TIMES else quote(name)
        for name in names
    ]
    connection.execute(text(f"CREATE TEMPORARY TABLE origin AS SELECT * FROM {table} ORDER BY id"))
    statement = text(
        f"INSERT INTO {table} ({', '.join(map(quote, names))}) SELECT {', '.join(values)} FROM origin ORDER BY id"
    )
    for n in range(1, copies + 1):
        connection.execute(statement, {"n": n})
    connection.execute(text("DROP TABLE origin"))
