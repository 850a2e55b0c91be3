"""A seeded Payment Linker on each engine, made once for all tests that only read it."""

from collections.abc import Iterator, Mapping
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
from tests.paymentlinker.plain import Hand
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
    """Give ``linker`` and ``engine_name`` the chosen engines, known only after this file is read."""
    for name in {"linker", "engine_name"} & set(metafunc.fixturenames):
        scope = "session" if name == "linker" else "function"
        metafunc.parametrize(name, engines_for("paymentlinker"), indirect=name == "linker", scope=scope)  # type: ignore[arg-type] # two of pytest's words


@pytest.fixture(scope="session")
def linker(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Linker]:
    """The smallest seed: every state must be in it."""
    folder: Path = tmp_path_factory.mktemp("paymentlinker")
    url = f"sqlite:///{folder}/seeded.db" if request.param == "sqlite" else servers[request.param].create()
    invented = made(url, 200)
    session, hand = connect(profile(url)), Hand(url)
    yield Linker(url, invented, session, hand)
    session.close()
    hand.close()
    if request.param != "sqlite":
        servers[request.param].drop(url)
