"""The client, the server or the line's other end killed at every named point and at random times."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy.engine import make_url

from db import faults, live, write
from db.errors import Unreachable
from db.resolve import resolve
from db.trustsphere.tables import transactions
from tests.conftest import StartPrivate, engines_for
from tests.servers import Server
from tests.write import bank as banks
from tests.write import histories
from tests.write.bank import ARMED, Bank, id_of, operation

DONE_AT = ("after-commit", "after-receipt")
"""The points at which it has happened."""
SURE = {"postgresql": ("-c", "synchronous_commit=on"), "mariadb": (), "mysql": ()}
"""What a server needs to keep what it committed when it is killed."""


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


@pytest.fixture
def victim(bank: Bank) -> Iterator[Victim]:
    """A victim at work on the bank."""
    process = Victim(bank)
    yield process
    process.close()


def statuses(bank: Bank) -> dict[str, str]:
    """The state of each transaction by its id."""
    return {row["id"]: row["status"] for row in bank.rows(transactions)}


def test_the_client_killed_at_every_point(bank: Bank, victim: Victim) -> None:
    names = histories.deposits(bank, len(faults.POINTS))
    for name, point in zip(names, faults.POINTS, strict=True):
        assert victim.run([name], point) == []
        desk = bank.desk()
        resolved = resolve(desk)
        happened = point in DONE_AT
        assert statuses(bank)[id_of(name)] == ("COMPLETED" if happened else "PENDING"), point
        # With the receipt written nothing is left to ask.
        assert [each.done for each in resolved] == ([] if point == "after-receipt" else [happened]), point
        assert resolve(desk) == [], "decided once and for all"
        desk.close()
    entries = bank.scalar("SELECT count(*) FROM quaestor_ledger")
    assert entries == 1 + len(faults.POINTS), "each is done or abandoned, and the ledger says which"
    histories.verify(bank)


def test_the_client_killed_at_random_times(bank: Bank, victim: Victim) -> None:
    seed = histories.new_seed()
    dice = random.Random(seed)
    names = histories.deposits(bank, 240)
    for start in range(0, 240, 20):
        share = names[start : start + 20]
        told = victim.run(share, "-", kill_after=dice.uniform(0, 5))
        desk = bank.desk()
        resolved = {each.operation.id: each.done for each in resolve(desk)}
        desk.close()
        now = statuses(bank)
        done = {name for name in share if now[id_of(name)] == "COMPLETED"}
        said = {line.split()[1] for line in told if line.startswith("done")}
        found = {name for name in share if resolved.get(id_of(name))}
        # Told by the child or found by its heir, or its receipt was the last thing that it wrote.
        assert said <= done, f"seed {seed}"
        assert found <= done, f"seed {seed}"
        assert len(done - said - found) <= 1, f"seed {seed}"
        assert len(resolved) <= 1, f"seed {seed}"
    receipts = bank.desk().journal.receipts(bank.desk().ledger)
    operations = {receipt["seq"] for receipt in receipts}
    done_in_all = sum(state == "COMPLETED" for state in statuses(bank).values())
    assert bank.scalar("SELECT count(*) FROM quaestor_ledger") - 1 == len(operations) >= done_in_all > 0
    histories.verify(bank)


@contextmanager
def owned(private: StartPrivate, folder: Path, engine: str) -> Iterator[tuple[Server, Bank]]:
    """A server of the test's own, and a bank in it."""
    server = private(engine, *SURE[engine])
    bank = banks.make(server.create("bank"), folder)
    try:
        yield server, bank
    finally:
        bank.close()  # else what a failing test left open would fail another one


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "mortal" in metafunc.fixturenames:
        metafunc.parametrize("mortal", [engine for engine in engines_for() if engine in SURE])


def test_the_server_killed_at_every_point(private: StartPrivate, tmp_path: Path, mortal: str) -> None:
    with owned(private, tmp_path, mortal) as (server, bank):
        names = histories.deposits(bank, len(faults.POINTS))
        history = histories.History(0)
        for name, point in zip(names, faults.POINTS, strict=True):
            desk = bank.desk(connect_timeout=5.0)
            wanted = history.operations[name] = operation("transactions", name, "approve")
            with histories.at_points(once_at(point, lambda: crash(server))):
                try:
                    write.perform(desk, wanted, ARMED)
                    history.told[name] = "done"
                except Unreachable:
                    history.told[name] = "Unreachable"
            desk.close()
            bank.engine.dispose()
            # Before the transaction it finds the new server; at COMMIT it asks until it knows.
            committed = point in ("after-intent", "after-append", "before-commit", *DONE_AT)
            assert (history.told[name] == "done") is committed, point
        histories.check(bank, history)


def once_at(point: str, call: Callable[[], None]) -> Callable[[str], None]:
    """A watcher that calls at the first time that a point is reached."""
    reached: list[str] = []

    def watch(name: str) -> None:
        if name == point and not reached:
            reached.append(name)
            call()

    return watch


def crash(server: Server) -> None:
    """Kill it and start it anew."""
    server.kill()
    server.launch()


def test_the_server_killed_under_eight_writers(private: StartPrivate, tmp_path: Path, mortal: str) -> None:
    seed = histories.new_seed()
    with owned(private, tmp_path, mortal) as (server, bank):
        history = histories.killed_servers(bank, server, 240, seed, kills=3)
        histories.check(bank, history)


def test_a_server_that_hangs_is_let_go(
    private: StartPrivate, tmp_path: Path, mortal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "GRACE", 0.2)
    with owned(private, tmp_path, mortal) as (server, bank):
        histories.deposits(bank, 1)
        desk = bank.desk(statement_timeout=0.5, connect_timeout=2.0)
        states: list[str] = []

        def tell(state: str) -> None:
            states.append(state)
            server.resume()

        with histories.at_points(once_at("before-commit", server.pause)):
            done = write.perform(desk, operation("transactions", "X0", "approve"), ARMED, tell=tell)
        assert states[0] == "unknown"
        assert statuses(bank)[id_of("X0")] == "COMPLETED"
        assert done.seq == 2
        desk.close()
        assert make_url(bank.url).port == server.port


def _kill(child: int) -> None:
    """Kill a client, unless it has ended already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
