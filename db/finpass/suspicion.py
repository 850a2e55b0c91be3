"""Suspicious activities: three rules over the audit events, each read once in the order of time.

Comparing every event with the others of its user would cost the square of their number; windows ordered by
time find the same events in one pass.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, func, literal, or_, select, union_all

from db.finpass.moments import seconds_before
from db.finpass.tables import audit_events

FAILED = "AUTHENTICATION_FAILED"
FAILURES, FAILURE_SECONDS = 5, 15 * 60
"""So many failed authentications of one user, within so many seconds."""
ADDRESS_SECONDS = 60 * 60
"""Within so many seconds one user is seen from three addresses."""
RULES = ("failed authentications", "several addresses", "critical")

_c = audit_events.c


def suspicious(since: ColumnElement[Any]) -> Subquery:
    """The events since a moment by which a rule holds: (rule, id, user_id_hash, created_at)."""
    found = (_failures(since), _addresses(since), _critical(since))
    return union_all(
        *(
            select(literal(rule).label("rule"), f.c.id, f.c.user_id_hash, f.c.created_at)
            for rule, f in zip(RULES, found, strict=True)
        )
    ).subquery("suspicious")


def _critical(since: ColumnElement[Any]) -> Subquery:
    """Every CRITICAL event."""
    return (
        select(_c.id, _c.user_id_hash, _c.created_at)
        .where(_c.severity == "CRITICAL", _c.created_at >= since)
        .subquery("critical")
    )


def _failures(since: ColumnElement[Any]) -> Subquery:
    """Failed authentications that are at least the fifth of their user within 15 minutes."""
    fifth = func.lag(_c.created_at, FAILURES - 1).over(
        partition_by=_c.user_id_hash, order_by=(_c.created_at, _c.id)
    )
    failed = (
        select(_c.id, _c.user_id_hash, _c.created_at, fifth.label("fifth"))
        .where(
            _c.event_type == FAILED,
            _c.user_id_hash.is_not(None),
            _c.created_at >= seconds_before(since, FAILURE_SECONDS),
        )
        .subquery("failed")
    ).c
    return (
        select(failed.id, failed.user_id_hash, failed.created_at)
        .where(failed.created_at >= since, failed.fifth >= seconds_before(failed.created_at, FAILURE_SECONDS))
        .subquery("failures")
    )


def _addresses(since: ColumnElement[Any]) -> Subquery:
    """Events by which a user changed to an address while two others were used within the hour before.

    A stretch is a run of a user's events from one address. The third address, counted back from the
    beginning of a stretch, was last used at the end of the stretch before the last one, where that is
    another address than this one; otherwise where it was last used for the stretch before. These times
    never go back, so the latest one so far is the one.
    """
    stretch = _stretches(seconds_before(since, ADDRESS_SECONDS)).c
    order: dict[str, Any] = {
        "partition_by": stretch.user_id_hash,
        "order_by": (stretch.created_at, stretch.id),
    }
    before = select(
        stretch.id,
        stretch.user_id_hash,
        stretch.created_at,
        case(
            (
                func.lag(stretch.earlier_address).over(**order) != stretch.ip_address,
                func.lag(stretch.earlier_until).over(**order),
            )
        ).label("third_until"),
    ).subquery("before")
    latest = func.max(before.c.third_until).over(
        partition_by=before.c.user_id_hash, order_by=(before.c.created_at, before.c.id), rows=(None, 0)
    )
    third = select(before.c.id, before.c.user_id_hash, before.c.created_at, latest.label("third")).subquery(
        "third"
    )
    return (
        select(third.c.id, third.c.user_id_hash, third.c.created_at)
        .where(
            third.c.created_at >= since,
            third.c.third >= seconds_before(third.c.created_at, ADDRESS_SECONDS),
        )
        .subquery("addresses")
    )


def _stretches(start: ColumnElement[Any]) -> Subquery:
    """The first event of each stretch, with the address of the stretch before and its last moment."""
    order: dict[str, Any] = {"partition_by": _c.user_id_hash, "order_by": (_c.created_at, _c.id)}
    event = (
        select(
            _c.id,
            _c.user_id_hash,
            _c.created_at,
            _c.ip_address,
            func.lag(_c.ip_address).over(**order).label("earlier_address"),
            func.lag(_c.created_at).over(**order).label("earlier_until"),
        )
        .where(_c.user_id_hash.is_not(None), _c.ip_address.is_not(None), _c.created_at >= start)
        .subquery("event")
    )
    begins: Select[Any] = select(event).where(
        or_(event.c.earlier_address.is_(None), event.c.earlier_address != event.c.ip_address)
    )
    return begins.subquery("stretch")
