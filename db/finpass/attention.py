"""Which payments need attention, and what the rules call open, stale and of high value."""

from __future__ import annotations

from sqlalchemy import and_, case, func

from db.declare import naive_now, setting
from db.finpass.tables import payments

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
FIRST_REASON = case(*((rule, reason) for reason, rule in ATTENTION.items()))
"""The first that holds; NULL where none does."""
