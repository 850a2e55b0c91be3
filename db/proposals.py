"""Two people: one proposes, another approves what was freshly shown, and it is carried out under the same checks.

Who proposes and who approves is set by the database where logins are personal; every proposal and every vote is
an entry of the ledger too, signed by its own key, and a vote without its entry does not count.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, insert, select

from db import own
from db.cancel import Cancel
from db.canonical import dumps
from db.change import Signed
from db.desk import Desk
from db.entry import derived
from db.errors import Denied, Missing, QuaestorError, Refused, Stale
from db.live import transaction
from db.once import enter
from db.operation import Armed, Done, Operation, Sheet
from db.rehearse import rehearse, sheet
from db.run import execute
from db.session import Session
from db.votes import Vote, check_votes, vote_id, votes_of
from db.write import gate, perform

MOST = 400
"""Records of one proposal: more would not fit its entry."""
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
    """``withdrawn`` or ``void``, where an entry says so."""

    @property
    def state(self) -> str:
        """``open``, ``approved``, ``done``, ``rejected``, ``withdrawn``, ``void`` or ``expired``."""
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

    def operation(self, target: str) -> Operation:
        """What it would do to one record, always under the same id."""
        return Operation(
            self.entity,
            target,
            self.action,
            self.form,
            self.reason,
            self.ticket,
            operation_id=derived(self.id, self.entity, target, self.action),
            row_hash=self.row_hashes.get(target, ""),
            proposal=self.id,
        )

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


def propose(
    desk: Desk,
    armed: Armed | None,
    operations: Sequence[Operation],
    *,
    id_: str = "",
    plan: str = "",
) -> Proposal:
    """Propose one action for one or more records; they differ in nothing but the record. Raises Refused, Stale, Denied."""
    gate(desk, armed)
    first, targets = operations[0], tuple(operation.id for operation in operations)
    if len(targets) > MOST or len(set(targets)) != len(targets):
        raise Refused(f"A proposal is for 1 to {MOST} records, each once; these are {len(targets)}.")
    if not first.reason.strip():
        raise Refused("A reason is needed: it is what the others decide by.")
    id_ = id_ or str(uuid.uuid4())
    hashes = {o.id: rehearse(desk.session, o, desk.who).row_hash.hex() for o in operations}
    form = dict(first.form)
    whole = payload(id_, first.entity, first.action, targets, form, hashes, first.reason, first.ticket)
    digest = sha256(whole).digest()
    row = {
        "id": id_,
        "entity": first.entity,
        "action": first.action,
        "targets": list(targets),
        "form": form,
        "row_hashes": hashes,
        "reason": first.reason,
        "ticket": first.ticket,
        "plan_id": plan or None,
        "payload_hash": digest,
    }
    told = {
        "action": "propose",
        "entity": first.entity,
        "payload_hash": digest.hex(),
        "proposal": id_,
        "proposed": first.action,
        "reason": first.reason,
        "ids": list(targets),
        **({"plan": plan} if plan else {}),
    }

    def write(connection: Connection, signed: Signed) -> None:
        values = {**row, "key_id": signed.key_id, "signature": signed.signature, **_filled(desk, "proposer")}
        connection.execute(insert(own.proposals).values(**values))

    enter(desk, derived(id_, "propose"), told, write)
    return load(desk.session, id_)


def review(session: Session, proposal: Proposal, cancel: Cancel | None = None) -> list[Sheet]:
    """What it would do, freshly read, for whoever approves."""
    sheets = []
    for target in proposal.targets if proposal.action != REVIEW else ():
        shown = sheet(session, replace(proposal.operation(target), row_hash=""), cancel=cancel)
        moved = shown.operation.row_hash != proposal.row_hashes.get(target)
        sheets.append(replace(shown, refused=_MOVED) if moved and not shown.refused else shown)
    return sheets


_MOVED = "The record has changed since it was proposed, which voids the proposal."


def approve(
    desk: Desk, armed: Armed | None, id_: str, reason: str = "", shown: Sequence[Sheet] = ()
) -> list[Outcome]:
    """Say yes; with the last yes that it takes it is carried out. Raises Refused, Denied, and Stale where it is void now."""
    gate(desk, armed)
    proposal = load(desk.session, id_)
    _check_other(desk, proposal)
    if proposal.state not in ("open", "approved"):
        raise Refused(f"The proposal is {proposal.state}.")
    rows = {}
    try:
        for target in proposal.targets if proposal.action != REVIEW else ():
            rows[target] = rehearse(desk.session, proposal.operation(target), desk.who).row_hash.hex()
    except (Stale, Refused) as error:
        close(desk, armed, proposal, "void", str(error))
        raise Stale(f"The proposal is void: {error}") from None
    for sheet_ in shown:
        if rows.get(sheet_.operation.id) != sheet_.operation.row_hash:
            raise Stale(
                f"{sheet_.entity.name} {sheet_.operation.id} is no longer as it was shown; look at it again."
            )
    _vote(desk, proposal, "approve", reason, {"rows": rows})
    now = load(desk.session, id_)
    return carry_out(desk, armed, now) if now.state == "approved" else []


def reject(desk: Desk, armed: Armed | None, id_: str, reason: str) -> Proposal:
    """Say no; nothing is carried out any more."""
    gate(desk, armed)
    proposal = load(desk.session, id_)
    _check_other(desk, proposal)
    if not reason.strip():
        raise Refused("A reason is needed.")
    _vote(desk, proposal, "reject", reason, {})
    return load(desk.session, id_)


def withdraw(desk: Desk, armed: Armed | None, id_: str, reason: str) -> Proposal:
    """Take one's own proposal back."""
    gate(desk, armed)
    proposal = load(desk.session, id_)
    if proposal.proposer != desk.who.principal:
        raise Denied(f"Only {proposal.proposer} withdraws it; reject it instead.")
    close(desk, armed, proposal, "withdrawn", reason)
    return load(desk.session, id_)


