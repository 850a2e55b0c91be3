"""What the containment screen reads at one look, and the steps by which it is proposed and carried out; in threads."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from db import planned
from db.errors import Cancelled, QuaestorError, Unknown, Unreachable
from screens import effects, later, voting
from screens.running import Outcome, Run, Step
from screens.whotree import source_of

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.contain import Part, Plan, Report, Standing
    from db.desk import Desk as Writer
    from db.operation import Operation, Sheet
    from db.proposals import Outcome as Became
    from db.proposals import Proposal
    from db.session import Session
    from screens.desk import Link
    from screens.operators import Operators

PATIENCE = 5.0
"""Seconds that a system has for each round of the search."""
FOUND = 500
"""Records of one kind that a plan takes in."""


@dataclass(frozen=True)
class Held:
    """A containment in one system."""

    part: Part
    """What could be done now."""
    standing: Standing
    sheets: Mapping[str, Sheet] = field(default_factory=dict)
    """By target: what an open proposal would do, freshly read."""
    report: Report | None = None

    @property
    def proposal(self) -> Proposal | None:
        """What was proposed here."""
        return self.standing.proposal

    @property
    def state(self) -> str:
        """As ``Standing.state``."""
        return self.standing.state


@dataclass(frozen=True)
class Seen:
    """One look."""

    plan: Plan
    held: Mapping[str, Held]
    names: Mapping[tuple[str, str, str], str]
    """By system, entity and id."""

    def in_state(self, *states: str) -> list[str]:
        """The systems in one of these states; ``not proposed`` only where there is something to propose."""
        return [
            name
            for name, held in self.held.items()
            if held.state in states and (held.proposal is not None or held.part.possible)
        ]


def look(links: Sequence[Link], text: str, plan_id: str, cancel: Cancel) -> Seen:
    """The plan, and how far it is; ``text`` leads to the person, or is a plan's id. Raises Missing, Refused, Usage."""
    opened = {link.name: link.session for link in links if link.session is not None}
    stands: dict[str, Standing] = {}
    if _is_uuid(text):
        stands = {name: later.contain.standing(session, text) for name, session in opened.items()}
        known = next((one.proposal for one in stands.values() if one.proposal is not None), None)
        if known is not None:
            plan_id, text = text, known.form.get(planned.LOOKED_FOR, text)
    sources = [source_of(link) for link in links]
    who = later.who.search(sources, text, patience=PATIENCE, most=FOUND, cancel=cancel)
    subjects = {
        name: [f"{one.entity}/{one.id}" for one in later.contain.the_one(who).subjects if one.source == name]
        for name in opened
    }
    for name, session in opened.items():
        if name not in who.errors:
            stands[name] = _standing(session, subjects[name], plan_id)
    proposed = [one.proposal.plan for one in stands.values() if one.proposal is not None]
    if proposed and plan_id not in proposed:  # another one's came first
        plan_id = proposed[0]
    sessions = [session for name, session in opened.items() if name not in who.errors]
    made = later.contain.plan(who, sessions, reason=effects.REASON, id_=plan_id, cancel=cancel)
    held = {
        part.source: _held(
            opened.get(part.source), part, stands.get(part.source) or _nowhere(part.source), cancel
        )
        for part in made.parts
    }
    for link in links:
        if link.session is not None:
            voting.know_people(link)
    names = {(one.source, one.entity, one.id): one.name for one in made.person.records}
    return Seen(made, held, names)


def _nowhere(source: str) -> Standing:
    made: Standing = later.contain.Standing(source, None)
    return made


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _standing(session: Session, subjects: Sequence[str], plan_id: str) -> Standing:
    """What is under way for the person, or else how that plan ended."""
    proposal = later.contain.under_way(session, subjects)
    if proposal is not None:
        made: Standing = later.contain.Standing(session.name, proposal)
        return made
    return later.contain.standing(session, plan_id) if plan_id else _nowhere(session.name)


def _held(session: Session | None, part: Part, standing: Standing, cancel: Cancel) -> Held:
    proposal, state = standing.proposal, standing.state
    if session is None or proposal is None:
        return Held(part, standing)
    if state == "open":
        sheets = later.proposals.review(session, proposal, cancel)
        return Held(part, standing, {proposal.target_of(sheet.operation): sheet for sheet in sheets})
    return Held(part, standing, report=later.contain.reported(session, proposal))


# Doing it


def propose(plan: Plan, part: Part, reason: str, forms: Mapping[str, str]) -> Step:
    """The step that proposes a part; that another containment is under way is told."""

    def step(run: Run, writer: Writer) -> list[Outcome]:
        armed = run.link.arming.now
        asked = part.because(reason, armed.ticket if armed else "", forms)
        try:
            later.contain.propose(writer, armed, plan, asked)
        except QuaestorError as error:
            return [Outcome(operation, "refused", str(error), error=error) for operation in asked.possible]
        return [Outcome(operation, "proposed") for operation in asked.possible]

    return step


def carry(held: Held, proposal: Proposal, reason: str) -> Step:
    """The step that says yes and carries it out, or goes on where it was cut; each operation is told as it is done."""

    def step(run: Run, writer: Writer) -> list[Outcome]:
        def tell(became: Became) -> None:
            run.outcomes.append(_outcome(proposal, became))
            if run.stopped and len(run.outcomes) < run.total:
                raise Cancelled("It was stopped; what is done is done, and v goes on.")

        armed, shown = run.link.arming.now, list(held.sheets.values())
        try:
            later.contain.approve(writer, armed, proposal, reason, shown, tell)
        except QuaestorError as error:
            return [_cut(proposal, run, error)]
        return []

    return step


def _outcome(proposal: Proposal, became: Became) -> Outcome:
    operation = proposal.operation(became.target)
    if became.done is not None:
        return Outcome(operation, "done", done=became.done)
    return Outcome(operation, "refused", became.refused)


def _cut(proposal: Proposal, run: Run, error: QuaestorError) -> Outcome:
    """What ended the run, told of the operation that it ended at."""
    at = min(len(run.outcomes), len(proposal.targets) - 1)
    known = isinstance(error, Unknown)
    lost = isinstance(error, Unreachable | Unknown)
    return Outcome(
        proposal.operation(proposal.targets[at]),
        "unknown" if known else "refused",
        str(error),
        error=error if lost else None,
    )


def run_of(link: Link, operators: Operators, what: str, step: Step, operations: Sequence[Operation]) -> Run:
    """A part's run at the desk of its system."""
    return Run(link, operators, f"{link.name}: {what}", [step], len(operations))


def operations(proposal: Proposal) -> list[Operation]:
    """What it is about."""
    return [proposal.operation(target) for target in proposal.targets]
