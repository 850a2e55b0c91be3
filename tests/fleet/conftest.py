"""Databases of fleets: their tables without rows, one a system and engine, filled anew by each example."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db import engine as engines
from db import registry
from db.fleet import Fleet, fleet_of
from db.model import Profile
from db.session import Session
from tests.conftest import engines_for
from tests.servers import Servers

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Field:
    """A fleet's database."""

    session: Session
    engine: sa.Engine
    """It may write."""
    fleet: Fleet

    def fill(self, table: sa.Table, rows: Rows) -> None:
        """These rows and no others."""
        with self.engine.begin() as connection:
            connection.execute(sa.delete(table))
            if rows:
                connection.execute(sa.insert(table), [dict(row) for row in rows])

    def change(self, table: sa.Table, rows: Rows) -> None:
        """These rows as they are now."""
        with self.engine.begin() as connection:
            for row in rows:
                connection.execute(sa.update(table).where(table.c.id == row["id"]).values(**row))

    def add(self, table: sa.Table, rows: Rows) -> None:
        """These rows besides."""
        if rows:
            with self.engine.begin() as connection:
                connection.execute(sa.insert(table), [dict(row) for row in rows])


Lay = Callable[[str, str], Field]


@pytest.fixture(scope="session")
def lay(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lay]:
    """``lay(system, engine)``: its database, made once."""
    made: dict[tuple[str, str], Field] = {}

    def field(name: str, engine: str) -> Field:
        if (name, engine) not in made:
            made[name, engine] = _make(name, engine, servers, tmp_path_factory.mktemp("field"))
        return made[name, engine]

    yield field
    for (_, engine), field_ in made.items():
        field_.session.close()
        field_.engine.dispose()
        if engine != "sqlite":
            servers[engine].drop(field_.session.profile.url)


def _make(name: str, engine: str, servers: Servers, folder: Path) -> Field:
    url = f"sqlite:///{folder}/{uuid.uuid4().hex}.db" if engine == "sqlite" else servers[engine].create()
    if engine == "sqlite":
        Path(url.removeprefix("sqlite:///")).touch()
    profile = Profile(name, url, name)
    writing = engines.make_engine(profile, read_only=False)
    registry.system(name).metadata.create_all(writing)
    session = engines.connect(profile)
    fleet = fleet_of(session)
    assert fleet is not None
    return Field(session, writing, fleet)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each engine that fleets run on."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", engines_for("paymentlinker"))
