"""A second person's word on a proposal: the sheet that is freshly read, what was said for it, yes or no."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import TYPE_CHECKING

from screens import later, reasons, running
from screens.dialogs import REASON, Decision, Question
from screens.evidence import clock
from screens.inputs import Asked
from screens.lines import Line
from screens.pages import session_of
from screens.running import Run

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.operation import Sheet
    from db.proposals import Proposal
    from screens.desk import Link
    from screens.operators import Operators

YES, NO, BACK = "approve", "reject", "withdraw"
REVIEW = "review"
"""The action of what a break-glass left to be looked at."""


def question(link: Link, proposal: Proposal, word: str, *, brief: bool = False) -> Question:
    """What the sheet shows: who proposed it and why, and what it would do now."""

    def read(form: Mapping[str, str], cancel: Cancel) -> list[Sheet]:
        return later.proposals.review(session_of(link), proposal, cancel)

    listed = reasons.of(link.profile, word)
    asked = [Asked(REASON, "reason", choices=listed, required=word != YES)]
    title = f"{word} the proposal   {proposal.action} {proposal.entity}"
    bare = word != YES or proposal.action == REVIEW
    return Question(
        title, "", word.capitalize(), asked, read, brief, list(_told(link, proposal)), bare, vote=True
    )


def waiting(link: Link) -> list[Proposal]:
    """What waits for a second person in a system, and who is behind its keys; in a thread."""
    session = session_of(link)
    if session.schema.table("quaestor_proposals") is None:
        return []
    know_people(link)
    return later.proposals.listed(session, current=True)


def know_people(link: Link) -> None:
    """Read who is behind the keys of a ledger, once; in a thread."""
    session = session_of(link)
    if not link.people and session.schema.table("quaestor_operator_keys") is not None:
        link.people = {
            f"key:{key}": name for key, (_, _, name) in later.desk.keys_of(session).items() if name
        }


def _told(link: Link, proposal: Proposal) -> Iterator[Line]:
    yield Line(
        (
            (f"   Proposed by {link.called(proposal.proposer)}", "wait"),
            (
                f"   until {clock(proposal.expires_at, UTC)} UTC   {len(proposal.votes)} of {proposal.quorum} said yes",
                "faint",
            ),
        )
    )
    yield Line((("   “", "faint"), (proposal.reason, ""), ("”", "faint")))


def run_of(link: Link, operators: Operators, proposal: Proposal, word: str, decision: Decision) -> Run:
    """The vote, signed, and with the last yes what it is about."""
    operations = [proposal.operation(target) for target in proposal.targets]
    if word == YES:
        step = running.approve(proposal.id, decision.reason, decision.sheets, operations)
    else:
        step = running.reject(proposal.id, decision.reason, operations, withdraw=word == BACK)
    return Run(link, operators, f"{word} {proposal.action}", [step], len(operations))
