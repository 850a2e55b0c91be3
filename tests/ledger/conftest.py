"""Ledgers with entries of many kinds, on every engine."""

import random
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from db import ledger
from db.engine import connect
from db.entry import sign
from db.keys import HeldKey
from db.session import Session
from tests.conftest import Fresh, engines_for
from tests.write.bank import ANNA, Bank
from tests.write.bank import make as make_bank


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", engines_for())


@pytest.fixture
def bank(fresh: Fresh, tmp_path: Path, engine: str) -> Iterator[Bank]:
    """A bank whose ledger has its first entry alone."""
    made = make_bank(fresh(engine), tmp_path / "bank")
    yield made
    made.close()


def entries(bank: Bank, count: int, seed: int, signer: HeldKey = ANNA, action: str = "note") -> None:
    """Append so many signed entries, of all lengths, with texts of all kinds."""
    dice = random.Random(seed)
    with bank.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        name = ledger.head(connection).ledger
        for n in range(count):
            operation = str(uuid.UUID(int=dice.getrandbits(128), version=4))
            reason = "".join(
                chr(dice.choice((65, 228, 8364, 128640))) for _ in range(dice.choice((1, 9, 300)))
            )
            told: dict[str, Any] = {
                "action": action,
                "n": n,
                "reason": reason,
                "ledger": name,
                "operation": operation,
            }
            if action.startswith("key-"):
                told |= ledger.key_told(action, signer.public_key)
            ledger.append(connection, operation, sign(signer, told))
        connection.commit()


@pytest.fixture
def opened() -> Iterator[Callable[[Bank], Session]]:
    """Sessions, closed after the test."""
    made: list[Session] = []

    def new(bank: Bank) -> Session:
        made.append(connect(bank.profile()))
        return made[-1]

    yield new
    for session in made:
        session.close()
