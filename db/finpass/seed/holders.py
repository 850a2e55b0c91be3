"""Invented users: the first ones in every combination of status, KYC and activity."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from typing import Any

from db.finpass.seed.chance import DAY, Chance, at_or_none, did
from db.finpass.seed.words import CLIENTS, MAIL_HOSTS, NOT_JSON, PLACES
from db.finpass.tables import USER_STATUSES
from db.invent import PEOPLE, Person, addresses, epoch

COLUMNS = (
    "id", "did", "created_at", "last_seen", "email", "phone", "kyc_verified", "kyc_verified_at", "status", "metadata",
    "updated_at",
)  # fmt: skip
_CASES = tuple(product(USER_STATUSES, ("no", "lately", "long ago"), ("lately", "long ago", "never")))
CASES = 40
"""There are never fewer holders; the first of them are made to a list, the last registered lately."""
_NEW = 4


@dataclass(frozen=True, slots=True)
class Holder:
    """What the rows of one person have in common."""

    number: int
    id: str
    did: str
    subject: str
    """The SHA-256 of the DID."""
    created: float
    status: str
    verified: float | None
    changed: float | None
    """When the status became what it is; None for one that never changed."""
    devices: tuple[tuple[str | None, ...], ...]
    """Each: session, address, program, place, fingerprint, version."""


def holder(chance: Chance, seed: int, number: int) -> tuple[Holder, tuple[Any, ...]]:
    """A person and the row in ``users``."""
    draw = chance.random.random
    created = _registered(chance, number)
    status, kyc, activity = _case(chance, number, created)
    verified = _verified(chance, kyc, created)
    seen = _seen(chance, activity, created)
    begun = max(created, verified or 0.0)
    changed = None if status == "ACTIVE" else chance.moment(begun, chance.now)
    name, place = chance.pick(PEOPLE), chance.pick(PLACES)
    name_did = did(seed, number)
    person = Holder(
        number,
        next(chance.ids),
        name_did,
        sha256(name_did.encode()).hexdigest(),
        created,
        status,
        verified,
        changed,
        tuple(_device(chance, place) for _ in range(1 + (draw() < 0.4))),
    )
    erased = status == "TERMINATED" and number % 3 == 0
    email, phone = _contact(chance, name, place, number)
    row = (
        person.id,
        name_did,
        epoch(created),
        at_or_none(seen),
        None if erased or draw() < 0.08 else email,
        None if erased or draw() < 0.25 else phone,
        verified is not None,
        at_or_none(verified),
        status,
        None if erased else _metadata(chance, name, place, number),
        epoch(max(begun, changed or 0.0)),
    )
    return person, row


def _registered(chance: Chance, number: int) -> float:
    if number < CASES:
        return chance.ago(600, 1000) if number < CASES - _NEW else chance.ago(2, 25)
    return chance.moment(chance.now - 1100 * DAY, chance.now - DAY / 24, 1.4)


def _case(chance: Chance, number: int, created: float) -> tuple[str, str, str]:
    if number < len(_CASES):
        return _CASES[number * 5 % len(_CASES)]
    drawn = chance.random.random()
    status = "ACTIVE" if drawn < 0.92 else "SUSPENDED" if drawn < 0.97 else "TERMINATED"
    waiting = 0.6 if created > chance.now - 14 * DAY else 0.03
    return status, "no" if chance.random.random() < waiting else "some time", chance.pick(_ACTIVITY)


_ACTIVITY = ("lately",) * 12 + ("some time",) * 5 + ("long ago",) * 2 + ("never",)


def _verified(chance: Chance, kyc: str, created: float) -> float | None:
    match kyc:
        case "no":
            return None
        case "lately":
            return chance.ago(0.5, 28)
        case "long ago":
            return chance.ago(400, 590)
    return min(chance.now - 60.0, created + DAY * chance.random.expovariate(0.4))


def _seen(chance: Chance, activity: str, created: float) -> float | None:
    match activity:
        case "never":
            return None
        case "lately":
            return max(created, chance.ago(0.01, 2))
        case "long ago":
            return max(created, chance.ago(95, 560))
    return chance.moment(created, chance.now, 2.0)


def _contact(chance: Chance, name: Person, place: tuple[str, str, str, str], number: int) -> tuple[str, str]:
    email = f"{name.latin}{number}@{chance.pick(MAIL_HOSTS)}"
    return email, f"{place[3]} {chance.random.randrange(10**6, 10**7)}"


def _metadata(chance: Chance, name: Person, place: tuple[str, str, str, str], number: int) -> str | None:
    drawn = chance.random.random()
    if number == 4 or drawn < 0.02:
        return chance.pick(NOT_JSON)
    if chance.hostile and (number == 7 or drawn > 0.99):
        return chance.attack(500)
    if drawn < 0.2:
        return None
    values = {"name": name.name, "locale": place[2], "country": place[0], "terms": 3 + number % 2}
    return json.dumps(values, ensure_ascii=False)


def _device(chance: Chance, place: tuple[str, str, str, str]) -> tuple[str | None, ...]:
    version, program = chance.pick(CLIENTS)
    drawn = chance.random.random()
    if chance.hostile and drawn < 0.005:
        program = chance.attack(500)
    return (
        "ses_" + chance.hexadecimal(12),
        addresses(chance.random, 1)[0],
        program,
        f"{place[1]}, {place[0]}",
        chance.hexadecimal(16),
        version,
    )
