"""The plan of a containment, shown before anything is asked of anybody: each operation, and what it would end."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from db.cancel import Cancel
from db.contain.rules import RULES, Rule
from db.errors import Missing, QuaestorError, Refused
from db.model import Effect
from db.operation import Operation
from db.rehearse import sheet
from db.session import Session
from db.who.model import Found, Person, Who

MOST = 250
"""Operations of a plan in one system: more would not fit its entries."""


@dataclass(frozen=True)
class Step:
    """One operation of the plan."""

    operation: Operation
    name: str
    """What names the record to a person."""
    why: str
    """Why it is believed to be theirs."""
    effects: tuple[Effect, ...] = ()
    refused: str = ""
    """The sentence why it cannot be done; it is not proposed then."""
    final: str = ""
    """The sentence why nothing takes it back."""


@dataclass(frozen=True)
class Part:
    """The plan in one system."""

    source: str
    system: str = ""
    steps: tuple[Step, ...] = ()
    over: int = 0
    """Records in which nothing is left to take away."""
    subjects: tuple[str, ...] = ()
    """The person's own records, as ``entity/id``."""
    notes: tuple[str, ...] = ()
    """What could not be looked up."""
    error: str = ""
    """Why this system is not in the plan; it can be resumed for it alone."""

    @property
    def possible(self) -> tuple[Operation, ...]:
        """What can be done."""
        return tuple(step.operation for step in self.steps if not step.refused)

    def because(self, reason: str, ticket: str, forms: Mapping[str, str]) -> Part:
        """The same part with what was given after it was shown."""
        steps = []
        for step in self.steps:
            form = {name: forms.get(name, value) for name, value in step.operation.form.items()}
            steps.append(
                replace(step, operation=replace(step.operation, reason=reason, ticket=ticket, form=form))
            )
        return replace(self, steps=tuple(steps))


@dataclass(frozen=True)
class Plan:
    """One person's containment."""

    id: str
    looked_for: str
    person: Person
    parts: tuple[Part, ...]

    @property
    def operations(self) -> int:
        """How many operations it has."""
        return sum(len(part.possible) for part in self.parts)


def the_one(who: Who) -> Person:
    """The only person whom a text leads to; raises Missing for nobody, Refused for several."""
    if not who.sure:
        raise Missing(f"Nobody was found by '{who.text}'; there is nothing to contain.")
    if len(who.sure) > 1:
        names = "; ".join(person.name for person in who.sure[:5])
        raise Refused(
            f"'{who.text}' leads to {len(who.sure)} people ({names}): name one by an email, a DID or an id."
        )
    return who.sure[0]


def plan(
    who: Who,
    sessions: Sequence[Session],
    *,
    reason: str = "",
    ticket: str = "",
    id_: str = "",
    forms: Mapping[str, str] | None = None,
    cancel: Cancel | None = None,
) -> Plan:
    """What would be done in every system, freshly rehearsed; ``forms`` has values for the forms of its actions.

    A system that did not answer is in it with the sentence why. Raises Missing, Refused, Usage.
    """
    person = the_one(who)
    pool = ThreadPoolExecutor(max(1, len(sessions)), thread_name_prefix="contain")
    try:
        made = pool.map(
            _planner(person, who, Operation("", "", "", {}, reason, ticket), forms or {}, cancel), sessions
        )
        parts = list(made)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    known = {part.source for part in parts}
    parts += [Part(name, error=why) for name, why in who.errors.items() if name not in known]
    return Plan(id_ or str(uuid.uuid4()), who.text, person, tuple(parts))


def _planner(
    person: Person, who: Who, like: Operation, forms: Mapping[str, str], cancel: Cancel | None
) -> Callable[[Session], Part]:
    def work(session: Session) -> Part:
        records = [one for one in person.records if one.source == session.name and one.sure]
        error = who.errors.get(session.name, "")
        try:
            part = _part(session, records, like, forms, cancel)
        except QuaestorError as failed:
            return Part(session.name, session.system.name, error=str(failed))
        return replace(part, notes=who.notes.get(session.name, ()), error=error)

    return work


def _part(
    session: Session,
    records: Iterable[Found],
    like: Operation,
    forms: Mapping[str, str],
    cancel: Cancel | None,
) -> Part:
    found = {one.ref: one for one in records}.values()
    steps, over = [], 0
    for rule in RULES.get(session.system.name, ()):
        for one in (one for one in found if one.entity == rule.entity):
            if one.state in rule.over:
                over += 1
            else:
                steps.append(_step(session, rule, one, like, forms, cancel))
    if len(steps) > MOST:
        raise Refused(f"{len(steps)} operations do not fit into one plan; {MOST} do. Take some away first.")
    subjects = tuple(f"{one.entity}/{one.id}" for one in found if not one.of)
    return Part(session.name, session.system.name, tuple(steps), over, subjects)


def _step(
    session: Session,
    rule: Rule,
    found: Found,
    like: Operation,
    forms: Mapping[str, str],
    cancel: Cancel | None,
) -> Step:
    form = {name: forms.get(name, value) for name, value in rule.form.items()}
    wanted = replace(like, entity=rule.entity, id=found.id, action=rule.action, form=form)
    why = "; ".join(found.why)
    try:
        shown = sheet(session, wanted, cancel=cancel)
    except Missing as error:
        return Step(wanted, found.name, why, refused=str(error))
    refused = shown.refused or (f"Your role lacks {', '.join(shown.lacking)}." if shown.lacking else "")
    return Step(wanted, found.name, why, shown.effects, refused, shown.action.final)
