"""Assets and their market: definitions, holdings, orders, positions, trades."""

from __future__ import annotations

from sqlalchemy import Column, Table, UniqueConstraint

from db.defaults import zero
from db.multipass.tables.columns import beginning, by, key, made, metadata, moment, notes, parent, status
from db.types import Amount, Integer, Status, String

asset_definitions = Table(
    "asset_definitions",
    metadata,
    key(),
    Column("symbol", String(20), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("kind", Status("fiat", "token", "security"), nullable=False),
    Column("decimals", Integer(), nullable=False, server_default="18"),
    status("active", "halted", "delisted"),
    notes(),
    made(),
    made("updated_at"),
    beginning("symbol"),
    by("status", "symbol"),
    by("status", "updated_at"),
)

asset_balances = Table(
    "asset_balances",
    metadata,
    key(),
    parent("wallet_id", "wallet_accounts"),
    parent("asset_id", "asset_definitions"),
    Column("quantity", Amount(), nullable=False, server_default=zero()),
    made("updated_at"),
    UniqueConstraint("wallet_id", "asset_id"),
    by("asset_id", "quantity"),
    by("quantity"),
    by("updated_at"),
)

market_orders = Table(
    "market_orders",
    metadata,
    key(),
    parent("wallet_id", "wallet_accounts"),
    parent("asset_id", "asset_definitions"),
    Column("side", Status("buy", "sell"), nullable=False),
    Column("kind", Status("market", "limit"), nullable=False),
    Column("quantity", Amount(), nullable=False),
    Column("limit_price", Amount()),
    Column("filled_quantity", Amount(), nullable=False, server_default=zero()),
    status("open", "partial", "filled", "cancelled", "rejected"),
    made(),
    made("updated_at"),
    by("wallet_id", "created_at"),
    by("asset_id", "created_at"),
    by("created_at"),
    by("updated_at"),
    by("status", "created_at"),
)

positions = Table(
    "positions",
    metadata,
    key(),
    parent("wallet_id", "wallet_accounts"),
    parent("asset_id", "asset_definitions"),
    Column("quantity", Amount(), nullable=False, server_default=zero()),
    Column("average_price", Amount()),
    Column("realized_pnl", Amount(), nullable=False, server_default=zero()),
    made("opened_at"),
    moment("closed_at"),
    by("wallet_id", "opened_at"),
    by("asset_id", "opened_at"),
    by("realized_pnl"),
    by("opened_at"),
    by("closed_at"),
)

trades = Table(
    "trades",
    metadata,
    key(),
    parent("asset_id", "asset_definitions"),
    parent("buy_order_id", "market_orders"),
    parent("sell_order_id", "market_orders"),
    Column("quantity", Amount(), nullable=False),
    Column("price", Amount(), nullable=False),
    made("executed_at"),
    by("asset_id", "executed_at"),
    by("buy_order_id"),
    by("sell_order_id"),
    by("executed_at"),
    by("quantity"),
)
