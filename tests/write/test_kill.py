"""The client, the server or the line's other end killed at every named point and at random times."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from db import faults, live, write
from db.errors import Unreachable
from db.resolve import resolve
from tests.conftest import StartPrivate, engines_for
from tests.servers import Server
from tests.write import bank as banks
from tests.write import histories
from tests.write.bank import ARMED, Bank, id_of, operation
from tests.write.victims import Victim, killed_clients, statuses

DONE_AT = ("after-commit", "after-receipt")
"""The points at which it has happened."""
SURE = {"postgresql": ("-c", "synchronous_commit=on"), "mariadb": (), "mysql": ()}
"""What a server needs to keep what it committed when it is killed."""


@pytest.fixture
def victim(bank: Bank) -> Iterator[Victim]:
    """A victim at work on the bank."""
    process = Victim(bank)
    yield process
    process.close()


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
    rounds = [(names[start : start + 20], dice.uniform(0, 5)) for start in range(0, 240, 20)]
    assert killed_clients(bank, victim, rounds, seed) > 0, f"seed {seed}: something was done"


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
