"""Holding an item while it is decided: claims with leases, putting off, notes, and which item comes next."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from textual import work

from db.errors import QuaestorError
from screens import operators, queued
from screens.claiming import Key
from screens.examining import Examining
from screens.inbox import Item
from screens.queues import told


class Holding(Examining):
    """The inbox whose items are claimed by being opened."""

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
            self._counts["all"] = told(self._total[0], rough=self._total[1])
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
