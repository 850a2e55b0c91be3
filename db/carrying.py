"""Carrying out what was approved: each record in a transaction of its own, once, under the checks of a second look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from db import own
from db.desk import Desk
from db.entry import derived
from db.errors import Denied, Missing, Refused, Stale, TooSlow
from db.once import enter
from db.operation import Armed, Done
from db.pending import closed, sequence
from db.proposal import REVIEW, Proposal, of_row
from db.votes import check_votes, votes_of
from db.write import gate, perform

CONTAINED = "contained"
"""The action of the report that ends a plan."""


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
    entries = sequence(desk.session, list(operations.values()))
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
        now = of_row(row._mapping)
        if (
            sha256(now.payload()).digest() != now.payload_hash
            or now.payload_hash != self.proposal.payload_hash
        ):
            raise Refused("The proposal is not the one that was approved: its rows were changed.")
        votes = votes_of(connection, self.proposal.id)
        check_votes(self.desk, connection, now.key_id, now.payload_hash, votes)
        state = replace(now, votes=votes, closed=closed(connection, now.id)).state
        if state != "approved":
            raise Refused(f"The proposal is {state}.")
