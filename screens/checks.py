"""What of the audit can be proven: each ledger verified, the trail held against it, the retention rules looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events, work

from db.errors import Cancelled, QuaestorError
from screens import later
from screens.bar import Bar, Part
from screens.base import COMMON
from screens.desk import Desk, Link, Standing
from screens.formats import number
from screens.lined import Lined
from screens.lines import Line, Lines, folded
from screens.pages import session_of
from screens.places import Place
from screens.verifying import Verifying

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.paymentlinker.attested import Attested
    from db.retention import Kept

NAMED = 16
"""Cells of a check's name, with its sign."""


@dataclass
class Checked:
    """A system, and what was found so far."""

    ledger: Verifying
    trail: Attested | str | None = None
    """A text where it could not be looked at, or there is none to look at."""
    seen: int = 0
    """Entries that the trail was held against so far."""
    retention: list[Kept] | None = None
    stopped: bool = False


class Checks(Lined):
    """The checks of all open systems, one after another."""

    VERBS = COMMON
    FOOTER = ("open", "refresh", "cancel", "go_back", "back")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.checked: dict[str, Checked] = {}
        """By link."""
        self._whole = False
        self._turn: object = None
        """The one that checks now."""

    def on_mount(self) -> None:
        """Begin."""
        self.lines.focus()
        self.query_one("#summary", Bar).show(
            [(" Verification ", "title"), ("the ledgers, the audit rows against them, retention", "faint")]
        )
        self.check()

    def takes(self, place: Place) -> bool:
        """The same screen for all systems."""
        return place.screen == "checks"

    def link_changed(self, link: Link) -> None:
        """Another system is open; whatever is being checked goes on, and this one comes after it."""
        super().link_changed(link)
        if self.drawn and link.standing is Standing.OPEN and self._turn is None:
            self.check()

    def action_refresh(self) -> None:
        """All of it anew; a ledger that was stopped goes on where it was."""
        self._whole = True
        for name, one in list(self.checked.items()):
            one.ledger.anew()
            self.checked[name] = Checked(one.ledger)
        self.check()

    def action_cancel(self) -> None:
        """Stop, and begin nothing more."""
        for one in self.checked.values():
            one.ledger.stop()
            one.stopped = True
        super().action_cancel()

    async def on_resize(self, event: events.Resize) -> None:
        """Draw it for another width."""
        await super().on_resize(event)
        self.call_after_refresh(self._draw)

    # Checking

    @work(exclusive=True, group="checks")
    async def check(self) -> None:
        """What was not done yet, system by system."""
        self._turn = turn = object()
        timer = self.set_interval(0.5, self._draw)
        been: set[str] = set()
        try:
            while (link := self._next(been)) is not None:
                been.add(link.name)
                await self._one(self.checked[link.name])
                self._draw()
        finally:
            timer.stop()
            if self._turn is turn:
                self._turn = None

    def _next(self, been: set[str]) -> Link | None:
        """The first open system that was not come to in this turn."""
        links = [link for link in self.desk.links if link.session is not None]
        for link in links:
            self.checked.setdefault(link.name, Checked(Verifying(link)))
        self._draw()
        return next((link for link in links if link.name not in been), None)

    async def _one(self, one: Checked) -> None:
        operators, whole, session = self.desk.operators, self._whole, session_of(one.ledger.link)
        if one.ledger.found is None:
            await self._try(one, lambda cancel: one.ledger.work(operators, cancel, whole=whole))
        if one.retention is None:
            await self._try(one, lambda cancel: _look(one, cancel))
        if one.trail is None:
            if session.system.name == "paymentlinker":
                await self._try(one, lambda cancel: _attest(one, cancel))
            else:
                one.trail = "rows of this system keep no proof of the ledger's entry"

    async def _try(self, one: Checked, job: Callable[[Cancel], None]) -> None:
        if not one.stopped:
            with suppress(QuaestorError):  # what was wrong is told on its line
                await self.load(job, one.ledger.link)

    # Drawing

    def _draw(self) -> None:
        if self.drawn:
            room = self.size.width - 2
            whole = (line for link in self.desk.links for line in self._block(link))
            made = [piece for line in whole for piece in folded(line, room)]
            self.lines.show(made, keep=bool(self.lines.lines))
            self.show_keys()

    def _block(self, link: Link) -> Iterator[Line]:
        one = self.checked.get(link.name)
        yield Line(())
        title: list[Part] = [(f" {link.name}", "title")]
        if link.session is None or one is None:
            yield Line((*title, (f"   {link.standing}", "faint")))
            return
        yield Line((*title, (f"   {link.session.system.title}", "faint")))
        found = one.ledger.found
        mood = None if found is None else not found.count
        yield Line((*_sign(mood, "ledger"), *one.ledger.told()), Place("ledger", link.name))
        for seq, why in found.wrong if found is not None else ():
            yield Line(((" " * NAMED, ""), (f"✕ entry {seq} {why}", "bad")))
        yield from _trail(one)
        yield from _retention(one)

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """To the ledger, the row that is wrong, or those that break a rule."""
        if isinstance(message.line.target, Place):
            self.go(message.line.target)

    def on_lines_moved(self, message: Lines.Moved) -> None:
        """The banner is that of the line's system."""
        target = message.line.target if message.line is not None else None
        if isinstance(target, Place):
            self.link = self.banner.link = self.desk.named(target.at)
            self.tick()


