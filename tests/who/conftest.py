"""A town on files, and on the real engines of its systems."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db.engine import make_engine
from db.model import Profile
from db.names import NAMES
from tests.conftest import Fresh, engines_for
from tests.who import town as towns
from tests.who.town import Town


@pytest.fixture(scope="package")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four files with Ann, Bob and Cleo in them, to be copied."""
    folder = tmp_path_factory.mktemp("town")
    with closing(towns.make({name: f"sqlite:///{folder}/{name}.db" for name in NAMES}, folder)) as made:
        towns.settle(made)
        towns.second_person(made)
    return folder


@pytest.fixture
def lite(model: Path, tmp_path: Path) -> Iterator[Town]:
    """The town in four files of the test's own."""
    for name in NAMES:
        shutil.copy(model / f"{name}.db", tmp_path)
    urls = {name: f"sqlite:///{tmp_path}/{name}.db" for name in NAMES}
    engines = {name: make_engine(Profile("owner", url), read_only=False) for name, url in urls.items()}
    with closing(Town(urls, engines, tmp_path)) as made:
        yield made


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A town on each of the chosen engines, which are not known yet when this file is imported."""
    if "town" in metafunc.fixturenames:
        metafunc.parametrize("town", engines_for("trustsphere"), indirect=True)


@pytest.fixture
def town(request: pytest.FixtureRequest, fresh: Fresh, tmp_path: Path) -> Iterator[Town]:
    """The town with TrustSphere on the engine named, and the others on theirs."""
    if request.param == "sqlite":
        yield request.getfixturevalue("lite")
        return
    urls = {name: fresh(request.param if name == "trustsphere" else "postgresql") for name in NAMES}
    with closing(towns.make(urls, tmp_path)) as made:
        towns.settle(made)
        towns.second_person(made)
        yield made
