"""The audit trail and its archive."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Table, bindparam, func, literal, literal_column, select, union_all

from db.declare import entity, naive_now, view
from db.figures import count_if, day, figure, since_parameter
from db.model import Entity, Figure, Kind, Link, Parameter, View
from db.trustsphere.shared import HAND_LINKS, by_text, by_value, of_user, years_ago
from db.trustsphere.tables import accounts, audit_logs, audit_logs_archive, transactions, users
from db.types import Time

_l = audit_logs.c
_SINCE = Parameter("since", Kind.TIME, "-30d")
_UNTIL = Parameter("until", Kind.TIME, "now")
_DONE = ("BALANCE_CHANGED", "STATUS_CHANGED")
"""What the two triggers write."""
_RESOURCES = ("user", "account", "transaction", "notification", "role")


def _views(table: Table, newest: str) -> tuple[View, ...]:
    """What both the live table and the archive offer."""
    c = table.c
    return (
        view("all", newest, "-timestamp"),
        *by_value(
            c.severity,
            {"INFO": "What happens every day.", "WARNING": "Worth a look.", "ERROR": "What went wrong."},
            "-timestamp",
        ),
        *by_value(
            c.resource_type,
            {
                "USER": "About users.",
                "ACCOUNT": "About accounts.",
                "TRANSACTION": "About transactions.",
            },
            "-timestamp",
            "about-",
        ),
        view("sign-ins", "Sign-ins, tried or done.", "-timestamp", c.action.like("LOGIN%")),
        view("failed-sign-ins", "Sign-ins that failed.", "-timestamp", c.action == "LOGIN_FAILED"),
        view("balance-changes", "Balances that changed.", "-timestamp", c.action == "BALANCE_CHANGED"),
        view(
            "status-changes", "Transactions whose status changed.", "-timestamp", c.action == "STATUS_CHANGED"
        ),
        view(
            "without-actor",
            "By no user: the system itself, or a user since deleted.",
            "-timestamp",
            c.actor_user_id.is_(None),
        ),
    )


def _past(table: Table) -> View:
    return view(
        "past-retention",
        "Older than the 7 years that they must be kept, the oldest first.",
        "created_at",
        table.c.created_at < years_ago(7),
    )


_LIVE_VIEWS = (
    view("recent", "Of the last 24 hours.", "-timestamp", _l.timestamp > naive_now(days=-1)),
    view(
        "by-hand",
        "By users, without what the triggers write.",
        "-timestamp",
        _l.actor_user_id.is_not(None) & _l.action.not_in(_DONE),
    ),
    view(
        "archivable",
        "Older than a year, for the archive; the oldest first.",
        "created_at",
        _l.created_at < years_ago(1),
    ),
    _past(audit_logs),
)


def _metric(place: int, name: str, statement: Select[Any]) -> Select[Any]:
    return select(
        literal_column(str(place)).label("place"),
        literal(name).label("metric"),
        statement.scalar_subquery().label("value"),
    )


def _in_period(table: Table) -> Select[Any]:
    made = table.c.created_at
    return (
        select(func.count())
        .select_from(table)
        .where(made > since_parameter(), made <= bindparam("until", type_=Time()))
    )


def _active(table: Table) -> Select[Any]:
    return select(func.count()).select_from(table).where(table.c.status == "ACTIVE")


_metrics = union_all(
    _metric(1, "Total Users", _active(users)),
    _metric(2, "Total Accounts", _active(accounts)),
    _metric(3, "Total Transactions", _in_period(transactions)),
    _metric(4, "Total Audit Logs", _in_period(audit_logs)),
).subquery("metrics")
_COMPLIANCE = figure(
    "compliance",
    "The compliance report: users and accounts that are active, transactions and audit rows of the period "
    "(the last 30 days).",
    select(_metrics.c.metric, _metrics.c.value).order_by(_metrics.c.place),
    _SINCE,
    _UNTIL,
)


def _statistic(name: str, column: str, summary: str) -> Figure:
    by = _l[column]
    statement = (
        select(
            by,
            func.count().label("entries"),
            count_if(_l.severity == "WARNING").label("warnings"),
            count_if(_l.severity == "ERROR").label("errors"),
            func.max(_l.timestamp).label("last"),
        )
        .where(_l.timestamp > since_parameter())
        .group_by(by)
        .order_by(func.count().desc(), by_text(by))
        .limit(100)
    )
    return figure(name, summary, statement, _SINCE)


_daily = (
    select(day(_l.timestamp).label("day"), _l.severity, _l.actor_user_id)
    .where(_l.timestamp > since_parameter())
    .subquery("daily")
    .c
)
_BY_DAY = figure(
    "by-day",
    "Audit rows of each day by severity, and how many users acted; since 30 days ago.",
    select(
        _daily.day,
        func.count().label("entries"),
        count_if(_daily.severity == "WARNING").label("warnings"),
        count_if(_daily.severity == "ERROR").label("errors"),
        func.count(_daily.actor_user_id.distinct()).label("actors"),
    )
    .group_by(_daily.day)
    .order_by(_daily.day.desc()),
    _SINCE,
)

_BY_ACTOR = figure(
    "by-actor",
    "The 100 users who did the most, since 30 days ago.",
    select(
        _l.actor_user_id,
        users.c.email,
        func.count().label("entries"),
        count_if(_l.severity != "INFO").label("warnings_and_errors"),
        func.max(_l.timestamp).label("last"),
    )
    .select_from(audit_logs.join(users, users.c.id == _l.actor_user_id))
    .where(_l.timestamp > since_parameter())
    .group_by(_l.actor_user_id, users.c.email)
    .order_by(func.count().desc(), _l.actor_user_id)
    .limit(100),
    _SINCE,
    kinds={"actor_user_id": Kind.ID},
)

_BY_ADDRESS = figure(
    "failed-sign-ins-by-address",
    "From where sign-ins failed and for how many users, the most first; since 30 days ago.",
    select(
        _l.ip_address,
        func.count().label("failed"),
        func.count(_l.resource_id.distinct()).label("users"),
        func.max(_l.timestamp).label("last"),
    )
    .where(_l.action == "LOGIN_FAILED", _l.timestamp > since_parameter())
    .group_by(_l.ip_address)
    .order_by(func.count().desc(), _l.ip_address)
    .limit(100),
    _SINCE,
)


def _audit(table: Table, views: tuple[View, ...], figures: tuple[Figure, ...], aliases: str) -> Entity:
    return entity(
        table,
        listed="timestamp severity action resource_type resource_id actor ip_address details",
        views=views,
        groups={
            "Event": "id action severity timestamp resource_type resource_id details",
            "Actor": "actor_user_id actor ip_address user_agent session_id",
            "History": "created_at created_by version",
        },
        kinds={"resource_id": Kind.ID},
        computed=(of_user(table.c.actor_user_id, "actor", table, "Actor"),),
        figures=figures,
        search="id resource_id ip_address",
        links=(
            *(Link(name, f"{name}s", (("resource_id", "id"),)) for name in _RESOURCES),
            Link("actor_user", "users", (("actor_user_id", "id"),)),
            Link("same session", table.name, (("session_id", "session_id"),), many=True),
            Link("same record", table.name, (("resource_id", "resource_id"),), many=True),
            *HAND_LINKS[:1],
        ),
        aliases=aliases,
        title="action",
    )


AUDIT_LOGS = _audit(
    audit_logs,
    (*_views(audit_logs, "Every audit row, the latest first."), *_LIVE_VIEWS),
    (
        _COMPLIANCE,
        _statistic("by-severity", "severity", "Audit rows of each severity, since 30 days ago."),
        _statistic("by-action", "action", "What was done how often, since 30 days ago."),
        _statistic("by-resource", "resource_type", "What it was done to, since 30 days ago."),
        _BY_ACTOR,
        _BY_ADDRESS,
        _BY_DAY,
    ),
    "audit log logs",
)
AUDIT_LOGS_ARCHIVE = _audit(
    audit_logs_archive,
    (*_views(audit_logs_archive, "Every archived audit row, the latest first."), _past(audit_logs_archive)),
    (),
    "audit-archive",
)
