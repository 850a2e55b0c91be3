"""The evidence beside the queue: read once an item is rested on, that of the next ones ahead, and never decided on stale."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import events, work

from db.errors import QuaestorError
from screens import evidence, inbox, keys
from screens.claiming import Key
from screens.desk import Desk
from screens.evidence import Evidence
from screens.inbox import Item
from screens.lines import Line, Lines
from screens.painted import Shown
from screens.places import Place
from screens.queues import Queues

if TYPE_CHECKING:
    from db.operation import Sheet
    from screens.dialogs import Decision, Question

REST = 0.05
"""Seconds that the cursor rests before the evidence is read."""
FRESH = 10.0
"""Seconds for which what was read counts as fresh for a sheet; the writer looks again anyway."""
KEPT = 24
"""Items whose evidence is kept."""


class Examining(Queues):
    """The inbox with what is known of the item under the cursor."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self._found: dict[Key, Evidence] = {}
        self._seen = Shown()
        self._consulting = False
        """Whether a sheet is open, or its answer not heard yet."""
        self._drawn: Key | None = None
        """Whose evidence is on the screen."""
        self._decided_at = datetime.min.replace(tzinfo=UTC)
        """When something was decided here last: what was read before is not fresh any more."""

    def arrived(self) -> None:
        """Somebody else may be at the keyboard."""
        self._found.clear()
        super().arrived()

    def settings_changed(self) -> None:
        """Times in another zone."""
        super().settings_changed()
        self._draw_side()

    def takes_key(self, event: events.Key) -> bool:
        """What decides counts only once the evidence was painted; a second ``enter`` opens nothing meanwhile."""
        if self.prompt is not None and self.prompt.is_open:
            return True
        decides = {"approve", "decline", "open"} & set(keys.by_key(event.key))
        if not decides or (not self._consulting and self._seen.seen_by(event.time)):
            return True
        if not self._consulting:
            self.say("Pressed before its evidence was here, so nothing was decided; press it again.", "wait")
        return False

    async def consult(self, question: Question, sheets: Sequence[Sheet] = ()) -> Decision | None:
        """From a yes on nothing more is decided until what comes of it is painted."""
        self._consulting = True
        try:
            decision = await super().consult(question, sheets)
            if decision is not None:
                self._seen.changing()
        finally:
            self._consulting = False
        return decision

    def _settle(self) -> None:
        """The item under the cursor is another one, or known better: show its evidence."""
        super()._settle()
        item = self.current
        if item is None:
            self.side.show(())
            return
        self._seen.changing()
        if item.key in self._found:
            self._draw_side()
        else:
            self.side.show([Line((("   …", "faint"),))])
        self.look(item)

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
