"""Payments: from one DID to another, with what the KYC decided about them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_

from db.declare import entity, view
from db.finpass.attention import (
    ATTENTION,
    FIRST_REASON,
    HAS_TOKEN,
    HIGH_VALUE,
    JUST_FAILED,
    OPEN,
    STALE_AUTHORIZED,
    STALE_PENDING,
    UNCHECKED,
)
from db.finpass.tables import payments, users
from db.finpass.turnover import FIGURES
from db.model import Column, Kind, Link, Queue

_c = payments.c


def _payer(*statuses: str) -> ColumnElement[bool]:
    return exists().where(users.c.did == _c.payer_did, users.c.status.in_(statuses)).correlate(payments)


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
        listed="created_at status amount attention payer_did payee_did has_kyc_token",
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

PAYMENTS = entity(
    payments,
    listed="created_at status amount payer_did payee_did payment_type has_kyc_token",
    views=VIEWS,
    figures=FIGURES,
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
    computed=(
        Column("has_kyc_token", Kind.BOOLEAN, HAS_TOKEN, "KYC token", group="KYC"),
        Column("attention", Kind.TEXT, FIRST_REASON, group="Payment"),
    ),
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
