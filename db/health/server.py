"""The server and the session with it: version, TLS, a pooler between, read-only, timeouts, zone and clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from db import read
from db.cancel import Cancel
from db.clock import measured
from db.health.check import Check, State
from db.model import Kind, Order, Query, View
from db.run import execute
from db.session import Session
from db.translate import translated
from db.url import is_local, url_of

OLDEST = {"postgresql": (14,), "mysql": (8, 0), "mariadb": (10, 11), "sqlite": (3, 37)}
"""The oldest versions that are served."""
DRIFT = 2.0
"""Seconds that two clocks may differ before it is told."""


def look(session: Session, _cancel: Cancel) -> Iterator[Check]:
    """Version, TLS and pooler."""
    server, oldest = session.server, OLDEST[session.server.dialect]
    state = State.GOOD if server.version >= oldest else State.WARNING
    wanted = "" if state is State.GOOD else f"; {'.'.join(map(str, oldest))} or newer is served"
    yield Check("server", "version", state, f"{server.dialect} {server.version_text}{wanted}.")
    if server.dialect == "sqlite":
        return
    yield _tls(session)
    if server.dialect == "postgresql":
        yield _pooler(session)


def _tls(session: Session) -> Check:
    profile = session.profile
    if is_local(url_of(profile)):
        return Check(
            "server", "tls", State.GOOD, f"{session.server.tls or 'None'}, over a socket or loopback."
        )
    if not session.server.tls:
        return Check(
            "server", "tls", State.FAILED, "The connection is not encrypted: anybody between can read it."
        )
    if profile.tls != "verify":
        weak = (
            "The server's certificate is not verified (tls in the profile): another may answer in its place."
        )
        return Check("server", "tls", State.WARNING, weak)
    return Check("server", "tls", State.GOOD, f"{session.server.tls}, the certificate verified.")


def _pooler(session: Session) -> Check:
    """A pooler hands out a process id of its own; the server knows another one."""
    with translated(session.profile), session.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        told: int = driver.info.backend_pid
        real = connection.execute(text("SELECT pg_backend_pid()")).scalar()
    if told == real:
        return Check("server", "pooler", State.GOOD, "None between.")
    if session.profile.pooler:
        return Check("server", "pooler", State.GOOD, "One stands between, as the profile says.")
    return Check(
        "server", "pooler", State.WARNING, "A pooler stands between: set pooler = true in the profile."
    )


_SETTINGS = {
    "postgresql": "SELECT current_setting('transaction_read_only'), current_setting('statement_timeout'),"
    " current_setting('lock_timeout'), current_setting('TimeZone'), ''",
    "mysql": "SELECT @@transaction_read_only, concat(@@max_execution_time, 'ms, SELECT only'),"
    " concat(@@innodb_lock_wait_timeout, 's'), @@time_zone, @@global.time_zone",
    "mariadb": "SELECT @@tx_read_only, concat(@@max_statement_time + 0, 's'),"
    " concat(@@innodb_lock_wait_timeout, 's'), @@time_zone, @@global.time_zone",
    "sqlite": "SELECT query_only, '0', '', '', '' FROM pragma_query_only",
}


def session(session: Session, cancel: Cancel) -> Iterator[Check]:
    """Read-only, timeouts and zone, as the server has them in a transaction of ours."""
    (found,) = execute(session, text(_SETTINGS[session.server.dialect]), {}, cancel)
    read_only, statement, lock, zone, servers = (str(value) for value in found)
    if read_only in ("on", "1"):
        yield Check("session", "read-only", State.GOOD, "Reads are read-only transactions.")
    else:
        yield Check(
            "session", "read-only", State.FAILED, "Reads are not read-only; a pooler may have lost it."
        )
    if session.proof is not None:
        state = State.GOOD if session.proof.proven else State.WARNING
        yield Check("session", "proof", state, str(session.proof))
    if session.server.dialect == "sqlite":
        own = f"{session.profile.statement_timeout:g}s, by the program"
        yield Check("session", "statement timeout", State.GOOD, own)
        return
    for name, value in (("statement timeout", statement), ("lock timeout", lock)):
        off = value.startswith(("0s", "0ms", "0.000000s")) or value == "0"
        yield Check(
            "session", name, State.FAILED if off else State.GOOD, "None is in force." if off else value
        )
    state = State.GOOD if zone in ("UTC", "+00:00") else State.FAILED
    besides = f"; the server's own is {servers}" if servers and servers != zone else ""
    yield Check("session", "zone", state, f"{zone}{besides}.")


def clock(session: Session, cancel: Cancel) -> Iterator[Check]:
    """How far the server's clock is from ours, and whether the newest times are to come."""
    if session.server.dialect != "sqlite":
        apart = measured(session, cancel).ahead
        state = State.GOOD if abs(apart) < DRIFT else State.WARNING
        yield Check(
            "clock", "difference", state, f"The server's clock is {apart:+.2f} s from this machine's."
        )
    yield from _to_come(session, cancel)


def _to_come(session: Session, cancel: Cancel) -> Iterator[Check]:
    """The newest audit row must not be of tomorrow: if it is, naive_times is the wrong zone."""
    for path in session.system.areas.get("audit", ())[:1]:
        entity = session.entity(path.partition("/")[0])
        order = entity.views[0].order.column
        if entity.by_name[order].kind is not Kind.TIME or read.available(session, entity, entity.views[0]):
            return
        newest = Query(entity, View("newest", "", None, Order(order, True)), columns=(order,))
        rows = read.page(session, newest, limit=1, cancel=cancel).rows
        moment = rows[0].values[0] if rows else None
        if not isinstance(moment, datetime):
            return
        late = moment - datetime.now(UTC)
        if late > timedelta(minutes=2):
            text_ = f"The newest of {entity.name} is {late} to come: is naive_times in the profile the right zone?"
            yield Check("clock", "newest", State.WARNING, text_)
        else:
            yield Check(
                "clock",
                "newest",
                State.GOOD,
                f"The newest of {entity.name} is of {moment:%Y-%m-%d %H:%M:%S} UTC.",
            )
