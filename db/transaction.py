"""What each transaction on PostgreSQL sets for itself; apart from the driver, which is 40 ms that no other engine waits for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, TextClause, text

from db.session import Session


def begin(connection: Connection, settings: Sequence[tuple[str, str]]) -> None:
    """Begin a transaction that may write, with its settings, in one round trip."""
    values = {f"{k}{n}": part for n, item in enumerate(settings) for k, part in zip("nv", item, strict=True)}
    connection.execute(_setting(len(settings)), values)


@cache
def _setting(number: int) -> TextClause:
    calls = ", ".join(f"set_config(:n{n}, :v{n}, true)" for n in range(number))
    return text(f"SELECT {calls}").execution_options(begins=True)


def local_settings(session: Session) -> tuple[tuple[str, str], ...]:
    """What each transaction sets for itself on PostgreSQL."""
    profile = session.profile
    return (
        ("statement_timeout", str(round(profile.statement_timeout * 1000))),
        ("lock_timeout", str(round(profile.lock_timeout * 1000))),
        ("idle_in_transaction_session_timeout", str(round(profile.idle_timeout * 1000))),
        ("TimeZone", "UTC"),
        ("jit", "off"),  # compiling the rules of a fleet takes longer than counting a million devices by them
        ("app.current_tenant_id", session.tenant),
    )
