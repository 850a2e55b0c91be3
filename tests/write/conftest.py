"""A bank on the engine of the test, and desks in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from db import own
from db.trustsphere.tables import metadata
from tests.conftest import Fresh, engines_for
from tests.servers import Servers
from tests.write import bank as banks
from tests.write.bank import Bank

Shelf = dict[tuple[str, str], str]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``engine`` is each one chosen: TrustSphere runs on MySQL and SQLite, and its tables try the writer on PostgreSQL."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", engines_for())


@pytest.fixture
def make(fresh: Fresh, tmp_path: Path) -> Iterator[Callable[..., Bank]]:
    """``make(engine)`` gives a new bank without rows; options go to the ledger's migration."""
    made: list[Bank] = []

    def new(engine: str, **options: Any) -> Bank:
        made.append(banks.make(fresh(engine), tmp_path / f"bank{len(made)}", **options))
        return made[-1]

    yield new
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    """The URLs of banks that are used again: making one takes a server a hundred statements."""
    return {}


@pytest.fixture
def empty(
    shelf: Shelf, servers: Servers, make: Callable[..., Bank], tmp_path: Path
) -> Iterator[Callable[..., Bank]]:
    """``empty(engine)`` gives a bank without rows, perhaps one that other tests have emptied; its policy must not be changed."""
    opened: list[Bank] = []

    def get(engine: str, principals: str) -> Bank:
        if engine == "sqlite":
            return make(engine)
        place = (engine, principals)
        if place not in shelf:
            shelf[place] = servers[engine].create()
            bank = banks.make(shelf[place], tmp_path / "bank", principals=principals)
        else:
            bank = banks.reopen(shelf[place], tmp_path / "bank")
        opened.append(bank)
        return bank

    yield get
    for bank in opened:
        try:
            wipe(bank)
        finally:
            bank.close()


def wipe(bank: Bank) -> None:
    """Everything but the policy, the first entry and the first key."""
    l = own.ledger.c  # noqa: E741 - short beside the tables
    with bank.engine.begin() as connection:
        for table in (own.approvals, own.proposals, own.claims, own.notes):
            connection.execute(delete(table))
        connection.execute(delete(own.ledger).where(l.seq > 1))
        connection.execute(delete(own.operator_keys).where(own.operator_keys.c.seq > 1))
        first = connection.execute(select(l.row_hash)).scalar()
        connection.execute(update(own.ledger_head).values(seq=1, row_hash=first))
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))


@pytest.fixture
def bank(empty: Callable[..., Bank], engine: str) -> Bank:
    """A bank with Olga's rows, where people are known by their logins."""
    return banks.fill(empty(engine, "db"))
