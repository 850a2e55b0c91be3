"""A large audit table: browsed to both ends, filtered and exported within the same memory.

The rows are those of a seeded database, multiplied by the server itself.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from db import registry
from db.seed import plan, seed
from migrations import runner
from tests.benchmarks.results import Figure, Results
from tests.benchmarks.terminal import Terminal
from tests.servers import Servers

SEEDED = 20_000
"""Audit rows that are invented one by one."""
PAGES = 100
"""Pages that are turned at each end."""


def measure(results: Results, servers: Servers, rows: int) -> None:
    """Payment Linker's audit trail on PostgreSQL."""
    url = servers["postgresql"].create()
    engine = prepare(url, "paymentlinker")
    multiply(engine, "audit_logs", rows)
    with engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM audit_logs")).scalar_one()
        event = connection.execute(text("SELECT event_type FROM audit_logs LIMIT 1")).scalar_one()
    engine.dispose()
    command = [sys.executable, "-m", "console", "open", f"paymentlinker+{url}", "--at", "audit_logs"]
    title = f"paymentlinker on postgresql, {count:.0e} rows"
    with (
        tempfile.TemporaryDirectory() as home,
        Terminal(command, env={"QUAESTOR_HOME": home}) as terminal,
    ):
        terminal.wait(r"1 of ")
        terminal.settle()
        _browse(terminal)
        terminal.send(f"/event_type={event}\r")
        terminal.wait(f"/event_type={event}")
        terminal.settle()
        _browse(terminal)
        results.add("large", Figure(f"{title}: both ends, filtered: peak memory", _peak(terminal), "MB", 85))
        terminal.send("[")
        terminal.wait(f"/event_type={event}", absent=True)
        file = Path(home) / "all.csv"
        seconds = _export(terminal, file)
        with file.open("rb") as lines:
            written = sum(1 for _ in lines) - 1
        note = f"{written} rows, {file.stat().st_size / 2**20:.0f} MB in {seconds:.0f} s"
        results.add("large", Figure(f"{title}: exported", written / count, "×", 1, True, note=note))
        results.add(
            "large", Figure(f"{title}: and exported as a whole: peak memory", _peak(terminal), "MB", 85)
        )
    servers["postgresql"].drop(url)


def _browse(terminal: Terminal) -> None:
    """To the end and back to the beginning, and some pages from each."""
    for end, page in (("G", "<pgup>"), ("g", "<pgdn>")):
        terminal.press(end)
        for _ in range(PAGES):
            terminal.press(page)
        terminal.sample()
    terminal.press("g")


def _export(terminal: Terminal, file: Path) -> float:
    """Export the view; the seconds that it took."""
    began = time.perf_counter()
    terminal.send(f":export csv {file}\r")
    while "rows are in" not in terminal.text:
        assert not terminal.ended, terminal.text
        terminal.read(1.0)
        terminal.seen = b""
        terminal.sample()
    return time.perf_counter() - began


def _peak(terminal: Terminal) -> float:
    return terminal.peak / 2**20


def prepare(url: str, system: str, rows: int = SEEDED) -> Engine:
    """A database with the system's tables and about so many invented audit rows."""
    engine = create_engine(url, poolclass=NullPool)
    runner.up(engine, registry.system(system), "system")
    seed(engine, registry.system(system), plan(rows, hostile=False))
    return engine


def multiply(engine: Engine, table: str, rows: int) -> None:
    """Copy the audit rows until there are ``rows``, each copy older than the one before, ids made from the old ones."""
    postgresql = engine.dialect.name == "postgresql"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        names = [
            name for (name,) in connection.execute(
                text(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = :t"
                    f" AND table_schema = {'current_schema()' if postgresql else 'database()'}"
                ),
                {"t": table},
            )
        ]  # fmt: skip
        have = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        copies = max(0, -(-rows // have) - 1)
        quoted = {name: connection.dialect.identifier_preparer.quote(name) for name in names}
        times = [name for name in names if name in ("timestamp", "event_timestamp", "created_at")]
        if postgresql:
            values = [
                "gen_random_uuid()"
                if name == "id"
                else f"{quoted[name]} - n * interval '40 hours'"
                if name in times
                else quoted[name]
                for name in names
            ]
            source = f"generate_series(1, {copies}) n, (SELECT * FROM {table} LIMIT {have}) o"
            connection.execute(text("SET maintenance_work_mem = '1GB'"))
            connection.execute(text("SET synchronous_commit = off"))
            indexes = connection.execute(
                text(
                    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = :t AND indexname NOT LIKE '%pkey'"
                ),
                {"t": table},
            ).all()
            for name, _ in indexes:
                connection.execute(text(f"DROP INDEX {name}"))
            connection.execute(
                text(
                    f"INSERT INTO {table} ({', '.join(quoted.values())}) SELECT {', '.join(values)} FROM {source}"
                )
            )
            for _, definition in indexes:
                connection.execute(text(definition))
            connection.execute(text(f"VACUUM ANALYZE {table}"))
            return
        connection.execute(
            text("SET SESSION unique_checks = 0, foreign_key_checks = 0, max_statement_time = 0")
        )
        values = [
            "concat(lpad(hex(:n), 8, '0'), substr(id, 9))" if name == "id"
            else f"{quoted[name]} - INTERVAL :n * 40 HOUR" if name in times else quoted[name]
            for name in names
        ]  # fmt: skip
        connection.execute(text(f"CREATE TEMPORARY TABLE origin AS SELECT * FROM {table}"))
        statement = text(
            f"INSERT IGNORE INTO {table} ({', '.join(quoted.values())}) SELECT {', '.join(values)} FROM origin ORDER BY id"
        )
        for n in range(1, copies + 1):
            connection.execute(statement, {"n": n})
        connection.execute(text(f"ANALYZE TABLE {table}"))
