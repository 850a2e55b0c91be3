"""Taking all access of one person away: the plan, who proposed it, another's yes, progress, and the report."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events, work

from db import planned
from db.errors import QuaestorError
from screens import acting, containing, containlines, keys, operators, reasons, running, voting
from screens.acting import Acting
from screens.bar import Bar
from screens.base import COMMON
from screens.containing import Seen
from screens.containlines import Deed, Head
from screens.desk import Desk, Link, Standing
from screens.edit import Typing
from screens.inputs import Asked
from screens.lined import Lined
from screens.lines import Line, Lines
from screens.pages import session_of
from screens.places import Place
from screens.reading import job
from screens.running import Run

if TYPE_CHECKING:
    from db.cancel import Cancel
    from screens.dialogs import Decision

EVERY = 0.3
"""Seconds between two pictures of how far it is."""
REVOCATION, USUAL = "revocation_reason", "keyCompromise"
"""The field of a revocation, in RFC 5280's words, and what is in it until it is changed."""


class Contain(Lined, Acting):
    """One person's containment in all open systems."""

    VERBS = (*COMMON, *acting.VERBS, "approve", "decline")
    BINDINGS = [*keys.bindings("approve", "decline")]
    FOOTER = ("act", "approve", "decline", "open", "refresh", "back")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.seen: Seen | None = None
        """The last look."""
        self._wrong = ""
        self._runs: dict[str, Run] = {}
        self._said: dict[str, str] = {}
        """By system: why the last attempt there came to nothing."""

    @property
    def settled(self) -> bool:
        """Whether the plan is there, or why there is none, and nothing runs."""
        connecting = any(link.standing is Standing.CONNECTING for link in self.desk.links)
        return (self.seen is not None or bool(self._wrong)) and not (
            self._readings or self._runs or connecting
        )

    def on_mount(self) -> None:
        """Look."""
        self.lines.focus()
        self.renew()

    def takes(self, place: Place) -> bool:
        """Another person on the same screen."""
        return place.screen == "contain"

    def turn_to(self, place: Place) -> None:
        """That person."""
        self.place, self.seen, self._wrong = place, None, ""
        self._said.clear()
        self.renew()

    def here(self) -> Place:
        """With the plan's id, by which it is found again."""
        return replace(self.place, record=self.seen.plan.id if self.seen is not None else self.place.record)

    def arrived(self) -> None:
        """Somebody else may be at the keyboard."""
        if self.drawn:
            self.renew()

    def link_changed(self, link: Link) -> None:
        """A system more, or one less, can be reached."""
        super().link_changed(link)
        if self.drawn and link is not self.link and link.standing in (Standing.OPEN, Standing.FAILED):
            self.renew()

    def to_arm(self) -> list[Link]:
        """All that are open: minutes count."""
        return [link for link in self.desk.links if link.session is not None]

    def action_refresh(self) -> None:
        """Look again; connect where that failed."""
        for link in self.desk.links:
            if link.standing in (Standing.FAILED, Standing.CLOSED):
                self.app.run_worker(job(self.desk.open, link))
        self._said.clear()
        self.renew()

    async def on_resize(self, event: events.Resize) -> None:
        """Draw it for another width."""
        await super().on_resize(event)
        self.call_after_refresh(self._draw)

    # Reading and drawing

    @work(exclusive=True, group="contain")
    async def renew(self) -> None:
        """The plan as it would be now, and how far it is."""
        links = list(self.desk.links)
        text = self.place.filter or self.place.record  # what somebody looked for is never kept on disk
        known = self.seen.plan.id if self.seen is not None else self.place.record

        def read(cancel: Cancel) -> Seen:
            return containing.look(links, text, known, cancel)

        self._draw()
        try:
            if text:
                self.seen, self._wrong = await self.load(read), ""
            else:
                self._wrong = "contain TEXT, as for :who."
        except QuaestorError as error:
            self._wrong = str(error)
        self._draw()
        self.show_keys()

    def _draw(self) -> None:
        if not self.drawn:
            return
        bar = self.query_one("#summary", Bar)
        if self.seen is None:
            bar.show([(" Contain ", "title"), (self.place.filter, "accent")])
            told = (self._wrong, "bad") if self._wrong else ("every system is asked …", "wait")
            self.lines.show([Line(()), Line(((f"  {told[0]}", told[1]),))])
            return
        bar.show(*containlines.summary(self.seen))
        links = {link.name: link for link in self.desk.links}
        cells = self.lines.size.width
        made = list(containlines.lines(self.seen, links, self._said, self._runs, self._me(), cells))
        if self._wrong:
            made = [Line(((f" ✕ {self._wrong}", "bad"),)), *made]
        self.lines.show(made, keep=bool(self.lines.lines))

    def _me(self) -> dict[str, str]:
        return {link.name: link.writer.who.principal for link in self.desk.links if link.writer is not None}

    def on_lines_moved(self, message: Lines.Moved) -> None:
        """The banner is that of the line's system."""
        target = message.line.target if message.line is not None else None
        if isinstance(target, Head | Deed):
            self.link = self.banner.link = self.desk.named(target.at)
            self.tick()
        self.show_keys()

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """The record in its own system."""
        target = message.line.target
        if isinstance(target, Deed):
            entity, _, id_ = planned.parts(target.target)
            self.go(Place("record", target.at, entity, record=id_))

    # Keys

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now."""
        if verb in ("act", "approve", "decline"):
            if self._runs:
                return "It is being carried out; ctrl+c stops behind the operation that is under way."
            return self._why_none(verb)
        return super().why_not(verb)

    def _why_none(self, verb: str) -> str | None:
        names = self._concerned(verb)
        if not names:
            return {
                "act": "There is nothing to propose.",
                "approve": "There is nothing that waits for your yes, or that was cut off.",
                "decline": "There is no proposal to take back or to reject.",
            }[verb]
        safe = [operators.why_safe(self.desk.named(name)) for name in names]
        return safe[0] if all(safe) else None

    def _concerned(self, verb: str) -> list[str]:
        """The systems in which a verb would do something."""
        if self.seen is None:
            return []
        if verb == "act":
            held = self.seen.held.items()
            return [n for n, one in held if one.part.possible and one.state not in ("open", "approved")]
        names = self.seen.in_state("open") if verb == "decline" else self.seen.in_state("open", "approved")
        return names if verb == "decline" else [name for name in names if not self._mine(name)]

    def _mine(self, name: str) -> bool:
        """Whether whoever is at the keyboard proposed what waits there."""
        assert self.seen is not None
        proposal = self.seen.held[name].proposal
        return proposal is not None and proposal.proposer == self._me().get(name)

    def _ready(self, verb: str) -> list[str]:
        """Those of them that are armed; the others are told."""
        names = self._concerned(verb)
        for name in names:
            if reason := operators.why_safe(self.desk.named(name)):
                self.say(reason, "wait")
        return [name for name in names if operators.why_safe(self.desk.named(name)) is None]

    @work(exclusive=True, group="act")
    async def action_act(self) -> None:
        """Propose it, in every system where something is left to do."""
        seen, names = self.seen, self._ready("act")
        if seen is None or not names:
            return
        total = sum(len(seen.held[name].part.possible) for name in names)
        summary = f"{seen.plan.person.name} loses all access: {total} operations are proposed, another person approves them."
        choices = [
            Asked(field.name, "credentials", Typing(USUAL, len(USUAL)), field.choices, True)
            for name in names
            for action in session_of(self.desk.named(name)).system.actions_of("credentials")
            for field in action.fields
            if field.name == REVOCATION
        ][:1]
        decision = await self._asked("contain", "Propose", summary, names, choices, required=True)
        if decision is None:
            return
        await self._carry_out(
            [
                containing.run_of(
                    self.desk.named(name), self.desk.operators, "propose",
                    containing.propose(seen.plan, seen.held[name].part, decision.reason, decision.form),
                    seen.held[name].part.possible,
                )
                for name in names
            ]
        )  # fmt: skip

    @work(exclusive=True, group="act")
    async def action_approve(self) -> None:
        """Say yes to what another proposed, or go on where it was cut off; each operation once."""
        seen, names = self.seen, self._ready("approve")
        if seen is None or not names:
            return
        asked = "approve" if any(seen.held[name].state == "open" for name in names) else "go on"
        told = f"{seen.plan.person.name} loses all access now; what was done is not done again."
        decision = await self._asked(asked, asked.capitalize(), told, names, (), required=False)
        if decision is None:
            return
        runs = []
        for name in names:
            held = seen.held[name]
            if (proposal := held.proposal) is not None:
                step = containing.carry(held, proposal, decision.reason)
                runs.append(
                    containing.run_of(
                        self.desk.named(name),
                        self.desk.operators,
                        "contain",
                        step,
                        containing.operations(proposal),
                    )
                )
        await self._carry_out(runs)

    @work(exclusive=True, group="act")
    async def action_decline(self) -> None:
        """Say no to it, or take one's own back; nothing of it is carried out then."""
        seen, names = self.seen, self._ready("decline")
        if seen is None or not names:
            return
        word = voting.BACK if all(map(self._mine, names)) else voting.NO
        decision = await self._asked(
            word, word.capitalize(), "Nothing of it will be carried out.", names, (), required=True
        )
        if decision is None:
            return
        runs = []
        for name in names:
            if (proposal := seen.held[name].proposal) is not None:
                step = running.reject(
                    proposal.id, decision.reason, containing.operations(proposal), withdraw=self._mine(name)
                )
                runs.append(
                    containing.run_of(
                        self.desk.named(name),
                        self.desk.operators,
                        word,
                        step,
                        containing.operations(proposal),
                    )
                )
        await self._carry_out(runs)

    async def _asked(
        self, word: str, yes: str, told: str, names: Sequence[str], more: Sequence[Asked], *, required: bool
    ) -> Decision | None:
        """The sheet over the plan: which systems, the reason, No first."""
        from screens.dialogs import REASON, Question  # noqa: PLC0415 - the sheets: 8 ms

        listed = reasons.of(self.desk.named(names[0]).profile, "contain")
        asked = [*more, Asked(REASON, "reason", choices=listed, required=required)]
        assert self.seen is not None
        notes = [containlines.told(self.seen, name) for name in names]
        title = f"{word}   {self.seen.plan.person.name}"
        return await self.consult(
            Question(title, told, yes, asked, lambda form, cancel: [], False, notes, True)
        )

    async def _carry_out(self, runs: Sequence[Run]) -> None:
        """All systems at once, each at its own desk; how far it is stands on the screen."""
        self._said.clear()
        self._runs = {run.link.name: run for run in runs}
        timer = self.set_interval(EVERY, self._draw)
        try:
            await asyncio.gather(
                *(running.apart(self.app, running.carry_out(self.desk, run)) for run in runs)
            )
        finally:
            timer.stop()
            self._runs = {}
        for run in runs:
            if why := next((outcome.why for outcome in run.outcomes if outcome.why), ""):
                self._said[run.link.name] = why
        self.renew()
