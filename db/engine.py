"""Profile → Engine → Session: TLS, timeouts, zone, application name, and reads that cannot write.

Nothing that must hold for a transaction is left to the session alone: on PostgreSQL BEGIN READ ONLY, the
timeouts, the tenant and the query travel in one pipelined round trip, so that a pooler in transaction
mode changes nothing.
"""

from __future__ import annotations

import os
import re
import sqlite3
from datetime import datetime
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.adapt import Buffer, Loader
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from db import registry
from db.errors import Missing, Usage
from db.model import Profile, Raw, System
from db.schema import Schema, snapshot
from db.session import Server, Session
from db.translate import DRIVER_ERRORS, translate, translated
from db.types import Total

LOCAL = frozenset({"", "localhost", "127.0.0.1", "::1"})
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql",
            "mariadb": "mysql+pymysql", "sqlite": "sqlite"}


def url_of(profile: Profile) -> URL:
    """The profile's URL with our driver; raises Usage for one that cannot be read or an engine that is not served."""
    try:
        url = make_url(profile.url)
    except ArgumentError:
        raise Usage(f"{profile.name}: '{profile.url}' is no database URL; it looks like postgresql://user@host/database.") from None
    driver = _DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise Usage(f"{profile.name}: the engine '{url.get_backend_name()}' is not served; there are postgresql, mysql, mariadb and sqlite.")
    return url.set(drivername=driver)


def is_local(url: URL) -> bool:
    """Whether the server is reached over a socket or loopback, so that TLS adds nothing."""
    hosts = [url.host or "", *_texts(url.query.get("host"))]
    return all(host.rsplit(":", 1)[0] in LOCAL or host in LOCAL or host.startswith("/") for host in hosts)


