"""A proposal as a value: what somebody wants done, what the others said, how far it is, and what its hash is of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from db import planned
from db.canonical import dumps
from db.entry import derived
from db.operation import Operation
from db.votes import Vote

if TYPE_CHECKING:
    from db.desk import Desk

REVIEW = "review"
"""The action of an item that a break-glass leaves: another person looks at it, and nothing is carried out."""


@dataclass(frozen=True)
class Proposal:
    """What somebody wants done, what the others said, and how far it is."""

    id: str
    entity: str
    action: str
    targets: tuple[str, ...]
    form: Mapping[str, str]
    row_hashes: Mapping[str, str]
    """Of each record as it was shown to the proposer."""
    reason: str
    ticket: str
    plan: str
    """What ties proposals in several databases together; empty for one that stands alone."""
    payload_hash: bytes
    proposer: str
    key_id: str
    created_at: datetime
    expires_at: datetime
    quorum: int
    votes: tuple[Vote, ...] = ()
    done: tuple[str, ...] = ()
    """The records that it was carried out on."""
    closed: str = ""
    """``withdrawn``, ``void``, or for a plan ``contained``, where an entry says so."""
    attempts: Mapping[str, int] = field(default_factory=dict)
    """By target: how many ids of it were given up, and can never be done."""

    @property
    def state(self) -> str:
        """``open``, ``approved``, ``done``, ``rejected``, ``withdrawn``, ``void``, ``contained`` or ``expired``."""
        agreed = sum(vote.decision == "approve" for vote in self.votes) >= self.quorum
        if any(vote.decision == "reject" for vote in self.votes):
            return "rejected"
        if self.action == REVIEW:
            return "done" if agreed else "open"
        if set(self.targets) <= set(self.done):
            return "done"
        if self.closed:
            return self.closed
        if self.expires_at <= datetime.now(UTC):
            return "expired"
        return "approved" if agreed else "open"

    @property
    def is_plan(self) -> bool:
        """Whether each target names its own action."""
        return self.action == planned.PLAN

    def operation(self, target: str) -> Operation:
        """What it would do to one record, always under the same id, until that was given up."""
        entity, action, id_ = planned.parts(target) if self.is_plan else (self.entity, self.action, target)
        again = self.attempts.get(target, 0)
        return Operation(
            entity,
            id_,
            action,
            planned.form_of(self.form, entity, action) if self.is_plan else self.form,
            self.reason,
            self.ticket,
            operation_id=derived(self.id, entity, id_, action, *([str(again)] * bool(again))),
            row_hash=self.row_hashes.get(target, ""),
            proposal=self.id,
        )

    def target_of(self, operation: Operation) -> str:
        """Which of its targets an operation is."""
        if self.is_plan:
            return planned.target(operation.entity, operation.action, operation.id)
        return operation.id

    def payload(self) -> bytes:
        """What its hash is of."""
        return payload(
            self.id,
            self.entity,
            self.action,
            self.targets,
            self.form,
            self.row_hashes,
            self.reason,
            self.ticket,
        )


def payload(id_: str, entity: str, action: str, targets: Sequence[str], form: Mapping[str, str],
            row_hashes: Mapping[str, str], reason: str, ticket: str) -> bytes:  # fmt: skip
    """The canonical bytes of a proposal."""
    told = [
        id_,
        entity,
        action,
        list(targets),
        dict(form),
        {n: row_hashes[n] for n in sorted(row_hashes)},
        reason,
        ticket,
    ]
    return dumps([json.dumps(part, sort_keys=True, ensure_ascii=False) for part in told])


def of_row(row: Mapping[Any, Any]) -> Proposal:
    """A proposal as its row has it, before anybody's word and entry."""
    return Proposal(
        id=row["id"],
        entity=row["entity"],
        action=row["action"],
        targets=tuple(json.loads(row["targets"])),
        form=json.loads(row["form"]),
        row_hashes=json.loads(row["row_hashes"]),
        reason=row["reason"],
        ticket=row["ticket"],
        plan=row["plan_id"] or "",
        payload_hash=bytes(row["payload_hash"]),
        proposer=row["proposer"],
        key_id=row["key_id"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        quorum=row["quorum"],
    )


def filled(desk: Desk, person: str) -> dict[str, Any]:
    """What the database fills in by itself where it has rules: who, when, and for a proposal until when and how many."""
    told: dict[str, Any] = {} if desk.principals == "db" else {person: desk.who.principal}
    if desk.session.server.dialect == "sqlite":
        now = datetime.now(UTC)
        told["created_at"] = now
        if person == "proposer":
            hours = float(desk.session.settings.get("proposal_hours", "24"))
            told["expires_at"] = datetime.fromtimestamp(now.timestamp() + 3600 * hours, UTC)
            told["quorum"] = max(1, int(desk.session.settings.get("quorum", "1")))
    return told
