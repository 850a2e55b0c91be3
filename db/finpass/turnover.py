"""What payments add up to: by day, currency, status and reason."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import ColumnElement, func, literal, select, union_all

from db.figures import average, count_if, figure, percentage
from db.finpass.attention import ATTENTION, CAPTURED, FAILED
from db.finpass.moments import FROM, SINCE, TO, between, day, recent
from db.finpass.tables import PAYMENT_STATUSES, payments
from db.model import Figure, Kind, Parameter
from db.types import total

_c = payments.c


def _in_currency(made: Figure) -> Figure:
    """The figure with its money in the currency of each row's own column."""
    return replace(
        made,
        columns=tuple(replace(c, currency="currency") if c.kind is Kind.MONEY else c for c in made.columns),
    )


_SUMS = (
    func.count().label("payments"),
    total(_c.amount).label("amount"),
    total(_c.fee_amount).label("fees"),
    total(_c.tax_amount).label("taxes"),
)

ANALYTICS = _in_currency(
    figure(
        "analytics",
        "Payments made in a range of dates, by currency and status.",
        select(
            _c.currency,
            _c.status,
            *_SUMS,
            average(_c.amount).label("average"),
            func.max(_c.amount).label("largest"),
        )
        .where(between(_c.created_at))
        .group_by(_c.currency, _c.status)
        .order_by(_c.currency, _c.status),
        FROM,
        TO,
    )
)

CAPTURED_TOTAL = _in_currency(
    figure(
        "captured-total",
        "What was captured and not paid back, by currency, over all time or a range of dates.",
        select(_c.currency, *_SUMS)
        .where(CAPTURED, between(_c.created_at))
        .group_by(_c.currency)
        .order_by(_c.currency),
        Parameter("from", Kind.TIME, "1970-01-01"),
        TO,
    )
)

BY_DAY = _in_currency(
    figure(
        "by-day",
        "Payments made in a range of dates, day by day and by currency.",
        select(
            day(_c.created_at).label("day"),
            _c.currency,
            func.count().label("payments"),
            total(_c.amount).label("amount"),
            count_if(CAPTURED).label("captured"),
            count_if(FAILED).label("failed"),
        )
        .where(between(_c.created_at))
        .group_by(day(_c.created_at), _c.currency)
        .order_by(day(_c.created_at), _c.currency),
        FROM,
        TO,
    )
)


def _grouped(name: str, summary: str, column: ColumnElement[str]) -> Figure:
    """How payments went since a moment, for each value of a column."""
    statement = (
        select(
            column,
            func.count().label("payments"),
            *(count_if(_c.status == status).label(status.lower()) for status in PAYMENT_STATUSES),
            percentage(count_if(FAILED), func.count()).label("failed_percent"),
        )
        .where(recent(_c.created_at))
        .group_by(column)
        .order_by(func.count().desc(), column)
    )
    return figure(name, summary, statement, SINCE, kinds={"failed_percent": Kind.PERCENT})


BY_STATUS = _in_currency(
    figure(
        "by-status",
        "Payments made since a moment, by status and currency.",
        select(
            _c.status,
            _c.currency,
            func.count().label("payments"),
            total(_c.amount).label("amount"),
            func.min(_c.created_at).label("oldest"),
        )
        .where(recent(_c.created_at))
        .group_by(_c.status, _c.currency)
        .order_by(_c.status, _c.currency),
        SINCE,
    )
)

FAILURES = figure(
    "failures-by-reason",
    "Payments that failed since a moment, by reason.",
    select(_c.failure_reason, func.count().label("payments"), func.max(_c.failed_at).label("last_failed"))
    .where(FAILED, recent(_c.created_at))
    .group_by(_c.failure_reason)
    .order_by(func.count().desc(), _c.failure_reason),
    SINCE,
)

_reasons = union_all(
    *(
        select(literal(reason).label("reason"), _c.created_at.label("created_at")).where(rule)
        for reason, rule in ATTENTION.items()
    )
).subquery("reasons")

ATTENTION_BY_REASON = figure(
    "attention-by-reason",
    "Why payments need attention, and since when the oldest waits.",
    select(
        _reasons.c.reason,
        func.count().label("payments"),
        func.min(_reasons.c.created_at).label("oldest"),
    )
    .group_by(_reasons.c.reason)
    .order_by(func.count().desc(), _reasons.c.reason),
)

TOP_PAYERS = _in_currency(
    figure(
        "top-payers",
        "The 20 payers with the largest captured sums in one currency since a moment.",
        select(_c.payer_did, _c.currency, func.count().label("payments"), total(_c.amount).label("amount"))
        .where(CAPTURED, recent(_c.created_at))
        .group_by(_c.payer_did, _c.currency)
        .order_by(total(_c.amount).desc(), _c.payer_did, _c.currency)
        .limit(20),
        SINCE,
    )
)

FIGURES = (
    ANALYTICS,
    CAPTURED_TOTAL,
    BY_DAY,
    BY_STATUS,
    _grouped("by-type", "How payments of each type went since a moment.", _c.payment_type),
    _grouped("by-method", "How payments of each method went since a moment.", _c.payment_method),
    _grouped("by-currency", "How payments in each currency went since a moment.", _c.currency),
    FAILURES,
    ATTENTION_BY_REASON,
    TOP_PAYERS,
)
