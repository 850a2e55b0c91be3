"""Read-only, proven: three walls, and a harmless write that the server must refuse before anything is read.

The role's wall: the login has no right to change anything. The session's: every transaction is read-only,
which the server shows by refusing a probe, on each physical connection and again at each checkout from the
pool. The program's: ``db.wall``. Only with the first two it is *proven*; without the role's it is *by session*.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, event, exc, text

from db import drivers
from db.errors import Denied
from db.model import Profile
from db.sqlite import authorize
from db.url import url_of
from db.wall import raise_wall

if TYPE_CHECKING:
    import psycopg

PROVEN, BY_SESSION = "READ-ONLY, proven", "READ-ONLY by session"


@dataclass(frozen=True)
class Proof:
    """What was found of the walls; the program's always stands."""

    answer: str
    """How the server refused the probe."""
    loose: tuple[str, ...] = ()
    """What the login may still do, were the session not read-only; empty where the role's wall stands."""

    @property
    def proven(self) -> bool:
        """Whether all three walls stand."""
        return not self.loose

    @property
    def banner(self) -> str:
        """As the frame says it."""
        return PROVEN if self.proven else BY_SESSION

    def __str__(self) -> str:
        """As doctor says it."""
        if self.proven:
            return f"A write was tried and refused ({self.answer}); this login may only read."
        return (
            f"A write was tried and refused ({self.answer}), but by the session alone: "
            f"this login {'; '.join(self.loose)}."
        )


def wall(engine: Engine) -> None:
    """Raise the program's wall, and let every checkout prove the session's; raises Denied then."""
    raise_wall(engine)

    @event.listens_for(engine, "checkout")
    def again(driver: Any, _record: Any, _proxy: Any) -> None:
        try:
            probe(driver)
        except drivers.lost() as lost:
            raise exc.DisconnectionError from lost  # the pool tries another one


def probe(driver: Any) -> str:
    """Try a write that changes nothing; how the server refused it. Raises Denied where it did not."""
    if isinstance(driver, sqlite3.Connection):
        return _sqlite(driver)
    return _postgresql(driver) if hasattr(driver, "pgconn") else _mysql(driver)


_COULD = "The session could write though it must not: nothing was read. Reconnect, and see 'quaestor doctor'."


def _postgresql(driver: psycopg.Connection[Any]) -> str:
    """A temporary table in a transaction like those of the reader, and never committed."""
    from psycopg.errors import ReadOnlySqlTransaction  # noqa: PLC0415 - 40 ms that MySQL does not wait for

    try:
        with driver.pipeline():
            cursor = driver.cursor()
            cursor.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY")
            cursor.execute("SELECT set_config('TimeZone', 'UTC', true)")
            cursor.execute("CREATE TEMPORARY TABLE quaestor_probe ()")
    except ReadOnlySqlTransaction as error:
        return f"{error.sqlstate} {str(error).splitlines()[0]}"
    finally:
        if not driver.closed:
            driver.rollback()
    raise Denied(_COULD)


def _mysql(driver: Any) -> str:
    """Dropping a table that is not there; first the session is set to read-only anew, it may have been set back."""
    with driver.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        try:
            cursor.execute("DROP TABLE IF EXISTS quaestor_probe")
        except drivers.errors() as error:
            if not drivers.is_mysql(error):
                raise
            if error.args[0] == 1792:
                return f"1792 {error.args[1]}"
            if error.args[0] not in (1142, 1044):
                raise
            cursor.execute("SELECT @@SESSION.transaction_read_only")
            if cursor.fetchone()[0]:
                return f"{error.args[0]} {error.args[1]}"
    raise Denied(_COULD)


def _sqlite(driver: sqlite3.Connection) -> str:
    """A table, tried without the authorizer, which is the program's own."""
    driver.set_authorizer(None)
    try:
        driver.execute("CREATE TABLE quaestor_probe (x)")
    except sqlite3.OperationalError as error:
        if "readonly" in str(error):
            return str(error)
        raise
    finally:
        driver.set_authorizer(authorize)
    driver.rollback()
    raise Denied(_COULD)


def prove(connection: Connection, profile: Profile) -> Proof:
    """Probe this connection, and ask what the login may do."""
    driver = connection.connection.driver_connection
    looks = {"postgresql": _loose_postgresql, "sqlite": _loose_sqlite}
    look = looks.get(connection.dialect.name, _loose_mysql)
    return Proof(probe(driver), tuple(look(connection, profile)))


