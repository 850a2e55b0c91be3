"""Suspicious patterns as views of the line of time: each a rule in words, and what it means in each audit table.

A pattern looks at the time that is chosen by a filter, or else at the last 24 hours (the setting
``suspicious_window``), so that it reads what the index on the time serves and no more. Rules over several rows are
windows ordered by time, each read once: comparing every row with the others would cost the square of their number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, func, or_, select

from db.finpass.suspicion import suspicious
from db.finpass.tables import audit_events
from db.multipass.tables import application_events
from db.paymentlinker.tables import audit_logs as linker_logs
from db.timeline.spans import earlier, hour_of
from db.trustsphere.tables import audit_logs as bank_logs

FAILURES, FAILURE_SECONDS = 5, 15 * 60
"""So many failed sign-ins of one person, within so many seconds."""
PLACES_SECONDS = 2 * 60
"""Nobody comes from one address to another within so many seconds."""
CHANGES, CHANGES_SECONDS = 20, 60 * 60
"""So many changes by one actor, within so many seconds."""
NIGHT = (22, 6)
"""From this hour, to that one, as the database keeps its times."""


@dataclass(frozen=True)
class Trail:
    """What an audit table calls the things that the rules are about; a rule without its words has no rows there."""

    table: Table
    time: str
    person: str
    """Who tried to sign in."""
    actor: str
    address: str
    failed: ColumnElement[bool]
    """A sign-in that failed."""
    changed: ColumnElement[bool]
    """Something was changed, by hand."""
    masked: ColumnElement[bool] | None = None
    """Something masked was shown, or handed out."""
    rights: ColumnElement[bool] | None = None
    """Who may do what, or how they sign in, was changed."""

    def __getitem__(self, name: str) -> Any:
        """The column behind a word."""
        return self.table.c[getattr(self, name)]


_b, _p, _f, _m = bank_logs.c, linker_logs.c, audit_events.c, application_events.c
TRAILS: Mapping[tuple[str, str], Trail] = {
    ("trustsphere", "audit_logs"): Trail(
        bank_logs,
        "timestamp",
        "resource_id",
        "actor_user_id",
        "ip_address",
        _b.action == "LOGIN_FAILED",
        _b.action.not_in(("LOGIN", "LOGOUT", "ACCOUNT_VIEWED", "BALANCE_CHANGED", "STATUS_CHANGED")),
        _b.action == "STATEMENT_EXPORTED",
        _b.action.in_(("ROLE_GRANTED", "ROLE_REVOKED", "PASSWORD_CHANGED", "PASSWORD_EXPIRED")),
    ),
    ("paymentlinker", "audit_logs"): Trail(
        linker_logs,
        "event_timestamp",
        "user_id",
        "user_id",
        "ip_address",
        _p.event_type == "USER_SIGN_IN_FAILED",
        or_(_p.new_state.is_not(None), _p.event_category.in_(("REVIEW", "DECISION"))),
        _p.event_type.in_(("SSN_REVEALED", "SSN_ACCESSED", "DATA_EXPORTED")),
        _p.event_type.in_(
            (
                "USER_ROLE_CHANGED",
                "MFA_RESET",
                "MFA_ENABLED",
                "PASSWORD_CHANGED",
            )
        ),
    ),
    ("finpass", "audit_events"): Trail(
        audit_events,
        "created_at",
        "user_id_hash",
        "user_id_hash",
        "ip_address",
        _f.event_type == "AUTHENTICATION_FAILED",
        _f.new_values.is_not(None),
        _f.event_type.in_(("DATA_ACCESSED", "DATA_EXPORTED")),
        _f.event_type.in_(("KEY_ROTATED", "CONFIG_CHANGED")),
    ),
    ("multipass", "application_events"): Trail(
        application_events,
        "created_at",
        "profile_id",
        "profile_id",
        "ip_address",
        _m.event_type == "auth.login_failed",
        _m.event_type.like("console.%"),
        None,
        _m.event_type.like("console.multipass\\_credentials.%", escape="\\"),
    ),
}
"""By system and entity."""

Since = ColumnElement[Any]
Where = Callable[[Trail, Since], ColumnElement[bool] | None]
Entry = Callable[[Mapping[str, Any]], bool]


def _never(payload: Mapping[str, Any]) -> bool:
    return False


@dataclass(frozen=True)
class Pattern:
    """A rule, and how it is asked."""

    name: str
    summary: str
    """The rule in words."""
    where: Where = field(repr=False, default=lambda trail, since: None)
    """The rows of a trail that it finds from a moment on; None where it says nothing of that trail."""
    entry: Entry = field(repr=False, default=_never)
    """Whether it finds an entry of quaestor's own ledger, by its payload."""

    @property
    def entries(self) -> bool:
        """Whether it says anything of the ledger."""
        return self.entry is not _never


