"""The rules of the review queue: what waits for a person, and what two people must approve."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, and_, or_

from db.declare import setting
from db.model import Kind, Risk, Setting, Values
from db.paymentlinker.shared import kept
from db.paymentlinker.tables import applications
from db.types import Money

_a = applications.c

DUAL_LIMIT = Setting(
    "dual_requested_limit",
    "50000.00",
    "From this requested limit on it takes two people to approve an application.",
)
DUAL_SCORE = Setting(
    "dual_risk_score",
    "800",
    "From this risk score on it takes two people to approve an application.",
    Kind.INTEGER,
)
OPEN = ("review", "manual_review", "refer")
"""The decisions that leave it to a person; the system writes three words for it."""

UNDECIDED = _a.decision.in_(OPEN)
"""Left to a person."""
WAITING = and_(kept(applications), _a.reviewed_at.is_(None), UNDECIDED)
"""The review queue."""
HIGH_LIMIT = _a.requested_limit >= setting(DUAL_LIMIT.name, DUAL_LIMIT.default, Money(12, 2))
HIGH_SCORE = setting(DUAL_SCORE.name, DUAL_SCORE.default, Integer())
HIGH_RISK = _a.risk_score >= HIGH_SCORE
TWO_PEOPLE = or_(HIGH_LIMIT, HIGH_RISK, _a.requested_limit.is_(None), _a.risk_score.is_(None))
"""What only two people may approve; what nobody knows counts as high."""


def risk(row: Values, form: Values, settings: Any) -> Risk:
    """The same for the action."""
    low = _below(row["requested_limit"], DUAL_LIMIT.of(settings)) and _below(
        row["risk_score"], DUAL_SCORE.of(settings)
    )
    return Risk.NORMAL if low else Risk.DUAL


def _below(value: Any, threshold: Decimal) -> bool:
    """Not for NaN, nor for what is no number at all."""
    return isinstance(value, int | Decimal) and Decimal(value).is_finite() and value < threshold
