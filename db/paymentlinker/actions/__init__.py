"""What can be done to Payment Linker's records."""

from __future__ import annotations

from db.paymentlinker.actions import access, fleet, privacy, reviewing, verifying
from db.paymentlinker.review import DUAL_LIMIT, DUAL_SCORE

ACTIONS = (*reviewing.ACTIONS, *privacy.ACTIONS, *access.ACTIONS, *fleet.ACTIONS, *verifying.ACTIONS)
SETTINGS = (DUAL_LIMIT, DUAL_SCORE)
