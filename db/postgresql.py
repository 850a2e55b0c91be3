"""PostgreSQL and psycopg: TLS, what each transaction sets for itself, one round trip a read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
from psycopg.adapt import Buffer, Loader
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from db.model import Profile, Raw
from db.url import is_local


def engine(profile: Profile, url: URL, options: dict[str, Any], read_only: bool) -> Engine:
    """An engine whose reads are one pipelined round trip each; nothing connects yet."""
    arguments: dict[str, Any] = {
        "application_name": "quaestor",
        "connect_timeout": max(2, round(profile.connect_timeout)),
        # Writes are few statements many times over one connection; a pooler may give each another session.
        "prepare_threshold": None if read_only or profile.pooler else 2,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
        **_postgresql_tls(profile, url),
    }
    if not profile.pooler:
        arguments["options"] = "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres" + (
            " -c default_transaction_read_only=on" * read_only
        )
    made = create_engine(
        url,
        connect_args={k: v for k, v in arguments.items() if k not in url.query},
        use_native_hstore=False,  # nobody here has that type, and asking for it is three more round trips
        **options,
    )
    event.listen(made, "connect", _teach_psycopg)
    if read_only:
        event.listen(made, "do_execute", _pipelined)
    else:
        event.listen(made, "do_execute", _with_begin)
    return made


def _postgresql_tls(profile: Profile, url: URL) -> dict[str, Any]:
    if is_local(url):
        return {}
    mode = {"verify": "verify-full", "require": "require", "off": "disable"}[profile.tls]
    arguments = {
        "sslmode": mode,
        "sslrootcert": profile.tls_ca or ("system" if mode == "verify-full" else ""),
        "sslcert": profile.tls_cert,
        "sslkey": profile.tls_key,
        "require_auth": "" if profile.tls_cert else "scram-sha-256",
    }
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


_LEAST = (("TimeZone", "UTC"),)
"""What every transaction sets; a read-only one that has done a query cannot be made another."""


def _pipelined(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Send BEGIN READ ONLY, the settings, the query and COMMIT in one round trip."""
    options = context.execution_options if context is not None else {}
    driver: psycopg.Connection[Any] = cursor.connection
    try:
        with driver.pipeline():
            _set_up(driver, options.get("local_settings") or _LEAST)
            cursor.execute(statement, parameters, binary=options.get("binary"))
            driver.cursor().execute("COMMIT")
    except psycopg.Error:
        if not driver.closed:
            driver.rollback()
        raise
    return True


def _set_up(driver: psycopg.Connection[Any], local: tuple[tuple[str, str], ...]) -> None:
    setup = driver.cursor()
    setup.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY")
    setup.execute(
        "SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(local)),
        [part for item in local for part in item],
    )


def _with_begin(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Send BEGIN, which the driver puts before a transaction's first statement, together with that one."""
    if context is None or not context.execution_options.get("begins"):
        return False
    with cursor.connection.pipeline():
        cursor.execute(statement, parameters)
    return True
