"""Chance that repeats: moments with a daily rhythm, keys, and choices, from one seeded generator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from random import Random
from typing import TypeVar

from db.invent import HOSTILE, amount, epoch, uuids
from db.seed import Plan

Item = TypeVar("Item")

DAY = 86_400.0
_HOURS = (2, 1, 1, 1, 1, 2, 4, 8, 14, 18, 19, 18, 16, 17, 18, 18, 17, 15, 13, 12, 10, 8, 5, 3)
"""How busy each hour is."""
_BASE58 = bytes(ord("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[n % 58]) for n in range(256))


class Chance:
    """A plan's generator for one kind of row, and what is drawn from it."""

    def __init__(self, plan: Plan, stream: str) -> None:
        self.random: Random = plan.random(f"finpass/{stream}")
        self.now = plan.now.timestamp()
        self.hostile = plan.hostile
        self.ids = _ids(self.random)
        hours = self.random.choices(range(24), _HOURS, k=2048)
        self._clock = tuple(hour * 3600 + self.random.random() * 3600 for hour in hours)

    def pick(self, items: Sequence[Item]) -> Item:
        """One of them, each as likely."""
        return items[int(self.random.random() * len(items))]

    def moment(self, low: float, high: float, skew: float = 1.0) -> float:
        """A time between two, the later the likelier with a skew above 1, at a likely hour of its day."""
        drawn: float = high - (high - low) * self.random.random() ** skew
        timed = drawn - drawn % DAY + self.pick(self._clock)
        return timed if low <= timed <= high else drawn

    def ago(self, low: float, high: float) -> float:
        """A time between so many days ago and so many days ago."""
        return self.now - DAY * self.random.uniform(low, high)

    def hexadecimal(self, octets: int) -> str:
        """Random octets as hexadecimal digits."""
        return self.random.randbytes(octets).hex()

    def money(self) -> Decimal:
        """An amount: mostly small, some large."""
        median, spread = (5400.0, 1.1) if self.random.random() < 0.04 else (40.0, 1.2)
        return amount(self.random, median, spread)

    def attack(self, length: int) -> str:
        """A text that acts on whatever shows it, no longer than its column."""
        return self.pick(HOSTILE)[:length]


def at_or_none(moment: float | None) -> datetime | None:
    """A time as rows have it, or none."""
    return None if moment is None else epoch(moment)


def did(seed: int, number: int) -> str:
    """The DID of a holder by number, so that nobody needs to remember it."""
    drawn = blake2b(f"{seed}/{number}".encode(), digest_size=44).digest()
    if drawn[0] < 236:
        return "did:key:z6Mk" + drawn.translate(_BASE58).decode()
    if drawn[0] < 248:
        return "did:ethr:0x" + drawn[:20].hex()
    return "did:web:id.finpass.example:holder:" + drawn[:8].hex()


def _ids(random: Random) -> Iterator[str]:
    """Random UUIDs of version 4."""
    while True:
        yield from uuids(random, 1024)
