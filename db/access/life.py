"""One credential in full: what happened to it, who holds it, where it was used, its place on the status lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from db import read
from db.access.jwt import Decoded, decoded
from db.cancel import Cancel
from db.cost import served
from db.errors import Cancelled, QuaestorError, Refused, Unreachable
from db.fleet.declared import Event
from db.fleet.portrait import linked, moments, ordered
from db.model import Filter, Operator, Query, Record
from db.session import Session
from db.severity import Severity
from db.statuslist import place_of

NEWEST = 40
"""Rows of another entity that are told."""
_SET = {"REVOKED": "revocation", "SUSPENDED": "suspension"}


@dataclass(frozen=True)
class Trace:
    """Rows of another entity that tell of its life or of its use."""

    entity: str
    theirs: str
    mine: str
    what: tuple[str, ...]
    """The columns of theirs that say what it was."""
    at: tuple[str, ...]
    where: tuple[str, ...] = ()
    """The columns of theirs that say from where."""
    word: str = ""
    """Before all of that."""


@dataclass(frozen=True)
class Told:
    """How a kind of credential tells its life."""

    moments: Mapping[str, str]
    traces: tuple[Trace, ...] = ()
    holder: tuple[str, str] = ("", "")
    """The holder's entity, and the column of mine that has its id."""


_SESSIONS = Trace(
    "multipass_sessions", "profile_id", "profile_id", (), ("created_at",), ("ip_address",), "session"
)
_USERS = {
    "created_at": "made", "last_login_at": "last sign-in", "locked_until": "locked until", "deleted_at": "deleted",
    "account_locked_until": "locked until", "password_expires_at": "password ends",
}  # fmt: skip
TOLD: Mapping[tuple[str, str], Told] = {
    ("finpass", "credentials"): Told(
        {"issued_at": "issued", "expires_at": "ends", "revoked_at": "revoked"},
        (
            Trace("audit_events", "resource_id", "id", ("event_type", "outcome"), ("created_at",), ("ip_address",)),
        ),
        ("users", "user_id"),
    ),
    ("multipass", "multipass_credentials"): Told(
        {"created_at": "made", "last_login_at": "last sign-in", "locked_until": "locked until"},
        (_SESSIONS,),
        ("identity_profiles", "profile_id"),
    ),
    ("multipass", "multipass_sessions"): Told(
        {"created_at": "begun", "last_seen_at": "last seen", "expires_at": "ends", "revoked_at": "ended"},
        (),
        ("identity_profiles", "profile_id"),
    ),
    ("multipass", "attestations"): Told(
        {"issued_at": "issued", "expires_at": "ends", "revoked_at": "revoked"}, (), ("identity_profiles", "profile_id")
    ),
    ("trustsphere", "users"): Told(
        _USERS,
        (Trace("audit_logs", "actor_user_id", "id", ("action", "resource_type"), ("timestamp", "created_at"), ("ip_address",)),),
    ),
    ("paymentlinker", "users"): Told(
        _USERS,
        (Trace("audit_logs", "user_id", "id", ("event_type", "outcome"), ("event_timestamp", "created_at"), ("ip_address",)),),
    ),
}  # fmt: skip
"""By system and entity."""


@dataclass(frozen=True)
class Life:
    """A credential at one moment."""

    record: Record
    events: tuple[Event, ...]
    """The latest first."""
    used: tuple[tuple[str, int, datetime], ...]
    """From where it was used: the address, how often, and when last; the latest first."""
    holder: Record | None
    jwt: Decoded | str
    """What its token says, or why that cannot be read; empty where it has none."""
    place: str
    """Its place on the status lists, in words; empty where there are none."""
    at: datetime


def life(session: Session, entity: str, id_: str, cancel: Cancel | None = None) -> Life:
    """All that is known of it; raises Missing, and what reading raises."""
    found = session.entity(entity)
    record = read.record(session, found, id_, cancel)
    told = TOLD.get((session.system.name, entity), Told({}))
    events, used = list(moments(record, dict(told.moments))), {}  # type: tuple[list[Event], dict[str, tuple[int, datetime]]]
    for trace in told.traces:
        for event, address in _traced(session, record, trace, cancel):
            events.append(event)
            if address and event.at is not None:
                count, last = used.get(address, (0, event.at))
                used[address] = count + 1, max(last, event.at)
    own = record.value("ip_address")
    if own and isinstance(seen := record.value("last_seen_at") or record.value("created_at"), datetime):
        used.setdefault(str(own), (1, seen))
    places = sorted(((a, n, last) for a, (n, last) in used.items()), key=lambda one: one[2], reverse=True)
    return Life(
        record, ordered(events), tuple(places), _holder(session, record, told, cancel), _token(record), _place(record),
        datetime.now(UTC),
    )  # fmt: skip


def _traced(
    session: Session, record: Record, trace: Trace, cancel: Cancel | None
) -> Iterator[tuple[Event, str]]:
    value = record.value(trace.mine)
    if value is None:
        return
    target = session.entity(trace.entity)
    query = Query(target, target.views[0], (Filter(trace.theirs, Operator.EQ, str(value)),))
    try:
        if dear := served(session, query):
            yield Event(None, f"{trace.entity} were not read", dear, Severity.NOTICE), ""
            return
        rows = linked(session, trace.entity, trace.theirs, value, NEWEST, cancel)
    except (Unreachable, Cancelled):
        raise
    except QuaestorError as error:
        yield Event(None, f"{trace.entity} were not read", str(error), Severity.NOTICE), ""
        return
    for row in rows:
        yield _event(trace, row)


def _event(trace: Trace, row: Mapping[str, Any]) -> tuple[Event, str]:
    said = [str(row[name]) for name in trace.what if row.get(name) not in (None, "")]
    address = next((str(row[name]) for name in trace.where if row.get(name)), "")
    at = next((row[name] for name in trace.at if isinstance(row.get(name), datetime)), None)
    bad = str(row.get("severity") or "").upper() in ("ERROR", "CRITICAL") or row.get("outcome") == "FAILURE"
    what = " ".join([*([trace.word] if trace.word else []), *said])
    severity = Severity.WARNING if bad else Severity.GOOD
    return Event(at, what, f"from {address}" if address else "", severity, trace.entity, row["id"]), address


def _holder(session: Session, record: Record, told: Told, cancel: Cancel | None) -> Record | None:
    entity, column = told.holder
    id_ = record.value(column) if entity else None
    if id_ is None:
        return None
    try:
        return read.record(session, session.entity(entity), str(id_), cancel)
    except (Unreachable, Cancelled):
        raise
    except QuaestorError:  # a holder that is gone, or may not be read
        return None


def _token(record: Record) -> Decoded | str:
    text = record.value("credential_jwt")
    if not isinstance(text, str) or not text:
        return ""
    try:
        return decoded(text)
    except Refused as error:
        return str(error)


def _place(record: Record) -> str:
    if "revocation_handle" not in record.entity.by_name:
        return ""
    handle, status = record.value("revocation_handle"), str(record.value("status"))
    if handle is None:
        return "It has no place on the status lists: no verifier can see that it is withdrawn."
    place = place_of(str(handle))
    if place is None:
        return f"Its handle '{handle}' is no index of a status list."
    bit = f"set on the list for {_SET[status]}" if status in _SET else "set on none"
    return f"place {place} on the status lists, {bit}"
