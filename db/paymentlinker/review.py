"""The rules of the review queue: what waits for a person, and what two people must approve."""

from __future__ import annotations

from sqlalchemy import Integer, and_, or_

from db.declare import setting
from db.paymentlinker.shared import kept
from db.paymentlinker.tables import applications
from db.types import Money

_a = applications.c

UNDECIDED = _a.decision.in_(("review", "manual_review", "refer"))
"""Left to a person; the system writes three words for it."""
WAITING = and_(kept(applications), _a.reviewed_at.is_(None), UNDECIDED)
"""The review queue."""
HIGH_LIMIT = _a.requested_limit >= setting("dual_requested_limit", "50000.00", Money(12, 2))
HIGH_SCORE = setting("dual_risk_score", "800", Integer())
HIGH_RISK = _a.risk_score >= HIGH_SCORE
TWO_PEOPLE = or_(HIGH_LIMIT, HIGH_RISK)
"""What only two people may approve."""
