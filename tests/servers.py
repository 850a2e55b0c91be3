"""Real, private database servers: ``start(engine, folder)`` makes one and runs it.

A server listens on a free loopback port and on a socket, runs as an unprivileged user and dies with the
thread that started it: start one from the main thread. Its folder holds its log and a link to its data.
The superuser signs in without a password; any other PostgreSQL role needs one (scram-sha-256).
Nothing here skips: a server that is not installed is a failure that says what to install.
"""

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import psutil
import psycopg
import pymysql
from sqlalchemy.engine import make_url

from tests.processes import PATIENCE, ServerError, copy, free_port, home, nobodys, run, spawn

__all__ = ["KINDS", "Server", "ServerError", "Servers", "start"]

ROOT = Path(__file__).resolve().parents[1]
"""The checkout; MySQL is unpacked into its ``.cache``."""


class Server(ABC):
    """A running server; ``create`` and ``drop`` make and remove databases as its superuser."""

    engine: ClassVar[str]
    """``postgresql``, ``mariadb`` or ``mysql``."""
    last_will: ClassVar[str] = "KILL"
    """The signal that the kernel sends to it when its parent dies."""
    goodbye: ClassVar[signal.Signals] = signal.SIGTERM
    """The signal that stops it in good order."""

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "log"
        self.options = list(options)
        self.place = Path(tempfile.mkdtemp(prefix="s", dir=home()))  # a socket's path is 107 bytes at most
        self.place.chmod(0o777)
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        copy(template(type(self)), self.data)

    @classmethod
    @abstractmethod
    def initialise(cls, data: Path) -> None:
        """Make an empty data folder."""

    @abstractmethod
    def command(self) -> list[str]:
        """Name the program and its arguments, the port among them."""

    @abstractmethod
    def url(self, name: str) -> str:
        """The SQLAlchemy URL of one of its databases, as the superuser."""

    @abstractmethod
    def ask(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run one statement as the superuser, over the socket; drivers' errors come through."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it takes connections."""

    @abstractmethod
    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""

    def create(self, name: str | None = None) -> str:
        """Make an empty database and give its URL."""
        name = name or f"q_{uuid.uuid4().hex}"
        self.ask(f"CREATE DATABASE {name}")
        return self.url(name)

    def version(self) -> str:
        """What it says that it is."""
        return str(self.ask("SELECT version()")[0][0])

    def launch(self) -> None:
        """Start it and wait until it takes connections; a port that somebody else took is chosen anew."""
        deadline, pause = time.monotonic() + PATIENCE, threading.Event()
        while time.monotonic() < deadline:
            self.port = self.port or free_port()
            with self.log.open("wb") as log:
                self.process = spawn(self.command(), log, self.last_will)
            if self._ready():
                return
            if "ddress already in use" in self._said():
                self.port = 0
            elif "is still in use" in self._said():
                pause.wait(0.05)  # the last processes of one that was killed have not ended yet
            else:
                break
        raise ServerError(f"{self.engine} does not start:\n{self._said()[-4000:]}")

    def stop(self) -> None:
        """End it in good order; one that is paused is resumed first."""
        if self.process is None:
            return
        self.resume()
        self.process.send_signal(self.goodbye)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerError(f"{self.engine} does not stop:\n{self._said()[-4000:]}") from None
        self.process = None

    def kill(self) -> None:
        """End it and all its processes at once, as a crash of the machine would, less the disk."""
        if self.process is None:
            return
        self._signal(signal.SIGKILL)
        self.process.wait(PATIENCE)
        self.process = None

    def remove(self) -> None:
        """Kill it and remove its data."""
        self.kill()
        shutil.rmtree(self.place)

    def pause(self) -> None:
        """Freeze all its processes: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        self._signal(signal.SIGCONT)

    def restart(self) -> None:
        """Start it anew on the same port and data, stopping it first if it runs."""
        self.stop()
        self.launch()

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None, f"{self.engine} is not running"
        parent = psutil.Process(self.process.pid)
        parent.suspend()  # so that it makes no more children meanwhile
        for process in (*parent.children(recursive=True), parent):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _ready(self) -> bool:
        assert self.process is not None
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.answers():
                return True
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.02)  # returns early when it has ended
                return False
        self.kill()
        return False

    def _said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class PostgreSQL(Server):
    """PostgreSQL of the distribution, the newest of several; text sorts by ICU, as mostly in production."""

    engine = "postgresql"
    last_will = "QUIT"
    goodbye = signal.SIGINT

    @staticmethod
    @functools.cache
    def binaries() -> Path:
        """The folder that holds ``initdb`` and ``postgres``."""
        installed = sorted(
            Path("/usr/lib/postgresql").glob("*/bin/initdb"),
            key=lambda path: int(path.parts[-3].split(".")[0]),
        )
        named = shutil.which("initdb")
        if not installed and not named:
            raise ServerError("no PostgreSQL server here: install the package postgresql, or run make test")
        return installed[-1].parent if installed else Path(str(named)).resolve().parent

    @classmethod
    def initialise(cls, data: Path) -> None:
        """Run initdb: UTF-8, ICU's order, trust for the superuser and passwords for everyone else."""
        run(
            [
                f"{cls.binaries()}/initdb",
                *("--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8"),
                *("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"),
                f"--pgdata={data}",
            ]
        )
        (data / "pg_hba.conf").write_text(
            "local all all trust\n"
            "host all postgres 127.0.0.1/32 trust\n"
            "host replication all 127.0.0.1/32 trust\n"
            "host all all 127.0.0.1/32 scram-sha-256\n"
        )

    def command(self) -> list[str]:
        """A crash of the program loses nothing that was committed; one of the machine would."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.place,
            "max_connections": 200,
            "fsync": "off",
            "full_page_writes": "off",
            "track_io_timing": "on",
            "timezone": "UTC",
        }
        if (self.binaries().parent / "lib" / "pg_stat_statements.so").exists():
            settings["shared_preload_libraries"] = "pg_stat_statements"
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [f"{self.binaries()}/postgres", "-D", str(self.data), *given, *self.options]

    def url(self, name: str) -> str:
        """As ``postgres``, who needs no password."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def ask(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """In the database ``postgres``, outside a transaction."""
        with psycopg.connect(
            host=str(self.place), port=self.port, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def answers(self) -> bool:
        """Whether it is up and past recovery."""
        try:
            return self.ask("SELECT 1") == [(1,)]
        except psycopg.OperationalError:
            return False

    def drop(self, url: str) -> None:
        """Disconnect everyone and remove it."""
        self.ask(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")


class MariaDB(Server):
    """MariaDB of the distribution, with its own defaults but for the character set."""

    engine = "mariadb"
    settings: ClassVar[dict[str, str | int]] = {
        "innodb-flush-log-at-trx-commit": 2,
        "innodb-doublewrite": 0,
        "max-connections": 200,
    }

    @classmethod
    def program(cls) -> list[str]:
        """The server's program and the options that must come first."""
        return [binary("mariadbd"), "--no-defaults"]

    @classmethod
    def initialise(cls, data: Path) -> None:
        """Run mariadb-install-db; root has no password."""
        run(
            [
                binary("mariadb-install-db"),
                "--no-defaults",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                f"--datadir={data}",
            ]
        )

    def command(self) -> list[str]:
        """A crash of the program loses nothing that was committed; one of the machine would."""
        settings = {
            "datadir": self.data,
            "tmpdir": self.data,
            "socket": self.place / "socket",
            "pid-file": self.data / "pid",
            "port": self.port,
            "bind-address": "127.0.0.1",
            "character-set-server": "utf8mb4",
            "default-time-zone": "+00:00",
            **self.settings,
        }
        return [*self.program(), *(f"--{name}={value}" for name, value in settings.items()), *self.options]

    def url(self, name: str) -> str:
        """As ``root``, who needs no password."""
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/{name}?charset=utf8mb4"

    def ask(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """In no database."""
        with (
            pymysql.connect(
                unix_socket=str(self.place / "socket"),
                user="root",
                charset="utf8mb4",
                autocommit=True,
            ) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, parameters)
            return list(cursor.fetchall())

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            return self.ask("SELECT 1") == [(1,)]
        except pymysql.err.OperationalError:
            return False

    def drop(self, url: str) -> None:
        """End the sessions that use it, whose open transactions would hold it, and remove it."""
        name = make_url(url).database
        for (session,) in self.ask("SELECT id FROM information_schema.processlist WHERE db = %s", name):
            with contextlib.suppress(pymysql.err.OperationalError):  # it has gone meanwhile
                self.ask("KILL %s", session)
        self.ask(f"DROP DATABASE IF EXISTS {name}")


class MySQL(MariaDB):
    """A real MySQL that ``.ci/mysql`` unpacked beside the system, run by its own loader and libraries."""

    engine = "mysql"
    settings: ClassVar[dict[str, str | int]] = {
        **MariaDB.settings,
        "mysqlx": "OFF",
        "secure-file-priv": "NULL",
        "sync-binlog": 0,
    }

    @classmethod
    def program(cls) -> list[str]:
        """The loader, its libraries, the server and where its messages are."""
        folder = ROOT / ".cache" / "mysql"
        loaders = sorted(folder.glob("usr/lib*/ld-linux-*.so.*"))
        libraries = sorted(folder.glob("usr/lib/*-linux-gnu"))
        if not (folder / "usr/sbin/mysqld").exists() or not loaders or not libraries:
            raise ServerError(f"no MySQL in {folder}: run make test-mysql, which unpacks it")
        found = [str(loaders[0]), "--library-path", str(libraries[0]), f"{folder}/usr/sbin/mysqld"]
        return [
            *found,
            "--no-defaults",
            f"--basedir={folder}/usr",
            f"--lc-messages-dir={folder}/usr/share/mysql",
        ]

    @classmethod
    def initialise(cls, data: Path) -> None:
        """Run mysqld --initialize-insecure; root has no password."""
        run([*cls.program(), "--initialize-insecure", f"--datadir={data}", "--secure-file-priv=NULL"])


KINDS: dict[str, type[Server]] = {kind.engine: kind for kind in (PostgreSQL, MariaDB, MySQL)}
"""The servers by the name of their engine."""


def start(engine: str, folder: Path, *options: str) -> Server:
    """Make a server in this folder and run it; options go to the server's program, after those given here."""
    server = KINDS[engine](folder, options)
    server.launch()
    return server


class Servers:
    """One server of each engine for this process, started when it is first asked for."""

    def __init__(self) -> None:
        self.running: dict[str, Server] = {}

    def __getitem__(self, engine: str) -> Server:
        """The server of this engine."""
        if engine not in self.running:
            self.running[engine] = start(engine, home() / engine)
        return self.running[engine]

    def close(self) -> None:
        """End them all at once, and remove everything that they left."""
        for server in self.running.values():
            server.remove()
        self.running.clear()


def binary(name: str) -> str:
    """Where a program of MariaDB is."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
    if not found:
        raise ServerError(
            f"no {name} here: install mariadb-server-core and mariadb-client-core, or run make test"
        )
    return found


@functools.cache
def template(kind: type[Server]) -> Path:
    """A data folder that was made once in this process, to be copied."""
    folder = nobodys(Path(tempfile.mkdtemp(prefix="t", dir=home())))
    kind.initialise(folder / "data")
    return folder / "data"
