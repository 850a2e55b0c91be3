"""A bank on the engine of the test, and sessions that hold locks in it."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import Fresh, engines_for
from tests.write import bank as banks
from tests.write.bank import Bank

PATIENCE = 20.0


def until(condition: Callable[[], Any]) -> Any:
    """What a condition gives once it is true; asked slowly, as InnoDB shows its transactions anew only after 0.1 s without a look."""
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while time.monotonic() < deadline:
        if found := condition():
            return found
        pause.wait(0.15)
    raise AssertionError("it did not come true")


class Holder:
    """A session in a transaction: it changes accounts one after another, and waits where another has one."""

    def __init__(self, bank: Bank) -> None:
        self.connection: Connection = bank.engine.connect()
        asked = "SELECT pg_backend_pid()" if bank.url.startswith("postgresql") else "SELECT connection_id()"
        if not bank.url.startswith("postgresql"):
            self.connection.execute(text("SET innodb_lock_wait_timeout = 50"))
        self.number = int(self.connection.execute(text(asked)).scalar_one())
        self.outcome = ""
        self._thread: threading.Thread | None = None

    def change(self, account: str) -> None:
        """Change it, holding its lock from now on."""
        self.connection.execute(
            text("UPDATE accounts SET version = version + 1 WHERE account_number = :n"), {"n": account}
        )

    def wait_for(self, account: str) -> None:
        """The same in a thread of its own; the outcome tells how it ended."""

        def run() -> None:
            try:
                self.change(account)
                self.outcome = "changed"
            except DBAPIError:
                self.outcome = "failed"

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def done(self) -> bool:
        """Whether it waits no more."""
        return bool(self.outcome)

    def close(self) -> None:
        """Let go of everything."""
        if self._thread is not None:
            self._thread.join(PATIENCE)
        self.connection.invalidate()
        self.connection.close()


@pytest.fixture
def bank(fresh: Fresh, tmp_path: Path, engine: str) -> Iterator[Bank]:
    """A bank with Olga's accounts A1 and A2."""
    made = banks.fill(banks.make(fresh(engine), tmp_path / "bank"))
    yield made
    made.close()


@pytest.fixture
def chain(bank: Bank) -> Iterator[list[Holder]]:
    """Three sessions: the second waits for the first, the third for the second."""
    first, second, third = holders = [Holder(bank) for _ in range(3)]
    first.change("A1")
    second.change("A2")
    second.wait_for("A1")
    third.wait_for("A2")
    yield holders
    for holder in holders:
        holder.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``engine`` is each one chosen; ``server`` each with sessions."""
    if "engine" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("parametrize")
        if only is None:
            everywhere = "chain" not in metafunc.fixturenames
            metafunc.parametrize("engine", [e for e in engines_for() if everywhere or e != "sqlite"])
