"""Application events, the oldest first: by far the most rows, so that everything is drawn from pools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random

from db.invent import Moments, addresses, hexes, uuids
from db.multipass.seed.catalogue import Catalogue
from db.multipass.seed.people import DAYS, SKEW
from db.multipass.seed.rows import SIZE, Spice
from db.seed import Batch, Plan

_TYPES = (
    ("auth", "auth.login", "info", 300),
    ("auth", "auth.login_failed", "warning", 60),
    ("auth", "auth.mfa_failed", "error", 12),
    ("auth", "auth.credential_locked", "error", 5),
    ("identity", "identity.profile_updated", "info", 60),
    ("identity", "identity.kyc_submitted", "info", 25),
    ("identity", "identity.sanctions_hit", "critical", 2),
    ("wallet", "wallet.deposit_confirmed", "info", 90),
    ("wallet", "wallet.withdrawal_requested", "info", 70),
    ("wallet", "wallet.withdrawal_failed", "error", 8),
    ("wallet", "wallet.node_unreachable", "critical", 2),
    ("market", "market.order_placed", "info", 110),
    ("market", "market.order_rejected", "warning", 12),
    ("passes", "pass.challenge_passed", "info", 80),
    ("passes", "pass.challenge_failed", "warning", 14),
    ("passes", "pass.tamper_suspected", "critical", 1),
    ("reports", "report.generated", "info", 30),
    ("bridge", "bridge.paused", "warning", 3),
    ("loyalty", "loyalty.sync", "info", 6),
)
"""Module, type, severity, weight."""
_SYSTEM = {"wallet.node_unreachable", "bridge.paused", "loyalty.sync", "report.generated"}
"""Events that are about nobody."""
_POOL = 8_191
_SKEW = 3.0
_COLUMNS = ("id", "module_id", "profile_id", "event_type", "severity", "payload", "ip_address", "created_at")


def events(plan: Plan, catalogue: Catalogue, profiles: list[str]) -> Iterator[Batch]:
    """As many as the plan has rows, each about a profile that was there by then."""
    random = plan.random("multipass/events")
    kinds = [
        (catalogue.modules[module], type_, severity, payload, type_ in _SYSTEM)
        for (module, type_, severity, _), payload in _drawn(random, plan)
    ]
    nets = addresses(random, 4_099)
    moments = Moments(plan.now, DAYS, _SKEW).at
    number, draw, persons = plan.rows, random.random, len(profiles)
    for start in range(0, number, SIZE):
        rows = []
        for n, id_ in enumerate(uuids(random, min(SIZE, number - start)), start):
            share = (n + draw()) / number
            # Counted from the newest, so that those are of every type.
            module, type_, severity, payload, nobody = kinds[(number - n) % _POOL]
            there = max(0.0, (1.0 - (1.0 - share) ** (_SKEW / SKEW)) * persons - 1.0)  # made by then
            profile = None if nobody else profiles[int(draw() * there)]
            address = None if nobody else nets[int(draw() * 4_099)]
            rows.append((id_, module, profile, type_, severity, payload, address, moments(share)))
        yield Batch("application_events", _COLUMNS, rows)


def _drawn(random: Random, plan: Plan) -> list[tuple[tuple[str, str, str, int], str]]:
    """A pool of types, each of them in it, with their payloads."""
    spice = Spice(plan, 97)
    weights = [weight for *_, weight in _TYPES]
    drawn = [*_TYPES, *random.choices(_TYPES, weights, k=_POOL - len(_TYPES))]
    return [
        (kind, json.dumps(_payload(random, spice, digits), ensure_ascii=False))
        for kind, digits in zip(drawn, hexes(random, 8, _POOL), strict=True)
    ]


def _payload(random: Random, spice: Spice, digits: str) -> dict[str, object]:
    details: dict[str, object] = {"request": digits, "duration_ms": int(random.lognormvariate(3.4, 0.9))}
    if random.random() < 0.3:
        details["client"] = spice(random.choice(("ios 4.12", "android 4.11", "web", "partner api")))
    if random.random() < 0.1:
        details["before"], details["after"] = {"status": "pending"}, {"status": "active"}
    return details
