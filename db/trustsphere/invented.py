"""What TrustSphere's synthetic rows need beside ``db.invent``: its texts, ids without memory, seconds in rhythm."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from db.invent import HOSTILE

DAY = 86_400
YEAR = 365 * DAY

DESCRIPTIONS: tuple[str, ...] = (
    "Rent", "Loyer", "Miete November", "Salary", "Lön", "Invoice 2291", "Factura 40-118", "Groceries",
    "Utilities", "Gift for Ngozi", "Refund", "Tuition", "Taxi", "家賃", "货款", "Взнос", "School trip", "Insurance",
    "Car repair", "Holiday fund", "Dentist", "Gas bill", "Donation", "Remboursement prêt", "Card settlement",
    "Supplier payment", "Freelance work", "Börsen-Sparplan", "Rückzahlung", "Vet",
)  # fmt: skip

REASONS: tuple[str, ...] = (
    "Insufficient funds",
    "Daily limit exceeded",
    "Account is frozen",
    "Declined by the bank",
)
"""Why a transaction fails."""


def hostile(n: int, width: int = 10_000) -> str:
    """One of the hostile texts, no wider than its column."""
    return HOSTILE[n % len(HOSTILE)][:width]


def identities(seed: int, kind: str) -> Callable[[int], str]:
    """A UUID for each number from 0: always the same, never twice, and nothing to be kept in memory."""
    digest = hashlib.sha256(f"{seed}/{kind}".encode()).digest()
    factor = int.from_bytes(digest[:16], "big") | 1
    shift = int.from_bytes(digest[16:], "big")
    mask = (1 << 128) - 1

    def identity(n: int) -> str:
        text = f"{(n * factor + shift) & mask:032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    return identity


_BUSY = (1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 13, 12, 13, 14, 13, 12, 11, 9, 7, 5, 4, 3, 2)
"""How busy each hour of a day is."""


def _warp() -> tuple[int, ...]:
    """The second of the day for each of 1440 equal shares of a day's work."""
    seconds = []
    whole = sum(_BUSY)
    for share in range(1440):
        wanted, hour = share / 1440 * whole, 0
        while wanted >= _BUSY[hour]:
            wanted -= _BUSY[hour]
            hour += 1
        seconds.append(hour * 3600 + int(wanted / _BUSY[hour] * 3600))
    return tuple(seconds)


WARP = _warp()


def in_rhythm(moment: int, today: int) -> int:
    """A second since 1970, moved within its day to where people are awake; those of today stay."""
    if moment >= today:
        return moment
    day, second = divmod(moment, DAY)
    return day * DAY + WARP[second // 60] + second % 60
