"""What lists and records have in common: links that are followed, values that are copied."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import work

from db.errors import QuaestorError
from db.model import Link as Way
from db.model import Query, Record
from screens import asking, later
from screens.acting import Acting
from screens.detail import Detail
from screens.pages import session_of
from screens.places import Place

if TYPE_CHECKING:
    from db.read import Cancel

LONGEST = 100_000
"""Characters that a terminal takes by OSC 52."""


class Opening(Acting):
    """A screen that shows records."""

    def on_detail_follow(self, message: Detail.Follow) -> None:
        """Follow a link."""
        self.follow(message.record, message.link)

    def on_detail_goto(self, message: Detail.Goto) -> None:
        """Open a record of another entity."""
        at = self.link.name if self.link is not None else self.place.at
        self.go(Place("record", at, message.entity, record=message.id))

    @work(exclusive=True, group="follow")
    async def follow(self, record: Record, way: Way) -> None:
        """To the record at the other end, or to the list of them."""
        assert self.link is not None
        link = self.link

        def look(cancel: Cancel) -> tuple[Query, list[str]] | None:
            session = session_of(link)
            query = later.read.follow(session, record, way)
            if query is None:
                return None
            found = later.read.page(session, query, limit=2, cancel=cancel) if not way.many else None
            return query, [row.id for row in found.rows] if found is not None else []

        try:
            found = await self.load(look)
        except QuaestorError as error:
            self.complain(error)
            return
        if found is None:
            self.say("There is no value to follow.")
            return
        query, ids = found
        if len(ids) == 1:
            self.go(Place("record", link.name, query.entity.name, record=ids[0]))
        elif not ids and not way.many:
            self.say(f"There is no such record in {query.entity.name}.", "wait")
        else:
            self.go(
                Place(
                    "list", link.name, query.entity.name, asking.LINKED, filter=asking.written(query.filters)
                )
            )

    def copy(self, name: str, text: str) -> None:
        """Put a text into the terminal's clipboard by OSC 52, as far as that is allowed."""
        if not self.desk.settings.clipboard:
            self.say("Copying is off (set clipboard on).", "wait")
        elif len(text) > LONGEST:
            self.say(f"{name} is too long for the clipboard ({len(text)} characters); export it.", "wait")
        else:
            self.app.copy_to_clipboard(text)
            self.say(f"Copied {name} ({len(text)} characters), if the terminal allows it.")

    def place_of(self, record: Record) -> Place:
        """The place of a record."""
        return replace(Place("record", self.place.at), entity=record.entity.name, record=record.id)
