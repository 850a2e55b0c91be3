"""How fast synthetic rows are written: audit rows a second, invented and stored, with every index and foreign key.

Time is laid to the table whose batch it went into, so that the other tables do not count.
"""

from __future__ import annotations

import time
from collections import defaultdict

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
        spent: dict[str, float] = defaultdict(float)
        last = [time.perf_counter()]

        def note(batch: str, _rows: int, spent: dict[str, float] = spent, last: list[float] = last) -> None:
            now = time.perf_counter()
            spent[batch] += now - last[0]
            last[0] = now

        done = seed(engine, system, plan(ROWS), note)
        every = f"all tables: {done.rows:,} rows in {done.seconds:.1f} s".replace(",", " ")
        rate = done.tables[table] / spent[table]
        results.add("seeding", Figure(f"{name} on {kind}, {table}", rate, "rows/s", promise, True, every))
        engine.dispose()
        servers[kind].drop(url)