_MAY = text("""
WITH me AS (SELECT r.* FROM pg_roles r WHERE pg_has_role(session_user, r.oid, 'MEMBER')),
visible AS (SELECT c.oid, c.relname, c.relkind, c.relowner FROM pg_class c
    WHERE c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    AND c.relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname LIKE 'pg\\_%' ESCAPE '\\'))
SELECT
    (SELECT string_agg(w.what, ', ') FROM (
        SELECT DISTINCT unnest(ARRAY[CASE WHEN rolsuper THEN 'superuser' END, CASE WHEN rolcreaterole THEN 'createrole' END,
            CASE WHEN rolcreatedb THEN 'createdb' END, CASE WHEN rolreplication THEN 'replication' END,
            CASE WHEN rolname ~ '^pg_(write|execute|signal|maintain|checkpoint|create)' THEN rolname::text END]) AS what
        FROM me) w WHERE w.what IS NOT NULL),
    (SELECT count(*) FROM visible v WHERE v.relkind IN ('r', 'p', 'v', 'm', 'f') AND EXISTS (SELECT FROM me
        WHERE me.oid = v.relowner OR has_table_privilege(me.oid, v.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
        OR has_any_column_privilege(me.oid, v.oid, 'INSERT, UPDATE'))),
    (SELECT count(*) FROM visible v WHERE v.relkind = 'S' AND EXISTS (SELECT FROM me
        WHERE has_sequence_privilege(me.oid, v.oid, 'USAGE, UPDATE'))),
    (SELECT string_agg(n.nspname, ', ') FROM pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_%' ESCAPE '\\'
        AND EXISTS (SELECT FROM me WHERE has_schema_privilege(me.oid, n.oid, 'CREATE'))),
    (SELECT string_agg(p.proname, ', ') FROM pg_proc p WHERE p.prosecdef AND p.prorettype <> 'trigger'::regtype
        AND p.pronamespace <> 'pg_catalog'::regnamespace
        AND EXISTS (SELECT FROM me WHERE has_function_privilege(me.oid, p.oid, 'EXECUTE'))),
    (SELECT count(*) FROM pg_proc p WHERE p.proname IN ('lo_create', 'lo_creat', 'lo_from_bytea', 'lo_put', 'lowrite')
        AND p.pronamespace = 'pg_catalog'::regnamespace
        AND EXISTS (SELECT FROM me WHERE has_function_privilege(me.oid, p.oid, 'EXECUTE'))),
    has_database_privilege(session_user, current_database(), 'CREATE')
""")


def _loose_postgresql(connection: Connection, _profile: Profile) -> Iterator[str]:
    """Of the login and of every role that it could become."""
    powers, tables, sequences, schemas, functions, objects, database = connection.execute(_MAY).one()
    if powers:
        yield f"is {powers}"
    if tables:
        yield f"may change or owns {tables} tables"
    if sequences:
        yield f"may move {sequences} sequences"
    if schemas:
        yield f"may create in the schema {schemas}"
    if database:
        yield "may create schemas"
    if functions:
        yield f"may call what runs with its owner's rights: {functions}"
    if objects:
        yield "may write large objects ('quaestor migrate TARGET up --part roles' takes that from everybody)"


_READING = frozenset({"USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "BINLOG MONITOR"})
_GRANT = re.compile(r"GRANT (?P<what>.+?) ON (?P<where>.+?) TO ")
_ROLE = re.compile(r"GRANT (?P<roles>[`'\"].+?) TO ")


def _loose_mysql(connection: Connection, _profile: Profile) -> Iterator[str]:
    """Grants beyond reading, those of every role that could be taken among them."""
    grants = [str(row[0]) for row in connection.execute(text("SHOW GRANTS"))]
    roles = [found["roles"] for grant in grants if " ON " not in grant and (found := _ROLE.match(grant))]
    if roles and not getattr(connection.dialect, "is_mariadb", False):
        using = ", ".join(roles)
        grants = [
            str(row[0]) for row in connection.execute(text(f"SHOW GRANTS FOR CURRENT_USER() USING {using}"))
        ]
    elif roles:
        for role in roles:
            grants += [str(row[0]) for row in connection.execute(text(f"SHOW GRANTS FOR {role}"))]
    for grant in dict.fromkeys(grants):
        found = _GRANT.match(grant)
        if found is None:
            continue
        rights = [part.strip() for part in re.sub(r"\([^)]*\)", "", found["what"]).split(",")]
        if more := [right for right in rights if right not in _READING]:
            shown = ", ".join(more[:4]) + (f" and {len(more) - 4} more" if len(more) > 4 else "")
            yield f"may {shown} on {found['where']}"


def _loose_sqlite(_connection: Connection, profile: Profile) -> Iterator[str]:
    """SQLite has no logins: the file's own rights are the role's wall."""
    path = url_of(profile).database or ""
    if os.access(path, os.W_OK):
        yield "may write the file, as whoever runs this program"
