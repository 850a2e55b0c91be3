"""Running one statement to read: read-only, with the session's settings, cancellable, never longer than its deadline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError

from db import declare, drivers, sqlite
from db.cancel import Cancel, deadline, hang_up, stopper
from db.errors import Cancelled, TooSlow, Usage
from db.model import Mode
from db.session import Session
from db.transaction import local_settings
from db.translate import translate
from db.types import naive_zone
from db.url import url_of

_GRACE = 5.0
"""Seconds that the client waits longer than the server's own timeout before it shuts the socket."""


def zone_of(session: Session) -> tzinfo:
    """The zone of the times that this database stores without one; raises Usage."""
    try:
        return UTC if session.profile.naive_times == "UTC" else ZoneInfo(session.profile.naive_times)
    except (ZoneInfoNotFoundError, ValueError):
        raise Usage(
            f"{session.name}: naive_times = '{session.profile.naive_times}' is no time zone; write one such as Europe/Zurich."
        ) from None


def execute(
    session: Session, statement: Executable, parameters: Mapping[str, Any], cancel: Cancel | None
) -> Sequence[Any]:
    """The rows of one statement, in a read-only transaction with the session's settings; a lost connection is tried once more."""
    zone, settings = naive_zone.set(zone_of(session)), declare.settings.set(session.settings)
    try:
        try:
            return _once(session, statement, parameters, cancel or Cancel())
        except DBAPIError as error:
            if not (_healed(session, error) or error.connection_invalidated):
                raise
            return _once(session, statement, parameters, cancel or Cancel())
    except drivers.errors() as error:
        raise translate(error, session.profile) from error
    finally:
        declare.settings.reset(settings)
        naive_zone.reset(zone)


def _healed(session: Session, error: DBAPIError) -> bool:
    """Whether what a killed writer of SQLite left half done was taken back; in audit mode nothing is, not even that."""
    if session.mode is Mode.AUDIT or not sqlite.is_half_done(error):
        return False
    sqlite.recover(url_of(session.profile).database or "")
    return True


def _once(
    session: Session, statement: Executable, parameters: Mapping[str, Any], cancel: Cancel
) -> Sequence[Any]:
    sqlite = session.server.dialect == "sqlite"
    seconds = session.profile.statement_timeout + (0 if sqlite else _GRACE)
    with session.engine.connect() as connection:
        if session.server.dialect == "postgresql":
            connection = connection.execution_options(local_settings=local_settings(session))
        overdue: list[bool] = []
        try:
            with cancel.running(stopper(connection)), deadline(seconds, hang_up(connection), overdue):
                return connection.execute(statement, parameters).all()
        except drivers.errors() as error:
            if cancel.cancelled:
                connection.invalidate()  # a late signal must not hit the next statement
                raise Cancelled("Cancelled; the server has stopped the statement.") from error
            if overdue and sqlite:
                raise TooSlow(
                    f"The statement took longer than {seconds:g} s and was stopped; narrow it."
                ) from error
            raise
