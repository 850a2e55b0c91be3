"""Reviews: the inbox of all open systems at the left, the evidence at the right; decide, and the next one opens.

An item is claimed by being opened. A key that decides counts only if it was pressed after the evidence it decides
on had been painted, so that nobody decides what they did not see.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.strip import Strip

from db.errors import QuaestorError, Usage
from db.model import Action, Count, Counted, Filter, Operator, Query
from screens import acting, claiming, evidence, inbox, keys, later, operators, queued, voting
from screens.acting import Targets
from screens.bar import Bar
from screens.base import COMMON
from screens.claiming import Claiming, Key
from screens.desk import Desk, Link, Standing
from screens.evidence import Evidence
from screens.inbox import Inbox, Item
from screens.lines import Line, Lines
from screens.opening import Opening
from screens.pages import counted, session_of
from screens.painted import Shown
from screens.places import Place

if TYPE_CHECKING:
    from db.operation import Sheet
    from db.proposals import Proposal
    from screens.running import Run

WIDE = 100
"""Columns from which the evidence stands beside the queue, not below it."""
REST = 0.05
"""Seconds that the cursor rests before the evidence is read."""
FRESH = 10.0
"""Seconds for which what was read counts as fresh for a sheet; the writer looks again anyway."""
KEPT = 24
"""Items whose evidence is kept."""
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


class Side(Lines):
    """The evidence: its cursor is seen only while one is in it."""

    def _draw(self, line: Line, here: bool, cells: int) -> Strip:
        return super()._draw(line, here and self.has_focus, cells)

    def _redraw(self) -> None:
        self._strips.clear()
        self.refresh()

    def on_focus(self) -> None:
        """The cursor appears."""
        self._redraw()

    def on_blur(self) -> None:
        """The cursor goes."""
        self._redraw()


class Review(Opening):
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

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.inbox: Inbox | None = None
        self.claiming = Claiming(desk)
        self.items: list[Item] = []
        """What is listed."""
        self._show, self._order, self._typed = "all", "age", place.filter
        self._marked: dict[Key, Item] = {}
        self._found: dict[Key, Evidence] = {}
        self._seen = Shown()
        self._lines: dict[Key, tuple[tuple[object, ...], Line]] = {}
        self._decided_at = datetime.min.replace(tzinfo=UTC)
        """When something was decided here last: what was read before is not fresh any more."""
        self._counts: dict[str, str] = {}
        self._total: tuple[int, bool] | None = None
        """How many wait in all, and whether that is an estimate."""
        self._read_at = 0.0
        self._minute = -1

    # The frame

    def body(self) -> ComposeResult:
        """The queue and the evidence."""
        yield Bar(id="summary")
        yield Bar(id="head")
        with Container(id="both"):
            yield Lines(id="queue")
            yield Bar(id="rule", ground="rule")
            yield Side(id="side")

    @property
    def queue(self) -> Lines:
        """The items."""
        return self.query_one("#queue", Lines)

    @property
    def side(self) -> Lines:
        """The evidence."""
        return self.query_one("#side", Lines)

    def refocus(self) -> None:
        """The queue has the keys."""
        self.queue.focus()

    def on_mount(self) -> None:
        """Read the queues of what is open."""
        self.queue.focus()
        self.query_one("#rule", Bar).show([("─" * 400, "rule")])
        self.renew()

    def takes(self, place: Place) -> bool:
        """The same screen, whatever system one came from."""
        return place.screen == "review"

    def turn_to(self, place: Place) -> None:
        """Another filter."""
        self.place, self._typed = place, place.filter
        self.renew()

    def here(self) -> Place:
        """This screen, with its filter, at its item's system."""
        return replace(self.place, filter=self._typed, at=self.link.name if self.link is not None else "")

    def link_changed(self, link: Link) -> None:
        """Another system is open, or one is lost."""
        super().link_changed(link)
        if self.drawn and link.standing is Standing.OPEN:
            self.renew()

    def arrived(self) -> None:
        """Somebody else may be at the keyboard."""
        self._found.clear()
        self.renew()

    async def on_resize(self, event: events.Resize) -> None:
        """Beside or below."""
        self.set_class(event.size.width >= WIDE, "-wide")
        self.call_after_refresh(self._draw)

    @property
    def _zone(self) -> tzinfo | None:
        return None if self.desk.settings.local else UTC

    def settings_changed(self) -> None:
        """Times in another zone."""
        super().settings_changed()
        self._draw_side()

    # Reading the queues

    @work(exclusive=True, group="inbox")
    async def renew(self) -> None:
        """Read every queue anew, as far down as the cursor stands."""
        self._read_at = asyncio.get_running_loop().time()
        try:
            found = inbox.sources(self.desk.links, self._typed)
        except Usage as error:
            self.complain(error)
            return
        made = Inbox(found, self._order)
        wanted = self.queue.cursor + inbox.PAGE
        while made.more and len(made.items) < wanted:
            if not await self._read_more(made):
                break
        await self._read_proposals(made)
        self.inbox = made
        self._draw()
        self.count(made)

    async def _read_more(self, made: Inbox) -> bool:
        """A page of each system that holds the list up; whether all could be read."""
        links = made.more
        done = await asyncio.gather(*(self._read(made, link) for link in links))
        return all(done)

    async def _read(self, made: Inbox, link: Link) -> bool:
        try:
            await self.load(lambda cancel: made.read(cancel, link), link)
        except QuaestorError as error:
            self.complain(error)
            made.streams = [stream for stream in made.streams if stream.source.link is not link]
            return len(made.streams) > 0
        return True

    async def _read_proposals(self, made: Inbox) -> None:
        for link in {stream.source.link for stream in made.streams}:
            try:
                made.propose(link, await self._waiting(link))
            except QuaestorError as error:
                self.complain(error)

    async def _waiting(self, link: Link) -> list[Proposal]:
        return await self.load(lambda cancel: voting.waiting(link), link)

    async def _number(self, query: Query, link: Link) -> Count:
        return await self.load(lambda cancel: later.read.count(session_of(link), query, cancel), link)

    @work(exclusive=True, group="count")
    async def count(self, made: Inbox) -> None:
        """How many wait in all, and how many of them are late."""
        total, late = 0, 0
        rough = False
        for stream in made.streams:
            source = stream.source
            overdue = Filter(source.queue.since, Operator.LT, f"-{int(source.hours * 60)}m")
            for wanted in ((), (overdue,)):
                query = replace(stream.query, filters=(*stream.query.filters, *wanted), order=None)
                try:
                    number = await self._number(query, source.link)
                except QuaestorError:
                    continue  # an inbox without a count is an inbox
                rough = rough or number.how is not Counted.EXACT
                total, late = (total, late + number.value) if wanted else (total + number.value, late)
        self._total = total, rough
        self._counts = {"all": _told(total, rough=rough), "late": _told(late, rough=rough)}
        self._draw_summary()

    # Drawing

    def _draw(self) -> None:
        """The list as it is known; the cursor stays on its item."""
        if self.inbox is None or not self.drawn:
            return
        now, cells = datetime.now(UTC), self.queue.size.width - 1
        me = {item.source.link.name: self.claiming.principal(item) for item in self.inbox.items}
        self.items = [item for item in self.inbox.items if inbox.shown(item, self._show, me, now)]
        lines = [self._line(item, now, cells) for item in self.items]
        empty = "Nothing waits for a decision." if self._show == "all" else f"Nothing here is {self._show}."
        self.queue.show(lines or [Line(((f"  {empty}", "faint"),))], keep=True)
        self.query_one("#head", Bar).show(queued.heading(cells, self._order))
        self._draw_summary()
        self._settle()

    def _line(self, item: Item, now: datetime, cells: int) -> Line:
        """The item's line; the one of before where nothing of it is another."""
        told = (item, self._flag(item), int(now.timestamp() // 60), cells)
        kept = self._lines.get(item.key)
        if kept is None or kept[0] != told:
            kept = self._lines[item.key] = told, queued.line(item, now, told[1], cells)
        return kept[1]

    def _flag(self, item: Item) -> tuple[str, str]:
        mine = self.claiming.mine(item)
        return queued.flags(item, self.claiming.others(item), mine=mine, marked=item.key in self._marked)

    def _draw_summary(self) -> None:
        if self.inbox is None:
            return
        known = self.inbox.items
        counts = dict(self._counts)
        now = datetime.now(UTC)
        me = {item.source.link.name: self.claiming.principal(item) for item in known}
        for name in ("mine", "waiting"):
            counts[name] = str(sum(inbox.shown(item, name, me, now) for item in known))
        if self._total is not None:
            taken = sum(not inbox.shown(item, "unclaimed", me, now) for item in known)
            counts["unclaimed"] = _told(max(0, self._total[0] - taken), rough=self._total[1])
        by = [(f"by {self._order} ", "faint")]
        if self._marked:
            by.insert(0, (f"{len(self._marked)} marked  ", "mark"))
        if self._typed:
            by.insert(0, (f"/{self._typed}  ", "accent"))
        self.query_one("#summary", Bar).show(queued.summary(self._show, counts), by)

    def _settle(self) -> None:
        """The item under the cursor is another one, or known better: show its evidence."""
        item = self.current
        self._turn_link(item)
        self.show_keys()
        if item is None:
            self.side.show(())
            return
        self._seen.changing()
        if item.key in self._found:
            self._draw_side()
        else:
            self.side.show([Line((("   …", "faint"),))])
        self.look(item)

    def _turn_link(self, item: Item | None) -> None:
        if item is not None and self.link is not item.source.link:
            self.link = self.banner.link = item.source.link
            self.tick()

    @property
    def current(self) -> Item | None:
        """The item under the cursor."""
        at = self.queue.cursor
        return self.items[at] if at < len(self.items) else None

    def on_lines_moved(self, message: Lines.Moved) -> None:
        """Another item; more are read before the end is reached."""
        if message.line is None or message.line is not self.queue.current:
            return
        item = self.current
        if item is not None and (not self._drawn or self._drawn != item.key):
            self._settle()
        if (
            self.inbox is not None
            and self.inbox.more
            and self.queue.cursor > len(self.items) - inbox.PAGE // 2
        ):
            self.read_on()

    _drawn: Key | None = None

    @work(exclusive=True, group="more")
    async def read_on(self) -> None:
        """The next page of what holds the list up."""
        if self.inbox is not None and await self._read_more(self.inbox):
            self._draw()

    # The evidence

    @work(exclusive=True, group="evidence")
    async def look(self, item: Item) -> None:
        """Read the evidence where it is not fresh, then that of the next item."""
        await asyncio.sleep(REST if self._drawn is not None else 0)
        if self._stale(item) and not await self._gather(item):
            return
        if self.current is not None and self.current.key == item.key:
            self._draw_side()
        for next_ in self.items[self.queue.cursor + 1 : self.queue.cursor + 3]:
            if self._stale(next_):
                await self._gather(next_)

    def _stale(self, item: Item) -> bool:
        found = self._found.get(item.key)
        old = found is None or (datetime.now(UTC) - found.at).total_seconds() > FRESH
        return old or (found is not None and found.at < self._decided_at)

    async def _gather(self, item: Item) -> bool:
        try:
            found = await self.load(lambda cancel: evidence.gather(item, cancel), item.source.link)
        except QuaestorError as error:
            if self.current is not None and self.current.key == item.key:
                self.side.show([Line(((f"   {error}", "bad"),))])
            return False
        self._found.pop(item.key, None)
        self._found[item.key] = found
        while len(self._found) > KEPT:
            del self._found[next(iter(self._found))]
        return True

    def _draw_side(self) -> None:
        item = self.current
        if item is None or (found := self._found.get(item.key)) is None:
            return
        found = replace(found, claim=item.claim, proposal=item.proposal)
        me = self.claiming.principal(item)
        made = evidence.lines(item, found, me, self._zone, max(30, self.side.size.width - 3))
        if self.has_class("-wide"):
            made = [replace(line, parts=(("▏", "rule"), *line.parts)) for line in made]
            made += [Line((("▏", "rule"),))] * (self.side.size.height - len(made))
        self.side.show(made, keep=self._drawn == item.key)
        self._drawn = item.key
        self.call_after_refresh(self._seen.painted)

    # Keys

    def takes_key(self, event: events.Key) -> bool:
        """What decides counts only once the evidence was painted; a second ``enter`` opens nothing meanwhile."""
        if self.prompt is not None and self.prompt.is_open:
            return True
        decides = {"approve", "decline", "open"} & set(keys.by_key(event.key))
        return not decides or self._seen.seen_by(event.time)

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

    # Claims, notes

    @work(group="claim")
    async def open_item(
        self, item: Item, *, keep: bool = False, because: str = "", quiet: bool = False
    ) -> None:
        """Claim it."""
        await self._claim(item, keep=keep, because=because, quiet=quiet)

    async def _claim(
        self, item: Item, *, keep: bool = False, because: str = "", quiet: bool = False
    ) -> Item | None:
        """The item as it is held now; None where another one holds it, which is told unless ``quiet``."""
        if operators.why_closed(item.source.link):
            return item
        try:
            claim = await self.claiming.claim(item, keep=keep, because=because)
        except QuaestorError as error:
            if quiet:
                self.renew()
            else:
                self.complain(error)
            return None
        return self._known(replace(item, claim=claim))

    def _known(self, item: Item) -> Item:
        """Show what is known of an item now, without moving anything."""
        if self.inbox is not None:
            self.inbox.replace(item)
        at = next((n for n, known in enumerate(self.items) if known.key == item.key), None)
        if at is not None and self.drawn:
            self.items[at] = item
            lines = list(self.queue.lines)
            lines[at] = queued.line(item, datetime.now(UTC), self._flag(item), self.queue.size.width - 1)
            self.queue.show(lines, keep=True)
            if self.current is not None and self.current.key == item.key:
                self._draw_side()
            self._draw_summary()
        return item

    @work(group="claim")
    async def action_release(self) -> None:
        """Hold it no longer."""
        if (item := self.current) is not None:
            try:
                await self.claiming.release(item)
            except QuaestorError as error:
                self.complain(error)
                return
            self._known(replace(item, claim=None))

    @work(group="claim")
    async def put_off(self, item: Item, text: str) -> None:
        """Not before then; the next one opens."""
        try:
            claim = await self.claiming.snooze(item, text)
        except QuaestorError as error:
            self.complain(error)
            return
        self._known(replace(item, claim=claim))
        self._advance([])

    @work(group="claim")
    async def write_note(self, item: Item, text: str) -> None:
        """Keep a note, and show it."""
        try:
            await self.claiming.note(item, text)
        except QuaestorError as error:
            self.complain(error)
            return
        self._found.pop(item.key, None)
        self.look(item)

    def tick(self) -> None:
        """Renew the lease of what is open; now and then read what others did."""
        super().tick()
        item = self.current
        if item is not None and self.claiming.mine(item) and self.claiming.due(item):
            self.open_item(item)
        now = asyncio.get_running_loop().time()
        every = self.desk.settings.refresh
        busy = (
            self._readings
            or self.desk.runs
            or not self.is_current
            or (self.prompt is not None and self.prompt.is_open)
        )
        if every and self.inbox is not None and not busy and now - self._read_at >= every:
            self.renew()

    def stand_up(self) -> None:
        """Give back what was only open."""
        self.claiming.leave()

    def on_unmount(self) -> None:
        """Give back what was only open."""
        super().on_unmount()
        self.claiming.leave()

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

    def _advance(self, gone: list[Key], *, on: bool = True) -> None:
        """Drop what is decided, go to the next item that is free, and open it; without ``on`` stay."""
        if self.inbox is None or not self.drawn:
            return
        start = self.queue.cursor + (1 if on and not gone else 0)
        ahead = [item.key for item in self.items[start:] if item.key not in gone]
        self.inbox.drop(gone)
        for key in gone:
            self._lines.pop(key, None)
        if self._total is not None:
            self._total = max(0, self._total[0] - len(gone)), self._total[1]
            self._counts["all"] = _told(self._total[0], rough=self._total[1])
        self._draw()
        if on:
            self._go_on(ahead)

    def _go_on(self, ahead: list[Key]) -> None:
        """To the first of these items that nobody holds and that waits for nobody, and open it."""
        there = {item.key: n for n, item in enumerate(self.items)}
        free = (k for k in ahead if k in there and self._is_free(self.items[there[k]]))
        to = next(free, next((k for k in ahead if k in there), None))
        if to is not None:
            self.queue.go_to(there[to])
        if (item := self.current) is not None and self._is_free(item):
            self.claiming.leave(item.key)
            self.call_after_refresh(self.open_item, item, quiet=True)

    def _is_free(self, item: Item) -> bool:
        return not self.claiming.others(item) and item.proposal is None


def _told(number: int, *, rough: bool) -> str:
    return counted(Count(number, Counted.ESTIMATE if rough else Counted.EXACT))
