"""FinPass as the console sees it: five entities, what can be done to them, what they are recognised by."""

from __future__ import annotations

from db.finpass.actions import ACTIONS, SETTINGS
from db.finpass.audit import AUDIT_EVENTS
from db.finpass.audit_row import audit, stamp
from db.finpass.credentials import CREDENTIAL_STATUS, CREDENTIALS
from db.finpass.holders import USERS
from db.finpass.payments import PAYMENTS
from db.finpass.tables import metadata
from db.model import System

SYSTEM = System(
    name="finpass",
    title="FinPass",
    dialect="postgresql",
    metadata=metadata,
    entities=(USERS, CREDENTIALS, CREDENTIAL_STATUS, PAYMENTS, AUDIT_EVENTS),
    # Both versions have these columns; the document itself never creates credential_status.
    marks=("users.did", "credentials.credential_jwt"),
    areas={
        "accounts": ("users", "payments"),
        "reviews": ("users/kyc-pending", "payments/needing-attention"),
        "credentials": ("credentials/expiring", "credentials", "credential_status"),
        "audit": ("audit_events", "audit_events/suspicious"),
    },
    actions=ACTIONS,
    settings=SETTINGS,
    stamp=stamp,
    audit=audit,
)
