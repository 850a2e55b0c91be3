"""Assets, who holds them, and what positions they have taken."""

from __future__ import annotations

from sqlalchemy import and_, func, select

from db.declare import entity, view
from db.figures import figure
from db.model import Link
from db.multipass.entities.shared import any_of, symbol, tally, wallet_name
from db.multipass.entities.wallet import NOTHING
from db.multipass.tables import asset_balances, asset_definitions, positions
from db.types import total

_a = asset_definitions.c
_h = asset_balances.c
_p = positions.c

_ASSET_VIEWS = (
    view("all", "Every asset, by symbol.", "symbol"),
    view("active", "Tradable, by symbol.", "symbol", _a.status == "active"),
    view("halted", "Halted, the latest change first.", "-updated_at", _a.status == "halted"),
    view("delisted", "Delisted, the latest change first.", "-updated_at", _a.status == "delisted"),
    view(
        "delisted-held",
        "Delisted, and still held by some wallet.",
        "symbol",
        and_(_a.status == "delisted", any_of(_h.asset_id == _a.id, _h.quantity > NOTHING)),
    ),
)

_SAME_HOLDING = (("wallet_id", "wallet_id"), ("asset_id", "asset_id"))

ASSETS = entity(
    asset_definitions,
    listed="symbol name kind decimals status updated_at",
    groups={
        "Asset": "symbol name kind decimals",
        "State": "status created_at updated_at",
        "Details": "id metadata",
    },
    views=_ASSET_VIEWS,
    figures=(tally("by-kind", "Assets by kind and status.", asset_definitions, "kind", "status"),),
    search="id symbol",
    aliases="assets",
    title="symbol name",
    links=(
        Link("balances in the asset", "wallet_balances", (("symbol", "asset"),), many=True),
        Link("transactions in the asset", "wallet_transactions", (("symbol", "asset"),), many=True),
    ),
)

_HOLDING_VIEWS = (
    view("all", "Every holding, the latest change first.", "-updated_at"),
    view("largest", "The largest number first, whatever the asset.", "-quantity", _h.quantity > NOTHING),
    view("negative", "Below zero, which no booking allows.", "quantity", _h.quantity < NOTHING),
    view(
        "of-inactive",
        "Something of an asset that is halted or delisted, the largest number first.",
        "-quantity",
        and_(_h.quantity > NOTHING, any_of(_a.id == _h.asset_id, _a.status != "active")),
    ),
)

_HOLDING_FIGURES = (
    figure(
        "by-asset",
        "How much of each asset is held, and by how many wallets.",
        select(
            _a.symbol,
            _a.status,
            func.count().label("wallets"),
            total(_h.quantity).label("quantity"),
            func.max(_h.quantity).label("largest"),
        )
        .join_from(asset_balances, asset_definitions, _h.asset_id == _a.id)
        .group_by(_a.symbol, _a.status)
        .order_by(_a.symbol),
    ),
)

HOLDINGS = entity(
    asset_balances,
    listed="wallet symbol quantity updated_at",
    groups={"Holding": "quantity updated_at", "Details": "id wallet_id asset_id"},
    currency={"quantity": "symbol"},
    computed=(symbol(asset_balances), wallet_name(asset_balances)),
    views=_HOLDING_VIEWS,
    figures=_HOLDING_FIGURES,
    search="id wallet_id asset_id",
    aliases="holdings",
    title="wallet symbol",
    links=(
        Link("positions of the holding", "positions", _SAME_HOLDING, many=True),
        Link("orders of the holding", "market_orders", _SAME_HOLDING, many=True),
    ),
)

_OPEN = _p.closed_at.is_(None)

_POSITION_VIEWS = (
    view("open", "Open, the newest first.", "-opened_at", _OPEN),
    view("all", "Every position, the newest first.", "-opened_at"),
    view("closed", "Closed, the latest first.", "-closed_at", _p.closed_at.is_not(None)),
    view("losing", "With a realized loss, the largest first.", "realized_pnl", _p.realized_pnl < NOTHING),
    view("winning", "With a realized gain, the largest first.", "-realized_pnl", _p.realized_pnl > NOTHING),
    view(
        "open-in-inactive",
        "Open in an asset that is halted or delisted.",
        "-opened_at",
        and_(_OPEN, any_of(_a.id == _p.asset_id, _a.status != "active")),
    ),
)

_POSITION_FIGURES = (
    figure(
        "by-asset",
        "Open positions by asset, with what they have realized.",
        select(
            _a.symbol,
            func.count().label("positions"),
            total(_p.quantity).label("quantity"),
            total(_p.realized_pnl).label("realized_pnl"),
        )
        .join_from(positions, asset_definitions, _p.asset_id == _a.id)
        .where(_OPEN)
        .group_by(_a.symbol)
        .order_by(_a.symbol),
    ),
)

POSITIONS = entity(
    positions,
    listed="opened_at wallet symbol quantity average_price realized_pnl closed_at",
    groups={
        "Position": "quantity average_price realized_pnl",
        "Time": "opened_at closed_at",
        "Details": "id wallet_id asset_id",
    },
    currency={"quantity": "symbol"},
    computed=(symbol(positions), wallet_name(positions)),
    views=_POSITION_VIEWS,
    figures=_POSITION_FIGURES,
    search="id wallet_id asset_id",
    title="wallet symbol",
    links=(
        Link("holding", "asset_balances", _SAME_HOLDING),
        Link("orders of the position", "market_orders", _SAME_HOLDING, many=True),
    ),
)
