"""Wallets: accounts, what they hold of each asset, and what moved."""

from __future__ import annotations

from sqlalchemy import Column, Table, UniqueConstraint

from db.defaults import empty_list, zero
from db.multipass.tables.columns import beginning, by, key, made, metadata, moment, notes, parent, status
from db.types import Amount, Status, String, TextList

wallet_accounts = Table(
    "wallet_accounts",
    metadata,
    key(),
    parent("profile_id", "identity_profiles"),
    Column("name", String(200), nullable=False),
    status("custodial", "external", name="kind"),
    status("active", "frozen", "closed"),
    notes("boundless_addresses"),
    Column("labels", TextList(), nullable=False, server_default=empty_list()),
    made(),
    made("updated_at"),
    beginning("name"),
    by("profile_id", "created_at"),
    by("created_at"),
    by("updated_at"),
    by("status", "created_at"),
    by("status", "updated_at"),
    by("kind", "created_at"),
)

wallet_balances = Table(
    "wallet_balances",
    metadata,
    key(),
    parent("wallet_id", "wallet_accounts"),
    Column("asset", String(20), nullable=False),
    Column("available", Amount(), nullable=False, server_default=zero()),
    Column("locked", Amount(), nullable=False, server_default=zero()),
    made("updated_at"),
    UniqueConstraint("wallet_id", "asset"),
    beginning("asset", "available"),
    by("available"),
    by("locked"),
    by("updated_at"),
)

wallet_transactions = Table(
    "wallet_transactions",
    metadata,
    key(),
    parent("wallet_id", "wallet_accounts"),
    Column("kind", Status("deposit", "withdrawal", "transfer", "fee"), nullable=False),
    Column("asset", String(20), nullable=False),
    Column("amount", Amount(), nullable=False),
    status("pending", "confirmed", "failed", "rejected"),
    Column("tx_hash", String(128)),
    Column("counterparty", String(200)),
    notes(),
    made(),
    moment("confirmed_at"),
    beginning("tx_hash"),
    beginning("counterparty"),
    by("wallet_id", "created_at"),
    by("created_at"),
    by("status", "created_at"),
    by("kind", "created_at"),
    by("asset", "created_at"),
)
