"""One record on a screen of its own: every column, links both ways, its history in the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult

from db.errors import QuaestorError
from db.model import Action, Entity, Kind, Page, Query, Record, View
from screens import acting, asking, keys, later, operators, sheet
from screens.acting import Targets
from screens.base import COMMON
from screens.desk import Desk
from screens.detail import Detail
from screens.formats import Look
from screens.opening import Opening
from screens.pages import session_of
from screens.places import Place

if TYPE_CHECKING:
    from db.read import Cancel
    from db.session import Session
    from screens.running import Run


class RecordScreen(Opening):
    """A record in full."""

    VERBS = (*COMMON, *acting.VERBS, "reveal", "copy", "copy_row", "next_match", "previous_match")
    BINDINGS = [*keys.bindings("reveal", "copy", "copy_row", "next_match", "previous_match")]
    FOOTER: tuple[str, ...] = (
        "open",
        "act",
        "undo",
        "reveal",
        "fold",
        "copy",
        "copy_row",
        "refresh",
        "go_back",
        "back",
    )

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.detail = Detail(id="detail")
        """The lines."""

    def body(self) -> ComposeResult:
        """The record's lines."""
        yield self.detail

    def refocus(self) -> None:
        """The lines have the keys."""
        self.detail.focus()

    def on_mount(self) -> None:
        """Begin."""
        self.detail.focus()
        self._restyle()

    def takes(self, place: Place) -> bool:
        """Whether this screen can show that place itself."""
        return place.screen == "record" and self.link is not None and place.at == self.link.name

    def turn_to(self, place: Place) -> None:
        """Show another record of the same system."""
        self.place = place
        self.detail.show_record(None)
        if self.link is not None and self.link.session is not None:
            self.arrived()

    def arrived(self) -> None:
        """Read the record."""
        self.read()

    def targets(self) -> Targets | None:
        """This record."""
        record = self.detail.record
        return (
            None if record is None or self.link is None else Targets(self.link, record.entity, (record.id,))
        )

    def reflect(self, run: Run) -> None:
        """Read it anew."""
        self.action_refresh()

    # What is masked

    def why_not(self, verb: str) -> str | None:
        """Why a verb does not work now."""
        if verb != "reveal":
            return super().why_not(verb)
        record, found = self.detail.record, self._revealing()
        if record is None:
            return "There is no record here."
        masked = [column.heading for column in record.columns if column.kind is Kind.MASKED]
        if not masked:
            return "Nothing is masked here."
        if found is None:
            return f"{', '.join(masked)}: secrets that are never shown."
        return operators.why_safe(found[0].link)

    def _revealing(self) -> tuple[Targets, Action] | None:
        """The action that shows what is masked: of the column under the cursor, else of the first that has one."""
        targets = self.targets()
        if targets is None or targets.link.session is None:
            return None
        actions = targets.link.session.system.actions_of(targets.entity.name)
        shown = {action.reveals: action for action in actions if action.reveals}
        action = shown.get(self.detail.masked or "") or next(iter(shown.values()), None)
        return None if action is None else (targets, action)

    @work(exclusive=True, group="act")
    async def action_reveal(self) -> None:
        """Ask for the reason, and show it in its place."""
        if (found := self._revealing()) is not None:
            await self.decide(*found)

    async def show_revealed(self, run: Run) -> None:
        """In the place of the mask, if that record is still here."""
        found, record = self._revealing(), self.detail.record
        shown = next((one for one in run.outcomes if one.done is not None), None)
        if (
            found is None
            or record is None
            or shown is None
            or not isinstance(run.revealed, str)
            or (shown.operation.id, shown.operation.action) != (record.id, found[1].name)
        ):
            await super().show_revealed(run)
        else:
            self.detail.reveal(found[1].reveals, run.revealed)

    def action_refresh(self) -> None:
        """Read it anew."""
        if self.link is not None and self.link.session is not None:
            self.read()
        super().action_refresh()

    @work(exclusive=True, group="record")
    async def read(self) -> None:
        """The record, then what the audit trail says of it."""
        assert self.link is not None
        link, place = self.link, self.place

        def read(cancel: Cancel) -> Record:
            session = session_of(link)
            return later.read.record(session, session.entity(place.entity), place.record, cancel)

        try:
            record = await self.load(read)
        except QuaestorError as error:
            self.complain(error)
            return
        link.read_at = record.at
        self.detail.show_record(record)
        self.tick()
        self.show_keys()
        limit = self.desk.settings.history
        try:
            past = await self.load(lambda cancel: _history(session_of(link), record, limit, cancel))
        except QuaestorError as error:
            self.complain(error)
            return
        self.detail.show_record(record, past)

    def _restyle(self) -> None:
        self.detail.restyle(Look(None, None if self.desk.settings.local else UTC))

    def settings_changed(self) -> None:
        """Times in another zone."""
        super().settings_changed()
        self._restyle()

    def action_copy(self) -> None:
        """Copy the value under the cursor."""
        copied = self.detail.copied()
        if copied is None:
            self.say("There is no value on this line.")
        elif copied[2]:
            self.say(f"{copied[0]} is masked; it is not copied either.", "wait")
        else:
            self.copy(copied[0], copied[1])

    def action_copy_row(self) -> None:
        """Copy the record as JSON."""
        self.copy("the record", self.detail.as_json())

    async def action_next_match(self) -> None:
        """Look for a text, or for the next line that has it."""
        await self._find(1)

    async def action_previous_match(self) -> None:
        """The line before that has it."""
        await self._find(-1)

    async def _find(self, way: int) -> None:
        past = self.desk.typed.get("find ", [])
        if not past:
            await self.ask("find ")
        elif not self.detail.find(past[-1], way):
            self.say(f"No line has {past[-1]}.")

    def typed(self, sign: str, text: str) -> None:
        """A text to look for; raises Usage."""
        if sign != "find ":
            super().typed(sign, text)
        elif not self.detail.find(text, 1):
            self.say(f"No line has {text}.")


def _history(session: Session, record: Record, limit: int, cancel: Cancel) -> Sequence[tuple[Entity, Page]]:
    """The newest rows of the audit trail, by each link that leads there and that an index serves."""
    found = []
    for way in sheet.history_links(record.entity, session.system.areas) if limit else ():
        linked = later.read.follow(session, record, way)
        if linked is None:
            continue
        order = linked.entity.views[0].order
        query = Query(linked.entity, View(asking.LINKED, "", None, order), linked.filters)
        if later.read.served(session, query) is None:
            found.append((linked.entity, later.read.page(session, query, limit=limit, cancel=cancel)))
    return found
