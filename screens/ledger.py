"""The ledger: proposals that wait for a second person, what was done, and whether the chain holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

from textual import events, work

from db.errors import QuaestorError
from screens import acting, keys, later, operators, voting
from screens.acting import Acting, Targets
from screens.bar import Bar, Part
from screens.base import COMMON
from screens.cells import fit, safe
from screens.desk import Desk, Link, Standing
from screens.evidence import clock
from screens.formats import moment, short
from screens.lined import Lined
from screens.lines import Line, Lines
from screens.pages import session_of
from screens.places import Place
from screens.popup import Popup
from screens.verifying import Verifying

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.entries import State, Told
    from db.proposals import Proposal
    from screens.running import Run

ENTRIES = 40
"""Entries of each system that are shown."""


@dataclass(frozen=True)
class Waiting:
    """A line with a proposal."""

    at: str
    id: str


@dataclass(frozen=True)
class Written:
    """A line with an entry."""

    at: str
    operation: str


@dataclass(frozen=True)
class Read:
    """A system's ledger, read at one moment."""

    state: State
    entries: list[Told]
    proposals: list[Proposal]


class Ledger(Lined, Acting):
    """The ledgers of all open systems."""

    VERBS = (*COMMON, *acting.VERBS, "approve", "decline")
    BINDINGS = [*keys.bindings("approve", "decline")]
    FOOTER = ("open", "approve", "decline", "undo", "refresh", "back")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self._read: dict[str, Read] = {}
        self._wrong: dict[str, str] = {}
        self._whole = False
        """Whether all entries are verified, not only those since the last time."""
        self._verified: dict[str, Verifying] = {}

    def on_mount(self) -> None:
        """Read every ledger."""
        self.lines.focus()
        self.query_one("#summary", Bar).show(
            [(" Ledger ", "title"), ("proposals that wait, operations, verification", "faint")]
        )
        self.renew()

    def takes(self, place: Place) -> bool:
        """The same screen for all systems."""
        return place.screen == "ledger"

    def link_changed(self, link: Link) -> None:
        """Another system is open, or one is lost."""
        super().link_changed(link)
        if self.drawn and link.standing is Standing.OPEN:
            self.renew()

    def arrived(self) -> None:
        """Somebody else may be at the keyboard."""
        self.renew()

    def action_refresh(self) -> None:
        """Read and verify anew; what was stopped goes on."""
        self._whole = True
        for verifying in self._verified.values():
            verifying.anew()
        self.renew()

    async def on_resize(self, event: events.Resize) -> None:
        """Draw it for another width."""
        self.call_after_refresh(self._draw)

    def settings_changed(self) -> None:
        """Times in another zone."""
        super().settings_changed()
        self._draw()

    # Reading

    @work(exclusive=True, group="ledger")
    async def renew(self) -> None:
        """Read the ends of the ledgers, then verify those that were not yet."""
        links = [link for link in self.desk.links if link.session is not None]
        for link in links:
            await self._read_one(link)
            self._draw()
        timer = self.set_interval(0.5, self._draw)
        try:
            for link in links:
                if link.name in self._read:
                    await self._verify(link)
                    self._draw()
        finally:
            timer.stop()

    def action_cancel(self) -> None:
        """Also verify no further; R goes on."""
        for verifying in self._verified.values():
            verifying.stop()
        super().action_cancel()

    async def _read_one(self, link: Link) -> None:
        def read(cancel: Cancel) -> Read:
            session = session_of(link)
            state = later.entries.state(session, cancel)
            return Read(state, later.entries.newest(session, ENTRIES, cancel), voting.waiting(link))

        try:
            self._read[link.name] = await self.load(read, link)
            self._wrong.pop(link.name, None)
        except QuaestorError as error:
            self._wrong[link.name] = str(error)

    async def _verify(self, link: Link) -> None:
        verifying = self._verified.setdefault(link.name, Verifying(link))
        if verifying.found is not None or verifying.stopped:
            return
        operators, whole = self.desk.operators, self._whole
        with suppress(QuaestorError):  # it is told on the line
            await self.load(lambda cancel: verifying.work(operators, cancel, whole=whole), link)

    # Drawing

    @property
    def _zone(self) -> tzinfo | None:
        return None if self.desk.settings.local else UTC

    def _draw(self) -> None:
        if self.drawn:
            made = [line for link in self.desk.links for line in self._block(link)]
            self.lines.show(made, keep=bool(self.lines.lines))
            self.show_keys()

    def _block(self, link: Link) -> Iterator[Line]:
        yield Line(())
        found = self._read.get(link.name)
        if found is None:
            said = self._wrong.get(link.name) or (
                "reading …" if link.session is not None else str(link.standing)
            )
            yield Line(((f" {link.name:<16}", "title"), (said, "faint")))
            return
        yield self._title(link, found)
        verified = self._verified.get(link.name)
        for seq, why in verified.found.wrong if verified is not None and verified.found is not None else ():
            yield Line(((f"   ✕ entry {seq} {why}", "bad"),))
        me = link.writer.who.principal if link.writer is not None else ""
        for proposal in found.proposals:
            yield _proposal(link, proposal, me, self._zone)
        for told in found.entries:
            yield _entry(
                link, told, self._zone, own=link.writer is not None and told.key_id == link.writer.who.key_id
            )

    def _title(self, link: Link, found: Read) -> Line:
        parts: list[Part] = [(f" {link.name:<16}", "title"), (f"{found.state.size} entries   ", "")]
        parts += self._verified.get(link.name, Verifying(link)).told()
        last = f"checkpoint at {found.state.checkpoints[0]}" if found.state.checkpoints else "no checkpoint"
        return Line(tuple(parts), right=((f"{last}   {short(found.state.ledger)} ", "faint"),))

    # Keys

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now."""
        target = self.lines.current.target if self.drawn and self.lines.current is not None else None
        if verb in ("approve", "decline") and not isinstance(target, Waiting):
            return "This line is no proposal."
        if verb == "act":
            return "The ledger is never changed."
        if verb == "undo" and not isinstance(target, Written):
            return "This line is no operation."
        if isinstance(target, Waiting | Written) and verb in ("approve", "decline", "undo"):
            return operators.why_safe(self.desk.named(target.at))
        return super().why_not(verb)

    def on_lines_moved(self, message: Lines.Moved) -> None:
        """The banner is that of the line's system."""
        target = message.line.target if message.line is not None else None
        if isinstance(target, Waiting | Written):
            self.link = self.banner.link = self.desk.named(target.at)
            self.tick()
        self.show_keys()

    async def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """A proposal's sheet, or an entry in full."""
        target = message.line.target
        if isinstance(target, Waiting):
            self.vote(target, yes=True)
        elif isinstance(target, Written):
            told = next((t for t in self._read[target.at].entries if t.operation == target.operation), None)
            if told is not None:
                await self.app.push_screen(Full(told, self._zone))

    def action_approve(self) -> None:
        """Say yes to the proposal."""
        self._begin(yes=True)

    def action_decline(self) -> None:
        """Say no to it, or take one's own back."""
        self._begin(yes=False)

    def _begin(self, *, yes: bool) -> None:
        line = self.lines.current
        if line is not None and isinstance(line.target, Waiting):
            self.vote(line.target, yes=yes)

    @work(exclusive=True, group="act")
    async def vote(self, target: Waiting, *, yes: bool) -> None:
        """The difference freshly read, then a signed word."""
        link = self.desk.named(target.at)
        proposal = next((p for p in self._read[target.at].proposals if p.id == target.id), None)
        if proposal is None or not self.guard(
            Targets(link, session_of(link).system.entities[0], proposal.targets)
        ):
            return
        mine = link.writer is not None and proposal.proposer == link.writer.who.principal
        if mine and yes:
            self.say("You proposed it; it waits for another person. x takes it back.", "wait")
            return
        word = voting.YES if yes else voting.BACK if mine else voting.NO
        decision = await self.consult(voting.question(link, proposal, word))
        if decision is not None:
            self.reflect(
                await self.carry_out(voting.run_of(link, self.desk.operators, proposal, word, decision))
            )

    @work(exclusive=True, group="act")
    async def action_undo(self) -> None:
        """Take back the operation under the cursor, by a new one."""
        line = self.lines.current
        if line is not None and isinstance(line.target, Written):
            await self.take_back(self.desk.named(line.target.at), line.target.operation)

    def reflect(self, run: Run) -> None:
        """Read the ledgers anew."""
        if run.link.name in self._verified:
            self._verified[run.link.name].found = None
        self.renew()


