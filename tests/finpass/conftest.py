"""FinPass on each engine: with invented rows for the tests that only read, and a small one to work in."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from db import registry
from db.desk import Desk
from db.engine import connect
from db.finpass.tables import users
from db.model import Profile
from db.seed import plan, seed
from db.session import Session
from migrations import runner
from tests.conftest import Fresh, engines_for
from tests.finpass.office import Office, make, user

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


@pytest.fixture(scope="package", params=engines_for("finpass"))
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One database for the tests that leave each other's rows alone."""
    folder = tmp_path_factory.mktemp("office")
    servers = {} if request.param == "sqlite" else request.getfixturevalue("servers")
    url = servers[request.param].create() if servers else f"sqlite:///{folder}/office.db"
    with closing(make(url, folder)) as office:
        office.add(users, user("holder"))
        yield office
    if servers:
        servers[request.param].drop(url)


@pytest.fixture(scope="package")
def desk(shared: Office) -> Iterator[Desk]:
    """Anna's desk."""
    with closing(shared.desk()) as opened:
        yield opened


@pytest.fixture(params=engines_for("finpass"))
def office(request: pytest.FixtureRequest, fresh: Fresh, tmp_path: Path) -> Iterator[Office]:
    """A database of the test's own."""
    with closing(make(fresh(request.param), tmp_path)) as made:
        made.add(users, user("holder"))
        yield made
