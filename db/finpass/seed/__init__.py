"""Invented rows of FinPass, made holder by holder: nothing is kept of one when the next is made."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from db.finpass.seed import credentials, holders, payments, trail
from db.finpass.seed.chance import Chance
from db.seed import Batch, Plan

TOGETHER = 500
"""So many holders are written together."""
MOST = 5000
"""No batch has more rows."""


def batches(plan: Plan) -> Iterator[Batch]:
    """The rows of all five tables in an order that foreign keys allow; about ``plan.rows`` audit events."""
    people = max(holders.CASES, plan.rows // 10)
    chance = Chance(plan, "holders")
    issuer = credentials.Issuer(Chance(plan, "credentials"), people)
    till = payments.Till(Chance(plan, "payments"), plan.seed, people)
    events = trail.Trail(Chance(plan, "audit"))
    audit = list(events.imported())
    for first in range(0, people, TOGETHER):
        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _COLUMNS}
        for number in range(first, min(first + TOGETHER, people)):
            person, row = holders.holder(chance, plan.seed, number)
            issued, paid = issuer.to(person), till.of(person)
            rows["users"].append(row)
            rows["credentials"] += (row for _, row, _ in issued)
            rows["credential_status"] += (row for _, _, row in issued)
            rows["payments"] += (row for _, row in paid)
            quota = plan.rows * (number + 1) // people - plan.rows * number // people
            audit += events.of(person, [c for c, _, _ in issued], [p for p, _ in paid], quota)
            audit += events.attacks(person)
        for name, columns in _COLUMNS.items():
            yield Batch(name, columns, rows[name])
        yield from _audit(audit)
        audit = []


_COLUMNS = {
    "users": holders.COLUMNS,
    "credentials": credentials.COLUMNS,
    "credential_status": credentials.STATUS_COLUMNS,
    "payments": payments.COLUMNS,
}


def _audit(rows: list[tuple[Any, ...]]) -> Iterator[Batch]:
    """In the order of time, which an index takes faster."""
    rows.sort(key=itemgetter(-1))
    for first in range(0, len(rows), MOST):
        yield Batch("audit_events", trail.COLUMNS, rows[first : first + MOST])
