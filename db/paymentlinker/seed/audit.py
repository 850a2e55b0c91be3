"""The audit trail, which is the long table: a row costs a few microseconds.

Random bits come in bulk, texts that repeat are made once, and of an application only what its events need
is looked up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from db.invent import AGENTS, HOSTILE, addresses, hexes, uuids
from db.paymentlinker.seed.story import COLUMNS, DATA, DESCRIPTION, REGULATION, STORY, Subject, Told
from db.paymentlinker.seed.world import BATCH, Values, World
from db.paymentlinker.shared import years_later
from db.seed import Batch

_MORE = (
    "id event_timestamp created_at updated_at compliance_requirement retention_until audit_required status "
    "verified_at verified_by verification_hash signature signing_key_id ip_address user_agent service_version "
    "environment deleted_at blockchain_tx_hash block_number merkle_root block_timestamp"
)
_COLUMNS = ("tenant_id", *COLUMNS.split(), *_MORE.split())
_KEEP = {"GDPR": (7, "GDPR Art. 30"), "FCRA": (10, "FCRA § 615")}
"""Years, and what asks for them."""
_OFFSETS = tuple(timedelta(seconds=seconds) for _, seconds in STORY)
_TELLERS = tuple(teller for teller, _ in STORY)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_UNCHAINED = (None, None, None, None)


def batches(world: World) -> Iterator[Batch]:
    """All events, roughly in the order of time."""
    random = world.plan.random("audit")
    nets = addresses(random, 256)
    for first in range(0, world.events, BATCH):
        last = min(first + BATCH, world.events)
        yield Batch("audit_logs", _COLUMNS, list(_rows(world, random, nets, first, last)))


def _rows(world: World, random: Random, nets: list[str], first: int, last: int) -> Iterator[Values]:
    count = last - first
    ids = uuids(random, count)
    hashes = hexes(random, 32, count)
    signatures = hexes(random, 64, count)
    dice = random.randbytes(count)
    subject = Subject(world, first * world.applications // world.events)
    now, yesterday, tenants = world.now, world.now - _DAY, world.tenant_ids
    for event in range(first, last):
        number = event * world.applications // world.events
        if number != subject.number:
            subject = Subject(world, number)
        place = event % 10
        die = dice[event - first]
        told = _TELLERS[place](world, subject, event)
        regulation = told[REGULATION]
        told[0] = tenants[told[0]]
        moment = subject.moment + _OFFSETS[place]
        if place == 4 and subject.reviewed:
            moment = subject.reviewed
        moment = min(moment, now)
        years, requirement = _KEEP[regulation] if regulation else (0, None)
        status = (
            "failed" if event % 199 == 17 else "verified" if die < 230 and moment < yesterday else "pending"
        )
        verified = None if status == "pending" else min(now, moment + _HOUR)
        signed = die % 16 != 3
        chained = place == 3 and number % 3 == 0 and subject.score is not None
        if world.plan.hostile:
            _spoil(told, event)
        yield (
            *told,
            ids[event - first],
            moment,
            moment,
            verified or moment,
            requirement,
            None
            if not years or die % 32 == 0
            else moment
            if event % 37 == 11
            else years_later(moment, years),
            place != 9,
            status,
            verified,
            "audit-verifier" if verified else None,
            hashes[event - first],
            signatures[event - first] if signed else None,
            "audit-2025" if signed else None,
            nets[die],
            HOSTILE[event % len(HOSTILE)]
            if event % 67 == 9 and world.plan.hostile
            else AGENTS[die % len(AGENTS)],
            "4.12.0",
            "production",
            moment if event % 5000 == 37 else None,
            *(_chained(world, number, event, moment, signatures[event - first]) if chained else _UNCHAINED),
        )


def _spoil(told: Told, event: int) -> None:
    """Put hostile texts into some descriptions and data."""
    if event % 61 == 5:
        told[DESCRIPTION] = HOSTILE[event // 61 % len(HOSTILE)]
    elif event % 71 == 11:
        told[DATA] = json.dumps({"note": HOSTILE[event // 71 % len(HOSTILE)], '"><k=v>[/]': [event]})


def _chained(world: World, number: int, event: int, moment: datetime, digits: str) -> Values:
    return world.transaction(number), str(19_000_000 + event), f"0x{digits[:64]}", moment