def _texts(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else value


def make_engine(profile: Profile, *, read_only: bool = True) -> Engine:
    """An engine for reads, or one whose transactions may write; nothing connects yet."""
    url = url_of(profile)
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": 4, "max_overflow": 8, "pool_timeout": profile.connect_timeout}
    if read_only:
        options |= {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
    else:
        options |= {"isolation_level": "READ COMMITTED"}
    make = {"postgresql": _postgresql, "mysql": _mysql, "sqlite": _sqlite}[url.get_backend_name()]
    engine = make(profile, url, options, read_only)
    event.listen(engine, "do_connect", lambda _d, _r, _a, kw: _give_password(profile, url, kw))
    return engine


def _give_password(profile: Profile, url: URL, arguments: dict[str, Any]) -> None:
    """Ask the profile's source for each physical connection, and keep nothing."""
    if url.password is None and not url.drivername.startswith("sqlite") and (secret := profile.password()) is not None:
        arguments["password"] = secret


# PostgreSQL


def _postgresql(profile: Profile, url: URL, options: dict[str, Any], read_only: bool) -> Engine:
    arguments: dict[str, Any] = {
        "application_name": "quaestor", "connect_timeout": max(2, round(profile.connect_timeout)), "prepare_threshold": None,
        "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000,
        **_postgresql_tls(profile, url),
    }
    if not profile.pooler:
        arguments["options"] = "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres"
    engine = create_engine(url, connect_args={k: v for k, v in arguments.items() if k not in url.query}, **options)
    event.listen(engine, "connect", _teach_psycopg)
    if read_only:
        event.listen(engine, "do_execute", _pipelined)
    return engine


def _postgresql_tls(profile: Profile, url: URL) -> dict[str, Any]:
    if is_local(url):
        return {}
    mode = {"verify": "verify-full", "require": "require", "off": "disable"}[profile.tls]
    arguments = {"sslmode": mode, "sslrootcert": profile.tls_ca or ("system" if mode == "verify-full" else ""),
                 "sslcert": profile.tls_cert, "sslkey": profile.tls_key,
                 "require_auth": "" if profile.tls_cert else "scram-sha-256"}
    return {name: value for name, value in arguments.items() if value}


class _Moment(Loader):
    """Timestamps with the values that Python's datetime cannot hold (infinity, BC, the year 10 000) as Raw."""

    def load(self, data: Buffer) -> datetime | Raw:
        written = bytes(data).decode()
        try:
            return datetime.fromisoformat(written)
        except ValueError:
            return Raw(written)


def _teach_psycopg(driver: psycopg.Connection[Any], _record: Any) -> None:
    for name in ("timestamp", "timestamptz"):
        driver.adapters.register_loader(name, _Moment)


def _pipelined(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Send BEGIN READ ONLY, the settings, the query and COMMIT in one round trip."""
    local = context.execution_options.get("local_settings") if context is not None else None
    if local is None:
        return False
    driver: psycopg.Connection[Any] = cursor.connection
    try:
        _send(driver, cursor, local, statement, parameters)
    except psycopg.Error:
        if not driver.closed:
            driver.rollback()
        raise
    return True


def _send(driver: psycopg.Connection[Any], cursor: Any, local: tuple[tuple[str, str], ...], statement: str, parameters: Any) -> None:
    with driver.pipeline():
        setup = driver.cursor()
        setup.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY")
        setup.execute("SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(local)), [part for item in local for part in item])
        cursor.execute(statement, parameters)
        driver.cursor().execute("COMMIT")


def local_settings(session: Session) -> tuple[tuple[str, str], ...]:
    """What each transaction sets for itself on PostgreSQL."""
    profile = session.profile
    return (
        ("statement_timeout", str(round(profile.statement_timeout * 1000))), ("lock_timeout", str(round(profile.lock_timeout * 1000))),
        ("idle_in_transaction_session_timeout", str(round(profile.idle_timeout * 1000))), ("TimeZone", "UTC"),
        ("app.current_tenant_id", session.tenant),
    )


# MySQL and MariaDB


def _mysql(profile: Profile, url: URL, options: dict[str, Any], read_only: bool) -> Engine:
    arguments: dict[str, Any] = {
        "connect_timeout": max(1, round(profile.connect_timeout)), "charset": "utf8mb4", "program_name": "quaestor",
        "read_timeout": round(profile.statement_timeout + 5), "write_timeout": round(profile.statement_timeout + 5),
        "local_infile": False, **_mysql_tls(profile, url),
    }
    engine = create_engine(url.difference_update_query(["charset"]), connect_args=arguments, **options)

    @event.listens_for(engine, "connect")
    def prepare(driver: Any, _record: Any) -> None:
        with driver.cursor() as cursor:
            cursor.execute("SET " + ", ".join(_mysql_settings(profile, "MariaDB" in driver.get_server_info())))
            if read_only:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")

    return engine


def _mysql_tls(profile: Profile, url: URL) -> dict[str, Any]:
    if is_local(url) or profile.tls == "off":
        return {"ssl_disabled": True}
    arguments: dict[str, Any] = {"ssl_ca": profile.tls_ca or None, "ssl_cert": profile.tls_cert or None, "ssl_key": profile.tls_key or None}
    if profile.tls == "verify":
        arguments |= {"ssl_verify_cert": True, "ssl_verify_identity": True}
    else:
        arguments |= {"ssl_verify_cert": False, "ssl_verify_identity": False, "ssl": {"check_hostname": False}}
    return {name: value for name, value in arguments.items() if value is not None}


def _mysql_settings(profile: Profile, mariadb: bool) -> list[str]:
    """Zero dates stay comparable: others may have stored some."""
    timeout = f"max_statement_time={profile.statement_timeout:g}" if mariadb else f"max_execution_time={round(profile.statement_timeout * 1000)}"
    return ["time_zone='+00:00'", "sql_mode='STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'", timeout,
            f"innodb_lock_wait_timeout={max(1, round(profile.lock_timeout))}", f"wait_timeout={max(60, round(profile.idle_timeout) * 20)}"]


# SQLite


def _sqlite(profile: Profile, url: URL, options: dict[str, Any], read_only: bool) -> Engine:
    path = url.database or ""
    if path in ("", ":memory:"):
        raise Usage(f"{profile.name}: name a file; a database in memory would be empty in every thread.")
    name = f"file:{quote(os.path.abspath(path))}?mode={'ro' if read_only else 'rw'}"  # noqa: PTH100 - a link must stay one
    options |= {"isolation_level": "AUTOCOMMIT"} if read_only else {"isolation_level": "SERIALIZABLE"}
    engine = create_engine(URL.create("sqlite", database=name, query={"uri": "true"}),
                           connect_args={"timeout": profile.lock_timeout, "check_same_thread": False}, **options)

    @event.listens_for(engine, "connect")
    def prepare(driver: sqlite3.Connection, _record: Any) -> None:
        driver.execute("PRAGMA foreign_keys = ON")
        driver.create_aggregate("quaestor_total", 1, Total)  # type: ignore[arg-type] # typeshed wants float or bytes from finalize
        if read_only:
            driver.execute("PRAGMA query_only = ON")
            driver.set_authorizer(_authorize)

    return engine


_READING = frozenset({"table_info", "table_xinfo", "index_list", "index_xinfo", "index_info", "foreign_key_list", "table_list",
                      "quick_check", "integrity_check", "page_count", "page_size", "freelist_count", "journal_mode", "user_version",
                      "compile_options", "data_version", "query_only"})


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    """Refuse what would still write in a read-only SQLite: ATTACH (and so VACUUM INTO), and pragmas that set something."""
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and not ((first or "").lower() in _READING and (second is None or "table" in (first or "") or "index" in (first or "") or "foreign" in (first or ""))):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


# Opening


_WHO = {
    "postgresql": "SELECT session_user::text, current_setting('server_version'), coalesce((SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl), '')",
    "mysql": "SELECT current_user(), version(), coalesce((SELECT variable_value FROM performance_schema.session_status WHERE variable_name = 'Ssl_version'), '')",
    "mariadb": "SELECT current_user(), version(), coalesce((SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'Ssl_version'), '')",
    "sqlite": "SELECT '', sqlite_version(), ''",
}


def connect(profile: Profile) -> Session:
    """Open a profile's database: what answered, what is in it, which system it is.

    Raises Unreachable, Denied, Usage, Missing: each says what to do.
    """
    engine = make_engine(profile)
    try:
        with translated(profile), engine.connect() as connection:
            server = _server(connection, profile)
            schema = snapshot(connection)
        system = _system(profile, schema)
    except BaseException:
        engine.dispose()
        raise
    return Session(profile=profile, system=system, engine=engine, schema=schema, server=server,
                   tenant=profile.tenant, settings=profile.settings)


def _server(connection: Connection, profile: Profile) -> Server:
    dialect = "mariadb" if getattr(connection.dialect, "is_mariadb", False) else connection.dialect.name
    user, version, tls = connection.execute(text(_WHO[dialect])).one()
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    url = url_of(profile)
    host = os.path.basename(url.database or "") if dialect == "sqlite" else _address(url)  # noqa: PTH119 - only the name is shown
    return Server(dialect, numbers, user, host, tls)


def _address(url: URL) -> str:
    return f"{url.host or ', '.join(_texts(url.query.get('host'))) or 'socket'}{f':{url.port}' if url.port else ''}"


def _system(profile: Profile, schema: Schema) -> System:
    if not schema.tables:
        raise Missing(f"{profile.name}: the database has no tables (or this role may see none); 'quaestor migrate' can make them.")
    if not profile.system:
        return registry.recognise(schema, profile.name)
    system = registry.system(profile.system)
    if not registry.matches(system, schema):
        other = next((f"; it looks like {s.name}" for s in registry.systems() if registry.matches(s, schema)), "")
        raise Usage(f"{profile.name}: this database is not {system.title}{other}. Name the right system before the URL.")
    return system


def reachable(profile: Profile) -> None:
    """Try a connection and let it go; raises what connect() raises for one that fails."""
    engine = make_engine(profile)
    try:
        engine.connect().close()
    except DRIVER_ERRORS as error:
        raise translate(error, profile) from error
    finally:
        engine.dispose()
