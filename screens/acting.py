"""Doing something to records: guard, ask, do, reflect. Every change from a screen goes this way.

The screen says what it is about (``targets``) and what follows (``reflect``). The work itself is started on the
app, so that what commits is reported whatever screen is there by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import work

from db.errors import QuaestorError, Stale
from db.model import Action, Entity, Field, Risk
from screens import effects, keys, later, operators, reasons, running
from screens.base import Frame
from screens.desk import Link
from screens.edit import Typing
from screens.formats import short
from screens.inputs import Asked
from screens.running import Run

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.offers import Offer
    from db.operation import Operation, Sheet
    from screens.dialogs import Decision, Question

MANY = 400
"""Records of one action at most."""
VERBS = ("act", "undo")


@dataclass(frozen=True)
class Targets:
    """Records of one entity of one system."""

    link: Link
    entity: Entity
    ids: tuple[str, ...]

    @property
    def called(self) -> str:
        """For titles."""
        return (
            f"{self.entity.name} {short(self.ids[0])}"
            if len(self.ids) == 1
            else f"{len(self.ids)} {self.entity.name}"
        )


class Acting(Frame):
    """A screen whose records can be changed."""

    BINDINGS = [*keys.bindings(*VERBS)]

    def targets(self) -> Targets | None:
        """What an action would be on: what is marked, or what the cursor is on."""
        return None

    def reflect(self, run: Run) -> None:
        """It is over: show how things are now."""

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now."""
        if verb == "quit" and self.desk.runs:
            return f"{self.desk.runs[0].progress} It is waited for."
        if verb == "cancel" and self.desk.runs:
            return None
        if verb in ("act", "undo"):
            targets = self.targets()
            if targets is None:
                return "There is no record here."
            if verb == "act" and not _actions(targets):
                return f"Nothing can be done to {targets.entity.name}."
            return operators.why_closed(targets.link) if verb == "undo" else None
        return super().why_not(verb)

    def action_cancel(self) -> None:
        """Also begin no more operations."""
        for run in self.desk.runs:
            run.stop()
        super().action_cancel()

    # Guard

    @work(exclusive=True, group="act")
    async def action_act(self) -> None:
        """Choose what to do to what is marked, or to this record."""
        if (targets := self.targets()) is None:
            return
        offers = await self._offers(targets)
        if offers and (name := await self._choose(targets, offers)):
            action = next(offer.action for offer in offers if offer.action.name == name)
            await self.decide(targets, action)

    async def _offers(self, targets: Targets) -> Sequence[Offer]:
        """What can be done; of many records only the names, the sheet tells each one's reasons."""
        session, ids = targets.link.session, targets.ids

        def read(cancel: Cancel) -> Sequence[Offer]:
            assert session is not None
            if len(ids) == 1:
                return later.offers.offers(session, targets.entity.name, ids[0], cancel)
            return [later.offers.Offer(action) for action in _actions(targets)]

        try:
            return await self.load(read)
        except QuaestorError as error:
            self.complain(error)
            return ()

    async def _choose(self, targets: Targets, offers: Sequence[Offer]) -> str | None:
        from screens.dialogs import Actions  # noqa: PLC0415 - 10 ms that no list waits for

        closed = operators.why_safe(targets.link) or ""
        return await self.app.push_screen_wait(Actions(targets.called, offers, closed))

    def guard(self, targets: Targets) -> bool:
        """Whether anything may be changed there now; says why not."""
        reason = operators.why_safe(targets.link)
        if reason is None and len(targets.ids) > MANY:
            reason = f"{len(targets.ids)} records are marked; at most {MANY} are changed at once."
        if reason is not None:
            self.say(reason, "wait")
        return reason is None

    # Ask, do, reflect

    async def decide(
        self, targets: Targets, action: Action, *, brief: bool = False, sheets: Sequence[Sheet] = ()
    ) -> Run | None:
        """One action, from the guard to what it came to; None where it was not done."""
        if not self.guard(targets):
            return None
        question = self.question(targets, action, brief=brief)
        if (decision := await self.consult(question, sheets)) is None:
            return None
        self.desk.reasons[action.name] = decision.reason
        run = await self.carry_out(self.run_of(targets.link, action.heading, decision))
        self.reflect(run)
        if len(decision.sheets) == 1 and any(isinstance(outcome.error, Stale) for outcome in run.outcomes):
            await self._show_change(targets, decision.sheets[0], run.outcomes[0].why)
        return run

    async def _show_change(self, targets: Targets, was: Sheet, why: str) -> None:
        """What is another one than was shown."""
        from screens.reports import Changed  # noqa: PLC0415 - the sheets: 8 ms

        session, operation = targets.link.session, replace(was.operation, row_hash="", counted=None)
        if session is None:
            return
        try:
            now = await self.load(
                lambda cancel: later.rehearse.sheet(session, operation, None, cancel), targets.link
            )
        except QuaestorError as error:
            self.complain(error)
            return
        await self.app.push_screen(Changed(why, was, now))

    def question(self, targets: Targets, action: Action, *, brief: bool = False) -> Question:
        """What the sheet of an action asks and shows."""
        from screens.dialogs import REASON, Question  # noqa: PLC0415 - the sheets: 8 ms

        session, entity = targets.link.session, targets.entity

        def read(form: Mapping[str, str], cancel: Cancel) -> list[Sheet]:
            assert session is not None
            make = later.operation.Operation
            who = targets.link.writer.who if targets.link.writer is not None else None
            made = [make(entity.name, id_, action.name, form, effects.REASON) for id_ in targets.ids]
            return [later.rehearse.sheet(session, operation, who, cancel) for operation in made]

        listed = reasons.of(targets.link.profile, action.name)
        last = self.desk.reasons.get(action.name, listed[0] if listed else "") if brief else ""
        asked = [_asked(field) for field in action.fields]
        asked.append(Asked(REASON, "reason", Typing(last, len(last)), listed))
        if action.irreversible:
            asked.append(_typed_id(targets))
        brief = brief and not action.fields and not action.irreversible
        title = f"{action.heading}   {targets.called}" if brief else action.heading
        glass = len(targets.ids) == 1
        return Question(title, action.summary, action.heading.capitalize(), asked, read, brief, glass=glass)

    async def consult(self, question: Question, sheets: Sequence[Sheet] = ()) -> Decision | None:
        """Show the sheet; None for No."""
        from screens.dialogs import Form  # noqa: PLC0415 - the sheets: 8 ms

        return await self.app.push_screen_wait(Form(question, sheets))

    def run_of(self, link: Link, what: str, decision: Decision) -> Run:
        """What one person may do alone is done, the rest is proposed; what cannot be done is not tried."""
        able = [sheet for sheet in decision.sheets if effects.can(sheet)]
        alone = [_decided(sheet, decision) for sheet in able if not _takes_two(sheet, decision)]
        dual = [_decided(sheet, decision) for sheet in able if _takes_two(sheet, decision)]
        steps = [running.perform(operation) for operation in alone]
        steps += [running.propose(dual)] if dual else []
        run = Run(link, self.desk.operators, what, steps, len(alone) + len(dual))
        run.outcomes += [
            running.Outcome(sheet.operation, "refused", effects.why_not(sheet))
            for sheet in decision.sheets
            if not effects.can(sheet)
        ]
        return run

    async def carry_out(self, run: Run) -> Run:
        """Do it; started on the app, never exclusive, always reported."""
        await running.apart(self.app, running.carry_out(self.desk, run))
        if len(run.outcomes) > 1 and any(outcome.why for outcome in run.outcomes):
            from screens.reports import Report  # noqa: PLC0415 - the sheets: 8 ms

            await self.app.push_screen(Report(run))
        elif run.revealed is not None:
            await self.show_revealed(run)
        return run

    async def show_revealed(self, run: Run) -> None:
        """What a reveal gave, for a few seconds."""
        from screens.reports import Revealed  # noqa: PLC0415 - the sheets: 8 ms

        await self.app.push_screen(Revealed(run.what, run.revealed))

    # Undo

    @work(exclusive=True, group="act")
    async def action_undo(self) -> None:
        """Take back what was done last to this record, in this run."""
        if (targets := self.targets()) is not None:
            mine = (d for d in reversed(self.desk.did) if (d.at, d.entity, d.id) == (
                targets.link.name, targets.entity.name, targets.ids[0]))  # fmt: skip
            if (did := next(mine, None)) is None:
                self.say("Nothing was done to it in this run; the ledger has the operations before.", "wait")
            else:
                await self.take_back(targets.link, did.operation)

    async def take_back(self, link: Link, operation: str) -> Run | None:
        """The inverse of an operation, by a sheet of its own."""
        session = link.session
        if session is None:
            return None
        try:
            undo = await self.load(lambda cancel: later.undo.inverse(session, operation, cancel))
            targets = Targets(link, session.entity(undo.entity), (undo.id,))
        except QuaestorError as error:
            self.complain(error)
            return None
        if not self.guard(targets) or (decision := await self.consult(_undoing(targets, undo))) is None:
            return None
        run = await self.carry_out(self.run_of(link, f"undo by {undo.action}", decision))
        self.reflect(run)
        return run


