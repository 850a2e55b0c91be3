"""The test servers themselves: real, private, gone with the tests."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
import sqlalchemy as sa

from tests.conftest import Fresh, StartPrivate, engines_for
from tests.servers import KINDS, ROOT, ServerError, Servers, binary

VERSIONS = {"postgresql": "PostgreSQL 1", "mariadb": "MariaDB", "mysql": "."}
SERVERS = [engine for engine in engines_for() if engine != "sqlite"]


@pytest.mark.parametrize("engine", SERVERS)
def test_a_server_says_its_version(servers: Servers, engine: str) -> None:
    version = servers[engine].version()
    assert VERSIONS[engine] in version
    assert engine == "mariadb" or "MariaDB" not in version


@pytest.mark.parametrize("engine", SERVERS)
def test_a_server_listens_on_loopback_alone_and_is_not_root(servers: Servers, engine: str) -> None:
    process = servers[engine].process
    assert process is not None
    server = psutil.Process(process.pid)
    listening = [c.laddr for c in server.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert {(address.ip, address.port) for address in listening} == {("127.0.0.1", servers[engine].port)}
    assert server.uids().real != 0


@pytest.mark.parametrize("engine", engines_for())
def test_every_fresh_database_is_empty_and_its_own(fresh: Fresh, engine: str) -> None:
    first, second = (sa.create_engine(fresh(engine)) for _ in range(2))
    with first.begin() as connection:
        connection.execute(sa.text("CREATE TABLE one (name varchar(20))"))
        connection.execute(sa.text("INSERT INTO one VALUES ('Zoë Ångström 𝄞')"))
        assert connection.execute(sa.text("SELECT name FROM one")).scalar() == "Zoë Ångström 𝄞"
    assert sa.inspect(first).get_table_names() == ["one"]
    assert sa.inspect(second).get_table_names() == []
    first.dispose()
    second.dispose()


@pytest.mark.parametrize("engine", SERVERS)
def test_a_database_is_dropped_under_an_open_transaction(servers: Servers, engine: str) -> None:
    url = servers[engine].create()
    database = sa.create_engine(url, poolclass=sa.pool.NullPool)
    connection = database.connect()
    connection.execute(sa.text("CREATE TABLE held (id int)"))
    connection.execute(sa.text("INSERT INTO held VALUES (1)"))
    servers[engine].drop(url)
    with pytest.raises(sa.exc.DBAPIError):
        connection.execute(sa.text("SELECT id FROM held"))
    connection.invalidate()
    connection.close()
    with pytest.raises(sa.exc.OperationalError):
        database.connect()


@pytest.mark.parametrize("engine", SERVERS)
def test_a_private_server_keeps_what_was_committed_through_kill_and_stop(
    private: StartPrivate, engine: str
) -> None:
    server = private(engine)
    database = sa.create_engine(server.create(), poolclass=sa.pool.NullPool)
    with database.begin() as connection:
        connection.execute(sa.text("CREATE TABLE kept (id int)"))
    for number, end in enumerate((server.kill, server.stop), start=1):
        with database.begin() as connection:
            connection.execute(sa.text("INSERT INTO kept VALUES (:id)"), {"id": number})
        end()
        with pytest.raises(sa.exc.OperationalError):
            database.connect()
        server.restart()
        with database.connect() as connection:
            assert connection.execute(sa.text("SELECT count(*) FROM kept")).scalar() == number


@pytest.mark.parametrize("engine", SERVERS)
def test_a_paused_server_is_silent_until_it_is_resumed(private: StartPrivate, engine: str) -> None:
    server = private(engine)
    # PyMySQL's connect_timeout ends with the TCP connection, which the kernel accepts for a frozen server.
    patience = {"connect_timeout": 1} if engine == "postgresql" else {"read_timeout": 1}
    database = sa.create_engine(server.create(), poolclass=sa.pool.NullPool, connect_args=patience)
    server.pause()
    with pytest.raises(sa.exc.OperationalError):
        database.connect()
    server.resume()
    with database.connect() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1


@pytest.mark.parametrize("engine", SERVERS)
def test_a_server_dies_with_its_parent(tmp_path: Path, engine: str) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.servers import start; "
        f"server = start({engine!r}, Path({str(tmp_path)!r})); "
        "print(server.process.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        server = os.pidfd_open(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
    ended, _, _ = select.select([server], [], [], 20)  # readable when the process has ended
    os.close(server)
    assert ended == [server]


def test_an_engine_that_is_not_installed_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.servers.shutil.which", lambda *_, **__: None)
    with pytest.raises(ServerError, match="install mariadb-server-core"):
        binary("mariadbd")


@pytest.mark.parametrize("engine", [engine for engine in SERVERS if engine == "postgresql"])
def test_only_the_superuser_of_postgresql_needs_no_password(servers: Servers, engine: str) -> None:
    server = servers[engine]
    server.ask("CREATE ROLE q_anna LOGIN PASSWORD 'right'")
    try:
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(
                host="127.0.0.1", port=server.port, user="q_anna", password="wrong", dbname="postgres"
            )
        psycopg.connect(
            host="127.0.0.1", port=server.port, user="q_anna", password="right", dbname="postgres"
        ).close()
    finally:
        server.ask("DROP ROLE q_anna")


@pytest.mark.parametrize("engine", [engine for engine in SERVERS if engine != "postgresql"])
def test_the_character_set_takes_all_of_unicode(servers: Servers, engine: str) -> None:
    assert servers[engine].ask("SELECT @@character_set_server") == [("utf8mb4",)]


def test_every_engine_has_its_kind() -> None:
    assert set(KINDS) == {"postgresql", "mariadb", "mysql"}
