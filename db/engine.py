"""Profile → Engine → Session: TLS, timeouts, zone, application name, and reads that cannot write.

Nothing that must hold for a transaction is left to the session alone: on PostgreSQL BEGIN READ ONLY, the
timeouts, the tenant and the query travel in one pipelined round trip, so that a pooler in transaction
mode changes nothing.
"""

from __future__ import annotations

import os
import re
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import URL

from db import drivers, policy, proof, registry
from db.cancel import deadline, hang_up
from db.errors import Denied, Missing, Usage
from db.model import Mode, Profile, System
from db.schema import Schema, snapshot
from db.session import Server, Session
from db.translate import translate, translated
from db.url import texts, url_of


def make_engine(profile: Profile, *, read_only: bool = True) -> Engine:
    """An engine for reads, or one whose transactions may write; nothing connects yet."""
    if not read_only and profile.mode is Mode.AUDIT:
        raise Denied(f"{profile.name}: audit mode never writes; there is no connection for it.")
    url = url_of(profile)
    options: dict[str, Any] = {
        "hide_parameters": True,
        "query_cache_size": 100,  # each statement is 20 to 40 KB; the default of 500 is reached in a shift
        "pool_size": 4,
        "max_overflow": 8,
        "pool_timeout": profile.connect_timeout,
    }
    if read_only:
        options |= {
            "isolation_level": "AUTOCOMMIT",
            "pool_reset_on_return": None,
            "skip_autocommit_rollback": True,
        }
    else:
        options |= {"isolation_level": "READ COMMITTED"}
    own = import_module(
        f"db.{url.get_backend_name()}"
    )  # a driver is up to 40 ms that other engines do not wait for
    engine: Engine = own.engine(profile, url, options, read_only)
    if profile.mode is Mode.AUDIT:
        proof.wall(engine)
    event.listen(engine, "do_connect", lambda _d, _r, _a, kw: _give_password(profile, url, kw))
    return engine


def _give_password(profile: Profile, url: URL, arguments: dict[str, Any]) -> None:
    """Ask the profile's source for each physical connection, and keep nothing."""
    if (
        url.password is None
        and not url.drivername.startswith("sqlite")
        and (secret := profile.password()) is not None
    ):
        arguments["password"] = secret


_WHO = {
    "postgresql": "SELECT session_user::text, current_setting('server_version'),"
    " coalesce((SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl), '')",
    "mysql": "SELECT current_user(), version(), coalesce((SELECT variable_value"
    " FROM performance_schema.session_status WHERE variable_name = 'Ssl_version'), '')",
    "mariadb": "SELECT current_user(), version(), coalesce((SELECT variable_value"
    " FROM information_schema.session_status WHERE variable_name = 'Ssl_version'), '')",
    "sqlite": "SELECT '', sqlite_version(), ''",
}


def connect(profile: Profile) -> Session:
    """Open a profile's database: what answered, what is in it, which system it is.

    Raises Unreachable, Denied, Usage, Missing: each says what to do.
    """
    engine = make_engine(profile)
    registry.begin(profile.system)
    try:
        with (
            translated(profile),
            engine.connect() as connection,
            deadline(profile.statement_timeout, hang_up(connection), []),
        ):
            server = _server(connection, profile)
            schema = snapshot(connection)
            found = proof.prove(connection, profile) if profile.mode is Mode.AUDIT else None
        session = Session(
            profile, _system(profile, schema), engine, schema, server, profile.tenant, proof=found
        )
        return policy.fed(session)
    except BaseException:
        engine.dispose()
        raise


def _server(connection: Connection, profile: Profile) -> Server:
    dialect = "mariadb" if getattr(connection.dialect, "is_mariadb", False) else connection.dialect.name
    user, version, tls = connection.execute(text(_WHO[dialect])).one()
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    url = url_of(profile)
    host = os.path.basename(url.database or "") if dialect == "sqlite" else _address(url)  # noqa: PTH119 - only the name is shown
    return Server(dialect, numbers, user, host, tls)


def _address(url: URL) -> str:
    return f"{url.host or ', '.join(texts(url.query.get('host'))) or 'socket'}{f':{url.port}' if url.port else ''}"


def _system(profile: Profile, schema: Schema) -> System:
    if not schema.tables:
        raise Missing(
            f"{profile.name}: the database has no tables (or this role may see none); 'quaestor migrate' can make them."
        )
    if not profile.system:
        return registry.recognise(schema, profile.name)
    system = registry.system(profile.system)
    if not registry.matches(system, schema):
        other = next(
            (f"; it looks like {s.name}" for s in registry.systems() if registry.matches(s, schema)), ""
        )
        raise Usage(
            f"{profile.name}: this database is not {system.title}{other}. Name the right system before the URL."
        )
    return system


def reachable(profile: Profile) -> None:
    """Try a connection and let it go; raises what connect() raises for one that fails."""
    engine = make_engine(profile)
    try:
        engine.connect().close()
    except drivers.errors() as error:
        raise translate(error, profile) from error
    finally:
        engine.dispose()
