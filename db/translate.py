"""The drivers' errors as ours: one sentence each, by SQLSTATE, error number or, where there is neither, by the text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from db import drivers
from db.errors import Cancelled, Denied, Missing, QuaestorError, Refused, TooSlow, Unreachable, Usage
from db.model import Profile
from db.sqlite import is_half_done

_HALF_DONE = (
    "a killed writer left a change half done, and a read-only session must not take it back; its owner has to"
    " open the file once, then it can be read"
)
_CANCELLED = "Cancelled: the server has stopped the statement."
_TOO_SLOW = "The statement took longer than {timeout:g} s and was stopped; narrow it, or see 'quaestor doctor' for a missing index."

_POSTGRESQL: dict[str, tuple[type[QuaestorError], str]] = {
    "28P01": (
        Unreachable,
        "{name}: the server refuses the password of this user; check where the password comes from.",
    ),
    "28000": (Unreachable, "{name}: the server does not let this user in from here (pg_hba.conf): {detail}"),
    "3D000": (Unreachable, "{name}: there is no such database on the server: {detail}"),
    "53300": (Unreachable, "{name}: the server has no free connection; try again, or close others."),
    "57P01": (Unreachable, "{name}: the server is shutting down or an administrator ended the connection."),
    "57P03": (Unreachable, "{name}: the server is starting up; try again in a moment."),
    "42501": (Denied, "The role has not the right: {detail}"),
    "25006": (Denied, "The session is read-only: {detail}"),
    "42P01": (Missing, "A table is missing: {detail}. 'quaestor doctor' lists what is there."),
    "42703": (Missing, "A column is missing: {detail}. 'quaestor doctor' lists what is there."),
    "42883": (Missing, "A column is of another type here than in this system: {detail}."),
    "55P03": (
        TooSlow,
        "Somebody else holds a lock on it; nothing was changed. Try again, or see who blocks.",
    ),
    "22P02": (Usage, "A value does not fit its column: {detail}"),
    "22007": (Usage, "A value does not fit its column: {detail}"),
    "22003": (Usage, "A number is out of its column's range: {detail}"),
}
_MYSQL: dict[int, tuple[type[QuaestorError], str]] = {
    1045: (
        Unreachable,
        "{name}: the server refuses this user or its password; check where the password comes from.",
    ),
    1698: (
        Unreachable,
        "{name}: the server refuses this user or its password; check where the password comes from.",
    ),
    1044: (Unreachable, "{name}: this user may not open that database."),
    1049: (Unreachable, "{name}: there is no such database on the server."),
    1040: (Unreachable, "{name}: the server has no free connection; try again, or close others."),
    1047: (Unreachable, "{name}: the cluster has no quorum and answers nothing."),
    1053: (Unreachable, "{name}: the server is shutting down."),
    1129: (Unreachable, "{name}: the server has blocked this host after many errors."),
    1142: (Denied, "The role has not the right: {detail}"),
    1143: (Denied, "The role has not the right: {detail}"),
    1227: (Denied, "The role has not the right: {detail}"),
    1370: (Denied, "The role has not the right: {detail}"),
    1290: (Denied, "The server is read-only: {detail}"),
    1792: (Denied, "The session is read-only."),
    1146: (Missing, "A table is missing: {detail}. 'quaestor doctor' lists what is there."),
    1054: (Missing, "A column is missing: {detail}. 'quaestor doctor' lists what is there."),
    1205: (TooSlow, "Somebody else holds a lock on it; nothing was changed. Try again, or see who blocks."),
    1317: (Cancelled, _CANCELLED),
    1028: (Cancelled, _CANCELLED),
    3024: (TooSlow, _TOO_SLOW),
    1969: (TooSlow, _TOO_SLOW),
}
_TEXTS: tuple[tuple[str, type[QuaestorError], str], ...] = (
    (
        "certificate verify failed",
        Unreachable,
        "{name}: the server's TLS certificate cannot be verified ({detail}); give the profile the right tls_ca.",
    ),
    (
        "hostname mismatch",
        Unreachable,
        "{name}: the server's TLS certificate is for another host ({detail}).",
    ),
    (
        "does not match host name",
        Unreachable,
        "{name}: the server's TLS certificate is for another host ({detail}).",
    ),
    (
        "root certificate file",
        Unreachable,
        "{name}: the CA to verify the server with is missing; set tls_ca in the profile ({detail}).",
    ),
    (
        "does not support SSL",
        Unreachable,
        "{name}: the server offers no TLS; quaestor needs it for anything but a socket or loopback (tls in the profile).",
    ),
    (
        "doesn't support SSL",
        Unreachable,
        "{name}: the server offers no TLS; quaestor needs it for anything but a socket or loopback (tls in the profile).",
    ),
    (
        "SSL connection has been closed",
        Unreachable,
        "{name}: the server hung up. Nothing on screen is lost; try again.",
    ),
    ("SSL", Unreachable, "{name}: TLS failed: {detail}"),
    (
        "password authentication failed",
        Unreachable,
        "{name}: the server refuses the password of this user; check where the password comes from.",
    ),
    (
        "no password supplied",
        Unreachable,
        "{name}: the server wants a password and no source gave one; see 'quaestor profiles test'.",
    ),
    (
        "requested authentication",
        Unreachable,
        "{name}: the server asks for a weaker sign-in than the profile allows ({detail}).",
    ),
    (
        "authentication method requirement",
        Unreachable,
        "{name}: the server asks for a weaker sign-in than the profile allows ({detail}).",
    ),
    ("does not exist", Unreachable, "{name}: {detail}"),
    ("could not translate host name", Unreachable, "{name}: the host name is not known; check the URL."),
    ("failed to resolve host", Unreachable, "{name}: the host name is not known; check the URL."),
    ("Name or service not known", Unreachable, "{name}: the host name is not known; check the URL."),
    (
        "Connection refused",
        Unreachable,
        "{name}: nothing listens at that address; check host and port, and that the server runs.",
    ),
    (
        "timeout expired",
        Unreachable,
        "{name}: the server does not answer within {connect:g} s; check host, port and firewall.",
    ),
    ("timed out", Unreachable, "{name}: the server does not answer; check host, port and firewall."),
    ("interrupted", Cancelled, _CANCELLED),
    ("database is locked", TooSlow, "Another program holds the file; nothing was changed. Try again."),
    ("half done", Unreachable, "{name}: {detail}."),
    ("readonly database", Denied, "The session is read-only."),
    ("not authorized", Denied, "The session is read-only."),
    (
        "unable to open database file",
        Unreachable,
        "{name}: the file cannot be opened; check its path and rights.",
    ),
    ("file is not a database", Unreachable, "{name}: the file is no SQLite database."),
    ("malformed", Unreachable, "{name}: the file is damaged ({detail})."),
    ("no such table", Missing, "A table is missing: {detail}. 'quaestor doctor' lists what is there."),
    ("no such column", Missing, "A column is missing: {detail}. 'quaestor doctor' lists what is there."),
)


def translate(error: BaseException, profile: Profile) -> QuaestorError:
    """Our error for a driver's."""
    origin = getattr(error, "orig", None) or error
    detail = " ".join(_said(origin).split())
    facts = {
        "name": profile.name,
        "detail": detail,
        "timeout": profile.statement_timeout,
        "connect": profile.connect_timeout,
    }
    state = getattr(origin, "sqlstate", None)
    if state == "57014":
        return TooSlow(_TOO_SLOW.format(**facts)) if "statement timeout" in detail else Cancelled(_CANCELLED)
    number = origin.args[0] if drivers.is_mysql(origin) and origin.args else None
    class_, sentence = (
        _MYSQL.get(number if isinstance(number, int) else 0)  # first: its errors have an SQLSTATE as well
        or _POSTGRESQL.get(state or "")
        or _by_text(detail)
    )
    return class_(sentence.format(**facts))


def _said(origin: Any) -> str:
    """The error itself; what PostgreSQL says beside it may be the whole row, sealed columns among it."""
    if is_half_done(origin):
        return _HALF_DONE
    if drivers.is_mysql(origin) and origin.args:
        return str(origin.args[-1])
    primary = origin.diag.message_primary if drivers.is_postgresql(origin) else None
    return primary or str(origin)


def _by_text(detail: str) -> tuple[type[QuaestorError], str]:
    for part, class_, sentence in _TEXTS:
        if part in detail:
            return class_, sentence
    if any(
        word in detail.lower() for word in ("connect", "closed", "server", "network", "socket", "eof", "lost")
    ):
        return Unreachable, "{name}: the connection is lost ({detail}). Nothing on screen is lost; try again."
    return Refused, "The database refused it: {detail}"


@contextmanager
def translated(profile: Profile) -> Iterator[None]:
    """Raise our error in place of a driver's."""
    try:
        yield
    except drivers.errors() as error:
        raise translate(error, profile) from error
