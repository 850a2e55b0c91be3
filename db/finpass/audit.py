"""Audit events: who did what from where, with the subject as the SHA-256 of the DID."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, func, select

from db.declare import entity, naive_now, setting, since, view
from db.figures import average, count_if, figure, since_parameter
from db.finpass.moments import FROM, TO, between, day, days_before, recent
from db.finpass.suspicion import FAILED, suspicious
from db.finpass.tables import audit_events
from db.model import Figure, Kind, Link, Parameter
from db.types import Integer

DAY = 86_400
LONGEST = 36_500
"""Days that no retention exceeds; more cannot be counted back from now."""
WEEK = Parameter("since", Kind.TIME, "-7d")
_c = audit_events.c

DAYS_KEPT = func.coalesce(_c.retention_days, setting("retention_days", "2557", Integer()))
"""How long an event is kept: what it says itself, or seven years."""
BOUNDED = case((DAYS_KEPT > LONGEST, LONGEST), (DAYS_KEPT < 0, 0), else_=DAYS_KEPT)
OVERDUE = _c.created_at < days_before(naive_now(), BOUNDED)
FAILURE = _c.outcome != "SUCCESS"
_WINDOW = since("suspicious_window", DAY)


def _of_type(*types: str) -> ColumnElement[bool]:
    return _c.event_type.in_(types)


_ERRORS = "created_at severity event_type error_code error_message source_system correlation_id"
_STAFF = "created_at performed_by performed_by_role event_type action resource_type resource_id outcome"

VIEWS = (
    view("all", "Every event, the latest first.", "-created_at"),
    view(
        "suspicious",
        "Of the last 24 hours (setting suspicious_window, in seconds): the fifth and later failed "
        "authentications of a user within 15 minutes, the third and later address of a user within an hour, "
        "CRITICAL events; the latest first.",
        "-created_at",
        and_(_c.created_at >= _WINDOW, _c.id.in_(select(suspicious(_WINDOW).c.id))),
    ),
    view(
        "failed-authentications",
        "Failed authentications, the latest first.",
        "-created_at",
        _of_type(FAILED),
        listed="created_at severity user_id_hash ip_address geolocation error_code user_agent",
    ),
    view("critical", "Events of the severity CRITICAL.", "-created_at", _c.severity == "CRITICAL"),
    view("errors", "Events of the severity ERROR.", "-created_at", _c.severity == "ERROR", listed=_ERRORS),
    view("warnings", "Events of the severity WARNING.", "-created_at", _c.severity == "WARNING"),
    view("failures", "Events that failed or were denied, the latest first.", "-created_at", FAILURE),
    view(
        "timeline",
        "Events that concern a user; the link of a user's record leads to those of that user.",
        "-created_at",
        _c.user_id_hash.is_not(None),
    ),
    view(
        "access",
        "Logins, logouts and failed authentications, the latest first.",
        "-created_at",
        _of_type("USER_LOGIN", "USER_LOGOUT", FAILED),
        listed="created_at event_type outcome user_id_hash ip_address geolocation client_version",
    ),
    view(
        "revocations",
        "Credentials revoked, suspended or reinstated, the latest first.",
        "-created_at",
        _of_type("CREDENTIAL_REVOKED", "CREDENTIAL_SUSPENDED", "CREDENTIAL_REINSTATED"),
        listed=_STAFF,
    ),
    view("on-users", "Events on users' records.", "-created_at", _c.resource_type == "USER"),
    view("on-credentials", "Events on credentials.", "-created_at", _c.resource_type == "CREDENTIAL"),
    view("on-payments", "Events on payments.", "-created_at", _c.resource_type == "PAYMENT"),
    view(
        "by-staff",
        "Events that a named person or program caused, the latest first.",
        "-created_at",
        _c.performed_by.is_not(None),
        listed=_STAFF,
    ),
    view(
        "flagged",
        "Events with compliance flags, the latest first.",
        "-created_at",
        _c.compliance_flags.is_not(None),
        listed="created_at compliance_flags event_type severity user_id_hash resource_type description",
    ),
    view(
        "slow",
        "Events that took 5 seconds or longer, the latest first.",
        "-created_at",
        _c.duration_ms >= 5000,
        listed="created_at duration_ms event_type source_system outcome error_code correlation_id",
    ),
    view(
        "old-events",
        "Events that are older than their retention_days, or than seven years where they name none "
        "(setting retention_days); the oldest first.",
        "created_at",
        OVERDUE,
        listed="created_at retention_days event_type severity user_id_hash resource_type description",
    ),
)

COMPLIANCE = figure(
    "compliance-report",
    "Events in a range of dates by type: how many, on how many users, how they ended.",
    select(
        _c.event_type,
        func.count().label("events"),
        func.count(_c.user_id_hash.distinct()).label("users"),
        count_if(_c.outcome == "SUCCESS").label("succeeded"),
        count_if(FAILURE).label("failed"),
        count_if(_c.severity == "CRITICAL").label("critical"),
        count_if(_c.compliance_flags.is_not(None)).label("flagged"),
        func.min(_c.created_at).label("first"),
        func.max(_c.created_at).label("last"),
    )
    .where(between(_c.created_at))
    .group_by(_c.event_type)
    .order_by(_c.event_type),
    FROM,
    TO,
)

FLAGS = figure(
    "by-flag",
    "Events in a range of dates by their compliance flags.",
    select(
        _c.compliance_flags,
        func.count().label("events"),
        func.count(_c.user_id_hash.distinct()).label("users"),
        func.max(_c.created_at).label("last"),
    )
    .where(between(_c.created_at), _c.compliance_flags.is_not(None))
    .group_by(_c.compliance_flags)
    .order_by(func.count().desc(), _c.compliance_flags),
    FROM,
    TO,
)


def _grouped(name: str, summary: str, column: ColumnElement[str]) -> Figure:
    """Events since a moment, for each value of a column."""
    statement = (
        select(
            column,
            func.count().label("events"),
            count_if(FAILURE).label("failed"),
            count_if(_c.severity == "CRITICAL").label("critical"),
            func.max(_c.created_at).label("last"),
        )
        .where(recent(_c.created_at))
        .group_by(column)
        .order_by(func.count().desc(), column)
    )
    return figure(name, summary, statement, WEEK)


BY_DAY = figure(
    "by-day",
    "Events day by day in a range of dates.",
    select(
        day(_c.created_at).label("day"),
        func.count().label("events"),
        count_if(FAILURE).label("failed"),
        count_if(_c.severity == "CRITICAL").label("critical"),
    )
    .where(between(_c.created_at))
    .group_by(day(_c.created_at))
    .order_by(day(_c.created_at)),
    FROM,
    TO,
)

_found = suspicious(since_parameter())

SUSPICIOUS_USERS = figure(
    "suspicious-users",
    "The 100 users with the latest suspicious activities since a moment, by rule.",
    select(
        _found.c.rule,
        _found.c.user_id_hash,
        func.count().label("events"),
        func.min(_found.c.created_at).label("first"),
        func.max(_found.c.created_at).label("last"),
    )
    .group_by(_found.c.rule, _found.c.user_id_hash)
    .order_by(func.max(_found.c.created_at).desc(), _found.c.rule, _found.c.user_id_hash)
    .limit(100),
    Parameter("since", Kind.TIME, "-1d"),
)

FAILED_BY_ADDRESS = figure(
    "failed-by-address",
    "The 20 addresses with the most failed authentications since a moment.",
    select(
        _c.ip_address,
        func.count().label("events"),
        func.count(_c.user_id_hash.distinct()).label("users"),
        func.max(_c.created_at).label("last"),
    )
    .where(_of_type(FAILED), recent(_c.created_at))
    .group_by(_c.ip_address)
    .order_by(func.count().desc(), _c.ip_address)
    .limit(20),
    WEEK,
)

DURATIONS = figure(
    "durations",
    "How long events took since a moment, by type.",
    select(
        _c.event_type,
        func.count(_c.duration_ms).label("events"),
        average(_c.duration_ms).label("average_ms"),
        func.max(_c.duration_ms).label("longest_ms"),
    )
    .where(recent(_c.created_at), _c.duration_ms.is_not(None))
    .group_by(_c.event_type)
    .order_by(func.max(_c.duration_ms).desc(), _c.event_type),
    WEEK,
    kinds={"average_ms": Kind.AMOUNT},
)

RETENTION = figure(
    "retention",
    "Events by how many days they are kept, and how many of them are older than that.",
    select(
        _c.retention_days,
        func.count().label("events"),
        func.min(_c.created_at).label("oldest"),
        count_if(OVERDUE).label("overdue"),
    )
    .group_by(_c.retention_days)
    .order_by(_c.retention_days),
)

AUDIT_EVENTS = entity(
    audit_events,
    listed="created_at severity event_type outcome user_id_hash ip_address resource_type description",
    views=VIEWS,
    figures=(
        COMPLIANCE,
        FLAGS,
        _grouped("by-type", "Events since a moment, by type.", _c.event_type),
        _grouped("by-severity", "Events since a moment, by severity.", _c.severity),
        _grouped("by-actor", "Events since a moment, by who performed them.", _c.performed_by),
        _grouped("by-source", "Events since a moment, by the system that they come from.", _c.source_system),
        _grouped("by-error", "Events since a moment, by the code of their error.", _c.error_code),
        BY_DAY,
        SUSPICIOUS_USERS,
        FAILED_BY_ADDRESS,
        DURATIONS,
        RETENTION,
    ),
    groups={
        "Event": "id created_at event_type action outcome severity description",
        "Subject": "user_id_hash resource_type resource_id tenant_id",
        "Actor": "performed_by performed_by_role source_system",
        "Where from": "ip_address geolocation user_agent device_fingerprint session_id client_version api_version",
        "Change": "previous_values new_values details",
        "Trace": "correlation_id request_id duration_ms error_code error_message stack_trace",
        "Compliance": "compliance_flags retention_days",
    },
    kinds={
        "ip_address": Kind.ADDRESS,
        "details": Kind.JSON,
        "previous_values": Kind.JSON,
        "new_values": Kind.JSON,
    },
    labels={"user_id_hash": "user (SHA-256)", "ip_address": "address", "duration_ms": "duration (ms)"},
    search="id user_id_hash correlation_id event_type",
    links=(
        Link("same user", "audit_events", (("user_id_hash", "user_id_hash"),), many=True),
        Link("user", "users", (("resource_id", "id"),)),
        Link("credential", "credentials", (("resource_id", "id"),)),
        Link("payment", "payments", (("resource_id", "id"),)),
        Link("same operation", "audit_events", (("correlation_id", "correlation_id"),), many=True),
        Link("same session", "audit_events", (("session_id", "session_id"),), many=True),
    ),
    aliases="audit events audit_event",
    title="event_type description",
)
