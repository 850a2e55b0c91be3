"""From a plan to what was done: proposed by one person, approved by another, carried out once, and reported.

The proposal's id follows from the ledger and the person, so that two who contain one person at the same time meet
in the ledger: the second finds the first one's. Each operation's id follows from the proposal's, and the ledger
decides whether it was done, so that a run that was cut is simply run again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from db import planned, proposals
from db.contain.plan import Part, Plan
from db.desk import Desk
from db.entry import derived
from db.errors import Denied, Missing, QuaestorError, Refused
from db.operation import Armed, Sheet
from db.own import ledger
from db.own import proposals as table
from db.proposals import Outcome, Proposal, Tell, nobody
from db.run import execute
from db.session import Session

GENERATIONS = 1_000
"""How often one person may be contained in one ledger."""


@dataclass(frozen=True)
class Standing:
    """How far a plan is in one system."""

    source: str
    proposal: Proposal | None
    """None where it was never proposed there."""

    @property
    def state(self) -> str:
        """``not proposed``, ``open``, ``approved`` (and not all done), ``done``, or how it ended."""
        if self.proposal is None:
            return "not proposed"
        if self.proposal.state == "done" and self.proposal.closed != proposals.CONTAINED:
            return "approved"  # all is done, but the report is not signed yet
        return self.proposal.state


def under_way(session: Session, subjects: Sequence[str]) -> Proposal | None:
    """The containment of a person that is proposed or being carried out in a system."""
    if session.schema.table(table.name) is None:
        return None
    for proposal in proposals.listed(session, current=True):
        if proposal.is_plan and planned.subjects_of(proposal.form) & set(subjects):
            return proposal
    return None


def standing(session: Session, plan: str) -> Standing:
    """How far a plan is in a system."""
    if session.schema.table(table.name) is None:
        return Standing(session.name, None)
    found = proposals.listed(session, plan=plan)
    return Standing(session.name, found[0] if found else None)


@dataclass(frozen=True)
class Report:
    """What the ledger says of a part that is over."""

    done: Mapping[str, int]
    """By target: its entry."""
    not_done: Mapping[str, str]
    """By target: why."""


def reported(session: Session, proposal: Proposal) -> Report | None:
    """The signed report; None where there is none."""
    wanted = select(ledger.c.payload).where(ledger.c.operation_id == derived(proposal.id, "close"))
    rows = execute(session, wanted, {}, None)
    told = json.loads(bytes(rows[0][0])) if rows else {}
    if told.get("action") != proposals.CONTAINED:
        return None
    return Report(told.get("done", {}), told.get("not_done", {}))


def propose(desk: Desk, armed: Armed | None, plan: Plan, part: Part) -> Proposal | None:
    """Propose a plan's part in its system; None where nothing is to be done there.

    Raises Refused where another plan for the same person is under way, and what a proposal raises.
    """
    if not part.possible:
        return None
    other = under_way(desk.session, part.subjects)
    if other is not None and other.plan != plan.id:
        raise _taken(desk, other)
    forms = {(each.entity, each.action): each.form for each in part.possible}
    form = planned.form_for(forms, plan.looked_for, part.subjects)
    id_ = _next(desk, part)
    try:
        made = proposals.propose_plan(desk, armed, part.possible, form, id_=id_, plan=plan.id)
    except QuaestorError:
        other = _met(desk, id_)  # another one's came first: the key of its row is the same
        if other is None:
            raise
        made = other
    if made.plan != plan.id:
        raise _taken(desk, made)
    return made


def _met(desk: Desk, id_: str) -> Proposal | None:
    """The proposal of that id, where it is there by now."""
    try:
        return proposals.load(desk.session, id_)
    except Missing:
        return None


def _taken(desk: Desk, other: Proposal) -> Refused:
    return Refused(
        f"{desk.session.name}: this person is being contained already, by plan {other.plan} of {other.proposer} "
        f"({other.state}): approve or resume that one."
    )


def _next(desk: Desk, part: Part) -> str:
    """The id of the next containment of this person here: the first whose proposal is not over."""
    person = "\n".join(sorted(part.subjects))
    for generation in range(GENERATIONS):
        id_ = derived("contain", desk.ledger, person, str(generation))
        try:
            if proposals.load(desk.session, id_).state in ("open", "approved"):
                return id_
        except Missing:
            return id_
    raise Refused(f"{desk.session.name}: this person was contained {GENERATIONS} times.")


def approve(
    desk: Desk,
    armed: Armed | None,
    proposal: Proposal,
    reason: str = "",
    shown: Sequence[Sheet] = (),
    tell: Tell = nobody,
) -> list[Outcome]:
    """Say yes to a part as another person, and with the last yes carry it out. Raises as ``proposals.approve``."""
    if proposal.state != "open":
        return resume(desk, armed, proposal, tell)
    return proposals.approve(desk, armed, proposal.id, reason, shown, tell)


def resume(desk: Desk, armed: Armed | None, proposal: Proposal, tell: Tell = nobody) -> list[Outcome]:
    """Go on with what was approved and cut off; what was done is not done again. Raises Refused, Denied."""
    now = proposals.load(desk.session, proposal.id)
    if now.state == "open":
        raise Denied(f"{desk.session.name}: it waits for another person to approve it.")
    if now.state == "done":
        if now.closed != proposals.CONTAINED:
            proposals.report(desk, armed, now, [])
        return []
    return proposals.carry_out(desk, armed, now, tell)
