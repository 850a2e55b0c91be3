"""The figures of transactions: how many, how much, how they end, and what points nowhere."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import Select, Table, case, func, literal, literal_column, select, union_all

from db.declare import naive_now
from db.figures import count_if, day, figure, since_parameter
from db.model import Figure, Kind, Parameter
from db.trustsphere.booking import booked, in_money
from db.trustsphere.shared import by_text
from db.trustsphere.tables import accounts, audit_logs, notifications, roles, transactions, user_roles, users
from db.types import total

_t = transactions.c
_BOOKED = booked(_t.amount, _t.exchange_rate)
_SINCE = Parameter("since", Kind.TIME, "-30d")


def _statistic(name: str, summary: str, *by: SqlColumn[Any]) -> Figure:
    statement = (
        select(
            *by,
            func.count().label("transactions"),
            total(_BOOKED).label("booked"),
            total(_t.fee_amount).label("fees"),
            func.min(_t.timestamp).label("first"),
            func.max(_t.timestamp).label("last"),
        )
        .group_by(*by)
        .order_by(*(by_text(column) for column in by))
    )
    return in_money(figure(name, summary, statement))


_BY_CURRENCY = figure(
    "by-currency",
    "How many transactions there are in each currency, in its own units and as they are booked.",
    select(
        _t.currency,
        func.count().label("transactions"),
        total(_t.amount).label("amount"),
        func.min(_t.exchange_rate).label("lowest_rate"),
        func.max(_t.exchange_rate).label("highest_rate"),
        total(_BOOKED).label("booked"),
    )
    .group_by(_t.currency)
    .order_by(_t.currency),
    kinds={"amount": Kind.AMOUNT, "lowest_rate": Kind.AMOUNT, "highest_rate": Kind.AMOUNT},
)

_each = select(day(_t.timestamp).label("day"), _t.status, _BOOKED.label("booked"), _t.fee_amount.label("fee"))
_daily = _each.where(_t.timestamp > since_parameter()).subquery("daily").c
_BY_DAY = figure(
    "by-day",
    "Transactions of each day and how they ended, with what was booked and earned; since 30 days ago.",
    select(
        _daily.day,
        func.count().label("transactions"),
        count_if(_daily.status == "COMPLETED").label("completed"),
        count_if(_daily.status == "PENDING").label("pending"),
        count_if(_daily.status == "FAILED").label("failed"),
        count_if(_daily.status == "CANCELLED").label("cancelled"),
        total(case((_daily.status == "COMPLETED", _daily.booked))).label("booked"),
        total(case((_daily.status == "COMPLETED", _daily.fee))).label("fees"),
    )
    .group_by(_daily.day)
    .order_by(_daily.day.desc()),
    _SINCE,
)

_FAILURES = figure(
    "failures",
    "Why transactions failed, the most frequent reason first; since 30 days ago.",
    select(
        _t.failure_reason,
        func.count().label("transactions"),
        total(_BOOKED).label("booked"),
        func.max(_t.timestamp).label("last"),
    )
    .where(_t.status == "FAILED", _t.timestamp > since_parameter())
    .group_by(_t.failure_reason)
    .order_by(func.count().desc(), _t.failure_reason)
    .limit(50),
    _SINCE,
)

_age = case(
    (_t.timestamp > naive_now(hours=-1), "1 under an hour"),
    (_t.timestamp > naive_now(days=-1), "2 under a day"),
    (_t.timestamp > naive_now(days=-7), "3 under a week"),
    else_="4 a week or more",
)
_waiting = (
    select(_age.label("age"), _BOOKED.label("booked")).where(_t.status == "PENDING").subquery("waiting").c
)
_PENDING_AGE = figure(
    "pending-age",
    "How long the pending transactions wait, and how much waits with them.",
    select(_waiting.age, func.count().label("transactions"), total(_waiting.booked).label("booked"))
    .group_by(_waiting.age)
    .order_by(_waiting.age),
)

_REFERENCES: tuple[tuple[str, SqlColumn[Any], Table], ...] = (
    ("transactions.source_account_id", _t.source_account_id, accounts),
    ("transactions.target_account_id", _t.target_account_id, accounts),
    ("accounts.user_id", accounts.c.user_id, users),
    ("user_roles.user_id", user_roles.c.user_id, users),
    ("user_roles.role_id", user_roles.c.role_id, roles),
    ("notifications.user_id", notifications.c.user_id, users),
    ("audit_logs.actor_user_id", audit_logs.c.actor_user_id, users),
)


def _pointing_nowhere(place: int, name: str, source: SqlColumn[Any], target: Table) -> Select[Any]:
    lost = select(func.count()).select_from(source.table.outerjoin(target, target.c.id == source))
    rows = lost.where(source.is_not(None), target.c.id.is_(None)).scalar_subquery()
    return select(
        literal_column(str(place)).label("place"), literal(name).label("reference"), rows.label("orphans")
    )


_found = union_all(*(_pointing_nowhere(n, *reference) for n, reference in enumerate(_REFERENCES))).subquery()
_ORPHANS = figure(
    "orphans",
    "How many rows point to a row that is not there, for each reference; all should be 0.",
    select(_found.c.reference, _found.c.orphans).order_by(_found.c.place),
)

FIGURES = (
    _statistic(
        "by-status", "How many transactions there are in each status, and how much they move.", _t.status
    ),
    _statistic("by-type", "How many transactions there are of each type, and how much they move.", _t.type),
    _statistic(
        "by-type-and-status",
        "How many transactions of each type there are in each status, and how much they move.",
        _t.type,
        _t.status,
    ),
    in_money(_BY_CURRENCY),
    in_money(_BY_DAY),
    in_money(_FAILURES),
    in_money(_PENDING_AGE),
    _ORPHANS,
)
"""In the order of their usefulness."""
