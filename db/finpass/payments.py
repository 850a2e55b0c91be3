"""Payments: from one DID to another, with what the KYC decided about them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, union_all

from db.declare import entity, naive_now, setting, view
from db.figures import average, count_if, figure, percentage
from db.finpass.moments import FROM, SINCE, TO, between, day, recent
from db.finpass.tables import PAYMENT_STATUSES, payments, users
from db.model import Column, Figure, Kind, Link, Parameter, Queue
from db.types import total

_c = payments.c

PENDING = _c.status == "PENDING"
AUTHORIZED = _c.status == "AUTHORIZED"
CAPTURED = _c.status == "CAPTURED"
FAILED = _c.status == "FAILED"
OPEN = _c.status.in_(("PENDING", "AUTHORIZED"))
HAS_TOKEN = func.coalesce(_c.kyc_decision_token, "") != ""
HIGH_VALUE = _c.amount >= setting("high_value", "10000.00")
"""The threshold of the policy, whatever the currency."""

STALE_PENDING = and_(PENDING, _c.created_at < naive_now(hours=-24))
STALE_AUTHORIZED = and_(AUTHORIZED, func.coalesce(_c.authorized_at, _c.created_at) < naive_now(days=-7))
JUST_FAILED = and_(FAILED, func.coalesce(_c.failed_at, _c.updated_at) >= naive_now(hours=-24))
UNCHECKED = and_(HIGH_VALUE, ~HAS_TOKEN)
ATTENTION = {
    "pending for more than 24 hours": STALE_PENDING,
    "authorized more than 7 days ago": STALE_AUTHORIZED,
    "failed within 24 hours": JUST_FAILED,
    "high value without a KYC token": UNCHECKED,
}
"""Why a payment needs attention; more than one may hold."""


def _payer(*statuses: str) -> ColumnElement[bool]:
    return exists().where(users.c.did == _c.payer_did, users.c.status.in_(statuses)).correlate(payments)


def _in_currency(made: Figure) -> Figure:
    """The figure with its money in the currency of each row's own column."""
    return replace(
        made,
        columns=tuple(replace(c, currency="currency") if c.kind is Kind.MONEY else c for c in made.columns),
    )


_BY_STATUS = {
    "PENDING": ("Payments that wait for their authorization, the oldest first.", "created_at"),
    "AUTHORIZED": ("Payments that wait for their capture, the oldest first.", "created_at"),
    "CAPTURED": ("Payments that were captured, the latest first.", "-created_at"),
    "FAILED": ("Payments that failed, the latest first.", "-created_at"),
    "REFUNDED": ("Payments that were paid back, the latest first.", "-created_at"),
    "CANCELLED": ("Payments that were cancelled, the latest first.", "-created_at"),
}
_REASONS = {
    "FAILED": "created_at amount payer_did payee_did failed_at failure_reason payment_method",
    "REFUNDED": "created_at amount payer_did payee_did refunded_at refund_reason payment_method",
}

VIEWS = (
    view("all", "Every payment, the latest first.", "-created_at"),
    view(
        "needing-attention",
        "Payments pending for more than 24 hours, authorized more than 7 days ago, failed within 24 hours, "
        "or of high value without a KYC token; the oldest first.",
        "created_at",
        or_(*ATTENTION.values()),
        listed="created_at status amount payer_did payee_did has_kyc_token authorized_at failed_at",
        queue=Queue(since="created_at", v="", x="cancel", amount="amount"),
    ),
    view(
        "stale-pending",
        "Payments pending for more than 24 hours, the oldest first.",
        "created_at",
        STALE_PENDING,
    ),
    view(
        "stale-authorized",
        "Payments authorized more than 7 days ago and not captured, the oldest first.",
        "created_at",
        STALE_AUTHORIZED,
    ),
    view(
        "failed-recently",
        "Payments that failed within 24 hours, the latest first.",
        "-created_at",
        JUST_FAILED,
        listed=_REASONS["FAILED"],
    ),
    view(
        "high-value",
        "Payments of 10000.00 or more (setting high_value), the latest first.",
        "-created_at",
        HIGH_VALUE,
    ),
    view(
        "high-value-without-kyc",
        "Payments of 10000.00 or more (setting high_value) without a KYC token, the latest first.",
        "-created_at",
        UNCHECKED,
    ),
    *(
        view(status.lower(), summary, order, _c.status == status, listed=_REASONS.get(status, ""))
        for status, (summary, order) in _BY_STATUS.items()
    ),
    view("one-time", "Single payments, the latest first.", "-created_at", _c.payment_type == "ONE_TIME"),
    view(
        "recurring",
        "Payments of a recurring series, the latest first.",
        "-created_at",
        _c.payment_type == "RECURRING",
    ),
    view(
        "subscription",
        "Payments of a subscription, the latest first.",
        "-created_at",
        _c.payment_type == "SUBSCRIPTION",
    ),
    view(
        "payer-inactive",
        "Pending or authorized payments whose payer is suspended or terminated, the oldest first.",
        "created_at",
        and_(OPEN, _payer("SUSPENDED", "TERMINATED")),
    ),
    view(
        "payer-unknown",
        "Payments whose payer is not among the users, the latest first.",
        "-created_at",
        ~exists().where(users.c.did == _c.payer_did).correlate(payments),
    ),
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

PAYMENTS = entity(
    payments,
    listed="created_at status amount payer_did payee_did payment_type has_kyc_token",
    views=VIEWS,
    figures=(
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
    ),
    groups={
        "Payment": "id status payment_type payer_did payee_did description",
        "Amounts": "amount currency fee_amount tax_amount total_amount",
        "KYC": "kyc_decision_token",
        "References": "payment_method transaction_id reference_id",
        "Times": "created_at authorized_at captured_at failed_at refunded_at completed_at updated_at",
        "Reasons": "failure_reason refund_reason",
        "More": "metadata",
    },
    masked="kyc_decision_token",
    kinds={"metadata": Kind.JSON},
    currency={
        "amount": "currency",
        "fee_amount": "currency",
        "tax_amount": "currency",
        "total_amount": "currency",
    },
    labels={
        "payer_did": "payer DID",
        "payee_did": "payee DID",
        "kyc_decision_token": "KYC decision token",
    },
    computed=(Column("has_kyc_token", Kind.BOOLEAN, HAS_TOKEN, "KYC token", group="KYC"),),
    search="id payer_did payee_did transaction_id",
    links=(
        Link("payer", "users", (("payer_did", "did"),)),
        Link("payee", "users", (("payee_did", "did"),)),
        Link("same reference", "payments", (("reference_id", "reference_id"),), many=True),
        Link("events on this record", "audit_events", (("id", "resource_id"),), many=True),
    ),
    aliases="payment pay",
    title="transaction_id description",
)
