"""What goes wrong on the way to the rows: one sentence that says what to do, the designed exit code, no traceback."""

import socket
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from console import profiles
from tests.conftest import Fresh, StartPrivate, engines_for
from tests.console.conftest import Filled, Quaestor, Said, fill
from tests.servers import Servers

SERVERS = [engine for engine in engines_for() if engine != "sqlite"]
SYSTEM_OF = {"postgresql": "finpass", "mariadb": "trustsphere", "mysql": "trustsphere"}


def closed_port() -> int:
    """A port of loopback where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def sentence(said: Said, code: int) -> str:
    """The one sentence on stderr of a command that wrote no data."""
    assert said.out == ""
    assert said.code == code, said.err
    assert "Traceback" not in said.err
    *narration, last = said.err.splitlines()
    assert last.startswith("quaestor: ")
    assert not any(line.startswith("quaestor: ") and "password in a URL" not in line for line in narration)
    assert last.rstrip().endswith((".", "?", ")")) or ":" in last
    return last


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (("list", "nobody", "users"), 2, "no profile 'nobody'"),
        (("list", "TARGET", "credentails"), 2, "Did you mean credentials"),
        (("list", "TARGET", "credentials/expirng"), 2, "Did you mean expiring"),
        (("list", "TARGET", "credentials", "--filter", "statsu=VALID"), 2, "Did you mean status"),
        (("list", "TARGET", "credentials", "--filter", "status"), 2, "is no filter"),
        (("list", "TARGET", "credentials", "--filter", "issued_at=yesterday"), 2, "is no time"),
        (("list", "TARGET", "credentials", "--order", "isued_at"), 2, "Did you mean issued_at"),
        (("list", "TARGET", "credentials", "--after", "%%%"), 2, "cursor cannot be read"),
        (("list", "TARGET", "credentials", "--after", "WzFd"), 2, "another list"),
        (("list", "TARGET", "credentials", "--limit", "-1"), 2, "--limit"),
        (("list", "TARGET", "credentials", "--format", "xml"), 2, "--format"),
        (("list", "TARGET"), 2, "ENTITY[/VIEW]"),
        (("list", "TARGET", "credentials", "--fliter", "a=b"), 2, "--filter"),
        (("lst", "TARGET", "credentials"), 2, "Did you mean list"),
        (("show", "TARGET", "users", "not-an-id"), 2, "wants a UUID"),
        (("show", "TARGET", "users", "a/b"), 2, "is no id"),
        (("show", "TARGET", "users", "00000000-0000-4000-8000-000000000000"), 1, "There is no record"),
        (("migrate", "TARGET", "up", "--part", "sytsem"), 2, "Did you mean system"),
        (("migrate", "TARGET", "up", "--part", "rls"), 2, "has no part 'rls'"),
        (("migrate", "TARGET", "sideways"), 2, "sideways"),
        (("migrate", "TARGET", "down"), 2, "--to REV"),
        (("migrate", "TARGET", "down", "--to", "9"), 2, "no revision '9'"),
        (("migrate", "TARGET", "down", "--to", "base"), 1, "--yes"),
        (("seed", "TARGET", "--rows", "10"), 1, "holds rows"),
        (("seed", "TARGET"), 2, "--rows"),
        (("open", "nobody"), 2, "no profile"),
        (("open",), 2, "no profiles yet"),
        (("list", "finpass+postgresql:/db/x", "users"), 2, "neither a profile's name nor a URL"),
        (("list", "mongodb://db/x", "users"), 2, "engine 'mongodb' is not served"),
        (("list", "finpas+sqlite:///x.db", "users"), 2, "Did you mean finpass"),
    ],
)
def test_what_was_typed_cannot_be_meant(
    arguments: tuple[str, ...], code: int, expected: str, filled: Filled, quaestor: Quaestor
) -> None:
    target = filled("finpass", "sqlite")
    said = quaestor(*(target if word == "TARGET" else word for word in arguments))
    assert expected in sentence(said, code)


def test_the_wrong_system_for_a_database(filled: Filled, quaestor: Quaestor) -> None:
    url = filled("finpass", "sqlite").partition("+")[2]
    told = sentence(quaestor("list", f"multipass+{url}", "users"), 2)
    assert "is not Enterprise Multipass; it looks like finpass" in told
    assert quaestor("list", url, "users").code == 0


@pytest.mark.parametrize("engine", engines_for())
def test_a_database_without_tables(engine: str, fresh: Fresh, quaestor: Quaestor) -> None:
    url = fresh(engine)
    if engine == "sqlite":
        sqlite3.connect(make_url(url).database or "").close()
        Path(make_url(url).database or "").touch()
    assert "no tables" in sentence(quaestor("list", f"finpass+{url}", "users"), 1)
    assert "say which system it is for" in sentence(quaestor("migrate", url, "up"), 2)


def test_files_that_are_no_databases(tmp_path: Path, quaestor: Quaestor) -> None:
    assert "cannot be opened" in sentence(quaestor("list", f"sqlite:///{tmp_path}/none.db", "users"), 3)
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text.db").write_text("this is no database, however long it may be " * 99)
    assert "no SQLite database" in sentence(quaestor("list", f"sqlite:///{tmp_path}/text.db", "users"), 3)
    assert "name a file" in sentence(quaestor("list", "finpass+sqlite://", "users"), 2)
    (tmp_path / "locked").mkdir()
    assert sentence(quaestor("migrate", f"finpass+sqlite:///{tmp_path}/no/such/x.db", "up"), 3)


@pytest.mark.parametrize("engine", SERVERS)
def test_a_wrong_password(
    engine: str, fresh: Fresh, servers: Servers, quaestor: Quaestor, tmp_path: Path
) -> None:
    url = make_url(fresh(engine))
    name = f"u{url.database}"[:30]
    if engine == "postgresql":
        servers[engine].ask(f"CREATE ROLE {name} LOGIN PASSWORD 'right'")
    else:
        servers[engine].ask(f"CREATE USER {name}@localhost IDENTIFIED BY 'right'")
    try:
        wrong = url.set(username=name, password="wrong hunter2").render_as_string(hide_password=False)
        told = quaestor("list", wrong, "users")
        assert "check where the password comes from" in sentence(told, 3)
        assert "hunter2" not in told.err
        without = url.set(username=name).render_as_string()
        assert "password" in sentence(quaestor("list", without, "users"), 3)
        file = tmp_path / (".pgpass" if engine == "postgresql" else ".my.cnf")
        file.write_text("*:*:*:*:right\n" if engine == "postgresql" else "[client]\npassword=right\n")
        file.chmod(0o600)
        if engine != "postgresql":
            servers[engine].ask(f"GRANT ALL ON {url.database}.* TO {name}@localhost")
        assert "no tables" in sentence(quaestor("list", f"finpass+{without}", "users"), 1)
    finally:
        servers[engine].drop(url.render_as_string())
        servers[engine].ask(f"DROP ROLE {name}" if engine == "postgresql" else f"DROP USER {name}@localhost")


@pytest.mark.parametrize("engine", SERVERS)
def test_nothing_listens_there(engine: str, quaestor: Quaestor) -> None:
    scheme = "postgresql" if engine == "postgresql" else "mysql"
    told = sentence(quaestor("list", f"{scheme}://ops@127.0.0.1:{closed_port()}/x", "users"), 3)
    assert "nothing listens" in told


@pytest.mark.parametrize("engine", SERVERS)
def test_an_unknown_host(engine: str, quaestor: Quaestor) -> None:
    scheme = "postgresql" if engine == "postgresql" else "mysql"
    told = sentence(quaestor("list", f"{scheme}://ops@no-such-host.invalid/x", "users"), 3)
    assert "host name is not known" in told


AWAY = "127.0.0.2"
"""This machine under an address that nobody takes for it."""


@pytest.mark.parametrize("engine", SERVERS)
def test_a_server_without_tls_is_refused_where_it_is_not_local(
    engine: str, private: StartPrivate, quaestor: Quaestor
) -> None:
    both = f"127.0.0.1,{AWAY}"
    options = ("-c", f"listen_addresses={both}") if engine == "postgresql" else (f"--bind-address={both}",)
    if engine == "mariadb":
        options = (*options, "--skip-ssl")
    url = make_url(private(engine, *options).create("away"))
    scheme = "postgresql" if engine == "postgresql" else "mysql"
    there = f"{scheme}://{url.username}@{AWAY}:{url.port}/away"
    assert "TLS" in sentence(quaestor("list", there, "users"), 3)
    assert "no tables" in sentence(quaestor("list", there.replace(AWAY, "127.0.0.1"), "users"), 1)


@pytest.mark.parametrize("engine", SERVERS)
def test_a_server_that_hangs(engine: str, private: StartPrivate, quaestor: Quaestor) -> None:
    server = private(engine)
    url = make_url(server.create("hung"))
    scheme = "postgresql" if engine == "postgresql" else "mysql"
    plain = f"{scheme}://{url.username}@127.0.0.1:{url.port}/hung"
    profiles.path().parent.mkdir(parents=True)
    profiles.path().write_text(
        f'[profiles.hung]\nurl = "{plain}"\nconnect_timeout = 1\nstatement_timeout = 0.5\n'
    )
    profiles.path().chmod(0o600)
    server.pause()
    assert "does not answer" in sentence(quaestor("list", "hung", "users"), 3)


def test_a_table_that_is_gone(fresh: Fresh, quaestor: Quaestor) -> None:
    url = fresh("sqlite")
    fill("finpass", url, 50)
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE payments")
    engine.dispose()
    said = quaestor("list", f"finpass+{url}", "payments")
    assert "payments" in sentence(said, 1)
    assert quaestor("list", f"finpass+{url}", "users").code == 0
