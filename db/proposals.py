"""Two people: one proposes, another approves what was freshly shown, and it is carried out under the same checks.

Who proposes and who approves is set by the database where logins are personal; every proposal and every vote is
an entry of the ledger too, signed by its own key, and a vote without its entry does not count.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, insert, select

from db import own, planned
from db.cancel import Cancel
from db.canonical import dumps
from db.change import Signed
from db.desk import Desk
from db.entry import derived
from db.errors import Denied, Missing, QuaestorError, Refused, Stale, TooSlow
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
CONTAINED = "contained"
"""The action of the report that ends a plan."""
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
    hashes = _hashes(desk, targets, operations)
    id_ = id_ or str(uuid.uuid4())
    return _enter(desk, id_, first.entity, first.action, targets, dict(first.form), hashes, first, plan)


def propose_plan(
    desk: Desk,
    armed: Armed | None,
    operations: Sequence[Operation],
    form: Mapping[str, str],
    *,
    id_: str,
    plan: str,
) -> Proposal:
    """Propose several actions as one plan; where that id stands already it is left as it is. Raises as ``propose``."""
    gate(desk, armed)
    targets = tuple(planned.target(each.entity, each.action, each.id) for each in operations)
    hashes = _hashes(desk, targets, operations)
    return _enter(desk, id_, planned.ENTITY, planned.PLAN, targets, dict(form), hashes, operations[0], plan)


def _hashes(desk: Desk, targets: Sequence[str], operations: Sequence[Operation]) -> dict[str, str]:
    """The hash of each record as it is now."""
    if len(targets) > MOST or len(set(targets)) != len(targets):
        raise Refused(f"A proposal is for 1 to {MOST} records, each once; these are {len(targets)}.")
    if not operations[0].reason.strip():
        raise Refused("A reason is needed: it is what the others decide by.")
    pairs = zip(targets, operations, strict=True)
    return {target: rehearse(desk.session, each, desk.who).row_hash.hex() for target, each in pairs}


def _enter(
    desk: Desk,
    id_: str,
    entity: str,
    action: str,
    targets: tuple[str, ...],
    form: dict[str, str],
    hashes: dict[str, str],
    first: Operation,
    plan: str,
) -> Proposal:
    """The proposal's row and its entry."""
    whole = payload(id_, entity, action, targets, form, hashes, first.reason, first.ticket)
    digest = sha256(whole).digest()
    row = {
        "id": id_,
        "entity": entity,
        "action": action,
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
        "entity": entity,
        "payload_hash": digest.hex(),
        "proposal": id_,
        "proposed": action,
        "reason": first.reason,
        "ids": list(targets),
        **({"plan": plan} if plan else {}),
    }

    def write(connection: Connection, signed: Signed) -> None:
        values = {**row, "key_id": signed.key_id, "signature": signed.signature, **_filled(desk, "proposer")}
        connection.execute(insert(own.proposals).values(**values))

    enter(desk, derived(id_, "propose"), told, write)
    return load(desk.session, id_)


@dataclass(frozen=True)
class Outcome:
    """What became of one record."""

    target: str
    done: Done | None = None
    refused: str = ""
    later: bool = False
    """Whether it was not done for want of a right or of time, so that it can still be done."""


Tell = Callable[[Outcome], None]


def nobody(outcome: Outcome) -> None:
    """Nobody is told."""


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
    desk: Desk,
    armed: Armed | None,
    id_: str,
    reason: str = "",
    shown: Sequence[Sheet] = (),
    tell: Tell | None = None,
) -> list[Outcome]:
    """Say yes; with the last yes that it takes it is carried out. Raises Refused, Denied, and Stale where it is void now."""
    gate(desk, armed)
    proposal = load(desk.session, id_)
    _check_other(desk, proposal)
    if proposal.state not in ("open", "approved"):
        raise Refused(f"The proposal is {proposal.state}.")
    rows, wrong = {}, ""
    for target in proposal.targets if proposal.action != REVIEW else ():
        try:
            rows[target] = rehearse(desk.session, proposal.operation(target), desk.who).row_hash.hex()
        except (Stale, Refused, Missing) as error:
            wrong = wrong or str(error)
            if not proposal.is_plan:
                break
    if wrong and not (proposal.is_plan and rows):  # of a plan the rest is done
        close(desk, armed, proposal, "void", wrong)
        raise Stale(f"The proposal is void: {wrong}")
    for sheet_ in shown:
        target = proposal.target_of(sheet_.operation)
        if not sheet_.refused and rows.get(target) != sheet_.operation.row_hash:
            raise Stale(
                f"{sheet_.entity.name} {sheet_.operation.id} is no longer as it was shown; look at it again."
            )
    _vote(desk, proposal, "approve", reason, {"rows": rows})
    now = load(desk.session, id_)
    return carry_out(desk, armed, now, tell or nobody) if now.state == "approved" else []


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


