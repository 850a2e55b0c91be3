"""``quaestor contain``: take away everything that gives one person access, in all systems, by two people."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import click

from console.cancelling import cancellable
from console.cli import deciding, options
from console.cli.deciding import Outcome
from console.headless.output import columns, output
from console.headless.text import whole
from console.searching import Opened, sources
from db import contain, planned, proposals
from db.cancel import Cancel
from db.contain import Part, Plan, Standing, Step
from db.desk import Desk
from db.errors import Denied, Missing, QuaestorError, Refused, Unreachable, Usage
from db.finpass.withdrawing import REASONS
from db.model import Effect, Kind, Row
from db.operation import Armed
from db.session import Session
from db.who import Source, search

FOUND = 500
"""Records of one kind that a plan takes in."""


@click.command("contain")
@click.argument("text")
@click.argument("targets", metavar="[TARGET]…", nargs=-1)
@deciding.reason
@deciding.ticket
@click.option(
    "--revocation-reason", type=click.Choice(REASONS), default="keyCompromise", show_default=True,
    help="Why credentials are revoked.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show the plan, and propose nothing.")
@click.option(
    "--approve", is_flag=True, help="TEXT is a plan's id: say yes to it as another person; it is carried out."
)
@click.option(
    "--resume",
    is_flag=True,
    help="TEXT is a plan's id: go on where it was cut off, or where a system was missing.",
)
@click.option("--status", is_flag=True, help="TEXT is a plan's id: how far it is in each system.")
@deciding.yes
@options.format_
def command(
    text: str,
    targets: tuple[str, ...],
    reason: str,
    ticket: str,
    revocation_reason: str,
    dry_run: bool,
    approve: bool,
    resume: bool,
    status: bool,
    yes: bool,
    format_: str,
) -> int:
    """Plan the containment of whom TEXT leads to, and propose it in every system; another person approves it.

    Sessions end, passes and credentials are revoked, users are suspended, accounts and wallets frozen, each in a
    transaction of its own, once. What was cut off is resumed by the plan's id. Exit 3 when a system did not answer.
    """
    if approve + resume + status + dry_run > 1:
        raise Usage("Take one of --dry-run, --approve, --resume and --status.")
    forms = {"revocation_reason": revocation_reason}
    with sources(targets) as (opened, asked), ExitStack() as stack:
        work = _Work(opened, asked, stack, reason.strip(), ticket.strip(), yes, format_, forms)
        if approve or resume or status:
            return work.go_on(_uuid(text), approve=approve, look_only=status)
        return work.begin(text, look_only=dry_run)


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise Usage(f"That takes a plan's id, a UUID; '{whole(text)}' is none.") from None


@dataclass
class _Work:
    """One run of the command."""

    opened: Opened
    asked: Sequence[Source]
    stack: ExitStack
    reason: str
    ticket: str
    yes: bool
    format_: str
    forms: Mapping[str, str]
    _desks: dict[str, Desk] = field(default_factory=dict)

    def begin(self, text: str, *, look_only: bool) -> int:
        """The plan, shown, and proposed."""
        plan = self.planned(text, self.reason)
        _show_plan(plan, self.format_, aside=not look_only)
        missing = _unreachable(plan.parts)
        if look_only:
            return _coded([], missing)
        if not self.reason:
            raise Usage("A reason is needed (--reason): the second person decides by it.")
        if not plan.operations:
            raise Refused("There is nothing left to take away; nothing was proposed.")
        armed = self.armed(f"Propose these {plan.operations} operations?")
        outcomes = [self.propose(armed, plan, part) for part in plan.parts if not part.error]
        code = deciding.report([one for one in outcomes if one], self.format_)
        click.echo(f"Another person says: quaestor contain {plan.id} --approve", err=True)
        return _coded([code], missing, plan.id)

    def go_on(self, plan: str, *, approve: bool, look_only: bool) -> int:
        """A plan that stands already: how far it is, and on from there."""
        stands, missing = self.standing(plan)
        if not any(one.proposal for one in stands):
            raise Missing(f"There is no plan {plan} in these systems.")
        _show_standing(stands, self.format_, aside=not look_only)
        if look_only:
            return _coded([], missing)
        armed = self.armed("Approve and carry out?" if approve else "Go on with it?")
        outcomes = []
        for one in stands:
            outcomes += self.carry(armed, one, approve=approve)
        if not approve:
            outcomes += self.propose_rest(armed, plan, stands)
        return _coded([deciding.report(outcomes, self.format_)], missing, plan)

    def planned(self, text: str, reason: str, id_: str = "") -> Plan:
        """The plan for a person, from every system that answers."""

        def work(cancel: Cancel) -> Plan:
            who = search(self.asked, text, most=FOUND, cancel=cancel)
            sessions = [s for name, s in self.opened.sessions.items() if name not in who.errors]
            return contain.plan(
                who, sessions, reason=reason, ticket=self.ticket, id_=id_, forms=self.forms, cancel=cancel
            )

        return cancellable(work)

    def armed(self, question: str) -> Armed:
        """The arming of this command."""
        return deciding.armed(self.ticket, self.yes, question)

    def desk(self, session: Session) -> Desk:
        """The desk of a system, opened once."""
        if session.name not in self._desks:
            self._desks[session.name] = self.stack.enter_context(deciding.desk(session))
        return self._desks[session.name]

    def propose(self, armed: Armed, plan: Plan, part: Part) -> Outcome | None:
        """Propose one part; what keeps it from being proposed is told, and the others go on."""
        try:
            made = contain.propose(self.desk(self.opened.sessions[part.source]), armed, plan, part)
        except QuaestorError as error:
            return deciding.failed(part.source, "", error)
        if made is None:
            return None
        return Outcome(
            part.source, "proposed", made.id, None, f"{len(made.targets)} operations of plan {plan.id}"
        )

    def standing(self, plan: str) -> tuple[list[Standing], list[str]]:
        """How far it is in each system that answers, and the sentences why others do not."""
        found, missing = [], []
        for source in self.asked:
            try:
                found.append(contain.standing(source.open(), plan))
            except QuaestorError as error:
                missing.append(f"{source.name}: {error}")
        return found, missing

    def carry(self, armed: Armed, stands: Standing, *, approve: bool) -> list[Outcome]:
        """Approve a part, or go on with it."""
        if stands.proposal is None or stands.state not in ("open", "approved"):
            return []
        if stands.state == "open" and not approve:
            return [Outcome(stands.source, "open", stands.proposal.id, None, "It waits for another person.")]
        told = _Told(stands.source)
        try:
            desk = self.desk(self.opened.sessions[stands.source])
            contain.approve(desk, armed, stands.proposal, self.reason, tell=told)
        except QuaestorError as error:
            told.outcomes.append(deciding.failed(stands.source, stands.proposal.id, error))
        return told.outcomes

    def propose_rest(self, armed: Armed, plan: str, stands: Sequence[Standing]) -> list[Outcome]:
        """Propose it where it was not, because the system did not answer then."""
        known = next(one.proposal for one in stands if one.proposal)
        lacking = {one.source for one in stands if one.proposal is None}
        if not lacking:
            return []
        again = self.planned(known.form.get(planned.LOOKED_FOR, ""), known.reason, plan)
        made = [
            self.propose(armed, again, part)
            for part in again.parts
            if part.source in lacking and not part.error
        ]
        return [one for one in made if one]


@dataclass
class _Told:
    """Narrates each operation as it is done."""

    source: str
    outcomes: list[Outcome] = field(default_factory=list)

    def __call__(self, outcome: proposals.Outcome) -> None:
        made = _outcome(self.source, outcome)
        self.outcomes.append(made)
        click.echo(f"{whole(made.id)}: {made.status} {whole(made.text)}".rstrip(), err=True)


def _outcome(source: str, outcome: proposals.Outcome) -> Outcome:
    name = f"{source}: {outcome.target}"
    if outcome.done is not None:
        said = "earlier" if outcome.done.earlier else "done"
        return Outcome(name, said, outcome.done.operation_id, outcome.done.seq)
    return Outcome(name, "refused", "", None, outcome.refused, Denied.exit_code if outcome.later else 1)


def _unreachable(parts: Sequence[Part]) -> list[str]:
    return [f"{part.source}: {part.error}" for part in parts if part.error]


def _coded(codes: Sequence[int], missing: Sequence[str], plan: str = "") -> int:
    """The exit code; raises Unreachable where a system did not answer."""
    if missing:
        on = f" The plan is resumed for it alone by 'quaestor contain {plan} --resume'." if plan else ""
        raise Unreachable("; ".join(map(whole, missing)) + on)
    return max(codes, default=0)


def _show_plan(plan: Plan, format_: str, *, aside: bool) -> None:
    if aside:
        for part in plan.parts:
            for line in _lines(part):
                click.echo(whole(line), err=True)
        return
    shown = columns(
        system=Kind.TEXT, action=Kind.TEXT, entity=Kind.TEXT, record=Kind.ID, name=Kind.TEXT, would=Kind.TEXT,
        refused=Kind.TEXT, final=Kind.BOOLEAN, why=Kind.TEXT,
    )  # fmt: skip
    out = output(format_, shown, ids=False)
    out.write([_row(part, step) for part in plan.parts for step in part.steps])
    out.end(None)
    for part in plan.parts:
        for note in part.notes:
            click.echo(f"{whole(part.source)}: {whole(note)}", err=True)
    click.echo(
        f"{plan.operations} operations for {whole(plan.person.name)}; {sum(p.over for p in plan.parts)} records "
        "need none any more.",
        err=True,
    )


def _row(part: Part, step: Step) -> Row:
    done = step.operation
    values = (
        part.source, done.action, done.entity, done.id, step.name, effects(step.effects), step.refused or None,
        bool(step.final), step.why,
    )  # fmt: skip
    return Row(done.id, values, ())


def effects(found: Sequence[Effect]) -> str:
    """What an operation would change, on one line."""
    return "; ".join(deciding.said(effect) for effect in found)


def _lines(part: Part) -> Iterator[str]:
    if part.error:
        yield f"{part.source}: {part.error}"
    for step in part.steps:
        told = f"refused: {step.refused}" if step.refused else effects(step.effects)
        yield f"{part.source}: {step.operation.action} {step.operation.entity} {step.name or step.operation.id}: {told}"
    yield from (f"{part.source}: {note}" for note in part.notes)


def _show_standing(stands: Sequence[Standing], format_: str, *, aside: bool) -> None:
    shown = columns(
        system=Kind.TEXT, state=Kind.STATUS, operations=Kind.INTEGER, done=Kind.INTEGER, proposal=Kind.ID,
        proposer=Kind.TEXT, reason=Kind.TEXT,
    )  # fmt: skip
    rows = [_standing_row(one) for one in stands]
    if aside:
        for row in rows:
            click.echo(whole("  ".join("–" if v is None else str(v) for v in row.values)), err=True)
        return
    out = output(format_, shown, ids=False)
    out.write(rows)
    out.end(None)


def _standing_row(one: Standing) -> Row:
    found = one.proposal
    if found is None:
        return Row(one.source, (one.source, one.state, None, None, None, None, None), ())
    told = (len(found.targets), len(found.done), found.id, found.proposer, found.reason)
    return Row(one.source, (one.source, one.state, *told), ())
