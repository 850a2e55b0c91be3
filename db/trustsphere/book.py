"""Booking a transaction, by the rule: what moves, which limits hold, and the refusal with the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from db.change import Change
from db.model import Risk, Setting, Values
from db.trustsphere.tables import accounts

CENT = Decimal("0.01")
BOOKED = "accounts booked"
"""The words under which the accounts are counted."""
DUAL_FROM = Setting(
    "approve_dual_from", "10000.00", "From this amount on it takes two people to approve a transaction."
)
_COLUMNS = (
    "account_number status balance daily_transaction_amount daily_transaction_limit minimum_balance "
    "overdraft_limit last_transaction_at version"
)
_SIDES = {"TRANSFER": ("source", "target"), "WITHDRAWAL": ("source",), "DEPOSIT": ("target",)}


@dataclass(frozen=True)
class Leg:
    """What a booking does to one account."""

    account: Values
    change: Decimal
    spent: Decimal
    """How much it adds to the account's daily amount."""

    @property
    def balance(self) -> Decimal:
        """The balance afterwards."""
        return Decimal(self.account["balance"] + self.change)


def booked(transaction: Values) -> Decimal:
    """The amount in the accounts' currency, rounded half-even to cents."""
    product = Decimal(transaction["amount"]) * Decimal(transaction["exchange_rate"])
    return product.quantize(CENT, ROUND_HALF_EVEN)


def risk(transaction: Values, form: Values, settings: Values) -> Risk:
    """Two people from the threshold on, in whichever currency it is larger."""
    large = max(transaction["amount"], booked(transaction)) >= DUAL_FROM.of(settings)
    return Risk.DUAL if large else Risk.NORMAL


def book(change: Change) -> None:
    """Lock the accounts in the order of their ids, check them, move the money."""
    for leg in _legs(change):
        _check(change, leg)
        change.dependent(
            accounts,
            leg.account,
            BOOKED,
            f"account {leg.account['account_number']}",
            balance=leg.balance,
            daily_transaction_amount=leg.account["daily_transaction_amount"] + leg.spent,
            last_transaction_at=change.now,
        )
    change.update(status="COMPLETED", processed_at=change.now)


def _legs(change: Change) -> list[Leg]:
    """The account or accounts of the transaction, with what it does to each; raises Refused where one is missing."""
    t = change.row
    sides = _SIDES.get(t["type"])
    if sides is None:
        change.refuse(f"The type {t['type']} is not known here; nothing is booked.")
    ids = {side: t[f"{side}_account_id"] for side in sides}
    if ids.get("source") is not None and ids.get("source") == ids.get("target"):
        change.refuse("Source and target are the same account; nothing is booked.")
    found = change.lock(accounts, [id_ for id_ in ids.values() if id_ is not None], _COLUMNS)
    for side, id_ in ids.items():
        if id_ is None or id_ not in found:
            change.refuse(f"A {t['type']} needs a {side} account; {id_ or 'none'} is not there.")
    amount, fee = booked(t), Decimal(t["fee_amount"])
    out, into = -(amount + fee), amount - fee if t["type"] == "DEPOSIT" else amount
    if into < 0:
        change.refuse(
            f"The fee of {fee} is more than the {amount} deposited; the balance would fall by {-into}."
        )
    legs = {"source": (out, amount), "target": (into, Decimal(0))}
    return [Leg(found[ids[side]], *legs[side]) for side in sides]


def _check(change: Change, leg: Leg) -> None:
    """Raise Refused where the account is not active or would pass its floor or its daily limit."""
    account, number = leg.account, leg.account["account_number"]
    if account["status"] != "ACTIVE":
        change.refuse(f"Account {number} is {account['status']}; only ACTIVE accounts are booked on.")
    if not leg.spent:
        return
    floor = -account["overdraft_limit"] if account["overdraft_limit"] > 0 else account["minimum_balance"]
    if leg.balance < floor:
        change.refuse(
            f"Account {number} holds {account['balance']}; less {-leg.change} that is {leg.balance}, "
            f"under its floor of {floor}."
        )
    spent, limit = account["daily_transaction_amount"], account["daily_transaction_limit"]
    if spent + leg.spent > limit:
        change.refuse(
            f"Account {number} has moved {spent} today; with {leg.spent} that is {spent + leg.spent}, "
            f"over its daily limit of {limit}."
        )
