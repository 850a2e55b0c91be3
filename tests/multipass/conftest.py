"""A seeded Multipass on each engine, made once for all tests that only read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.engine import connect, make_engine
from db.model import Profile
from db.registry import system
from db.seed import Plan, plan, seed
from db.session import Session
from migrations import runner
from tests.conftest import engines_for
from tests.multipass.by_hand import Hand
from tests.servers import Servers

MULTIPASS = system("multipass")


@dataclass(frozen=True)
class Multipass:
    """A database of ours, by quaestor's reader and by hand."""

    url: str
    plan: Plan
    session: Session
    hand: Hand


def profile(url: str) -> Profile:
    """How the tests reach it."""
    return Profile("multipass", url, "multipass")


def prepare(url: str) -> None:
    """Make the tables, as ``quaestor migrate`` does."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).touch()
    engine = make_engine(profile(url), read_only=False)
    runner.up(engine, MULTIPASS, "system")
    engine.dispose()


def fill(url: str, invented: Plan) -> None:
    """Seed it."""
    engine = make_engine(profile(url), read_only=False)
    seed(engine, MULTIPASS, invented)
    engine.dispose()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give ``multipass`` its engines: those that ``--engines`` chose, known only after this file is read."""
    if "multipass" in metafunc.fixturenames:
        metafunc.parametrize("multipass", engines_for("multipass"), indirect=True, scope="session")


@pytest.fixture(scope="session")
def multipass(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Multipass]:
    """The smallest seed: every state must be in it."""
    folder = tmp_path_factory.mktemp("multipass")
    url = f"sqlite:///{folder}/seeded.db" if request.param == "sqlite" else servers[request.param].create()
    prepare(url)
    invented = plan(200, seed=3, now=datetime.now(UTC))
    fill(url, invented)
    session, hand = connect(profile(url)), Hand(url)
    yield Multipass(url, invented, session, hand)
    session.close()
    hand.close()
    if request.param != "sqlite":
        servers[request.param].drop(url)
