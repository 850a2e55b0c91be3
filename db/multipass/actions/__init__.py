"""What can be done to Multipass's records, by service."""

from db.multipass.actions.auth import CREDENTIALS, SESSIONS
from db.multipass.actions.catalogue import ASSETS, MODULES, NOTIFICATIONS, REPORTS
from db.multipass.actions.hardware import PASSES
from db.multipass.actions.identity import ATTESTATIONS, PROFILES, VERIFICATIONS
from db.multipass.actions.shared import REVOKE_DUAL_FROM
from db.multipass.actions.wallet import ORDERS, TRANSACTIONS, WALLETS

ACTIONS = (
    *PROFILES,
    *VERIFICATIONS,
    *ATTESTATIONS,
    *WALLETS,
    *TRANSACTIONS,
    *CREDENTIALS,
    *SESSIONS,
    *MODULES,
    *ASSETS,
    *ORDERS,
    *NOTIFICATIONS,
    *REPORTS,
    *PASSES,
)
SETTINGS = (REVOKE_DUAL_FROM,)

__all__ = ["ACTIONS", "SETTINGS"]
