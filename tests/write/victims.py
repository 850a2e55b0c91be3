"""Programs that are killed while they write, and what their heirs find."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from typing import IO

from db.resolve import resolve
from db.trustsphere.tables import transactions
from tests.write import histories
from tests.write.bank import Bank, id_of


class Victim:
    """The process of ``tests.write.victim``."""

    def __init__(self, bank: Bank) -> None:
        command = [sys.executable, "-W", "error", "-m", "tests.write.victim", bank.url, str(bank.folder)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def pipes(self) -> tuple[IO[str], IO[str]]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        return self.process.stdin, self.process.stdout

    def run(self, names: list[str], point: str, *, kill_after: float | None = None) -> list[str]:
        """What it told before it was killed: at a point, or so many times later as it took to begin, however slow it is here."""
        into, out = self.pipes()
        into.write(f"{','.join(names)} {point}\n")
        child = int(out.readline().split()[1])
        start = time.monotonic()
        assert out.readline() == "begun\n"
        timer = threading.Timer((kill_after or 3600) * (time.monotonic() - start), _kill, (child,))
        if kill_after is not None:
            timer.start()
        told = []
        while (line := out.readline().strip()) != "ended":
            told.append(line)
        timer.cancel()
        return told

    def close(self) -> None:
        into, out = self.pipes()
        into.close()
        self.process.wait(30)
        out.close()


def statuses(bank: Bank) -> dict[str, str]:
    """The state of each transaction by its id."""
    return {row["id"]: row["status"] for row in bank.rows(transactions)}


def killed_clients(bank: Bank, victim: Victim, rounds: Iterable[tuple[list[str], float]], seed: int) -> int:
    """Let a program approve each share until it is killed, and its heir decide what it left; how many were done in all.

    What was told is done; what is done was told, or found by the heir, or its receipt was the last thing written.
    """
    for share, after in rounds:
        told = victim.run(share, "-", kill_after=after)
        desk = bank.desk()
        resolved = {each.operation.id: each.done for each in resolve(desk)}
        desk.close()
        now = statuses(bank)
        done = {name for name in share if now[id_of(name)] == "COMPLETED"}
        said = {line.split()[1] for line in told if line.startswith("done")}
        found = {name for name in share if resolved.get(id_of(name))}
        assert said <= done, f"seed {seed}"
        assert found <= done, f"seed {seed}"
        assert len(done - said - found) <= 1, f"seed {seed}"
        assert len(resolved) <= 1, f"seed {seed}"
    desk = bank.desk()
    entered = {receipt["seq"] for receipt in desk.journal.receipts(desk.ledger)}
    done_in_all = sum(state == "COMPLETED" for state in statuses(bank).values())
    assert bank.scalar("SELECT count(*) FROM quaestor_ledger") - 1 == len(entered) >= done_in_all, (
        f"seed {seed}"
    )
    histories.verify(bank)
    return done_in_all


def _kill(child: int) -> None:
    """Kill a client, unless it has ended already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
