"""Accounts: what they hold, how far they may go, and what is odd about them."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ColumnElement, and_, exists, func, literal_column, or_, select

from db.declare import entity, naive_now, setting, since, view
from db.figures import average, count_if, figure
from db.model import Figure, Kind, Link
from db.trustsphere import booking
from db.trustsphere.shared import BASE_CURRENCY, HAND_LINKS, KEPT, audit_link, by_text, by_value, of_user
from db.trustsphere.tables import accounts, users
from db.types import Money, total

_a = accounts.c
_NOTHING = Decimal("0.00")
_HUNDRED: ColumnElement[int] = literal_column("100")
_EIGHTY: ColumnElement[int] = literal_column("80")
"""Plain numbers: a percentage is compared without a division, and without the scale of MONEY."""
_OWNER_SUSPENDED = exists().where(users.c.id == _a.user_id, users.c.status == "SUSPENDED").correlate(accounts)
_FLOORS = (
    "balance account_number owner account_type status minimum_balance overdraft_limit last_transaction_at"
)
_LIMITS = "daily_transaction_amount daily_transaction_limit account_number owner account_type status balance"
_MONEY = (
    "balance",
    "daily_transaction_limit",
    "daily_transaction_amount",
    "minimum_balance",
    "overdraft_limit",
)

_VIEWS = (
    view("all", "Every account, the newest first.", "-created_at"),
    *by_value(
        _a.status,
        {
            "ACTIVE": "May be booked on.",
            "FROZEN": "Frozen: nothing is booked until it is unfrozen.",
            "CLOSED": "Closed for good.",
        },
        "-created_at",
    ),
    *by_value(
        _a.account_type,
        {"SAVINGS": "Savings accounts.", "CHECKING": "Checking accounts.", "BUSINESS": "Business accounts."},
        "-created_at",
    ),
    view(
        "overdrawn",
        "With a balance below zero, the deepest first.",
        "balance",
        _a.balance < 0,
        listed=_FLOORS,
    ),
    view(
        "below-minimum",
        "With less than their minimum balance, the least first.",
        "balance",
        _a.balance < _a.minimum_balance,
        listed=_FLOORS,
    ),
    view(
        "near-overdraft-limit",
        "Overdrawn by 80 % of what is allowed or more.",
        "balance",
        and_(
            _a.overdraft_limit > 0,
            -_a.balance * _HUNDRED >= _a.overdraft_limit * _EIGHTY,
        ),
        listed=_FLOORS,
    ),
    view(
        "near-daily-limit",
        "With 80 % or more of today's limit used, the largest amount first.",
        "-daily_transaction_amount",
        _a.daily_transaction_amount * _HUNDRED >= _a.daily_transaction_limit * _EIGHTY,
        listed=_LIMITS,
    ),
    view(
        "high-balance",
        "With 100 000.00 or more, the richest first.",
        "-balance",
        _a.balance >= setting("high_balance", "100000.00", Money()),
    ),
    view(
        "dormant",
        "Active, and without a transaction for 180 days, the longest ago first.",
        "last_transaction_at",
        and_(_a.status == "ACTIVE", _a.last_transaction_at < since("dormant_account_seconds", 180 * 86400)),
        listed="last_transaction_at account_number owner account_type balance created_at",
    ),
    view(
        "never-used",
        "Without any transaction so far, the oldest first.",
        "created_at",
        _a.last_transaction_at.is_(None),
    ),
    view(
        "closed-with-balance",
        "Closed, and yet with money or a debt.",
        "balance",
        and_(_a.status == "CLOSED", _a.balance != 0),
    ),
    view(
        "interest-due",
        "Active savings accounts with a rate, whose interest was never or not within a month calculated.",
        "created_at",
        and_(
            _a.status == "ACTIVE",
            _a.account_type == "SAVINGS",
            _a.interest_rate > 0,
            or_(_a.last_interest_calculation.is_(None), _a.last_interest_calculation < naive_now(days=-31)),
        ),
        listed="created_at account_number owner balance interest_rate last_interest_calculation",
    ),
    view(
        "of-suspended-users",
        "Active accounts of users who are suspended.",
        "-created_at",
        and_(_a.status == "ACTIVE", _OWNER_SUSPENDED),
    ),
    view("recent", "Opened within 7 days.", "-created_at", _a.created_at > naive_now(days=-7)),
)


def _statistic(name: str, column: str, summary: str) -> Figure:
    by = _a[column]
    statement = (
        select(
            by,
            func.count().label("accounts"),
            count_if(_a.balance < 0).label("overdrawn"),
            total(_a.balance).label("balance"),
            average(_a.balance).label("average"),
            func.min(_a.balance).label("lowest"),
            func.max(_a.balance).label("highest"),
        )
        .group_by(by)
        .order_by(by_text(by))
    )
    return booking.in_money(figure(name, summary, statement))


_BY_BOTH = booking.in_money(
    figure(
        "by-type-and-status",
        "How many accounts of each type there are in each status, and what they hold.",
        select(_a.account_type, _a.status, func.count().label("accounts"), total(_a.balance).label("balance"))
        .group_by(_a.account_type, _a.status)
        .order_by(by_text(_a.account_type), by_text(_a.status)),
    )
)

ACCOUNTS = entity(
    accounts,
    listed="account_number owner account_type status balance daily_transaction_amount last_transaction_at",
    views=_VIEWS,
    groups={
        "Account": "id account_number account_type status user_id owner",
        "Balance": "balance minimum_balance overdraft_limit last_transaction_at",
        "Today": "daily_transaction_amount daily_transaction_limit",
        "Interest": "interest_rate last_interest_calculation",
        "History": KEPT,
    },
    kinds={"interest_rate": Kind.AMOUNT},
    currency=dict.fromkeys(_MONEY, BASE_CURRENCY),
    labels={"interest_rate": "interest rate (1 = 100 %)"},
    computed=(of_user(_a.user_id, "owner", accounts, "Account"),),
    figures=(
        _statistic("by-status", "status", "How many accounts there are in each status, and what they hold."),
        _statistic(
            "by-type", "account_type", "How many accounts of each type there are, and what they hold."
        ),
        _BY_BOTH,
        *booking.FIGURES,
    ),
    search="account_number id",
    links=(
        audit_link("ACCOUNT"),
        audit_link("ACCOUNT", archive=True),
        Link("archived (source)", "transactions_archive", (("id", "source_account_id"),), many=True),
        Link("archived (target)", "transactions_archive", (("id", "target_account_id"),), many=True),
        *HAND_LINKS,
    ),
    aliases="account acc a",
    title="account_number",
)
