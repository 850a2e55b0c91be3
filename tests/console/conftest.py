"""A home of each test's own, the command line run in this process, and databases with rows to run it on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from console import profiles, unlocked
from console.__main__ import run
from db import registry
from db.seed import plan, seed
from migrations import runner
from tests.servers import Servers

ROWS = 200


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str


Quaestor = Callable[..., Said]
Filled = Callable[[str, str], str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh home, without passwords or files of whoever runs the tests."""
    folder = tmp_path / "home"
    monkeypatch.setenv("QUAESTOR_HOME", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("PGPASSWORD", "PGPASSFILE", "PGSERVICEFILE", "MYSQL_PWD", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    profiles._warned.clear()
    unlocked.forget()
    yield folder
    unlocked.forget()


@pytest.fixture
def quaestor(capsys: pytest.CaptureFixture[str]) -> Quaestor:
    """Run a command: its exit code, stdout and stderr."""

    def command(*arguments: str) -> Said:
        capsys.readouterr()
        code = run(list(arguments))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return command


@pytest.fixture(scope="session")
def filled(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """``filled(system, engine)`` is a target with invented rows, made once; only for reading."""
    made: dict[tuple[str, str], str] = {}

    def target(name: str, engine: str) -> str:
        if (name, engine) not in made:
            file = tmp_path_factory.mktemp("filled") / f"{name}.db"
            url = f"sqlite:///{file}" if engine == "sqlite" else servers[engine].create()
            fill(name, url)
            made[name, engine] = url
        return f"{name}+{made[name, engine]}"

    yield target
    for (_, engine), url in made.items():
        if engine != "sqlite":
            servers[engine].drop(url)


def fill(name: str, url: str, rows: int = ROWS) -> None:
    """Make a system's tables and rows."""
    engine = sa.create_engine(url, poolclass=NullPool)
    system = registry.system(name)
    runner.up(engine, system, "system")
    seed(engine, system, plan(rows, seed=3))
    engine.dispose()
