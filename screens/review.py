"""Reviews: the inbox of all open systems at the left, the evidence at the right; decide, and the next one opens.

An item is claimed by being opened. A key that decides counts only if it was pressed after the evidence it decides
on had been painted, so that nobody decides what they did not see.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import work

from db.errors import Usage
from db.model import Action
from screens import acting, claiming, inbox, keys, later, operators, voting
from screens.acting import Targets
from screens.base import COMMON
from screens.holding import Holding
from screens.inbox import Item
from screens.lines import Lines
from screens.pages import session_of
from screens.places import Place

if TYPE_CHECKING:
    from db.operation import Sheet
    from screens.running import Run

VERBS = (
    "approve",
    "decline",
    "wait",
    "claim",
    "release",
    "comment",
    "mark",
    "next_view",
    "previous_view",
    "sort",
    "filter",
)


class Review(Holding):
    """The review screen."""

    CSS_PATH = "review.tcss"
    VERBS = (*COMMON, *acting.VERBS, *VERBS)
    BINDINGS = [*keys.bindings(*VERBS)]
    FOOTER = (
        "approve",
        "decline",
        "wait",
        "claim",
        "comment",
        "act",
        "undo",
        "mark",
        "next_view",
        "sort",
        "filter",
    )

    # Keys

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now."""
        item = self.current
        if verb in ("approve", "decline", "wait", "claim", "release", "comment", "mark") and item is None:
            return "There is nothing to decide."
        if item is not None and verb == "decline" and not item.source.queue.x and item.proposal is None:
            return f"{item.source.entity.name} is not declined from here."
        if item is not None and verb in ("wait", "claim", "release", "comment"):
            return operators.why_closed(item.source.link)
        if item is not None and verb in ("approve", "decline"):
            return operators.why_safe(item.source.link)
        return super().why_not(verb)

    def targets(self) -> Targets | None:
        """What is marked, or the item under the cursor."""
        chosen = self._chosen()
        if not chosen:
            return None
        first = chosen[0].source
        ids = tuple(
            item.row.id
            for item in chosen
            if item.source.entity is first.entity and item.source.link is first.link
        )
        return Targets(first.link, first.entity, ids)

    def _chosen(self) -> list[Item]:
        return list(self._marked.values()) or ([self.current] if self.current is not None else [])

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """Open the item; opened already, its record. In the evidence: what the cursor is on."""
        target = message.line.target
        if isinstance(target, Place):
            self.go(target)
        elif (item := self.current) is not None and self.claiming.mine(item):
            self.side.focus()
        elif item is not None:
            self.open_item(item)

    def action_back(self) -> None:
        """From the evidence to the queue, from there to where one came from."""
        if self.focused is self.side:
            self.queue.focus()
        else:
            super().action_back()

    def action_next_view(self) -> None:
        """The next part of the inbox: mine, unclaimed, waiting, late."""
        self._turn(1)

    def action_previous_view(self) -> None:
        """The part before."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        self._show = inbox.SHOWS[(inbox.SHOWS.index(self._show) + by) % len(inbox.SHOWS)]
        self._draw()

    def action_sort(self) -> None:
        """By age, risk, amount, lateness."""
        self._order = inbox.ORDERS[(inbox.ORDERS.index(self._order) + 1) % len(inbox.ORDERS)]
        self.queue.cursor = 0
        self.renew()

    def action_refresh(self) -> None:
        """Read everything anew."""
        self._found.clear()
        self.renew()

    def action_mark(self) -> None:
        """Mark it, or take the mark off; then the next one."""
        if (item := self.current) is not None:
            if self._marked.pop(item.key, None) is None:
                self._marked[item.key] = item
            self.queue.action_down()
            self._draw()

    async def action_filter(self) -> None:
        """Type a filter; queues that have no such columns are left out."""
        await self.ask("/", self._typed)

    async def action_wait(self) -> None:
        """Type for how long, and why."""
        await self.ask("wait ", "4h ")

    async def action_comment(self) -> None:
        """Type a note."""
        await self.ask("note ")

    async def action_claim(self) -> None:
        """Hold it; what another one holds takes a reason."""
        item = self.current
        if item is not None and self.claiming.others(item):
            await self.ask("take over because ")
        elif item is not None:
            self.open_item(item, keep=True)

    def typed(self, sign: str, text: str) -> None:
        """A filter, for how long it is put off, a note, why it is taken over; raises Usage."""
        item = self.current
        if sign == "/":
            inbox.sources(self.desk.links, text)
            self.queue.cursor = 0
            self.go(replace(self.here(), filter=text))
        elif sign == "wait " and item is not None:
            claiming.put_off(text)
            self.put_off(item, text)
        elif sign == "note " and item is not None:
            self.write_note(item, text)
        elif sign == "take over because " and item is not None:
            if not text:
                raise Usage("A reason is needed.")
            self.open_item(item, keep=True, because=text)
        else:
            super().typed(sign, text)

    # Deciding

    def action_approve(self) -> None:
        """The queue's yes; on somebody's proposal the second yes."""
        self._begin(yes=True)

    def action_decline(self) -> None:
        """The queue's no; on somebody's proposal a no to it."""
        self._begin(yes=False)

    def _begin(self, *, yes: bool) -> None:
        chosen = self._chosen()
        if len({(item.source.link.name, item.source.entity.name) for item in chosen}) > 1:
            self.say("The marked items are of several queues; decide one queue at a time.", "wait")
        elif chosen and len(chosen) == 1 and chosen[0].proposal is not None:
            self._seen.changing()
            self.vote(chosen[0], yes=yes)
        elif chosen:
            self._seen.changing()
            self.decide_on(chosen, yes=yes)

    @work(exclusive=True, group="act")
    async def decide_on(self, chosen: list[Item], *, yes: bool) -> None:
        """The sheet, the deed, the next one."""
        queue, first = chosen[0].source.queue, chosen[0]
        name = queue.v if yes else queue.x
        if not name:
            self.action_act()
            return
        free = [item for item in chosen if not self.claiming.others(item)]
        if not free:
            self.say(
                f"{self.claiming.others(first)} holds it; {keys.sign(keys.keys_of('claim')[0])} takes it over.",
                "wait",
            )
        elif len(free) == 1 and not self.claiming.mine(first) and await self._claim(first) is None:
            free = []
        run = None
        if free:
            session = session_of(first.source.link)
            action = next(a for a in session.system.actions_of(first.source.entity.name) if a.name == name)
            targets = Targets(first.source.link, first.source.entity, tuple(item.row.id for item in free))
            run = await self.decide(targets, action, brief=len(free) == 1, sheets=self._sheets(free, action))
        if run is None:
            self.call_after_refresh(self._seen.painted)

    def _sheets(self, items: list[Item], action: Action) -> list[Sheet]:
        """What was read a moment ago is shown at once."""
        if len(items) != 1 or self._stale(items[0]) or action.fields:
            return []
        found = self._found[items[0].key].sheets.get(action.name)
        return (
            [replace(found, operation=replace(found.operation, operation_id=later.operation.new_id()))]
            if found
            else []
        )

    @work(exclusive=True, group="act")
    async def vote(self, item: Item, *, yes: bool) -> None:
        """A second person's word."""
        proposal, link = item.proposal, item.source.link
        assert proposal is not None
        mine = proposal.proposer == self.claiming.principal(item) != ""
        if mine and yes:
            self.say("You proposed it; it waits for another person. x takes it back.", "wait")
            self.call_after_refresh(self._seen.painted)
            return
        word = voting.YES if yes else voting.BACK if mine else voting.NO
        targets = Targets(link, item.source.entity, (item.row.id,))
        decision = None
        if self.guard(targets):
            decision = await self.consult(voting.question(link, proposal, word, brief=True))
        if decision is None:
            self.call_after_refresh(self._seen.painted)
            return
        self.reflect(await self.carry_out(voting.run_of(link, self.desk.operators, proposal, word, decision)))

    def reflect(self, run: Run) -> None:
        """What is done leaves the list, and the next item opens at once."""
        self._decided_at = datetime.now(UTC)
        done = [outcome for outcome in run.outcomes if outcome.said == "done"]
        gone = [(run.link.name, outcome.operation.entity, outcome.operation.id) for outcome in done]
        for outcome in run.outcomes:
            key = (run.link.name, outcome.operation.entity, outcome.operation.id)
            self._marked.pop(key, None)
            self._found.pop(key, None)
            if outcome.said == "done":
                self.claiming.held.pop(key, None)
        if any(outcome.said in ("proposed", "approved", "rejected", "withdrawn") for outcome in run.outcomes):
            self.renew()
        self._advance(gone, on=bool(run.done))
