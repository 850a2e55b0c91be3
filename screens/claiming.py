"""Claims from the review screen: held while an item is open, renewed, given back when one goes."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from db.errors import QuaestorError, Refused, Usage
from screens import arming, later
from screens.operators import writer_of
from screens.reading import in_thread

if TYPE_CHECKING:
    from db.claims import Claim
    from db.desk import Desk as Writer
    from screens.desk import Desk
    from screens.inbox import Item

HALF = 300.0
"""Seconds: a lease that has less left is renewed."""

Key = tuple[str, str, str]


class Claiming:
    """What this screen holds, for whoever is at the keyboard."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.held: dict[Key, Item] = {}
        """What was claimed by being opened; it is given back by leaving."""

    def principal(self, item: Item) -> str:
        """Who one is in the item's system; empty while that is not known."""
        writer = item.source.link.writer
        return writer.who.principal if writer is not None else ""

    def mine(self, item: Item) -> bool:
        """Whether the operator holds it, with time left."""
        claim = item.claim
        held = claim is not None and claim.until is not None and claim.until > datetime.now(UTC)
        return held and claim is not None and claim.holder == self.principal(item) != ""

    def others(self, item: Item) -> str:
        """Who else holds it; empty where nobody does."""
        claim = item.claim
        if claim is None or not claim.holder or self.mine(item) or claim.holder == self.principal(item):
            return ""
        return claim.name or claim.holder

    async def claim(self, item: Item, *, keep: bool = False, because: str = "") -> Claim:
        """Hold it, with a reason though another one does; raises QuaestorError."""
        writer = await in_thread(lambda: writer_of(item.source.link, self._desk.operators))
        name, id_ = item.source.entity.name, item.row.id
        if because:
            made = await in_thread(lambda: later.claims.take_over(writer, name, id_, because))
        else:
            made = await in_thread(lambda: later.claims.claim(writer, name, id_))
        if not keep:
            self.held[item.key] = item
        return made

    async def release(self, item: Item) -> None:
        """Hold it no longer; raises QuaestorError."""
        writer = await in_thread(lambda: writer_of(item.source.link, self._desk.operators))
        self.held.pop(item.key, None)
        await in_thread(lambda: later.claims.release(writer, item.source.entity.name, item.row.id))

    async def snooze(self, item: Item, text: str) -> Claim:
        """Put it off: ``4h waiting for documents``; raises QuaestorError."""
        seconds, reason = put_off(text)
        if held := self.others(item):
            raise Refused(f"{held} holds it.")
        writer = await in_thread(lambda: writer_of(item.source.link, self._desk.operators))
        self.held.pop(item.key, None)
        name = item.source.entity.name
        return await in_thread(lambda: later.claims.snooze(writer, name, item.row.id, seconds, reason))

    async def note(self, item: Item, text: str) -> None:
        """Write a note beside it; raises QuaestorError."""
        writer = await in_thread(lambda: writer_of(item.source.link, self._desk.operators))
        await in_thread(lambda: later.notes.add(writer, item.source.entity.name, item.row.id, text))

    def due(self, item: Item) -> bool:
        """Whether its lease should be renewed."""
        until = item.claim.until if item.claim is not None else None
        return until is not None and (until - datetime.now(UTC)).total_seconds() < HALF

    def leave(self, *but: Key) -> None:
        """Give back what was held by being open, but for some; nobody waits for it."""
        items = [self.held.pop(key) for key in list(self.held) if key not in but]
        gone = [(item, item.source.link.writer) for item in items]
        if gone:
            threading.Thread(target=_give_back, args=(gone,), name="release", daemon=True).start()


def _give_back(held: list[tuple[Item, Writer | None]]) -> None:
    for item, writer in held:
        if writer is not None:
            with suppress(QuaestorError):  # the lease ends by itself
                later.claims.release(writer, item.source.entity.name, item.row.id)


def put_off(text: str) -> tuple[float, str]:
    """Seconds and the reason; raises Usage."""
    span, _, reason = text.strip().partition(" ")
    if span.endswith("d") and span[:-1].isdecimal() and 0 < int(span[:-1]) <= 30:
        seconds = int(span[:-1]) * 86_400.0
        if not reason.strip():
            raise Usage("A reason is needed: 2d waiting for documents.")
        return seconds, reason.strip()
    try:
        return arming.asked(text)
    except Usage:
        raise Usage("For how long and why: 4h waiting for documents (30m to 8h, or days: 2d).") from None