def close(desk: Desk, armed: Armed | None, proposal: Proposal, how: str, why: str) -> None:
    """Enter that it can no longer be carried out."""
    gate(desk, armed)
    told = {"action": how, "proposal": proposal.id, "reason": why}
    enter(desk, derived(proposal.id, "close"), told)


@dataclass(frozen=True)
class Outcome:
    """What became of one record of a proposal."""

    target: str
    done: Done | None = None
    refused: str = ""


def carry_out(desk: Desk, armed: Armed | None, proposal: Proposal) -> list[Outcome]:
    """Do what was approved, each record in a transaction of its own; what was done before is not done again.

    A record that has changed since is refused, and voids what is left of the proposal. Raises Unknown and Unreachable.
    """
    if proposal.state != "approved":
        raise Refused(f"The proposal is {proposal.state}.")
    if proposal.action == REVIEW:
        return []
    approved = _Approved(desk, proposal)
    outcomes, void = [], ""
    for target in proposal.targets:
        try:
            done = perform(desk, proposal.operation(target), armed, approval=approved)
            outcomes.append(Outcome(target, done))
        except (Refused, Stale, Missing) as error:
            outcomes.append(Outcome(target, refused=str(error)))
            void = void or f"{proposal.entity} {target}: {error}"
    if void:
        close(desk, armed, proposal, "void", void)
    return outcomes


@dataclass(frozen=True)
class _Approved:
    """The approval of a proposal, as the writer asks for it."""

    desk: Desk
    proposal: Proposal

    def told(self) -> Mapping[str, Any]:
        """Who said yes, and under which entries."""
        yes = [vote for vote in self.proposal.votes if vote.decision == "approve"]
        return {
            "approvals": [{"approver": v.approver, "entry": v.operation, "key": v.key_id} for v in yes],
            "proposal": self.proposal.id,
            "proposer": self.proposal.proposer,
        }

    def check(self, connection: Connection) -> None:
        """Not expired, not closed, nobody against, enough for it, each with a signed entry of their own."""
        row = connection.execute(select(own.proposals).where(own.proposals.c.id == self.proposal.id)).one()
        now = _of(row._mapping)
        if (
            sha256(now.payload()).digest() != now.payload_hash
            or now.payload_hash != self.proposal.payload_hash
        ):
            raise Refused("The proposal is not the one that was approved: its rows were changed.")
        votes = votes_of(connection, self.proposal.id)
        check_votes(self.desk, connection, now.key_id, now.payload_hash, votes)
        state = replace(now, votes=votes, closed=_closed(connection, now.id)).state
        if state != "approved":
            raise Refused(f"The proposal is {state}.")


