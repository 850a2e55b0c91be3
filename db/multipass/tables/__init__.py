"""Multipass's twenty tables, by the seven services of its document.

Keys are UUIDs, times have a zone, amounts are numeric(38,18). The document names the tables, some columns,
their types and the tree of foreign keys; the rest is settled here.
"""

from db.multipass.tables.application import application_events, application_modules
from db.multipass.tables.asset import asset_balances, asset_definitions, market_orders, positions, trades
from db.multipass.tables.auth import multipass_credentials, multipass_sessions
from db.multipass.tables.columns import metadata
from db.multipass.tables.event import generated_reports, notifications, report_definitions
from db.multipass.tables.hardware import hardware_challenges, hardware_passes
from db.multipass.tables.identity import RISK_TIERS, attestations, identity_profiles, kyc_verifications
from db.multipass.tables.wallet import wallet_accounts, wallet_balances, wallet_transactions

TOUCHED = (
    identity_profiles,
    wallet_accounts,
    multipass_credentials,
    application_modules,
    asset_definitions,
    market_orders,
    report_definitions,
    hardware_passes,
)
"""The tables whose ``updated_at`` a trigger keeps, as the document lists them."""

__all__ = [
    "RISK_TIERS",
    "TOUCHED",
    "application_events",
    "application_modules",
    "asset_balances",
    "asset_definitions",
    "attestations",
    "generated_reports",
    "hardware_challenges",
    "hardware_passes",
    "identity_profiles",
    "kyc_verifications",
    "market_orders",
    "metadata",
    "multipass_credentials",
    "multipass_sessions",
    "notifications",
    "positions",
    "report_definitions",
    "trades",
    "wallet_accounts",
    "wallet_balances",
    "wallet_transactions",
]
