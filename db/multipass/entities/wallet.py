"""Wallets and what they hold."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import and_, func, literal, or_, select, union_all

from db.declare import entity, view
from db.figures import count_if, figure
from db.model import Link
from db.multipass.entities.shared import any_of, holder, of_same_profile, tally, wallet_name
from db.multipass.tables import market_orders, wallet_accounts, wallet_balances, wallet_transactions
from db.types import Amount, total

_w = wallet_accounts.c
_b = wallet_balances.c
_t = wallet_transactions.c

NOTHING = literal(Decimal(0), Amount())
_PENDING_OUT = and_(_t.kind == "withdrawal", _t.status == "pending")
"""What locks an amount: a withdrawal until it is confirmed, has failed or is rejected."""

_WALLET_VIEWS = (
    view("all", "Every wallet, the newest first.", "-created_at"),
    view("active", "In use, the newest first.", "-created_at", _w.status == "active"),
    view("frozen", "Frozen, the latest change first.", "-updated_at", _w.status == "frozen"),
    view("closed", "Closed, the latest first.", "-updated_at", _w.status == "closed"),
    view("custodial", "Whose keys are kept for their owners.", "-created_at", _w.kind == "custodial"),
    view("external", "Whose keys their owners keep.", "-created_at", _w.kind == "external"),
    view(
        "frozen-with-pending",
        "Frozen while a withdrawal is pending.",
        "-updated_at",
        and_(_w.status == "frozen", any_of(_t.wallet_id == _w.id, _PENDING_OUT)),
    ),
    view(
        "frozen-with-orders",
        "Frozen while an order is open.",
        "-updated_at",
        and_(
            _w.status == "frozen",
            any_of(market_orders.c.wallet_id == _w.id, market_orders.c.status.in_(("open", "partial"))),
        ),
    ),
    view(
        "closed-with-balance",
        "Closed, and still holding something.",
        "-updated_at",
        and_(
            _w.status == "closed",
            any_of(_b.wallet_id == _w.id, or_(_b.available != NOTHING, _b.locked != NOTHING)),
        ),
    ),
    view(
        "without-balance",
        "Active, and never held anything.",
        "created_at",
        and_(_w.status == "active", ~any_of(_b.wallet_id == _w.id)),
    ),
)

WALLETS = entity(
    wallet_accounts,
    listed="created_at holder name kind status labels updated_at",
    groups={
        "Wallet": "name kind status labels boundless_addresses",
        "Details": "id profile_id created_at updated_at",
    },
    computed=(holder(wallet_accounts),),
    views=_WALLET_VIEWS,
    figures=(tally("by-status", "Wallets by kind and status.", wallet_accounts, "kind", "status"),),
    search="id profile_id name",
    aliases="wallets",
    title="name holder",
    links=(
        Link(
            "incoming transfers",
            "wallet_transactions",
            (("id", "counterparty"),),
            many=True,
            fixed=(("kind", "transfer"),),
        ),
        *of_same_profile("wallet_accounts"),
    ),
)

_BALANCE_VIEWS = (
    view("all", "Every balance, the latest change first.", "-updated_at"),
    view("locked", "With a locked amount, the largest first.", "-locked", _b.locked > NOTHING),
    view(
        "largest",
        "With something available, the largest number first, whatever the asset.",
        "-available",
        _b.available > NOTHING,
    ),
    view(
        "negative",
        "Below zero, which no booking allows.",
        "available",
        or_(_b.available < NOTHING, _b.locked < NOTHING),
    ),
)

_LOCKED_AND_PENDING = union_all(
    select(_b.wallet_id, _b.asset, _b.locked.label("locked"), NOTHING.label("pending")),
    select(_t.wallet_id, _t.asset, NOTHING.label("locked"), _t.amount.label("pending")).where(_PENDING_OUT),
).subquery("moved")
_m = _LOCKED_AND_PENDING.c
_LOCKED, _PENDING = total(_m.locked), total(_m.pending)
_PER_WALLET = (
    select(_m.wallet_id, _m.asset, _LOCKED.label("locked"), _PENDING.label("pending"))
    .group_by(_m.wallet_id, _m.asset)
    .subquery("per_wallet")
)
_x = _PER_WALLET.c

_BALANCE_FIGURES = (
    figure(
        "by-asset",
        "What all wallets together hold of each asset.",
        select(
            _b.asset,
            func.count().label("wallets"),
            total(_b.available).label("available"),
            total(_b.locked).label("locked"),
        )
        .group_by(_b.asset)
        .order_by(_b.asset),
    ),
    figure(
        "locked-against-pending",
        "Locked amounts beside the pending withdrawals that lock them, and how many wallets differ, by asset.",
        select(
            _x.asset,
            total(_x.locked).label("locked"),
            total(_x.pending).label("pending_withdrawals"),
            count_if(_x.locked != _x.pending).label("wallets_that_differ"),
        )
        .group_by(_x.asset)
        .order_by(_x.asset),
    ),
    figure(
        "locked-differences",
        "The wallets whose locked amount is not what their pending withdrawals lock; none is as it should be.",
        select(_x.wallet_id, _x.asset, _x.locked, _x.pending.label("pending_withdrawals"))
        .where(_x.locked != _x.pending)
        .order_by(_x.wallet_id, _x.asset)
        .limit(1000),
    ),
)

BALANCES = entity(
    wallet_balances,
    listed="wallet asset available locked updated_at",
    groups={"Balance": "asset available locked updated_at", "Details": "id wallet_id"},
    currency={"available": "asset", "locked": "asset"},
    computed=(wallet_name(wallet_balances),),
    views=_BALANCE_VIEWS,
    figures=_BALANCE_FIGURES,
    search="id wallet_id asset",
    aliases="balances",
    title="wallet asset",
    links=(
        Link("definition of the asset", "asset_definitions", (("asset", "symbol"),)),
        Link(
            "transactions of the balance",
            "wallet_transactions",
            (("wallet_id", "wallet_id"), ("asset", "asset")),
            many=True,
        ),
    ),
)