def load(session: Session, id_: str) -> Proposal:
    """One proposal; raises Missing."""
    found = listed(session, ids=(id_,))
    if not found:
        raise Missing(f"There is no proposal {id_}.")
    return found[0]


def listed(
    session: Session, *, ids: Sequence[str] = (), current: bool = False, limit: int = 200
) -> list[Proposal]:
    """Proposals with their votes and how far they are, the latest first; with ``current`` those not expired, and open reviews."""
    c = own.proposals.c
    wanted = select(own.proposals).order_by(c.expires_at.desc(), c.id).limit(limit)
    if ids:
        wanted = wanted.where(c.id.in_(ids))
    if current:
        wanted = wanted.where((c.expires_at > datetime.now(UTC)) | (c.action == REVIEW))
    rows = [_of(row._mapping) for row in execute(session, wanted, {}, None)]
    if not rows:
        return []
    votes = votes_of(session, *(row.id for row in rows))
    entries = {row.id: derived(row.id, "close") for row in rows}
    steps = {row.id: {row.operation(target).operation_id: target for target in row.targets} for row in rows}
    there = _entered(session, [*entries.values(), *(op for each in steps.values() for op in each)])
    found = [
        replace(
            row,
            votes=tuple(vote for vote in votes if vote.proposal == row.id),
            done=tuple(target for op, target in steps[row.id].items() if op in there),
            closed=str(there.get(entries[row.id], {}).get("action", "")),
        )
        for row in rows
    ]
    return [proposal for proposal in found if not current or proposal.state in ("open", "approved")]


def _entered(session: Session, operations: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What the entries of these operations tell, those that are there."""
    c, found = own.ledger.c, {}
    for start in range(0, len(operations), 500):
        piece = operations[start : start + 500]
        wanted = select(c.operation_id, c.payload).where(c.operation_id.in_(piece))
        for operation, told in execute(session, wanted, {}, None):
            found[str(operation)] = json.loads(bytes(told))
    return found


def _closed(connection: Connection, id_: str) -> str:
    wanted = select(own.ledger.c.payload).where(own.ledger.c.operation_id == derived(id_, "close"))
    told = connection.execute(wanted).scalar()
    return str(json.loads(bytes(told))["action"]) if told else ""


def _of(row: Mapping[Any, Any]) -> Proposal:
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


def _vote(desk: Desk, proposal: Proposal, decision: str, reason: str, more: Mapping[str, Any]) -> None:
    told = {
        "action": decision,
        "payload_hash": proposal.payload_hash.hex(),
        "proposal": proposal.id,
        "reason": reason,
        **more,
    }

    def write(connection: Connection, signed: Signed) -> None:
        connection.execute(
            insert(own.approvals).values(
                proposal_id=proposal.id,
                proposer=proposal.proposer,
                payload_hash=proposal.payload_hash,
                decision=decision,
                reason=reason,
                key_id=signed.key_id,
                signature=signed.signature,
                **_filled(desk, "approver"),
            )
        )

    found = enter(desk, vote_id(proposal.id, desk.who.principal), told, write)
    if found.told.get("action") != decision:
        raise Refused(f"You have said '{found.told.get('action')}' already; one vote each.")


def _filled(desk: Desk, person: str) -> dict[str, Any]:
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


def _check_other(desk: Desk, proposal: Proposal) -> None:
    if desk.who.principal == proposal.proposer or desk.who.key_id == proposal.key_id:
        raise Denied("You proposed it: another person approves or rejects it. You can withdraw it.")


__all__ = [
    "Outcome", "Proposal", "QuaestorError", "approve", "carry_out", "listed", "load", "propose", "reject", "review",
    "transaction", "withdraw",
]  # fmt: skip
