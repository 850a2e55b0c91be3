"""FinPass with invented rows on each engine, made once for all tests that only read."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from db import registry
from db.engine import connect
from db.model import Profile
from db.seed import plan, seed
from db.session import Session
from migrations import runner
from tests.conftest import engines_for

ROWS = 3000


@pytest.fixture(scope="package", params=engines_for("finpass"))
def seeded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A database with invented rows of this moment."""
    kind = request.param
    folder = tmp_path_factory.mktemp("finpass")
    servers = {} if kind == "sqlite" else request.getfixturevalue("servers")
    url = servers[kind].create() if servers else f"sqlite:///{folder}/finpass.db"
    engine = sa.create_engine(url, poolclass=NullPool)
    system = registry.system("finpass")
    runner.up(engine, system, "system")
    seed(engine, system, plan(ROWS, seed=7))
    session = connect(Profile(name="finpass", url=url, system="finpass"))
    yield session
    session.close()
    if servers:
        servers[kind].drop(url)
