"""Every kind of write that could be thought of, tried in audit mode: none gets through, none changes anything."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from db import drivers, registry
from db.engine import connect, make_engine
from db.errors import Denied, QuaestorError
from db.health import State, examine
from db.model import Mode, Profile, Query
from db.proof import BY_SESSION, PROVEN
from db.read import page
from db.roles import role
from db.session import Session
from migrations import runner
from tests.conftest import Fresh, engines_for

HERE = Path(__file__).parent
SYSTEM = {"sqlite": "finpass", "postgresql": "finpass", "mariadb": "trustsphere", "mysql": "trustsphere"}
SECRET = "an auditor's Passw0rd"

MAKE = (
    "CREATE TABLE victims (id INT PRIMARY KEY, name VARCHAR(20), n INT)",
    "CREATE INDEX victims_n ON victims (n)",
    "INSERT INTO victims VALUES (1, 'one', 1), (2, 'two', 2)",
    "CREATE VIEW shown AS SELECT * FROM victims",
)
MAKE_POSTGRESQL = (
    "CREATE SEQUENCE counter",
    "CREATE MATERIALIZED VIEW kept AS SELECT count(*) FROM victims",
    "CREATE FUNCTION wipe() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM victims'",
    "CREATE FUNCTION own_wipe() RETURNS void LANGUAGE sql AS 'DELETE FROM victims'",
    "CREATE PROCEDURE wipe_by_procedure() LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM victims'",
    "REVOKE ALL ON FUNCTION wipe(), own_wipe() FROM PUBLIC",
    "REVOKE ALL ON PROCEDURE wipe_by_procedure() FROM PUBLIC",
    "SELECT lo_from_bytea(4242, 'large')",
    "CREATE ROLE {login} LOGIN PASSWORD '{secret}' IN ROLE {role}",
    "GRANT SELECT ON victims, shown, kept, counter TO {login}",
)
MAKE_MYSQL = (
    "CREATE PROCEDURE wipe() SQL SECURITY DEFINER DELETE FROM victims",
    "CREATE FUNCTION wiped() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM victims; RETURN 1; END",
    "CREATE USER {login} IDENTIFIED BY '{secret}'",
    "GRANT {role} TO {login}",
    "GRANT SELECT ON {database}.victims TO {login}",
    "GRANT SELECT ON {database}.shown TO {login}",
)
SEEN = {
    "postgresql": (
        "SELECT string_agg(v::text, ',' ORDER BY id) FROM victims v",
        "SELECT last_value, is_called FROM counter",
        "SELECT string_agg(relname || relowner || relkind::text || coalesce(relacl::text, ''), ',' ORDER BY oid)"
        " FROM pg_class WHERE relnamespace = 'public'::regnamespace",
        "SELECT string_agg(proname || prosrc || prosecdef, ',' ORDER BY oid) FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace",
        "SELECT string_agg(nspname, ',' ORDER BY oid) FROM pg_namespace WHERE nspname NOT LIKE 'pg_%'",
        "SELECT count(*), sum(loid::bigint), string_agg(data, '' ORDER BY loid) FROM pg_largeobject",
        "SELECT count(*) FROM pg_extension",
        "SELECT rolname, rolsuper FROM pg_roles WHERE rolname IN ('{login}', 'made') ORDER BY 1",
    ),
    "mysql": (
        "SELECT * FROM victims ORDER BY id",
        "SELECT table_name, engine, table_type FROM information_schema.tables"
        " WHERE table_schema = DATABASE() ORDER BY 1",
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'victims' ORDER BY 1",
        "SELECT index_name FROM information_schema.statistics WHERE table_name = 'victims' ORDER BY 1",
        "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() ORDER BY 1",
        "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1",
        "SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'made'",
        "SELECT user FROM mysql.user WHERE user IN ('root', 'made') ORDER BY 1",
    ),
    "sqlite": (
        "SELECT * FROM victims ORDER BY id",
        "SELECT name, sql FROM sqlite_master ORDER BY name",
        "PRAGMA user_version",
        "PRAGMA application_id",
        "PRAGMA journal_mode",
    ),
}

OWN = frozenset(
    {
        "ALTER ROLE CURRENT_USER SET default_transaction_read_only = off",
        "ALTER USER CURRENT_USER() IDENTIFIED BY ''",
        "SET PASSWORD = ''",
    }
)
"""What no server can take from a login: its own settings and its own password, which are nobody's data."""


def kinds(engine: str) -> list[str]:
    """The statements that are tried on an engine."""
    name = "mysql" if engine == "mariadb" else engine
    return [line for file in ("common", name) for line in (HERE / f"{file}.sql").read_text().splitlines()]


@dataclass
class Place:
    """A database with something to lose, and an auditor's way into it."""

    kind: str
    owner: sa.Engine
    profile: Profile
    login: str

    def seen(self) -> list[Any]:
        """Everything that a write could have changed, as its owner sees it."""
        name = "mysql" if self.kind == "mariadb" else self.kind
        with self.owner.connect() as connection:
            found = []
            for statement in SEEN[name]:
                rows = connection.exec_driver_sql(statement.format(login=self.login).replace("%", "%%"))
                found.append([tuple(row) for row in rows])
            return found

    def open(self) -> Session:
        """As the auditor."""
        return connect(self.profile)