def _proposal(link: Link, proposal: Proposal, me: str, zone: tzinfo | None) -> Line:
    who = "you" if proposal.proposer == me else link.called(proposal.proposer)
    many = f"{len(proposal.targets)} records" if len(proposal.targets) > 1 else short(proposal.targets[0])
    yes = sum(vote.decision == "approve" for vote in proposal.votes)
    what = (
        "break-glass, to be reviewed"
        if proposal.action == voting.REVIEW
        else f"{proposal.action} {proposal.entity}"
    )
    return Line(
        (
            ("   2 ", "wait"), (f"{proposal.state:<9}", "wait"), (fit(safe(what), 30), "title"), (f" {many:<12}", ""),
            (f" by {who}  {yes} of {proposal.quorum}  until {clock(proposal.expires_at, zone)}  ", "faint"),
            (proposal.reason, ""),
        ),
        Waiting(link.name, proposal.id),
    )  # fmt: skip


def _entry(link: Link, told: Told, zone: tzinfo | None, *, own: bool) -> Line:
    payload = told.payload
    what = f"{payload.get('action', '')} {payload.get('entity', '')}"
    operator = payload.get("operator")
    name = (operator.get("name") if isinstance(operator, dict) else "") or link.called(f"key:{told.key_id}")
    red: str = "bad" if payload.get("break_glass") else ""
    return Line(
        (
            (f" {told.seq:>6}  ", "faint"), (f"{moment(told.at, zone, offset=False)}  ", "faint"),
            (fit("you" if own else safe(name), 12) + "  ", "accent" if own else ""), (fit(safe(what), 26) + " ", red or "title"),
            (fit(safe(short(str(payload.get("id", "")))), 12) + "  ", ""), (str(payload.get("reason", "")), red),
        ),
        Written(link.name, told.operation),
    )  # fmt: skip


class Full(Popup[None]):
    """An entry in full, as it was signed."""

    def __init__(self, told: Told, zone: tzinfo | None) -> None:
        self.TITLE_TEXT = f"Entry {told.seq}, {moment(told.at, zone)}"
        pairs = [("signed by", told.key_id), *_flat(told.payload)]
        size = max(len(name) for name, _ in pairs)
        super().__init__([Line(((f" {name:<{size}}  ", "label"), (text, "")), name) for name, text in pairs])


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _flat(inner, f"{name}.{number}")
    else:
        yield name, "" if value is None else str(value)
