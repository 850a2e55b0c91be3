"""Orders, trades, and the holdings and positions that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from db.invent import uuids
from db.multipass.seed.catalogue import Asset, Catalogue
from db.multipass.seed.rows import Mix, Rows, between
from db.multipass.seed.wallets import NOTHING, Wallet
from db.seed import Plan

_CENT = Decimal("0.0001")


@dataclass(slots=True)
class Position:
    """What a wallet holds of an asset, and what it has made of it."""

    wallet: Wallet
    asset: Asset
    price: Decimal
    """Paid on average."""
    opened: datetime
    latest: datetime
    quantity: Decimal = NOTHING
    realized: Decimal = NOTHING


class Market:
    """What the wallets of a cohort trade with each other."""

    def __init__(self, plan: Plan, catalogue: Catalogue) -> None:
        self.random = plan.random("multipass/market")
        self.now = plan.now
        self.assets = catalogue.traded
        self.story = Mix(
            self.random,
            {"sold-out": 12, "recent": 8, "self": 1, "large": 6, "partial": 14, "cancelled": 6, "plain": 53},
            turns=2,
        )
        self.unfilled = Mix(
            self.random, {"stale": 6, "frozen": 1, "open": 30, "cancelled": 14, "rejected": 6}
        )
        self.trades = 0
        self.orders = 0

    def add(self, rows: Rows, wallets: list[Wallet]) -> None:
        """About one trade and one order without a trade for each two wallets."""
        traders = [wallet for wallet in wallets if wallet.kind == "custodial" and wallet.status != "closed"]
        if len(traders) < 2:
            return
        held: dict[tuple[str, str], Position] = {}
        for _ in range(max(16, len(traders) // 2)):
            self._trade(rows, traders, held)
        for _ in range(max(24, len(traders) // 3)):
            self._unfilled(rows, traders)
        self._holdings(rows, list(held.values()))

    def _trade(self, rows: Rows, traders: list[Wallet], held: dict[tuple[str, str], Position]) -> None:
        random = self.random
        story = self.story[self.trades]
        asset = self.assets[self.trades % len(self.assets)]
        self.trades += 1
        buyer, seller = random.sample(traders, 2)
        if story == "self":
            buyer = seller
        begun = max(buyer.created, seller.created)
        at = between(begun, self.now, random.random() ** 0.4)
        if story == "recent":
            at = max(begun, self.now - timedelta(hours=random.uniform(0.1, 20)))
        price = _price(asset, random.gauss(1, 0.04))
        quantity = self._quantity(asset, story)
        selling = self._position(held, seller, asset, at)
        if story == "sold-out" and selling.quantity:
            quantity = selling.quantity
        elif selling.quantity < quantity:  # bought before this history begins
            selling.quantity += quantity if story == "sold-out" else quantity * random.randrange(2, 6)
        selling.quantity -= quantity
        selling.realized += quantity * (price - selling.price)
        selling.latest = max(selling.latest, at)
        buying = self._position(held, buyer, asset, at)
        buying.quantity += quantity
        buying.latest = max(buying.latest, at)
        more = quantity * random.randrange(2, 5)
        buy = self._order(
            rows, buyer, asset, "buy", more if story == "partial" else quantity, quantity, "", at
        )
        cancelled = story == "cancelled"
        sell = self._order(
            rows,
            seller,
            asset,
            "sell",
            more if cancelled else quantity,
            quantity,
            "cancelled" if cancelled else "",
            at,
        )
        (id_,) = uuids(random, 1)
        rows.of["trades"].append((id_, asset.id, buy, sell, quantity, price, at))

    def _quantity(self, asset: Asset, story: str) -> Decimal:
        size = asset.median * self.random.lognormvariate(0, 0.8)
        if story == "large":
            size = 1_000 + size
        return max(asset.quantum, Decimal(repr(size)).quantize(asset.quantum))

    def _position(
        self, held: dict[tuple[str, str], Position], wallet: Wallet, asset: Asset, at: datetime
    ) -> Position:
        found = held.get((wallet.id, asset.id))
        if found is None:
            opened = between(wallet.created, at, self.random.random())
            found = Position(wallet, asset, _price(asset, self.random.gauss(1, 0.08)), opened, opened)
            held[wallet.id, asset.id] = found
        return found

    def _order(
        self,
        rows: Rows,
        wallet: Wallet,
        asset: Asset,
        side: str,
        quantity: Decimal,
        filled: Decimal,
        status: str,
        at: datetime,
    ) -> str:
        """An order whose last change was at that time."""
        random = self.random
        (id_,) = uuids(random, 1)
        limited = random.random() < 0.7
        created = max(wallet.created, at - timedelta(seconds=random.lognormvariate(5, 2)))
        rows.of["market_orders"].append(
            (
                id_,
                wallet.id,
                asset.id,
                side,
                "limit" if limited else "market",
                quantity,
                _price(asset, 1.03 if side == "buy" else 0.97) if limited else None,
                filled,
                status or ("filled" if filled == quantity else "partial" if filled else "open"),
                min(created, at),
                at,
            )
        )
        return id_

    def _unfilled(self, rows: Rows, traders: list[Wallet]) -> None:
        random = self.random
        story = self.unfilled[self.orders]
        asset = self.assets[self.orders % len(self.assets)]
        self.orders += 1
        at = self.now - timedelta(hours=random.lognormvariate(3.0, 1.2))
        if story == "stale":
            at = self.now - timedelta(days=random.uniform(32, 120))
            traders = [wallet for wallet in traders if wallet.created < at] or traders
        elif story == "frozen":
            traders = [wallet for wallet in traders if wallet.status == "frozen"] or traders
        wallet = random.choice(traders)
        at = max(wallet.created, at)
        side = random.choice(("buy", "sell"))
        status = story if story in ("cancelled", "rejected") else ""
        self._order(rows, wallet, asset, side, self._quantity(asset, story), NOTHING, status, at)

    def _holdings(self, rows: Rows, held: list[Position]) -> None:
        """What is left after all trades of the cohort."""
        ids = iter(uuids(self.random, 2 * len(held)))
        for one in held:
            rows.of["asset_balances"].append(
                (next(ids), one.wallet.id, one.asset.id, one.quantity, one.latest)
            )
            rows.of["positions"].append(
                (
                    next(ids),
                    one.wallet.id,
                    one.asset.id,
                    one.quantity,
                    one.price,
                    one.realized,
                    one.opened,
                    None if one.quantity else one.latest,
                )
            )


def _price(asset: Asset, factor: float) -> Decimal:
    return max(_CENT, Decimal(repr(asset.price * factor)).quantize(_CENT, ROUND_HALF_EVEN))