def _actions(targets: Targets) -> Sequence[Action]:
    session = targets.link.session
    return session.system.actions_of(targets.entity.name) if session is not None else ()


def _takes_two(sheet: Sheet, decision: Decision) -> bool:
    return sheet.risk is Risk.DUAL and not decision.glass


def _decided(sheet: Sheet, decision: Decision) -> Operation:
    """The operation as it was shown, with the reason; its id was made with the sheet."""
    glass = decision.glass and sheet.risk is Risk.DUAL
    form = decision.form or sheet.operation.form
    return replace(sheet.operation, form=form, reason=decision.reason, break_glass=glass)


def _asked(field: Field) -> Asked:
    label, text = field.label or field.name.replace("_", " "), field.default
    return Asked(
        field.name,
        label,
        Typing(text, len(text)),
        field.choices,
        bool(field.choices),
        required=field.required,
    )


def _typed_id(targets: Targets) -> Asked:
    from screens.dialogs import ID  # noqa: PLC0415 - the sheets: 8 ms

    if len(targets.ids) > 1:
        return Asked(ID, "how many", wanted=str(len(targets.ids)))
    return Asked(ID, "its id", wanted=targets.ids[0][:8] if len(targets.ids[0]) > 12 else targets.ids[0])


def _undoing(targets: Targets, undo: Operation) -> Question:
    from screens.dialogs import REASON, Question  # noqa: PLC0415 - the sheets: 8 ms

    session = targets.link.session
    listed = reasons.of(targets.link.profile, "undo")

    def read(form: Mapping[str, str], cancel: Cancel) -> list[Sheet]:
        assert session is not None
        return [later.rehearse.sheet(session, replace(undo, reason=effects.REASON), None, cancel)]

    summary = f"A new operation that takes {undo.undoes} back, by '{undo.action.replace('-', ' ')}'."
    return Question("undo", summary, "Take back", [Asked(REASON, "reason", choices=listed)], read)
