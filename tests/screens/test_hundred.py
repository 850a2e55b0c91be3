"""A hundred decisions by keys alone, through a real terminal: each done once, none on an item that was not seen."""

import re
import statistics
import sys
from pathlib import Path

import pytest

from tests.benchmarks.terminal import Terminal
from tests.screens.office import bank_of

DECISIONS = 100
SLOW = 300.0
"""Milliseconds from ``enter`` to the next item, whatever else the machine does; the promise is in the benchmarks."""


def test_a_hundred_decisions_by_keys_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAESTOR_HOME", str(tmp_path / "home"))
    bank = bank_of(f"sqlite:///{tmp_path / 'bank.db'}", tmp_path, DECISIONS + 5)
    command = [sys.executable, "-m", "tests.screens.office", str(tmp_path), "transactions/pending"]
    with Terminal(command, columns=120, lines=40, quiet=0.06) as terminal:
        terminal.wait("TRANSFER")
        terminal.send(":")
        terminal.wait("(?m)^:")
        terminal.send("arm 30m T-1\r")
        terminal.wait("is armed for 30 minutes")
        terminal.send("3")
        terminal.wait("▏ transaction .* T000")
        taken = []
        for number in range(DECISIONS):
            key, name = ("v", "approve") if number % 2 == 0 else ("x", "decline")
            _press(terminal, key, rf"(?m)^ {name} .*enter does it")
            taken.append(_press(terminal, "\r", rf"▏ transaction .* T{number + 1:03}"))
        assert not re.search(r"incident", terminal.text)
    assert statistics.median(taken) < SLOW, "the next item is there at once"
    with bank.engine.connect() as connection:
        done = connection.exec_driver_sql(
            "SELECT status, count(*) FROM transactions GROUP BY status ORDER BY status"
        ).all()
    assert dict(list(map(tuple, done))) == {"CANCELLED": 50, "COMPLETED": 50, "PENDING": 5}
    assert bank.scalar("SELECT max(seq) FROM quaestor_ledger") == 2 + DECISIONS
    bank.close()


def _press(terminal: Terminal, key: str, pattern: str) -> float:
    """Press a key until its answer is there: pressed before what it decides on was painted, it is dropped.

    Gives the milliseconds of the press that counted.
    """
    for _ in range(20):
        terminal.send(key)
        try:
            taken = terminal.wait(pattern, limit=1.0)
        except TimeoutError:
            continue
        terminal.settle()
        return taken
    raise AssertionError(terminal.text)
