"""How fast synthetic rows are written: audit rows a second, tables, indexes and foreign keys in place."""

from __future__ import annotations

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from db import registry
from db.seed import plan, seed
from migrations import runner
from tests.benchmarks.results import Figure, Results
from tests.servers import Servers

CASES = (
    ("paymentlinker", "postgresql", "audit_logs", 30_000),
    ("finpass", "postgresql", "audit_events", 30_000),
    ("multipass", "postgresql", "application_events", 30_000),
    ("trustsphere", "mariadb", "audit_logs", 10_000),
)
ROWS = 200_000


def measure(results: Results, servers: Servers, _rows: int) -> None:
    """All systems on their real engines."""
    for name, kind, table, promise in CASES:
        url = servers[kind].create()
        engine = create_engine(url, poolclass=NullPool)
        system = registry.system(name)
        runner.up(engine, system, "system")
        done = seed(engine, system, plan(ROWS))
        share = f"{done.rows:,} rows in all tables in {done.seconds:.1f} s".replace(",", " ")
        rate = done.rows / done.seconds
        results.add(
            "seeding", Figure(f"{name} on {kind}, {table} and the rest", rate, "rows/s", promise, True, share)
        )
        servers[kind].drop(url)
