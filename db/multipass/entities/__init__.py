"""Multipass as it is listed, searched and counted: an entity for each of the twenty tables."""

from db.model import System
from db.multipass.actions import ACTIONS, SETTINGS
from db.multipass.audit_row import audit, stamp
from db.multipass.entities.application import EVENTS, MODULES
from db.multipass.entities.asset import ASSETS, HOLDINGS, POSITIONS
from db.multipass.entities.auth import CREDENTIALS, SESSIONS
from db.multipass.entities.event import DEFINITIONS, NOTIFICATIONS, REPORTS
from db.multipass.entities.hardware import CHALLENGES, PASSES
from db.multipass.entities.identity import ATTESTATIONS, PROFILES
from db.multipass.entities.kyc import VERIFICATIONS
from db.multipass.entities.market import ORDERS, TRADES
from db.multipass.entities.transactions import TRANSACTIONS
from db.multipass.entities.wallet import BALANCES, WALLETS
from db.multipass.tables import metadata

SYSTEM = System(
    name="multipass",
    title="Enterprise Multipass",
    dialect="postgresql",
    metadata=metadata,
    entities=(
        PROFILES,
        VERIFICATIONS,
        ATTESTATIONS,
        WALLETS,
        BALANCES,
        TRANSACTIONS,
        CREDENTIALS,
        SESSIONS,
        MODULES,
        EVENTS,
        ASSETS,
        HOLDINGS,
        ORDERS,
        POSITIONS,
        TRADES,
        NOTIFICATIONS,
        DEFINITIONS,
        REPORTS,
        PASSES,
        CHALLENGES,
    ),
    marks=("identity_profiles", "multipass_credentials"),
    areas={
        "accounts": (
            "identity_profiles",
            "wallet_accounts",
            "wallet_balances",
            "wallet_transactions",
            "asset_definitions",
            "asset_balances",
            "market_orders",
            "positions",
            "trades",
            "notifications",
            "generated_reports",
            "report_definitions",
            "application_modules",
        ),
        "reviews": ("kyc_verifications/queue", "generated_reports/failed", "notifications/failed"),
        "credentials": (
            "multipass_credentials",
            "multipass_sessions/live",
            "attestations/expiring",
            "hardware_passes/lost-not-revoked",
        ),
        "audit": ("application_events",),
        "fleet": ("hardware_passes/needs-attention", "hardware_passes", "hardware_challenges"),
    },
    actions=ACTIONS,
    settings=SETTINGS,
    stamp=stamp,
    audit=audit,
)

__all__ = ["SYSTEM"]
