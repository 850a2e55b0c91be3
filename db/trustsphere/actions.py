"""What can be done to TrustSphere's records."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, or_, select

from db.actions import RESTORE, always, dual, state, transition
from db.change import Change
from db.model import Action, Context, Field, Kind, Risk, Values
from db.trustsphere import book
from db.trustsphere.shared import BASE_CURRENCY
from db.trustsphere.tables import roles, transactions, user_roles

_GRANTS = "role grants"
_ROLE = Field("role", Kind.TEXT, "role", source="roles/name")


def _is_locked(row: Values, context: Context) -> str | None:
    until, attempts = row["account_locked_until"], row["failed_login_attempts"]
    if attempts or (isinstance(until, datetime) and until > context.now):
        return None
    return f"It is not locked (until {until or 'never'}) and has {attempts} failed attempts; there is nothing to unlock."


def _not_expired(row: Values, context: Context) -> str | None:
    expires = row["password_expires_at"]
    if isinstance(expires, datetime) and expires > context.now:
        return None
    return f"Its password has expired already: {expires}."


def _role(change: Change) -> tuple[Any, bool]:
    """The id of the role in the form, and whether the user holds it."""
    name, user = change.form["role"], change.facts.key[0]
    found = change.read(select(roles.c.id).where(or_(roles.c.name == name, roles.c.id == name)))
    if not found:
        change.refuse(f"There is no role '{name}'.")
    role = found[0]["id"]
    held = select(user_roles.c.role_id).where(user_roles.c.user_id == user, user_roles.c.role_id == role)
    return role, bool(change.read(held))


def _grant(change: Change) -> None:
    role, held = _role(change)
    if held:
        change.refuse(f"The user has the role '{change.form['role']}' already.")
    change.insert(
        user_roles,
        _GRANTS,
        f"role {change.form['role']}",
        user_id=change.facts.key[0],
        role_id=role,
        created_at=change.now,
        created_by=change.facts.actor or None,
    )
    change.update()


def _revoke(change: Change) -> None:
    role, held = _role(change)
    if not held:
        change.refuse(f"The user does not have the role '{change.form['role']}'.")
    grant = and_(user_roles.c.user_id == change.facts.key[0], user_roles.c.role_id == role)
    change.delete(user_roles, grant, _GRANTS, f"role {change.form['role']}")
    change.update()


def _close(change: Change) -> None:
    account, balance = change.facts.key[0], change.row["balance"]
    if balance != 0:
        change.refuse(f"It holds {balance} {BASE_CURRENCY}; only an account at 0.00 is closed.")
    t = transactions.c
    mine = or_(t.source_account_id == account, t.target_account_id == account)
    pending = change.read(select(func.count().label("n")).where(t.status == "PENDING", mine))[0]["n"]
    if pending:
        change.refuse(f"{pending} of its transactions are pending; decide them first.")
    change.update(status="CLOSED")


def _set_limit(change: Change) -> None:
    limit: Decimal = change.form["limit"]
    if limit <= 0:
        change.refuse(f"A daily limit is more than 0.00; {limit} is not.")
    if limit == (now := change.row["daily_transaction_limit"]):
        change.refuse(f"The daily limit is {now} already.")
    change.update(daily_transaction_limit=limit)


def _raised(row: Values, form: Values, settings: Values) -> Risk:
    """Two people, where more would be allowed than today."""
    return Risk.DUAL if form["limit"] > row["daily_transaction_limit"] else Risk.NORMAL


USERS = (
    transition(
        "users",
        "suspend",
        "ACTIVE -> SUSPENDED",
        "Suspends the user: no sign-in until reactivated.",
        inverse="reactivate",
        audit={"action": "USER_SUSPENDED"},
    ),
    transition(
        "users",
        "reactivate",
        "SUSPENDED INACTIVE -> ACTIVE",
        "Lets the user sign in again.",
        inverse="suspend",
        audit={"action": "USER_REACTIVATED"},
    ),
    Action(
        "unlock",
        "users",
        "Lifts the lock and sets the failed attempts to 0.",
        _is_locked,
        lambda change: change.update(failed_login_attempts=0, account_locked_until=None),
        ("failed_login_attempts", "account_locked_until"),
        inverse=RESTORE,
        audit={"action": "USER_UNLOCKED"},
    ),
    Action(
        "expire-password",
        "users",
        "Makes the user choose a new password at the next sign-in.",
        _not_expired,
        lambda change: change.update(password_expires_at=change.now),
        ("password_expires_at",),
        inverse=RESTORE,
        audit={"action": "PASSWORD_EXPIRED"},
    ),
    Action(
        "grant-role",
        "users",
        "Gives the user a role.",
        always,
        _grant,
        ("status",),
        fields=(_ROLE,),
        risk=dual,
        inverse="revoke-role",
        dependents=(_GRANTS,),
        audit={"action": "ROLE_GRANTED"},
    ),
    Action(
        "revoke-role",
        "users",
        "Takes a role from the user.",
        always,
        _revoke,
        ("status",),
        fields=(_ROLE,),
        risk=dual,
        inverse="grant-role",
        dependents=(_GRANTS,),
        audit={"action": "ROLE_REVOKED"},
    ),
)

ACCOUNTS = (
    transition(
        "accounts",
        "freeze",
        "ACTIVE -> FROZEN",
        "Freezes the account: nothing is booked on it.",
        inverse="unfreeze",
        audit={"action": "ACCOUNT_FROZEN"},
    ),
    transition(
        "accounts",
        "unfreeze",
        "FROZEN -> ACTIVE",
        "Lets the account be booked on again.",
        inverse="freeze",
        audit={"action": "ACCOUNT_UNFROZEN"},
    ),
    Action(
        "close",
        "accounts",
        "Closes the account for good.",
        state("ACTIVE", "FROZEN"),
        _close,
        ("status", "balance"),
        risk=dual,
        final="A closed account is not opened again.",
        irreversible=True,
        audit={"action": "ACCOUNT_CLOSED"},
    ),
    Action(
        "set-limit",
        "accounts",
        "Sets how much may leave the account in a day.",
        state("ACTIVE", "FROZEN"),
        _set_limit,
        ("status", "daily_transaction_limit"),
        label="set daily limit",
        fields=(Field("limit", Kind.MONEY, "daily limit"),),
        risk=_raised,
        inverse="set-limit",
        back=lambda before, form: {"limit": str(before["daily_transaction_limit"])},
        audit={"action": "DAILY_LIMIT_SET"},
    ),
)

TRANSACTIONS = (
    Action(
        "approve",
        "transactions",
        "Books the transaction on its accounts and completes it.",
        state("PENDING"),
        book.book,
        ("status", "type", "amount", "fee_amount", "exchange_rate", "source_account_id", "target_account_id"),
        risk=book.risk,
        final="A booked transaction is not taken back; a new one corrects it.",
        dependents=(book.BOOKED,),
        audit={"action": "TRANSACTION_APPROVED"},
    ),
    transition(
        "transactions",
        "decline",
        "PENDING -> CANCELLED",
        "Cancels the transaction; no money moves.",
        also=lambda change: {"failure_reason": change.reason},
        final="A cancelled transaction stays cancelled; a new one takes its place.",
        audit={"action": "TRANSACTION_DECLINED"},
    ),
)

NOTIFICATIONS = (
    transition(
        "notifications",
        "retry",
        "FAILED -> PENDING",
        "Puts the notification back in the queue to be sent.",
        inverse=RESTORE,
        audit={"action": "NOTIFICATION_RETRIED"},
    ),
)

ACTIONS = (*USERS, *ACCOUNTS, *TRANSACTIONS, *NOTIFICATIONS)
SETTINGS = (book.DUAL_FROM,)
