"""A bank on the engine of the test, and desks in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Fresh, engines_for
from tests.write import bank as banks
from tests.write.bank import Bank


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``engine`` is each one chosen: TrustSphere runs on MySQL and SQLite, and its tables try the writer on PostgreSQL."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", engines_for())


@pytest.fixture
def make(fresh: Fresh, tmp_path: Path) -> Iterator[Callable[..., Bank]]:
    """``make(engine)`` gives a bank without rows; options go to the ledger's migration."""
    made: list[Bank] = []

    def new(engine: str, **options: Any) -> Bank:
        made.append(banks.make(fresh(engine), tmp_path / f"bank{len(made)}", **options))
        return made[-1]

    yield new
    for each in made:
        each.close()


@pytest.fixture
def bank(make: Callable[..., Bank], engine: str) -> Bank:
    """A bank with Olga's rows."""
    return banks.fill(make(engine))
