"""Wallets, withdrawals and orders."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any

from sqlalchemy import select

from db.actions import RESTORE, both, dual, state, transition
from db.change import Change
from db.model import Action, Values
from db.multipass.tables import wallet_balances

RELEASED = "balances released"
"""The words under which the balance is counted of which an amount is released."""
_EXACT = Context(prec=80)
"""Amounts have 38 digits; Python's own arithmetic rounds to 28."""

WALLETS = (
    transition(
        "wallet_accounts",
        "freeze",
        "active -> frozen",
        "Freezes the wallet: nothing moves in or out of it.",
        inverse="unfreeze",
    ),
    transition(
        "wallet_accounts",
        "unfreeze",
        "frozen -> active",
        "Lets the wallet be used again.",
        inverse="freeze",
    ),
)


def _reject(change: Change) -> None:
    """What the withdrawal has locked becomes available again; the sum of both stays."""
    amount, balance = _number(change, "amount", change.row), _balance(change)
    locked, available = (_number(change, name, balance) for name in ("locked", "available"))
    asset = change.row["asset"]
    if amount <= 0:
        change.refuse(f"The withdrawal is of {amount} {asset}; there is nothing to release.")
    if locked < amount:
        change.refuse(
            f"Only {locked} {asset} are locked in the wallet, and the withdrawal is of {amount}; nothing is released."
        )
    change.dependent(
        wallet_balances,
        balance,
        RELEASED,
        f"{asset} of the wallet:",
        locked=_EXACT.subtract(locked, amount),
        available=_EXACT.add(available, amount),
    )
    change.update(status="rejected")


def _balance(change: Change) -> Values:
    """The wallet's balance in the asset, locked; raises Refused where there is not exactly one."""
    b, row = wallet_balances.c, change.row
    wanted = select(b.id).where(b.wallet_id == row["wallet_id"], b.asset == row["asset"])
    ids = [found["id"] for found in change.read(wanted)]
    if len(ids) != 1:
        change.refuse(f"The wallet has {len(ids)} balances in {row['asset']}, not one; nothing is released.")
    found = change.lock(wallet_balances, ids, "available locked")
    if not found:
        change.refuse(f"The wallet's balance in {row['asset']} is gone; nothing is released.")
    return found[ids[0]]


def _number(change: Change, name: str, row: Values) -> Decimal:
    """A number that can be reckoned with; raises Refused for ``NaN`` and the like, which only others store."""
    value: Any = row[name]
    if not isinstance(value, Decimal) or not value.is_finite():
        change.refuse(f"{name} is {value}, which is no number to reckon with; nothing is released.")
    return value


TRANSACTIONS = (
    Action(
        "reject",
        "wallet_transactions",
        "Rejects the pending withdrawal and makes its locked amount available again.",
        both(state("withdrawal", column="kind"), state("pending")),
        _reject,
        ("kind", "status", "wallet_id", "asset", "amount"),
        risk=dual,
        final="A rejected withdrawal stays rejected; the holder asks for a new one.",
        dependents=(RELEASED,),
    ),
)

ORDERS = (
    transition(
        "market_orders",
        "cancel",
        "open partial -> cancelled",
        "Cancels what is not filled of the order.",
        inverse=RESTORE,
    ),
)
