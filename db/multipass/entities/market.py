"""The market: orders, and the trades that filled them."""

from __future__ import annotations

from sqlalchemy import and_, func, select

from db.declare import entity, now, setting, since, view
from db.figures import count_if, figure
from db.model import Link, View
from db.multipass.entities.shared import PERIOD, any_of, symbol, tally, wallet_name, within
from db.multipass.tables import asset_definitions, market_orders, trades, wallet_accounts
from db.types import Amount, total

_o = market_orders.c
_t = trades.c
_a = asset_definitions.c

_OPEN = _o.status.in_(("open", "partial"))
"""What may still be filled, and cancelled."""


def _of_status(status: str, summary: str) -> View:
    return view(status, summary, "-created_at", _o.status == status)


_ORDER_VIEWS = (
    view("live", "Open or partly filled, the newest first.", "-created_at", _OPEN),
    view("all", "Every order, the newest first.", "-created_at"),
    _of_status("open", "Nothing filled yet, the newest first."),
    _of_status("partial", "Partly filled, the newest first."),
    _of_status("filled", "Filled, the newest first."),
    _of_status("cancelled", "Cancelled, the newest first."),
    _of_status("rejected", "Rejected, the newest first."),
    view(
        "stale",
        "Open or partly filled for more than 30 days, the oldest first.",
        "created_at",
        and_(_OPEN, _o.created_at < since("stale_order_seconds", 30 * 86_400, now)),
    ),
    view(
        "on-inactive",
        "Open or partly filled in an asset that is halted or delisted.",
        "created_at",
        and_(_OPEN, any_of(_a.id == _o.asset_id, _a.status != "active")),
    ),
    view(
        "of-frozen",
        "Open or partly filled for a wallet that is not active.",
        "created_at",
        and_(_OPEN, any_of(wallet_accounts.c.id == _o.wallet_id, wallet_accounts.c.status != "active")),
    ),
    view(
        "overfilled",
        "More filled than was ordered, which no market allows.",
        "-created_at",
        _o.filled_quantity > _o.quantity,
    ),
)

_ORDER_FIGURES = (
    tally(
        "by-status",
        "Orders made in the period by status and side.",
        market_orders,
        "status",
        "side",
        where=within(_o.created_at),
        oldest="created_at",
        parameters=PERIOD,
    ),
    figure(
        "open-by-asset",
        "Orders open or partly filled by asset and side: what was ordered, and what of it is filled.",
        select(
            _a.symbol,
            _o.side,
            func.count().label("orders"),
            count_if(_o.kind == "limit").label("limit_orders"),
            total(_o.quantity).label("quantity"),
            total(_o.filled_quantity).label("filled"),
            func.min(_o.created_at).label("oldest"),
        )
        .join_from(market_orders, asset_definitions, _o.asset_id == _a.id)
        .where(_OPEN)
        .group_by(_a.symbol, _o.side)
        .order_by(_a.symbol, _o.side),
    ),
)

ORDERS = entity(
    market_orders,
    listed="created_at wallet symbol side kind quantity limit_price filled_quantity status",
    groups={
        "Order": "side kind quantity limit_price filled_quantity",
        "State": "status created_at updated_at",
        "Details": "id wallet_id asset_id",
    },
    currency={"quantity": "symbol", "filled_quantity": "symbol"},
    computed=(symbol(market_orders), wallet_name(market_orders)),
    views=_ORDER_VIEWS,
    figures=_ORDER_FIGURES,
    search="id wallet_id asset_id",
    aliases="orders",
    title="side symbol",
    links=(
        Link("holding", "asset_balances", (("wallet_id", "wallet_id"), ("asset_id", "asset_id"))),
        Link(
            "positions of the order",
            "positions",
            (("wallet_id", "wallet_id"), ("asset_id", "asset_id")),
            many=True,
        ),
    ),
)

_buy, _sell = market_orders.alias("buy_order"), market_orders.alias("sell_order")
_SELF = any_of(
    _buy.c.id == _t.buy_order_id, _sell.c.id == _t.sell_order_id, _buy.c.wallet_id == _sell.c.wallet_id
)

_TRADE_VIEWS = (
    view("all", "Every trade, the newest first.", "-executed_at"),
    view("recent", "Of the last 24 hours.", "-executed_at", _t.executed_at > now(days=-1)),
    view(
        "large",
        "From 1 000 of whatever the asset is, the largest number first.",
        "-quantity",
        _t.quantity >= setting("large_trade", "1000", Amount()),
    ),
    view("self-trades", "One wallet on both sides, the newest first.", "-executed_at", _SELF),
    view(
        "of-inactive",
        "Of an asset that is halted or delisted by now, the newest first.",
        "-executed_at",
        any_of(_a.id == _t.asset_id, _a.status != "active"),
    ),
)

_TRADE_FIGURES = (
    figure(
        "volume",
        "Trades of the period by asset: how many, how much, and between which prices.",
        select(
            _a.symbol,
            func.count().label("trades"),
            total(_t.quantity).label("quantity"),
            func.min(_t.price).label("lowest_price"),
            func.max(_t.price).label("highest_price"),
            func.max(_t.executed_at).label("newest"),
        )
        .join_from(trades, asset_definitions, _t.asset_id == _a.id)
        .where(within(_t.executed_at))
        .group_by(_a.symbol)
        .order_by(_a.symbol),
        *PERIOD,
    ),
)

TRADES = entity(
    trades,
    listed="executed_at symbol quantity price buy_order_id sell_order_id",
    groups={
        "Trade": "quantity price executed_at",
        "Details": "id asset_id buy_order_id sell_order_id",
    },
    currency={"quantity": "symbol"},
    computed=(symbol(trades),),
    views=_TRADE_VIEWS,
    figures=_TRADE_FIGURES,
    search="id buy_order_id sell_order_id",
    title="symbol executed_at",
)
