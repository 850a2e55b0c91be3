"""TrustSphere as the console sees it."""

from __future__ import annotations

from db.model import System
from db.trustsphere.accounts import ACCOUNTS
from db.trustsphere.actions import ACTIONS, SETTINGS
from db.trustsphere.audit import AUDIT_LOGS, AUDIT_LOGS_ARCHIVE
from db.trustsphere.audit_row import audit, stamp
from db.trustsphere.notifications import NOTIFICATIONS, SCHEMA_VERSION
from db.trustsphere.tables import metadata
from db.trustsphere.transactions import TRANSACTIONS, TRANSACTIONS_ARCHIVE
from db.trustsphere.users import ROLES, USER_ROLES, USERS

SYSTEM = System(
    name="trustsphere",
    title="TrustSphere Banking",
    dialect="mysql",
    metadata=metadata,
    entities=(
        USERS,
        ACCOUNTS,
        TRANSACTIONS,
        NOTIFICATIONS,
        ROLES,
        USER_ROLES,
        AUDIT_LOGS,
        AUDIT_LOGS_ARCHIVE,
        TRANSACTIONS_ARCHIVE,
        SCHEMA_VERSION,
    ),
    marks=("users.account_locked_until", "accounts.account_number"),
    areas={
        "accounts": ("users", "accounts", "transactions", "notifications", "roles"),
        "reviews": ("transactions/pending", "users/locked"),
        "credentials": ("users/password-expired", "users/password-expiring", "users/locked", "user_roles"),
        "audit": ("audit_logs", "audit_logs_archive"),
        "fleet": (),
    },
    actions=ACTIONS,
    settings=SETTINGS,
    stamp=stamp,
    audit=audit,
)
"""The bank on MySQL."""
