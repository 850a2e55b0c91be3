"""Deciding: operations a second with several writers, and how long an operator waits for the next item."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.results import Figure, Results
from tests.benchmarks.terminal import Terminal
from tests.screens.office import bank_of
from tests.servers import Servers, start
from tests.write import bank as banks
from tests.write import histories

DECISIONS = 60
PROMISE = 50.0
"""Milliseconds, median."""
WRITERS, EACH = 8, 400
RATE = 300.0
"""Operations a second, all writers together."""
DURABLE = {
    "postgresql": ("-c", "fsync=on", "-c", "full_page_writes=on"),
    "mariadb": ("--innodb-flush-log-at-trx-commit=1", "--innodb-doublewrite=1"),
}
"""Servers that keep what they committed through a loss of power, unlike those of the tests."""


def measure(results: Results, servers: Servers, rows: int) -> None:
    """Writers first, then one operator."""
    for engine in DURABLE:
        rate = throughput(engine, min(EACH, rows))
        promise = RATE if engine == "postgresql" else None
        note = f"{WRITERS} processes, journal and server on the disk before each answer; entries are committed one"
        note += f" after the other, and the disk takes {disk():.1f} ms to keep one, {os.getloadavg()[0]:.0f} want the cores"
        name = f"audited operations a second with {WRITERS} writers, {engine}"
        results.add("deciding", Figure(name, rate, "/s", promise, at_least=True, note=note))
    waiting(results)


def disk() -> float:
    """Milliseconds that it takes the disk to keep a few bytes, median."""
    taken = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(100):
            start_ = time.perf_counter()
            file.write(bytes(400))
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - start_) * 1000)
    return statistics.median(taken)


def throughput(engine: str, each: int) -> float:
    """Deposits that writers in processes of their own approve in a second, from the first until the last is done."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = start(engine, folder / "server", *DURABLE[engine])
        try:
            bank = banks.make(server.create(), folder)
            names = histories.deposits(bank, WRITERS * (each + 1))
            bank.close()
            return _write(bank, [names[n::WRITERS] for n in range(WRITERS)])
        finally:
            server.remove()


def _write(bank: banks.Bank, shares: list[list[str]]) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.writer", bank.url]
    pipe = subprocess.PIPE
    writers = [
        subprocess.Popen(
            [*command, str(bank.folder / f"writer{n}"), ",".join(share)], stdin=pipe, stdout=pipe, text=True
        )
        for n, share in enumerate(shares)
    ]
    try:
        _hear(writers)
        start = time.perf_counter()
        _tell(writers)
        done = sum(int(line) for line in _hear(writers))
        return done / (time.perf_counter() - start)
    finally:
        for writer in writers:
            writer.communicate("\n", timeout=60)


def _hear(writers: list[subprocess.Popen[str]]) -> list[str]:
    """A line of each; raises RuntimeError where one has died."""
    lines = [writer.stdout.readline() for writer in writers if writer.stdout]
    if not all(lines):
        raise RuntimeError("a writer has died; see what it said above")
    return lines


def _tell(writers: list[subprocess.Popen[str]]) -> None:
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()


def waiting(results: Results) -> None:
    """From ``enter`` on the sheet to the next item's evidence on the screen, through a terminal, on a local file."""
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
