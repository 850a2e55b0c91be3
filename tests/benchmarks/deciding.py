"""Deciding: from ``enter`` on the sheet to the next item's evidence on the screen, through a terminal, on a local file."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.results import Figure, Results
from tests.benchmarks.terminal import Terminal
from tests.screens.office import bank_of
from tests.servers import Servers

DECISIONS = 60
PROMISE = 50.0
"""Milliseconds, median."""


def measure(results: Results, servers: Servers, rows: int) -> None:
    """Approve one after the other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["QUAESTOR_HOME"] = str(folder / "home")
        bank_of(f"sqlite:///{folder / 'bank.db'}", folder, DECISIONS + 5).close()
        taken = _decide(folder)
    median, worst = statistics.median(taken), sorted(taken)[int(len(taken) * 0.95)]
    note = f"{DECISIONS} decisions, 95th percentile {worst:.0f} ms"
    results.add(
        "deciding", Figure("a decision → the next item on the screen", median, "ms", PROMISE, note=note)
    )


def _decide(folder: Path) -> list[float]:
    taken = []
    command = [sys.executable, "-m", "tests.screens.office", str(folder), "transactions/pending"]
    with Terminal(command, columns=120, lines=40) as terminal:
        terminal.wait("TRANSFER")
        terminal.send(":")
        terminal.wait("(?m)^:")
        terminal.send("arm 30m T-1\r")
        terminal.wait("is armed for 30 minutes")
        terminal.send("3")
        terminal.wait("▏ transaction .* T000")
        for number in range(DECISIONS):
            terminal.settle()
            terminal.send("v")
            terminal.wait("enter does it")
            terminal.settle()
            terminal.send("\r")
            taken.append(terminal.wait(rf"▏ transaction .* T{number + 1:03}"))
    return taken
