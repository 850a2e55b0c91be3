"""Invented payments: the first ones in every combination of status, age, value and KYC token."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import sha256
from itertools import product
from typing import Any

from db.finpass.seed.chance import DAY, Chance, at_or_none, did
from db.finpass.seed.holders import CASES, Holder
from db.finpass.seed.words import CURRENCIES, FAILURES, GOODS, MERCHANTS, METHODS, NOT_JSON, REFUNDS
from db.finpass.tables import PAYMENT_STATUSES, PAYMENT_TYPES
from db.invent import epoch

COLUMNS = (
    "id", "payer_did", "payee_did", "amount", "currency", "status", "payment_type", "kyc_decision_token",
    "payment_method", "transaction_id", "reference_id", "description", "fee_amount", "tax_amount", "total_amount",
    "authorized_at", "captured_at", "failed_at", "refunded_at", "failure_reason", "refund_reason", "metadata",
    "created_at", "updated_at", "completed_at",
)  # fmt: skip
_AGES = (0.08, 1.3, 10.0, 100.0)
"""Days since the payment was made."""
_CASES = tuple(product(PAYMENT_STATUSES, _AGES, (False, True), (False, True)))
_CENT = Decimal("0.01")
_FEE, _TAX = Decimal("0.015"), Decimal("0.19")


@dataclass(frozen=True, slots=True)
class Payment:
    """What the audit tells of a payment: each status that it had, and since when."""

    id: str
    subject: str
    """The SHA-256 of the payer's DID."""
    steps: tuple[tuple[str, float], ...]


class Till:
    """Makes the payments of one payer after another."""

    def __init__(self, chance: Chance, seed: int, holders: int) -> None:
        self.chance = chance
        self.seed = seed
        self.holders = holders
        self.made = 0

    def of(self, holder: Holder) -> list[tuple[Payment, tuple[Any, ...]]]:
        """The payments that a holder made, and now and then one that a stranger made to them."""
        number = 3 if holder.number < CASES else min(40, int(self.chance.random.expovariate(0.55)))
        return [self._pay(holder) for _ in range(number)]

    def _pay(self, holder: Holder) -> tuple[Payment, tuple[Any, ...]]:
        chance, draw = self.chance, self.chance.random.random
        key = next(chance.ids)
        payer, payee, subject = self._parties(holder)
        status, created, amount, has_token = self._case(holder)
        steps = _steps(chance, status, created)
        when = dict(steps)
        ended = when.get(status) if status not in ("PENDING", "AUTHORIZED") else None
        fee = (amount * _FEE).quantize(_CENT, ROUND_HALF_EVEN) if draw() < 0.8 else None
        tax = (fee * _TAX).quantize(_CENT, ROUND_HALF_EVEN) if fee is not None and draw() < 0.7 else None
        kind = PAYMENT_TYPES[0] if draw() < 0.7 else PAYMENT_TYPES[1] if draw() < 0.5 else PAYMENT_TYPES[2]
        row = (
            key, payer, payee, amount, chance.pick(CURRENCIES), status, kind,
            _token(chance) if has_token else None, chance.pick(METHODS),
            None if status == "PENDING" and draw() < 0.5 else f"TX-{key[:8]}-{self.made:08d}".upper(),
            None if kind == "ONE_TIME" and draw() < 0.6 else f"REF-{holder.subject[:10]}",
            self._description(), fee, tax, amount + (fee or 0) + (tax or 0),
            at_or_none(when.get("AUTHORIZED")), at_or_none(when.get("CAPTURED")), at_or_none(when.get("FAILED")),
            at_or_none(when.get("REFUNDED")), chance.pick(FAILURES) if status == "FAILED" else None,
            chance.pick(REFUNDS) if status == "REFUNDED" else None, self._metadata(), epoch(created), epoch(steps[-1][1]),
            at_or_none(ended),
        )  # fmt: skip
        self.made += 1
        return Payment(key, subject, steps), row

    def _parties(self, holder: Holder) -> tuple[str, str, str]:
        """Payer, payee, and the digest of the payer."""
        drawn = self.chance.random.random()
        if drawn < 0.03 or self.made == 5:
            stranger = did(self.seed, -1 - self.made)
            return stranger, holder.did, sha256(stranger.encode()).hexdigest()
        if drawn < 0.4:
            return holder.did, self.chance.pick(MERCHANTS), holder.subject
        other = (holder.number + 1 + int(self.chance.random.random() * (self.holders - 1))) % self.holders
        return holder.did, did(self.seed, other), holder.subject

    def _case(self, holder: Holder) -> tuple[str, float, Decimal, bool]:
        """Status, time, amount, and whether the KYC gave a token."""
        chance = self.chance
        amount = chance.money()
        if self.made < len(_CASES):
            status, age, large, has_token = _CASES[self.made * 29 % len(_CASES)]
            small = amount if amount < 9000 else Decimal("9999.99")
            return status, chance.now - DAY * age, small + 10_000 if large else small, has_token
        created = chance.moment(holder.created, chance.now - 30.0, 1.6)
        drawn = chance.random.random()
        has_token = drawn < 0.995 if amount >= 1000 else drawn < 0.1
        return self._status(chance.now - created), created, amount, has_token

    def _status(self, age: float) -> str:
        """By its age: what is new is open yet, what is old is hardly ever."""
        drawn = self.chance.random.random()
        if age < 3600:
            drawn *= 0.08
        elif age > 9 * DAY and drawn < 0.0195:
            drawn = 1.0
        bounds = ((0.004, "PENDING"), (0.02, "AUTHORIZED"), (0.09, "FAILED"), (0.13, "REFUNDED"))
        return next((s for bound, s in bounds if drawn < bound), "CANCELLED" if drawn < 0.16 else "CAPTURED")

    def _description(self) -> str | None:
        drawn = self.chance.random.random()
        if self.chance.hostile and (self.made % 500 == 9 or drawn > 0.995):
            return self.chance.attack(400)
        if drawn < 0.1:
            return None
        return self.chance.pick(GOODS).format(n=self.chance.random.randrange(1000, 99999))

    def _metadata(self) -> str | None:
        drawn = self.chance.random.random()
        if drawn < 0.02:
            return self.chance.pick(NOT_JSON)
        if drawn < 0.5:
            return None
        return f'{{"channel": "{self.chance.pick(("app", "web", "api"))}", "attempt": {1 + int(drawn * 100) % 3}}}'


def _steps(chance: Chance, status: str, created: float) -> tuple[tuple[str, float], ...]:
    """The statuses up to the present one, each a while after the one before."""
    names = {
        "PENDING": (),
        "AUTHORIZED": ("AUTHORIZED",),
        "CAPTURED": ("AUTHORIZED", "CAPTURED"),
        "FAILED": ("FAILED",) if created % 2 < 1 else ("AUTHORIZED", "FAILED"),
        "REFUNDED": ("AUTHORIZED", "CAPTURED", "REFUNDED"),
        "CANCELLED": ("CANCELLED",),
    }[status]
    steps = [("PENDING", created)]
    for name in names:
        last = steps[-1][1]
        typical = 5 * DAY if name == "REFUNDED" else 600.0
        steps.append((name, last + min((chance.now - last) / 2, chance.random.expovariate(1 / typical))))
    return tuple(steps)


def _token(chance: Chance) -> str:
    """Of the form of a token, and of no use."""
    return f"kyc.{chance.hexadecimal(24)}.{chance.hexadecimal(32)}"
