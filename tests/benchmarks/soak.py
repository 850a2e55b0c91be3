"""Ten thousand keys pressed at random on each system: nothing breaks, memory stays, no query is left running."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.benchmarks.copies import prepare
from tests.benchmarks.results import Figure, Results
from tests.screens.wander import wander
from tests.servers import Server, Servers

CASES = (
    ("paymentlinker", "postgresql"),
    ("finpass", "postgresql"),
    ("multipass", "postgresql"),
    ("trustsphere", "mariadb"),
)
KEYS = 10_000
ROWS = 5_000
_RUNNING = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = %s",
    "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE command = 'Query' AND db = %s",
}


def measure(results: Results, servers: Servers, _rows: int) -> None:
    """Each system on its real engine, always with the same keys."""
    for seed, (system, kind) in enumerate(CASES):
        walk(results, servers[kind], system, seed)


def walk(results: Results, server: Server, system: str, seed: int, keys: int = KEYS) -> None:
    """One system."""
    url = server.create()
    prepare(url, system, ROWS).dispose()
    command = [sys.executable, "-m", "console", "open", f"{system}+{url}"]
    with tempfile.TemporaryDirectory() as home:
        done = wander(command, Path(home), keys, seed, running(server, url))
    note = f"{done.starts} starts, {done.peak:.0f} MB at most"
    title = f"{system} on {server.engine}, {done.pressed} keys"
    results.add("soak", Figure(f"{title}: growth of memory", done.grown, "MB", 20, note=note))


def running(server: Server, url: str) -> Callable[[], int]:
    """How many queries the server is working on in a database."""
    name = make_url(url).database

    def count() -> int:
        return int(server.ask(_RUNNING[server.engine], name)[0][0])

    return count
