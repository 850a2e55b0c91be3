"""What every test may ask for: an empty database on any engine, and which engines a system runs on."""

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
import textual._wait

from tests.processes import home
from tests.servers import KINDS, Server, Servers, start

ENGINES = ("sqlite", *KINDS)
"""All that ``--engines`` may name."""

SYSTEM_ENGINES = {
    "trustsphere": ("sqlite", "mariadb", "mysql"),
    "paymentlinker": ("sqlite", "postgresql"),
    "finpass": ("sqlite", "postgresql"),
    "multipass": ("sqlite", "postgresql"),
}
"""The engines of each system: its real one, those that stand in for it, and SQLite."""

Fresh = Callable[[str], str]
"""``fresh(engine)`` gives the URL of an empty database, removed after the test."""

StartPrivate = Callable[..., Server]
"""``private(engine, *options)`` starts a server for this test alone, to be stopped, killed or frozen."""

_chosen: tuple[str, ...] = ENGINES[:-1]

hypothesis.settings.register_profile("gate", deadline=None, print_blob=True)
hypothesis.settings.load_profile("gate")

# After each key a pilot looks twice whether the process is idle, 20 ms long: a third of the time that the gate took.
textual._wait.SLEEP_GRANULARITY = 1 / 100
textual._wait.SLEEP_IDLE = 1 / 2000


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--engines`` names the engines; without sqlite among them only the bodies that take an engine run."""
    parser.addoption(
        "--engines", default=",".join(_chosen), help=f"of {', '.join(ENGINES)}; default: %(default)s"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Take the engines before any test file is imported: they are parameters."""
    global _chosen  # noqa: PLW0603 - parameters are made while files are imported, before any fixture
    _chosen = tuple(config.getoption("--engines").split(","))
    if unknown := set(_chosen) - set(ENGINES):
        raise pytest.UsageError(
            f"--engines: unknown {', '.join(sorted(unknown))}; there are {', '.join(ENGINES)}"
        )


def engines_for(system: str | None = None) -> list[str]:
    """The chosen engines that a system runs on; all that are chosen, without a system."""
    return [engine for engine in _chosen if system is None or engine in SYSTEM_ENGINES[system]]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without sqlite, leave out the bodies that no chosen engine is a parameter of."""
    if "sqlite" in _chosen:
        return
    left_out = [item for item in items if not _takes_an_engine(item)]
    items[:] = [item for item in items if _takes_an_engine(item)]
    config.hook.pytest_deselected(items=left_out)


def _takes_an_engine(item: pytest.Item) -> bool:
    given = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return any(
        part in _chosen
        for value in given
        for part in (value if isinstance(value, tuple) else (value,))
        if isinstance(part, str)
    )


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The servers of this worker by engine, each started when it is first asked for."""
    running = Servers()
    yield running
    running.close()


@pytest.fixture
def fresh(servers: Servers, tmp_path: Path) -> Iterator[Fresh]:
    """Make empty databases for this test, and remove them after it."""
    made: list[tuple[str, str]] = []

    def make(engine: str) -> str:
        url = (
            f"sqlite:///{tmp_path / uuid.uuid4().hex}.db" if engine == "sqlite" else servers[engine].create()
        )
        made.append((engine, url))
        return url

    yield make
    for engine, url in made:
        if engine == "sqlite":
            for file in tmp_path.glob(f"{Path(url).name}*"):
                file.unlink()
        else:
            servers[engine].drop(url)


@pytest.fixture
def private() -> Iterator[StartPrivate]:
    """Start servers for this test alone; what still runs after it is killed.

    Not in pytest's own folder: nobody but its owner may pass through it, and MariaDB's recovery opens system tables by
    their whole path.
    """
    started: list[Server] = []

    def begin(engine: str, *options: str) -> Server:
        folder = Path(tempfile.mkdtemp(prefix="p", dir=home()))
        folder.chmod(0o755)
        started.append(start(engine, folder, *options))
        return started[-1]

    yield begin
    for server in started:
        server.remove()
        shutil.rmtree(server.folder)
