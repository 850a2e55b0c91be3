"""Two people: one proposes, another approves what was freshly shown, and it is carried out under the same checks.

Who proposes and who approves is set by the database where logins are personal; every proposal and every vote is
an entry of the ledger too, signed by its own key, and a vote without its entry does not count.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, insert

from db import own, planned
from db.cancel import Cancel
from db.carrying import CONTAINED, Outcome, Tell, carry_out, close, nobody, report
from db.change import Signed
from db.desk import Desk
from db.entry import derived
from db.errors import Denied, Missing, Refused, Stale
from db.once import enter
from db.operation import Armed, Operation, Sheet
from db.pending import entered, listed, load
from db.proposal import REVIEW, Proposal, filled, payload
from db.rehearse import rehearse, sheet
from db.session import Session
from db.votes import vote_id
from db.write import gate

MOST = 400
"""Records of one proposal: more would not fit its entry."""


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
        values = {**row, "key_id": signed.key_id, "signature": signed.signature, **filled(desk, "proposer")}
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
                **filled(desk, "approver"),
            )
        )

    found = enter(desk, vote_id(proposal.id, desk.who.principal), told, write)
    if found.told.get("action") != decision:
        raise Refused(f"You have said '{found.told.get('action')}' already; one vote each.")


def _check_other(desk: Desk, proposal: Proposal) -> None:
    if desk.who.principal == proposal.proposer or desk.who.key_id == proposal.key_id:
        raise Denied("You proposed it: another person approves or rejects it. You can withdraw it.")


__all__ = [
    "CONTAINED", "MOST", "REVIEW", "Outcome", "Proposal", "Tell", "approve", "carry_out", "close", "entered", "listed",
    "load", "nobody", "propose", "propose_plan", "reject", "report", "review", "withdraw",
]  # fmt: skip
