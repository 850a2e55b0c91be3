"""What moved in and out of wallets."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, select

from db.declare import entity, now, setting, since, view
from db.figures import count_if, figure
from db.model import Link, View
from db.multipass.entities.shared import PERIOD, any_of, tally, wallet_name, within
from db.multipass.tables import asset_definitions, wallet_accounts, wallet_transactions
from db.types import Amount, total

_t = wallet_transactions.c
_a = asset_definitions.c

_PENDING = _t.status == "pending"
_PENDING_OUT = and_(_t.kind == "withdrawal", _PENDING)
_LARGE = _t.amount >= setting("large_amount", "10000", Amount())


def _of_kind(name: str, kind: str) -> View:
    return view(name, f"Every {kind}, the newest first.", "-created_at", _t.kind == kind)


def _pending(name: str, summary: str, *more: ColumnElement[bool]) -> View:
    return view(name, summary, "created_at", and_(_PENDING, *more))


_VIEWS = (
    view("all", "Every transaction, the newest first.", "-created_at"),
    _pending(
        "pending-withdrawals",
        "Withdrawals that may still be rejected, the longest wait first.",
        _t.kind == "withdrawal",
    ),
    _pending("pending", "Not decided yet, the longest wait first."),
    _pending(
        "stuck",
        "Pending for more than a day, the longest first.",
        _t.created_at < since("stuck_transaction_seconds", 86_400, now),
    ),
    _pending(
        "from-frozen",
        "Pending withdrawals from a wallet that is not active.",
        _t.kind == "withdrawal",
        any_of(wallet_accounts.c.id == _t.wallet_id, wallet_accounts.c.status != "active"),
    ),
    view("failed", "Failed, the newest first.", "-created_at", _t.status == "failed"),
    view("rejected", "Rejected by an operator, the newest first.", "-created_at", _t.status == "rejected"),
    view("recent", "Of the last 24 hours.", "-created_at", _t.created_at > now(days=-1)),
    view("large", "From 10 000 of whatever the asset is, the newest first.", "-created_at", _LARGE),
    view(
        "large-withdrawals",
        "Withdrawals from 10 000 of whatever the asset is, the newest first.",
        "-created_at",
        and_(_t.kind == "withdrawal", _LARGE),
    ),
    view(
        "confirmed-without-hash",
        "Deposits and withdrawals of anything but fiat money, confirmed without the hash of a chain.",
        "-created_at",
        and_(
            _t.status == "confirmed",
            _t.tx_hash.is_(None),
            _t.kind.in_(("deposit", "withdrawal")),
            ~any_of(_a.symbol == _t.asset, _a.kind == "fiat"),
        ),
    ),
    _of_kind("deposits", "deposit"),
    _of_kind("withdrawals", "withdrawal"),
    _of_kind("transfers", "transfer"),
    _of_kind("fees", "fee"),
)

_FIGURES = (
    figure(
        "volume",
        "What was confirmed in the period, by asset and kind, by the time of making.",
        select(_t.asset, _t.kind, func.count().label("records"), total(_t.amount).label("amount"))
        .where(_t.status == "confirmed", within(_t.created_at))
        .group_by(_t.asset, _t.kind)
        .order_by(_t.asset, _t.kind),
        *PERIOD,
    ),
    tally(
        "by-status",
        "Transactions made in the period by kind and status.",
        wallet_transactions,
        "kind",
        "status",
        where=within(_t.created_at),
        oldest="created_at",
        parameters=PERIOD,
    ),
    figure(
        "pending-withdrawals-by-asset",
        "How much waits to leave, by asset, and since when.",
        select(
            _t.asset,
            func.count().label("records"),
            func.count(_t.wallet_id.distinct()).label("wallets"),
            total(_t.amount).label("amount"),
            func.min(_t.created_at).label("oldest"),
        )
        .where(_PENDING_OUT)
        .group_by(_t.asset)
        .order_by(_t.asset),
    ),
    figure(
        "counterparties",
        "Where the withdrawals of the period went that the most wallets share, the first hundred.",
        select(
            _t.counterparty,
            func.count(_t.wallet_id.distinct()).label("wallets"),
            func.count().label("records"),
            count_if(_PENDING).label("pending"),
        )
        .where(_t.kind == "withdrawal", _t.counterparty.is_not(None), within(_t.created_at))
        .group_by(_t.counterparty)
        .order_by(func.count(_t.wallet_id.distinct()).desc(), func.count().desc(), _t.counterparty)
        .limit(100),
        *PERIOD,
    ),
)

TRANSACTIONS = entity(
    wallet_transactions,
    listed="created_at wallet kind asset amount status counterparty confirmed_at",
    groups={
        "Transaction": "kind asset amount status counterparty tx_hash",
        "Time": "created_at confirmed_at",
        "Details": "id wallet_id metadata",
    },
    currency={"amount": "asset"},
    computed=(wallet_name(wallet_transactions),),
    views=_VIEWS,
    figures=_FIGURES,
    search="id wallet_id tx_hash counterparty",
    aliases="transactions tx movements",
    title="kind asset",
    links=(
        Link("definition of the asset", "asset_definitions", (("asset", "symbol"),)),
        Link("balance", "wallet_balances", (("wallet_id", "wallet_id"), ("asset", "asset"))),
    ),
)
