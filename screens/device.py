"""One device or pass in full: drawn measures, what is wrong since when, its life on a line, then its record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import work

from db.errors import Missing, QuaestorError
from screens import gauges, keys, later, sheet
from screens.desk import Desk
from screens.detail import Detail
from screens.pages import session_of
from screens.places import Place
from screens.record import RecordScreen

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.fleet import Portrait


class Portrayed(Detail):
    """A device's lines."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.portrait: Portrait | None = None

    def show_portrait(self, found: Portrait) -> None:
        """Show a device; the cursor stays where it was if it is the same one."""
        self.portrait = found
        self.show_record(found.record)

    def _draw_record(self, *, keep: bool) -> None:
        if self.record is None or self.portrait is None:
            self.show(())
        elif self.size.width:
            cells = self.size.width - 1
            drawn = gauges.lines(self.portrait, self.look, cells)
            told = sheet.lines(self.record, self.look, cells, self._folding, self.history)
            self.show([*drawn, *told[1:]], keep=keep)


class Device(RecordScreen):
    """A device or a pass."""

    BINDINGS = [*keys.bindings("pause")]
    VERBS = (*RecordScreen.VERBS, "pause")
    FOOTER = ("act", "undo", "open", "fold", "back", "refresh", "pause")

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.portrayed = Portrayed(id="detail")
        self.detail = self.portrayed
        self._paused = self._reading = False

    def on_mount(self) -> None:
        """Look again from time to time."""
        if self.desk.settings.refresh:
            self.set_interval(self.desk.settings.refresh, self._again)

    def takes(self, place: Place) -> bool:
        """Another device of the same system."""
        return place.screen == "device" and self.link is not None and place.at == self.link.name

    def action_pause(self) -> None:
        """Stop looking again by itself, or go on."""
        self._paused = not self._paused
        self.banner.paused = self._paused
        self.tick()

    def _again(self) -> None:
        """A tick while the last one still reads is dropped."""
        if not (self._paused or self._reading) and self.link is not None and self.link.session is not None:
            self.read()

    @work(exclusive=True, group="record")
    async def read(self) -> None:
        """The device as it is now."""
        self._reading = True
        try:
            found = await self.load(self._portrait)
        except QuaestorError as error:
            self.complain(error)
            return
        finally:
            self._reading = False
        if self.link is not None:
            self.link.read_at = datetime.now(UTC)  # not the server's clock, by which the rules are judged
        self.portrayed.show_portrait(found)
        self.tick()
        self.show_keys()

    def _portrait(self, cancel: Cancel) -> Portrait:
        assert self.link is not None
        session = session_of(self.link)
        fleet = later.fleet.fleet_of(session)
        if fleet is None:
            raise Missing(f"{session.system.title} has no fleet.")
        return later.fleet.portrait(session, fleet, self.place.record, cancel)
