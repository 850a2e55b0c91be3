"""A large audit table: browsed to both ends, filtered and exported within the same memory.

The rows are those of a seeded database, multiplied by the server itself.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from tests.benchmarks.copies import multiply, prepare
from tests.benchmarks.results import Figure, Results
from tests.benchmarks.terminal import Terminal
from tests.servers import Servers

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