def _by_person(
    trail: Trail, since: Since, who: str, narrow: ColumnElement[bool], seconds: int, **lags: tuple[str, int]
) -> Any:
    """The rows of each person in the order of time, from so long before a moment on, with what earlier ones said."""
    order: dict[str, Any] = {"partition_by": trail[who], "order_by": (trail["time"], trail.table.c.id)}
    looks = [func.lag(trail[name], far).over(**order).label(label) for label, (name, far) in lags.items()]
    found = select(trail.table.c.id, trail["time"].label("at"), trail["address"].label("address"), *looks)
    return found.where(trail[who].is_not(None), trail["time"] >= earlier(since, seconds), narrow).subquery()


def _among(trail: Trail, found: Select[Any], since: Since) -> ColumnElement[bool]:
    """The rows with the ids that were found; the time once more, so that the index on it is walked."""
    return and_(trail["time"] >= since, trail.table.c.id.in_(found))


def _failures(trail: Trail, since: Since) -> ColumnElement[bool]:
    fifth = _by_person(trail, since, "person", trail.failed, FAILURE_SECONDS, fifth=("time", FAILURES - 1)).c
    return _among(trail, select(fifth.id).where(fifth.fifth >= earlier(fifth.at, FAILURE_SECONDS)), since)


def _two_places(trail: Trail, since: Since) -> ColumnElement[bool]:
    there = trail["address"].is_not(None)
    looks: dict[str, tuple[str, int]] = {"was_at": ("time", 1), "was_from": ("address", 1)}
    step = _by_person(trail, since, "actor", there, PLACES_SECONDS, **looks).c
    found = select(step.id).where(
        step.was_from != step.address, step.was_at >= earlier(step.at, PLACES_SECONDS)
    )
    return _among(trail, found, since)


def _night(trail: Trail, since: Since) -> ColumnElement[bool]:
    hour = hour_of(trail["time"])
    dark = and_(trail.changed, or_(hour >= NIGHT[0], hour < NIGHT[1]))
    first = _by_person(trail, since, "actor", dark, CHANGES_SECONDS, first=("time", CHANGES - 1)).c
    return _among(trail, select(first.id).where(first.first >= earlier(first.at, CHANGES_SECONDS)), since)


def _documents(trail: Trail, since: Since) -> ColumnElement[bool] | None:
    if trail.table is not audit_events:
        return None
    return _among(trail, select(suspicious(since).c.id), since)


def _plain(word: str) -> Where:
    """A rule over one row."""

    def where(trail: Trail, since: Since) -> ColumnElement[bool] | None:
        rule = getattr(trail, word)
        return None if rule is None else and_(trail["time"] >= since, rule)

    return where


def _reveals(payload: Mapping[str, Any]) -> bool:
    return str(payload.get("action")).startswith(("reveal", "export-"))


def _keys_and_roles(payload: Mapping[str, Any]) -> bool:
    return str(payload.get("action")) in _RIGHTS or str(payload.get("entity")).endswith("policy")


_RIGHTS = ("grant-role", "revoke-role", "change-role", "reset-mfa", "key-add", "key-revoke")

PATTERNS = (
    Pattern(
        "failed-sign-ins",
        f"The fifth and later failed sign-in of one person within {FAILURE_SECONDS // 60} minutes.",
        _failures,
    ),
    Pattern(
        "two-places",
        f"Somebody acts from another address less than {PLACES_SECONDS // 60} minutes after the one before: an "
        "impossible interval.",
        _two_places,
    ),
    Pattern(
        "night-changes",
        f"The twentieth and later change by one actor within an hour, between {NIGHT[0]} and {NIGHT[1]} o'clock.",
        _night,
    ),
    Pattern("masked-reads", "Masked fields shown, personal data handed out.", _plain("masked"), _reveals),
    Pattern(
        "rights",
        "Who may do what, or how they sign in, was changed.",
        _plain("rights"),
        _keys_and_roles,
    ),
    Pattern(
        "suspicious",
        "FinPass: five failed authentications of a user within 15 minutes, three addresses within an hour, CRITICAL.",
        _documents,
    ),
    Pattern(
        "break-glass",
        "One person did alone what takes two.",
        entry=lambda payload: bool(payload.get("break_glass")),
    ),
)
"""All patterns, in the order in which they are offered."""
BY_NAME: Mapping[str, Pattern] = {pattern.name: pattern for pattern in PATTERNS}
