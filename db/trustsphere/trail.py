"""Synthetic audit rows, the table with the most of them: cheap, in the order of time, mostly of late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from db.invent import AGENTS, addresses, epoch
from db.seed import Batch, Plan
from db.trustsphere.invented import DAY, YEAR, hostile, identities, in_rhythm

BATCH = 5_000
COLUMNS = (
    "id", "actor_user_id", "action", "resource_type", "resource_id", "severity", "details", "ip_address",
    "user_agent", "session_id", "timestamp", "created_at", "created_by", "version",
)  # fmt: skip
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Population:
    """How many there are to name, and the id of each."""

    people: int
    accounts: int
    transactions: int
    person: Callable[[int], str]
    account: Callable[[int], str]
    transaction: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Deed:
    """An action that is logged: about what, how severe, by a person or by the system."""

    action: str
    resource: str
    severity: str
    details: str | None
    weight: int
    by_person: bool = True


DEEDS = (
    Deed("LOGIN", "USER", "INFO", "Signed in", 11),
    Deed("LOGOUT", "USER", "INFO", None, 5),
    Deed("LOGIN_FAILED", "USER", "WARNING", "Wrong password", 4, by_person=False),
    Deed("PASSWORD_CHANGED", "USER", "INFO", "Password changed by the user", 1),
    Deed("USER_LOCKED", "USER", "WARNING", "Locked after 5 failed attempts", 1, by_person=False),
    Deed("PROFILE_UPDATED", "USER", "INFO", "full_name, email", 2),
    Deed("ROLE_GRANTED", "USER", "WARNING", "Role PREMIUM granted", 1),
    Deed("ACCOUNT_VIEWED", "ACCOUNT", "INFO", None, 7),
    Deed("BALANCE_CHANGED", "ACCOUNT", "INFO", "Balance changed from {} to {}", 10),
    Deed("ACCOUNT_FROZEN", "ACCOUNT", "WARNING", "Frozen: unusual pattern", 1),
    Deed("STATEMENT_EXPORTED", "ACCOUNT", "INFO", "PDF, 3 months", 2),
    Deed("TRANSACTION_CREATED", "TRANSACTION", "INFO", "Ordered from the app", 7),
    Deed(
        "STATUS_CHANGED",
        "TRANSACTION",
        "INFO",
        "Status changed from PENDING to COMPLETED",
        7,
        by_person=False,
    ),
    Deed("TRANSACTION_FAILED", "TRANSACTION", "ERROR", "Insufficient funds", 2, by_person=False),
    Deed(
        "GATEWAY_TIMEOUT",
        "TRANSACTION",
        "ERROR",
        "No answer from the card network after 30 s",
        1,
        by_person=False,
    ),
    Deed("NOTIFICATION_FAILED", "SYSTEM", "WARNING", "SMS gateway answered 503", 1, by_person=False),
    Deed("BACKUP_COMPLETED", "SYSTEM", "INFO", "Full backup, 41 GB", 1, by_person=False),
)
"""Their weights are of 64."""
FEW = 2_048
"""So many first rows take the deeds in turn, so that even a small trail has each of them."""
HOSTILE_EVERY = 61


def trail(
    plan: Plan, table: str, rows: int, population: Population, moment: Callable[[float], int]
) -> Iterator[Batch]:
    """``rows`` audit rows for the table; ``moment`` gives the second for each share from 0 to 1."""
    random = plan.random(f"trustsphere/{table}")
    identity = identities(plan.seed, table)
    write = _writer(plan, random, population)
    for start in range(0, rows, BATCH):
        stop = min(start + BATCH, rows)
        batch = [
            (identity(n), *write(n, moment((n + random.random()) / rows), random.getrandbits(64)))
            for n in range(start, stop)
        ]
        yield Batch(table, COLUMNS, batch)


def _writer(plan: Plan, random: Random, population: Population) -> Callable[[int, int, int], Row]:
    """A function that makes one row, without its id, of its number, its second and 64 random bits."""
    deeds = [deed for deed in DEEDS for _ in range(deed.weight)]
    random.shuffle(deeds)
    places, people = addresses(random, 4096), population.people
    person, account, transaction = population.person, population.account, population.transaction
    accounts, transactions = population.accounts, population.transactions
    start, one = epoch(0), timedelta(seconds=1)

    def write(n: int, second: int, bits: int) -> Row:
        deed = deeds[n & 63 if n < FEW else bits & 63]
        who = _someone(bits >> 6 & 0xFFFFF, people)
        actor = person(who)
        details: str | None = deed.details
        match deed.resource:
            case "USER":
                resource: str | None = actor
            case "ACCOUNT":
                resource = account((bits >> 26 & 0xFFFFFF) * accounts >> 24)
            case "TRANSACTION":
                resource = transaction((bits >> 26 & 0xFFFFFFF) * transactions >> 28)
            case _:
                resource = None
        agent = AGENTS[(bits >> 54) % len(AGENTS)]
        if deed.action == "BALANCE_CHANGED":
            before, change = bits >> 30 & 0xFFFFF, bits >> 10 & 0xFFFF
            details = f"Balance changed from {before / 100:.2f} to {(before + change) / 100:.2f}"
        if n % HOSTILE_EVERY == 7 and plan.hostile:
            details, agent = hostile(n // HOSTILE_EVERY), hostile(n // HOSTILE_EVERY + 5)
        moment = start + one * second
        by_person = deed.by_person
        return (
            actor if by_person else None, deed.action, deed.resource, resource, deed.severity, details,
            places[bits >> 40 & 4095] if by_person else places[bits >> 40 & 15],
            agent, session_of(who, second) if by_person else None, moment, moment, None, 1,
        )  # fmt: skip

    return write


def _someone(bits: int, people: int) -> int:
    """A person by 20 random bits; some do much more than others."""
    return bits * bits * people >> 40


def session_of(who: int, second: int) -> str:
    """The session of a person on a day."""
    return f"s{(who * 2_654_435_761 + second // DAY * 40_503) & 0xFFFFFFFFFF:010x}"


def lately(now: datetime) -> Callable[[float], int]:
    """Most of it within a year, half of it within six weeks, and the first 3 % as old as rows are kept."""
    end = int(now.timestamp())
    today = end - end % DAY

    def moment(share: float) -> int:
        if share < 0.03:
            age = 8.4 * YEAR - share / 0.03 * 7.3 * YEAR
        else:
            left = (1 - share) / 0.97
            age = YEAR * left * left * left
        return in_rhythm(end - int(age), today)

    return moment


def long_ago(now: datetime) -> Callable[[float], int]:
    """Evenly between one year ago and a little more than the seven that rows are kept for."""
    end = int(now.timestamp())
    return lambda share: in_rhythm(end - int(YEAR * (7.2 - 6.1 * share)), end)
