"""The cast: people, accounts and transactions of the first community, one for each state that a view or an action needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Part:
    """The state of a user; times in hours from now, before it where negative."""

    status: str = "ACTIVE"
    attempts: int = 0
    locked: int | None = None
    password: int = 60 * 24
    login: int | None = -30
    roles: tuple[int, ...] = (0,)
    """By their place among the roles."""
    joined: int = 0
    """Days ago; 0 where chance decides."""


@dataclass(frozen=True, slots=True)
class Holding:
    """The terms of an account; money in cents, the rate in hundredths of a percent, times in days ago."""

    owner: int
    kind: str
    opening: int
    status: str = "ACTIVE"
    opened: int = 500
    limit: int = 1_000_000
    rate: int = 0
    minimum: int = 0
    overdraft: int = 0
    interest_due: bool = False


CUSTOMER, PREMIUM, TELLER, REVIEWER, SECURITY, AUDITOR, ADMIN, DEPUTY = range(8)
ROLES = (
    ("CUSTOMER", "May see and use their own accounts"),
    ("PREMIUM", "A customer with an adviser"),
    ("TELLER", "Serves customers at the counter"),
    ("REVIEWER", "Approves and declines transactions"),
    ("SECURITY", "Locks, unlocks and suspends"),
    ("AUDITOR", "Reads everything, changes nothing"),
    ("ADMIN", "Manages users and roles"),
    ("BRANCH_DEPUTY", "Stands in for a branch's head; nobody does at present"),
)

PEOPLE = {
    0: Part(roles=(ADMIN, SECURITY), joined=2900, login=-1),
    1: Part(roles=(TELLER, REVIEWER), joined=1500, login=-2),
    2: Part(roles=(AUDITOR,), joined=1200, login=-50),
    3: Part(attempts=5, locked=20),
    4: Part(attempts=5, locked=-300),
    5: Part("SUSPENDED"),
    6: Part("INACTIVE", login=-9000),
    7: Part(password=-240),
    8: Part(password=120),
    9: Part(login=None),
    10: Part(login=-4800, joined=900),
    11: Part(attempts=2),
    12: Part("SUSPENDED", attempts=7, locked=5),
    13: Part(login=None, roles=(), joined=2),
    14: Part(login=-7),
    15: Part("INACTIVE", attempts=3, password=-2000),
    16: Part(login=-1, roles=(CUSTOMER, PREMIUM)),
    17: Part(attempts=6, locked=1, password=-30),
}
"""The first people by their place; the others are by chance."""
WITHOUT_MORE = frozenset({0, 1, 2, 13, 14})
"""Who has no account but what the cast gives them: staff, one who is new, one without any."""

ACCOUNTS = (
    Holding(15, "CHECKING", 50_000, minimum=10_000, overdraft=200_000),
    Holding(16, "CHECKING", 20_000, overdraft=100_000),
    Holding(17, "SAVINGS", 0, rate=150, minimum=2_500),
    Holding(18, "CHECKING", 1_234, status="CLOSED", opened=900),
    Holding(19, "CHECKING", 80_000, status="FROZEN"),
    Holding(20, "BUSINESS", 75_000_000, limit=25_000_000, opened=1200),
    Holding(21, "CHECKING", 320_000, limit=100_000),
    Holding(22, "SAVINGS", 64_000, opened=400),
    Holding(23, "SAVINGS", 910_000, rate=225, interest_due=True),
    Holding(5, "CHECKING", 45_000),
    Holding(13, "CHECKING", 15_000, opened=2),
    Holding(24, "SAVINGS", 30_000, status="CLOSED", opened=700),
    Holding(25, "CHECKING", 500_000),
    Holding(26, "CHECKING", 27_500),
)
(
    OVERDRAWN,
    DEEP,
    UNUSED,
    CLOSED_IN_PLUS,
    ICE,
    RICH,
    SPENT,
    ASLEEP,
    INTEREST,
    BARRED,
    NEW,
    CLOSED,
    PLAIN,
    EMPTY,
) = range(len(ACCOUNTS))
CLOSED_WITH_BALANCE = frozenset({CLOSED_IN_PLUS})


def by_chance(random: Random) -> Part:
    """The state of anybody else."""
    status = random.choices(("ACTIVE", "INACTIVE", "SUSPENDED"), (90, 6, 4))[0]
    attempts = random.choices((0, 1, 2, 3, 5), (80, 10, 4, 3, 3))[0]
    return Part(
        status,
        attempts,
        locked=random.randrange(-2000, 48) if attempts == 5 else None,
        password=int(random.triangular(-1500, 2160, 1200)),
        login=None if random.random() < 0.05 else -1 - int(3000 * random.random() ** 3),
        roles=random.choices(((CUSTOMER,), (CUSTOMER, PREMIUM), (TELLER,), ()), (84, 12, 2, 2))[0],
    )


def events(now: int, midnight: int) -> Iterator[tuple[Any, ...]]:
    """The cast's transactions, as the fields of an event."""
    today = max(midnight, now - 5 * HOUR // 3)
    yield from _history(now, today)
    yield from _pending(now)
    yield from _failed(now)


def _history(now: int, today: int) -> Iterator[tuple[Any, ...]]:
    """What brings accounts into their states."""
    week = now - 170 * HOUR
    yield week, OVERDRAWN, None, 85_025, "WITHDRAWAL", "COMPLETED"
    yield week, DEEP, PLAIN, 112_000, "TRANSFER", "COMPLETED", 100
    yield week, EMPTY, None, 27_500, "WITHDRAWAL", "COMPLETED"
    yield week, RICH, PLAIN, 1_250_000, "TRANSFER", "COMPLETED", 2_500
    yield today, SPENT, PLAIN, 85_000, "TRANSFER", "COMPLETED"
    yield now - 50 * HOUR, None, PLAIN, 10_020, "DEPOSIT", "COMPLETED", 0, "EUR", 1_125_000
    yield now - 49 * HOUR, None, PLAIN, 10_060, "DEPOSIT", "COMPLETED", 0, "EUR", 1_125_000
    declined = ("CANCELLED", 0, "USD", 1_000_000, 900, "Declined: unknown payee")
    yield now - 30 * HOUR, PLAIN, RICH, 7_500, "TRANSFER", *declined


def _pending(now: int) -> Iterator[tuple[Any, ...]]:
    """What waits: some of it can be approved, the rest is refused, each for another reason."""
    minute = HOUR // 60
    yield now - 26 * HOUR, RICH, PLAIN, 1_825_000, "TRANSFER", "PENDING", 1_000
    yield now - 2 * HOUR, PLAIN, OVERDRAWN, 12_000, "TRANSFER", "PENDING"
    yield now - 3 * HOUR, OVERDRAWN, PLAIN, 500_000, "TRANSFER", "PENDING"
    yield now - 5 * HOUR, ICE, PLAIN, 5_000, "TRANSFER", "PENDING"
    yield now - 30 * HOUR, PLAIN, CLOSED, 8_000, "TRANSFER", "PENDING"
    yield now - HOUR, SPENT, PLAIN, 40_000, "TRANSFER", "PENDING"
    yield now - 20 * minute, None, PLAIN, 10_020, "DEPOSIT", "PENDING", 0, "EUR", 1_125_000
    yield now - 10 * minute, None, PLAIN, 100, "DEPOSIT", "PENDING", 250
    yield now - 216 * HOUR, RICH, None, 1_000_000, "WITHDRAWAL", "PENDING", 250
    yield now - minute, None, PLAIN, 25_000, "DEPOSIT", "PENDING"
    yield now - 4 * HOUR, PLAIN, None, 6_000, "WITHDRAWAL", "PENDING", 250


def _failed(now: int) -> Iterator[tuple[Any, ...]]:
    """What failed lately, and what was blanked when an account was deleted."""
    dollars = ("USD", 1_000_000, 9)
    yield now - 2 * HOUR, OVERDRAWN, PLAIN, 900_000, "TRANSFER", "FAILED", 0, *dollars, "Insufficient funds"
    yield now - 6 * HOUR, ICE, None, 2_000, "WITHDRAWAL", "FAILED", 0, *dollars, "Account is frozen"
    yield now - 90 * HOUR, PLAIN, PLAIN, 3_300, "TRANSFER", "FAILED", 0, *dollars, "Source and target are one"
    yield now - 2000 * HOUR, None, PLAIN, 4_400, "TRANSFER", "FAILED", 0, *dollars, "Declined by the bank"
    yield now - 2100 * HOUR, None, None, 5_500, "DEPOSIT", "CANCELLED"
