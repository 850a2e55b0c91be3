"""A seeded Payment Linker on each engine, made once for all tests that only read it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from db.engine import connect
from db.model import Profile
from db.registry import system
from db.seed import Plan, plan, seed
from db.session import Session
from migrations import runner
from tests.conftest import engines_for
from tests.paymentlinker.office import Office, make
from tests.paymentlinker.plain import Hand
from tests.paymentlinker.twins import bear
from tests.servers import Servers

LINKER = system("paymentlinker")


@dataclass(frozen=True)
class Linker:
    """A database of ours, by quaestor's reader and by hand."""

    url: str
    plan: Plan
    session: Session
    hand: Hand


def profile(url: str) -> Profile:
    """How the tests reach it."""
    return Profile("linker", url, "paymentlinker")


def engine(url: str) -> sa.Engine:
    """An engine that may change everything."""
    return sa.create_engine(url, poolclass=NullPool)


def made(url: str, rows: int = 0, options: Mapping[str, Any] | None = None) -> Plan:
    """Make the tables as ``quaestor migrate`` does, and so many rows as ``quaestor seed`` does."""
    runner.up(engine(url), LINKER, "system", options=options)
    invented = plan(rows, seed=5, now=datetime.now(UTC))
    if rows:
        seed(engine(url), LINKER, invented)
    return invented


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give tests the chosen engines, known only after this file is read."""
    scopes = {
        "linker": "session",
        "varied": "session",
        "office": "session",
        "fresh_office": "function",
        "engine_name": "function",
    }
    for name, scope in scopes.items():
        if name in metafunc.fixturenames:
            indirect = name != "engine_name"
            metafunc.parametrize(name, engines_for("paymentlinker"), indirect=indirect, scope=scope)  # type: ignore[arg-type] # two of pytest's words


@contextmanager
def opened(engine_name: str, servers: Servers, folder: Path) -> Iterator[Linker]:
    """The smallest seed: every state must be in it."""
    url = f"sqlite:///{folder}/seeded.db" if engine_name == "sqlite" else servers[engine_name].create()
    invented = made(url, 200)
    session, hand = connect(profile(url)), Hand(url)
    yield Linker(url, invented, session, hand)
    session.close()
    hand.close()
    if engine_name != "sqlite":
        servers[engine_name].drop(url)


@pytest.fixture(scope="session")
def linker(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Linker]:
    """As it is seeded."""
    with opened(request.param, servers, tmp_path_factory.mktemp("linker")) as found:
        yield found


@pytest.fixture(scope="session")
def varied(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Linker]:
    """With twins of its rows, one for each part of each rule."""
    with opened(request.param, servers, tmp_path_factory.mktemp("varied")) as found:
        bear(found.hand)
        yield found


@contextmanager
def founded(engine_name: str, servers: Servers, folder: Path) -> Iterator[Office]:
    """An office without rows; each test puts its own in."""
    lite = engine_name == "sqlite"
    made_ = make(f"sqlite:///{folder}/office.db" if lite else servers[engine_name].create(), folder)
    yield made_
    made_.close()
    if not lite:
        servers[engine_name].drop(made_.url)


@pytest.fixture(scope="session")
def office(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """One for all tests."""
    with founded(request.param, servers, tmp_path_factory.mktemp("office")) as found:
        yield found


@pytest.fixture
def fresh_office(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Office]:
    """One whose tables the test may change."""
    with founded(request.param, servers, tmp_path) as found:
        yield found
