"""Proposals as they stand: their rows, the votes on them, and what the ledger says was done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from db import own
from db.entry import derived
from db.errors import Missing
from db.operation import Operation
from db.proposal import REVIEW, Proposal, of_row
from db.run import execute
from db.session import Session
from db.votes import votes_of


def load(session: Session, id_: str) -> Proposal:
    """One proposal; raises Missing."""
    found = listed(session, ids=(id_,))
    if not found:
        raise Missing(f"There is no proposal {id_}.")
    return found[0]


def listed(
    session: Session, *, ids: Sequence[str] = (), plan: str = "", current: bool = False, limit: int = 200
) -> list[Proposal]:
    """Proposals with their votes and how far they are, the latest first; with ``current`` those not expired, and open reviews."""
    c = own.proposals.c
    wanted = select(own.proposals).order_by(c.expires_at.desc(), c.id).limit(limit)
    if ids:
        wanted = wanted.where(c.id.in_(ids))
    if plan:
        wanted = wanted.where(c.plan_id == plan)
    if current:
        wanted = wanted.where((c.expires_at > datetime.now(UTC)) | (c.action == REVIEW))
    rows = [of_row(row._mapping) for row in execute(session, wanted, {}, None)]
    if not rows:
        return []
    votes = votes_of(session, *(row.id for row in rows))
    rows, there = _attempted(session, rows)
    found = [
        replace(
            row,
            votes=tuple(vote for vote in votes if vote.proposal == row.id),
            done=tuple(target for target in row.targets if _is_done(row.operation(target), there)),
            closed=str(there.get(derived(row.id, "close"), {}).get("action", "")),
        )
        for row in rows
    ]
    return [proposal for proposal in found if not current or proposal.state in ("open", "approved")]


def _is_done(operation: Operation, there: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the entry under its id is of this very operation: ids can be foreseen, and taken by others."""
    told = there.get(operation.operation_id, {})
    return (told.get("action"), told.get("proposal")) == (operation.action, operation.proposal)


def _attempted(session: Session, rows: list[Proposal]) -> tuple[list[Proposal], dict[str, Mapping[str, Any]]]:
    """The proposals with the ids that hold now, and the entries that are there; an id that was given up has a successor."""
    there = entered(session, [derived(row.id, "close") for row in rows])
    asked = [(row, target) for row in rows for target in row.targets]
    while asked:
        ids = {(row.id, target): row.operation(target).operation_id for row, target in asked}
        there |= entered(session, list(ids.values()))
        lost = {key for key, id_ in ids.items() if there.get(id_, {}).get("action") == "abandon"}
        rows = [
            replace(
                row,
                attempts={
                    **row.attempts,
                    **{t: row.attempts.get(t, 0) + 1 for t in row.targets if (row.id, t) in lost},
                },
            )
            for row in rows
        ]
        asked = [(row, target) for row in rows for target in row.targets if (row.id, target) in lost]
    return rows, there


def entered(session: Session, operations: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """By operation: what the entries of these operations tell, those that are there."""
    c, found = own.ledger.c, {}
    for start in range(0, len(operations), 500):
        piece = operations[start : start + 500]
        wanted = select(c.operation_id, c.payload).where(c.operation_id.in_(piece))
        for operation, told in execute(session, wanted, {}, None):
            found[str(operation)] = json.loads(bytes(told))
    return found


def sequence(session: Session, operations: Sequence[str]) -> dict[str, int]:
    """Where in the ledger these operations stand, those that were done."""
    c, found = own.ledger.c, {}
    for start in range(0, len(operations), 500):
        wanted = select(c.operation_id, c.seq).where(c.operation_id.in_(operations[start : start + 500]))
        found.update({str(id_): int(seq) for id_, seq in execute(session, wanted, {}, None)})
    return found


def closed(connection: Connection, id_: str) -> str:
    """How a proposal was closed; empty while it was not."""
    wanted = select(own.ledger.c.payload).where(own.ledger.c.operation_id == derived(id_, "close"))
    told = connection.execute(wanted).scalar()
    return str(json.loads(bytes(told))["action"]) if told else ""
