"""Wallets, what moved in and out of them, and the balances that follow from it."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from db.invent import hexes, uuids
from db.multipass.seed.catalogue import Asset, Catalogue
from db.multipass.seed.rows import Holder, Mix, Rows, Spice, between
from db.seed import Plan

NOTHING = Decimal(0)
_NAMES = ("Main", "Savings", "Trading", "Cold storage", "Réserve", "日常", "Business")
_LABELS = (("primary",), ("primary", "salary"), ("savings",), ("trading", "high volume"), (), ("ledger",))


@dataclass(slots=True)
class Wallet:
    """A wallet while its cohort is made."""

    id: str
    kind: str
    status: str
    created: datetime
    held: dict[str, Held] = field(default_factory=dict)


@dataclass(slots=True)
class Held:
    """What a wallet has of one asset."""

    asset: Asset
    available: Decimal
    locked: Decimal
    since: datetime
    """The latest movement."""


class Wallets:
    """Wallets, their transactions and balances."""

    def __init__(self, plan: Plan, catalogue: Catalogue) -> None:
        self.random = plan.random("multipass/wallets")
        self.now = plan.now
        self.assets = catalogue.payable
        self.spice = Spice(plan, 37, 200)
        self.story = Mix(
            self.random,
            {
                "custodial": 60,
                "external": 20,
                "frozen-pending": 2,
                "closed": 5,
                "large": 4,
                "frozen": 2,
                "dust": 1,
                "empty": 6,
            },
        )
        self.outcome = Mix(
            self.random, {"pending": 14, "rejected": 5, "failed": 8, "confirmed": 70, "stuck": 3}
        )
        self.made = 0
        self.left = 0

    def add(self, rows: Rows, holders: list[Holder]) -> list[Wallet]:
        """The wallets of those who are not pending, with everything that moved in the cohort."""
        owners = [
            holder for holder in holders if holder.status != "pending" for _ in range(1 + (holder.n % 4 == 1))
        ]
        wallets = [
            self._wallet(rows, holder, id_)
            for holder, id_ in zip(owners, uuids(self.random, len(owners)), strict=True)
        ]
        self._transfers(rows, wallets)
        held = [(wallet, held) for wallet in wallets for held in wallet.held.values()]
        rows.of["wallet_balances"] += [
            (id_, wallet.id, held.asset.symbol, held.available, held.locked, held.since)
            for (wallet, held), id_ in zip(held, uuids(self.random, len(held)), strict=True)
        ]
        return wallets

    def _wallet(self, rows: Rows, holder: Holder, id_: str) -> Wallet:
        random = self.random
        story = self.story[self.made]
        self.made += 1
        status = "frozen" if "frozen" in story else "closed" if story in ("closed", "dust") else "active"
        kind = "external" if story in ("external", "frozen") else "custodial"
        wallet = Wallet(id_, kind, status, between(holder.created, self.now, random.random() / 4))
        if story != "empty":
            self._moves(rows, wallet, story)
        latest = max((held.since for held in wallet.held.values()), default=wallet.created)
        rows.of["wallet_accounts"].append(
            (
                id_,
                holder.id,
                self.spice(random.choice(_NAMES)),
                kind,
                status,
                self._addresses(kind),
                random.choice(_LABELS),
                wallet.created,
                between(latest, self.now, random.random()) if status != "active" else wallet.created,
            )
        )
        return wallet

    def _addresses(self, kind: str) -> str:
        chains = ("boundless",) if kind == "custodial" else ("boundless", "ethereum")
        return json.dumps(
            {
                chain: f"0x{digits}"
                for chain, digits in zip(chains, hexes(self.random, 20, len(chains)), strict=True)
            }
        )

    def _moves(self, rows: Rows, wallet: Wallet, story: str) -> None:
        """Paid in, perhaps paid out, in one or two assets."""
        random = self.random
        for asset in random.sample(self.assets, 1 if story == "large" or random.random() < 0.7 else 2):
            size = asset.median * random.lognormvariate(0, 1.1)
            if story == "large":
                size = 30_000.0 + 10 * size
            paid = _rounded(size, asset.quantum)
            at = between(wallet.created, self.now, random.random() / 2)
            self._book(rows, wallet, asset, "deposit", paid, "confirmed", at)
            if random.random() < 0.06:
                status = random.choice(("pending", "failed"))
                self._book(
                    rows, wallet, asset, "deposit", paid, status, between(at, self.now, random.random())
                )
            if wallet.status == "closed":
                dust = asset.quantum if story == "dust" else NOTHING
                at = between(at, self.now, random.random())
                self._book(rows, wallet, asset, "withdrawal", paid - dust, "confirmed", at)
            elif random.random() < 0.55 or story in ("large", "frozen-pending"):
                outcome = "pending"
                if story != "frozen-pending":
                    outcome = self.outcome[self.left]
                    self.left += 1
                part = _rounded(float(paid) * random.uniform(0.35, 0.8), asset.quantum)
                self._withdraw(rows, wallet, asset, part, outcome, at)

    def _withdraw(
        self, rows: Rows, wallet: Wallet, asset: Asset, amount: Decimal, outcome: str, after: datetime
    ) -> None:
        random, now = self.random, self.now
        hours = random.uniform(30, 120) if outcome == "stuck" else min(22.0, random.lognormvariate(1.3, 1.0))
        recent = max(after, now - timedelta(hours=hours))
        waiting = outcome in ("pending", "stuck")
        at = recent if waiting else between(after, now, random.random())
        self._book(rows, wallet, asset, "withdrawal", amount, "pending" if waiting else outcome, at)
        if outcome == "confirmed":
            fee = min(
                max(_rounded(float(amount) * 0.002, asset.quantum), asset.quantum),
                wallet.held[asset.symbol].available,
            )
            if fee:
                self._book(rows, wallet, asset, "fee", fee, "confirmed", at)

    def _transfers(self, rows: Rows, wallets: list[Wallet]) -> None:
        """Some pay others of the cohort who hold the same asset."""
        random = self.random
        by_asset: dict[str, list[Wallet]] = defaultdict(list)
        for wallet in wallets:
            if wallet.status == "active":
                for symbol, held in wallet.held.items():
                    if held.available > held.asset.quantum * 100:
                        by_asset[symbol].append(wallet)
        for symbol, holding in by_asset.items():
            for source, target in zip(holding[::3], holding[1::3], strict=False):
                paying, paid = source.held[symbol], target.held[symbol]
                at = between(max(paying.since, paid.since), self.now, random.random())
                amount = _rounded(float(paying.available) * random.uniform(0.05, 0.3), paying.asset.quantum)
                self._book(rows, source, paying.asset, "transfer", amount, "confirmed", at, target)

    def _book(
        self,
        rows: Rows,
        wallet: Wallet,
        asset: Asset,
        kind: str,
        amount: Decimal,
        status: str,
        at: datetime,
        target: Wallet | None = None,
    ) -> None:
        """One transaction, and what it does to the balances."""
        random = self.random
        held = wallet.held.get(asset.symbol)
        if held is None:
            held = wallet.held[asset.symbol] = Held(asset, NOTHING, NOTHING, at)
        if status == "confirmed":
            held.available += amount if kind == "deposit" else -amount
            held.since = max(held.since, at)
        elif kind == "withdrawal" and status == "pending":
            held.available -= amount
            held.locked += amount
            held.since = max(held.since, at)
        if target is not None:
            target.held[asset.symbol].available += amount
            target.held[asset.symbol].since = at
        (id_,) = uuids(random, 1)
        outside = kind in ("deposit", "withdrawal")
        chained = (
            outside and asset.kind == "token" and status in ("confirmed", "failed") and random.random() < 0.9
        )
        digits = random.randbytes(32).hex()
        rows.of["wallet_transactions"].append(
            (
                id_,
                wallet.id,
                kind,
                asset.symbol,
                amount,
                status,
                f"0x{digits}" if chained else None,
                target.id if target else _counterparty(asset, digits) if outside else None,
                json.dumps({"memo": self.spice("invoice")}, ensure_ascii=False)
                if random.random() < 0.1
                else "{}",
                at,
                min(self.now, at + timedelta(seconds=random.uniform(2, 900)))
                if status == "confirmed"
                else None,
            )
        )


def _counterparty(asset: Asset, digits: str) -> str:
    """Where it came from or goes to; a few are shared by many."""
    name = f"exchange{int(digits[1], 16) % 3}".ljust(40, "0") if digits[0] in "0123" else digits[:40]
    return f"0x{name.encode().hex()[:40]}" if asset.kind == "token" else f"CH{name[:19].upper()}"


def _rounded(size: float, quantum: Decimal) -> Decimal:
    """At least one step of the asset."""
    return max(quantum, Decimal(repr(size)).quantize(quantum, ROUND_DOWN))