def carry_out(desk: Desk, armed: Armed | None, proposal: Proposal, tell: Tell = nobody) -> list[Outcome]:
    """Do what was approved, each record in a transaction of its own; what was done before is not done again.

    A record that has changed since is refused, and voids what is left of the proposal; of a plan the rest is done,
    and a signed report closes it. Raises Unknown and Unreachable.
    """
    if proposal.state != "approved":
        raise Refused(f"The proposal is {proposal.state}.")
    if proposal.action == REVIEW:
        return []
    approved = _Approved(desk, proposal)
    outcomes = []
    for target in proposal.targets:
        outcomes.append(_carry_one(desk, armed, proposal, target, approved))
        tell(outcomes[-1])
    if proposal.is_plan:
        report(desk, armed, proposal, outcomes)
    elif void := next((each for each in outcomes if each.refused), None):
        close(desk, armed, proposal, "void", f"{proposal.entity} {void.target}: {void.refused}")
    return outcomes


def _carry_one(
    desk: Desk, armed: Armed | None, proposal: Proposal, target: str, approved: _Approved
) -> Outcome:
    try:
        done = perform(desk, proposal.operation(target), armed, approval=approved)
        return Outcome(target, done)
    except (Refused, Stale, Missing) as error:
        return Outcome(target, refused=str(error))
    except (Denied, TooSlow) as error:
        if not proposal.is_plan:
            raise
        return Outcome(target, refused=str(error), later=True)


def report(desk: Desk, armed: Armed | None, proposal: Proposal, outcomes: Sequence[Outcome]) -> bool:
    """Sign what was done and what was not, as the ledger has it, which ends the plan; False while something can be done yet."""
    gate(desk, armed)
    if any(each.later for each in outcomes):
        return False
    why = {each.target: each.refused for each in outcomes}
    operations = {target: proposal.operation(target).operation_id for target in proposal.targets}
    entries = _sequence(desk.session, list(operations.values()))
    told = {
        "action": CONTAINED,
        "entity": proposal.entity,
        "proposal": proposal.id,
        "plan": proposal.plan,
        "reason": proposal.reason,
        "done": {target: entries[id_] for target, id_ in operations.items() if id_ in entries},
        "not_done": {
            target: (why.get(target) or "It was not tried.")[:160]
            for target, id_ in operations.items()
            if id_ not in entries
        },
    }
    enter(desk, derived(proposal.id, "close"), told)
    return True


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
    rows = [_of(row._mapping) for row in execute(session, wanted, {}, None)]
    if not rows:
        return []
    votes = votes_of(session, *(row.id for row in rows))
    rows, there = _attempted(session, rows)
    found = [
        replace(
            row,
            votes=tuple(vote for vote in votes if vote.proposal == row.id),
            done=tuple(target for target in row.targets if row.operation(target).operation_id in there),
            closed=str(there.get(derived(row.id, "close"), {}).get("action", "")),
        )
        for row in rows
    ]
    return [proposal for proposal in found if not current or proposal.state in ("open", "approved")]


def _attempted(session: Session, rows: list[Proposal]) -> tuple[list[Proposal], dict[str, Mapping[str, Any]]]:
    """The proposals with the ids that hold now, and the entries that are there; an id that was given up has a successor."""
    there = _entered(session, [derived(row.id, "close") for row in rows])
    asked = [(row, target) for row in rows for target in row.targets]
    while asked:
        ids = {(row.id, target): row.operation(target).operation_id for row, target in asked}
        there |= _entered(session, list(ids.values()))
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


def _sequence(session: Session, operations: Sequence[str]) -> dict[str, int]:
    """Where in the ledger these operations stand, those that were done."""
    c, found = own.ledger.c, {}
    for start in range(0, len(operations), 500):
        wanted = select(c.operation_id, c.seq).where(c.operation_id.in_(operations[start : start + 500]))
        found.update({str(id_): int(seq) for id_, seq in execute(session, wanted, {}, None)})
    return found


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
    "CONTAINED", "Outcome", "Proposal", "QuaestorError", "approve", "carry_out", "listed", "load", "propose", "propose_plan", "reject", "report",
    "review",
    "transaction", "withdraw",
]  # fmt: skip