@pytest.fixture(params=engines_for())
def place(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[Place]:
    """Victims of all sorts; the auditor's login has the auditor's role, may read the victims too, and nothing else."""
    kind = request.param
    url = fresh(kind)
    owner = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    database = str(make_url(url).database)
    login = f"auditor_{database.rpartition('q_')[2][:8]}"
    system = registry.system(SYSTEM[kind])
    runner.up(owner, system, "system")
    if kind != "sqlite":
        runner.up(owner, system, "roles")
    more = {"postgresql": MAKE_POSTGRESQL, "sqlite": ()}.get(kind, MAKE_MYSQL)
    with owner.connect() as connection:
        for statement in (*MAKE, *more):
            connection.exec_driver_sql(
                statement.replace("{login}", login)
                .replace("{secret}", SECRET.replace("'", "''"))
                .replace("{database}", database)
                .replace("{role}", role(system.name, "auditor"))
            )
        if kind in ("mariadb", "mysql"):
            default = f"DEFAULT ROLE {role(system.name, 'auditor')} " + ("FOR" if kind == "mariadb" else "TO")
            connection.exec_driver_sql(f"SET {default} {login}")
    if kind != "sqlite":
        url = make_url(url).set(username=login).render_as_string(hide_password=False)
    profile = Profile("audited", url, SYSTEM[kind], password=lambda: SECRET, mode=Mode.AUDIT)
    yield Place(kind, owner, profile, login)
    with owner.connect() as connection:
        if kind == "postgresql":
            connection.exec_driver_sql(f"DROP OWNED BY {login}")
            connection.exec_driver_sql(f"DROP ROLE {login}")
        elif kind != "sqlite":
            connection.exec_driver_sql(f"DROP USER {login}")
    if kind != "sqlite":
        runner.down(owner, system, "roles", "base")
    owner.dispose()


@pytest.mark.parametrize("kind", SYSTEM)
def test_there_are_more_than_150_kinds_on_each_engine(kind: str) -> None:
    tried = kinds(kind)
    assert len(tried) == len(set(tried)) >= 150


def test_none_is_let_through_by_the_program(place: Place) -> None:
    """Each through the session's own engine, as any read goes."""
    session, before, through = place.open(), place.seen(), []
    for statement in kinds(place.kind):
        with contextlib.suppress(*drivers.errors(), QuaestorError), session.engine.connect() as connection:
            connection.exec_driver_sql(statement)
            through.append(statement)
    assert through == []
    assert place.seen() == before
    assert page(session, Query(session.entity("users"), session.entity("users").views[0])).rows == ()
    session.close()


def test_none_changes_anything_below_the_program(place: Place) -> None:
    """Each on the driver's own cursor, after the flag that makes the session read-only was set back."""
    session, before = place.open(), place.seen()
    for statement in (one for one in kinds(place.kind) if one not in OWN):
        raw = session.engine.raw_connection()
        driver: Any = raw.driver_connection
        with contextlib.suppress(*drivers.errors()):
            _bare(driver, place.kind, statement)
        raw.invalidate()
        assert place.seen() == before, statement
    session.close()


def _bare(driver: Any, kind: str, statement: str) -> None:
    """As somebody would who has the connection in hand."""
    if kind == "sqlite":
        driver.execute(statement)
        return
    cursor = driver.cursor()
    if kind == "postgresql":
        cursor.execute("SET default_transaction_read_only = off")
    else:
        cursor.execute("SET SESSION TRANSACTION READ WRITE")
    cursor.execute(statement)
    if kind == "postgresql" and cursor.pgresult and cursor.pgresult.status in (3, 4):
        driver.close()  # COPY waits for data, or sends some


def test_the_banner_and_doctor_say_which_walls_stand(place: Place) -> None:
    session = place.open()
    assert session.proof is not None
    if place.kind == "sqlite":
        assert session.proof.banner == BY_SESSION  # whoever runs the tests may write the file
        assert "may write the file" in str(session.proof)
    else:
        assert session.proof.loose == ()
        assert session.proof.banner == PROVEN
    (told,) = [check for check in examine(session) if check.name == "proof"]
    assert told.state is (State.GOOD if session.proof.proven else State.WARNING)
    session.close()


@pytest.mark.parametrize("kind", [engine for engine in engines_for() if engine != "sqlite"])
def test_whoever_may_write_is_read_only_by_session_alone(kind: str, fresh: Fresh) -> None:
    url = fresh(kind)
    owner = sa.create_engine(url, poolclass=NullPool)
    registry.system(SYSTEM[kind]).metadata.create_all(owner)
    session = connect(Profile("owner", url, SYSTEM[kind], mode=Mode.AUDIT))
    assert session.proof is not None
    assert session.proof.banner == BY_SESSION
    assert session.proof.loose
    with pytest.raises(Denied), session.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE made (x INT)")
    session.close()
    owner.dispose()


@pytest.mark.parametrize("kind", [engine for engine in engines_for() if engine != "sqlite"])
def test_a_session_that_was_set_back_is_proven_anew_or_not_used(kind: str, fresh: Fresh) -> None:
    url = fresh(kind)
    owner = sa.create_engine(url, poolclass=NullPool)
    registry.system(SYSTEM[kind]).metadata.create_all(owner)
    session = connect(Profile("owner", url, SYSTEM[kind], mode=Mode.AUDIT))
    raw: Any = session.engine.raw_connection()
    driver = raw.driver_connection
    back = {"postgresql": "SET default_transaction_read_only = off"}
    driver.cursor().execute(back.get(kind, "SET SESSION TRANSACTION READ WRITE"))
    raw.close()
    users = session.entity("users")
    assert page(session, Query(users, users.views[0])).rows == ()
    with session.engine.connect() as connection:
        assert connection.connection.driver_connection is driver
        assert driver is not None
        bare = driver.cursor()
        if kind == "postgresql":
            bare.execute("BEGIN READ ONLY")
        with pytest.raises((psycopg.Error, pymysql.Error)):
            bare.execute("CREATE TABLE made (x INT)")
    session.close()
    owner.dispose()


def test_audit_mode_has_no_connection_that_writes(place: Place) -> None:
    with pytest.raises(Denied):
        make_engine(place.profile, read_only=False)
