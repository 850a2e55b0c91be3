"""Transactions: what waits for a decision, what went wrong, what is odd; and their archive."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ColumnElement, Table, and_, or_

from db.declare import entity, naive_now, setting, since, view
from db.model import Column, Kind, Link, Queue, View
from db.trustsphere.book import DUAL_FROM
from db.trustsphere.booking import booked
from db.trustsphere.movements import FIGURES
from db.trustsphere.shared import (
    BASE_CURRENCY,
    HAND_LINKS,
    KEPT,
    audit_link,
    by_value,
    of_account,
    years_ago,
)
from db.trustsphere.tables import transactions, transactions_archive
from db.types import Money

_t = transactions.c
PENDING = _t.status == "PENDING"
LARGE = _t.amount >= setting("large_transaction", "10000.00", Money())
_DUAL = setting(DUAL_FROM.name, DUAL_FROM.default, Money())
TWO_PEOPLE = and_(PENDING, or_(_t.amount >= _DUAL, booked(_t.amount, _t.exchange_rate) >= _DUAL))
"""What only two people may approve: by the larger of the amount and what is booked."""

_QUEUE = Queue(since="timestamp", v="approve", x="decline", amount="amount")
_DECISION = "timestamp type amount currency booked source_number target_number source_balance two_people"
_LISTED = "timestamp type status amount currency source_number target_number reference_number description"
_FAILED = "timestamp type amount currency source_number target_number failure_reason reference_number"
_STATUSES = {
    "COMPLETED": "Booked.",
    "FAILED": "Tried, and not booked.",
    "CANCELLED": "Declined or withdrawn before it was booked.",
}
_TYPES = {
    "TRANSFER": "From one account to another.",
    "DEPOSIT": "Money paid in.",
    "WITHDRAWAL": "Money paid out.",
}


def _blank(table: Table) -> ColumnElement[bool]:
    """Whether an account that the type needs is not named."""
    t = table.c
    return or_(
        and_(t.type.in_(("TRANSFER", "WITHDRAWAL")), t.source_account_id.is_(None)),
        and_(t.type.in_(("TRANSFER", "DEPOSIT")), t.target_account_id.is_(None)),
    )


def _beside(table: Table) -> tuple[Column, ...]:
    """What a reviewer wants to see beside the two account ids, and the amount that is booked."""
    t = table.c
    source, target = t.source_account_id, t.target_account_id
    return (
        Column(
            "booked", Kind.MONEY, booked(t.amount, t.exchange_rate), group="Amount", currency=BASE_CURRENCY
        ),
        of_account(source, "account_number", "source_number", table, "Source"),
        of_account(source, "status", "source_status", table, "Source"),
        of_account(source, "balance", "source_balance", table, "Source"),
        of_account(target, "account_number", "target_number", table, "Target"),
        of_account(target, "status", "target_status", table, "Target"),
    )


_TWO_PEOPLE = Column("two_people", Kind.BOOLEAN, TWO_PEOPLE, group="Transaction")
_GROUPS = {
    "Transaction": "id reference_number type status two_people description timestamp processed_at failure_reason",
    "Amount": "amount currency exchange_rate booked fee_amount",
    "Source": "source_account_id source_number source_status source_balance",
    "Target": "target_account_id target_number target_status",
    "Client": "ip_address user_agent session_id",
    "History": KEPT,
}
_LINKS = (
    audit_link("TRANSACTION"),
    audit_link("TRANSACTION", archive=True),
    Link("same session", "audit_logs", (("session_id", "session_id"),), many=True),
    *HAND_LINKS,
)

_QUEUES = (
    view(
        "pending",
        "Waiting for a decision, the oldest first.",
        "timestamp",
        PENDING,
        listed=_DECISION,
        queue=_QUEUE,
    ),
    view(
        "pending-large",
        "Waiting, and for two people to approve: from 10 000.00, the largest first.",
        "-amount",
        TWO_PEOPLE,
        listed=_DECISION,
        queue=_QUEUE,
    ),
    view(
        "pending-old",
        "Waiting for more than 24 hours, the oldest first.",
        "timestamp",
        and_(PENDING, _t.timestamp < since("pending_seconds", 86400)),
        listed=_DECISION,
        queue=_QUEUE,
    ),
)


def _states(table: Table) -> tuple[View, ...]:
    """One view for each final status and each type."""
    return (
        *by_value(table.c.status, _STATUSES, "-timestamp"),
        *by_value(table.c.type, _TYPES, "-timestamp"),
    )


TRANSACTIONS = entity(
    transactions,
    listed=_LISTED,
    views=(
        view("all", "Every transaction, the latest first.", "-timestamp"),
        *_QUEUES,
        *_states(transactions),
        view("recent", "Of the last 24 hours.", "-timestamp", _t.timestamp > naive_now(days=-1)),
        view(
            "failed-recently",
            "Failed within 24 hours, the latest first.",
            "-timestamp",
            and_(_t.status == "FAILED", _t.timestamp > naive_now(days=-1)),
            listed=_FAILED,
        ),
        view("large", "From 10 000.00, the largest first.", "-amount", LARGE),
        view("foreign", "In another currency than the accounts.", "-timestamp", _t.currency != BASE_CURRENCY),
        view("with-fee", "With a fee.", "-timestamp", _t.fee_amount > Decimal("0.00")),
        view(
            "same-account",
            "Transfers from an account to itself.",
            "-timestamp",
            _t.source_account_id == _t.target_account_id,
        ),
        view(
            "without-account",
            "Where an account that the type needs is not named: blanked when the account was deleted.",
            "-timestamp",
            _blank(transactions),
        ),
        view(
            "archivable",
            "Older than 2 years, for the archive; the oldest first.",
            "created_at",
            _t.created_at < years_ago(2),
        ),
    ),
    groups=_GROUPS,
    kinds={"exchange_rate": Kind.AMOUNT},
    currency={"amount": "currency", "fee_amount": BASE_CURRENCY},
    computed=(_TWO_PEOPLE, *_beside(transactions)),
    figures=FIGURES,
    search="reference_number id",
    links=_LINKS,
    aliases="transaction tx t payments",
    title="reference_number",
)

_ARCHIVE_LINKS = (
    Link("source_account", "accounts", (("source_account_id", "id"),)),
    Link("target_account", "accounts", (("target_account_id", "id"),)),
    *_LINKS,
)

TRANSACTIONS_ARCHIVE = entity(
    transactions_archive,
    listed=_LISTED,
    views=(
        view("all", "Every archived transaction, the latest first.", "-timestamp"),
        *_states(transactions_archive),
    ),
    groups={**_GROUPS, "Transaction": _GROUPS["Transaction"].replace("two_people ", "")},
    kinds={"exchange_rate": Kind.AMOUNT},
    currency={"amount": "currency", "fee_amount": BASE_CURRENCY},
    computed=_beside(transactions_archive),
    search="reference_number id",
    links=_ARCHIVE_LINKS,
    aliases="transaction-archive",
    title="reference_number",
)