def _attest(one: Checked, cancel: Cancel) -> None:
    def tell(seq: int) -> None:
        one.seen = seq

    try:
        one.trail = later.attested.attest(session_of(one.ledger.link), cancel, tell)
    except Cancelled:
        raise
    except QuaestorError as error:
        one.trail = str(error)


def _look(one: Checked, cancel: Cancel) -> None:
    one.retention = list(later.retention.look(session_of(one.ledger.link), cancel))


_SIGNS: Mapping[bool | None, Part] = {True: ("✓", "good"), False: ("✕", "bad"), None: ("·", "faint")}


def _sign(good: bool | None, name: str) -> list[Part]:
    sign, tone = _SIGNS[good]
    return [(f"  {sign} ", tone), (f"{name:<{NAMED - 4}}", "label")]


def _trail(one: Checked) -> Iterator[Line]:
    if one.trail is None:
        said = (
            "stopped; R begins anew"
            if one.stopped
            else f"held against entry {number(one.seen)} …"
            if one.seen
            else "…"
        )
        yield Line((*_sign(None, "audit rows"), (said, "faint")))
    elif isinstance(one.trail, str):
        yield Line((*_sign(None, "audit rows"), (one.trail, "faint")))
    else:
        tone = "bad" if one.trail.count else "good"
        yield Line((*_sign(not one.trail.count, "audit rows"), (str(one.trail), tone)))
        for wrong in one.trail.wrong:
            place = (
                None if wrong.gone else Place("record", one.ledger.link.name, "audit_logs", record=wrong.id)
            )
            yield Line(((" " * NAMED, ""), (f"✕ {wrong}", "bad")), place)


def _retention(one: Checked) -> Iterator[Line]:
    if one.retention is None:
        yield Line((*_sign(None, "retention"), ("stopped" if one.stopped else "…", "faint")))
        return
    if not one.retention:
        yield Line((*_sign(None, "retention"), ("its document names no rule", "faint")))
    for n, kept in enumerate(one.retention):
        place = Place("list", one.ledger.link.name, kept.rule.entity, kept.rule.view)
        sign, tone = ("!", "wait") if kept.holds is False else _SIGNS[kept.holds]
        label = f"{'retention' if n == 0 else '':<{NAMED - 4}}"
        told: Part = (str(kept), "" if kept.holds else tone)
        yield Line(((f"  {sign} ", tone), (label, "label"), told), place)
