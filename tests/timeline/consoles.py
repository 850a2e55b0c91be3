"""The console at the line of time, for the tests of its screen."""

import re
from typing import Any

from textual.pilot import Pilot

from console.app import Console
from db.model import Profile
from screens.audit import Audit
from screens.desk import Desk
from screens.operators import Nobody
from screens.places import Place
from screens.settings import Settings
from screens.state import State
from tests.screens.desks import command
from tests.screens.office import picture, until
from tests.timeline.line import Line
from tests.write.bank import ANNA

SIZES = [(80, 24), (120, 40)]
HERE = Place("audit")
NOTED = "2026-03-01T11:59:00..2026-03-01T12:01:00"


class Holder(Nobody):
    """Somebody with a key, who may write nothing."""

    def signer(self, profile: Profile) -> Any:
        """Anna's."""
        return ANNA

    def claims(self) -> dict[str, str]:
        """From the host."""
        return {"user": "anna"}


def profiles_of(line: Line) -> list[Profile]:
    """What the screen opens by itself."""
    return [
        Profile(source.session.name, source.session.profile.url, source.session.system.name)
        for source in line.sources
    ]


def console(line: Line, place: Place = HERE, *more: Profile) -> Console:
    """The console at the line of time."""
    desk = Desk([*profiles_of(line), *more], Settings(bastion=True, refresh=0), State(), None)
    desk.operators = Holder()
    return Console(desk, place)


async def audit(pilot: Pilot[None]) -> Audit:
    """The screen, once everything is open and the rows are there."""
    app = pilot.app
    assert isinstance(app, Console)

    def ready() -> bool:
        frame = app.frame
        return (
            isinstance(frame, Audit)
            and len(frame.sessions()) == sum(link.profile.name != "gone" for link in app._desk.links)
            and frame.query_ is not None
            and not frame._readings
            and not frame.table.reading
            and frame.table.grid.laid_out
        )

    await until(pilot, ready)
    frame = app.frame
    assert isinstance(frame, Audit)
    return frame


async def filtered(pilot: Pilot[None], text: str) -> Audit:
    """Filter the line."""
    await command(pilot, text, "slash")
    await until(pilot, lambda: pilot.app.frame.place.filter == text)  # type: ignore[attr-defined] # Console
    return await audit(pilot)


def values(frame: Audit, name: str) -> list[Any]:
    """A column of the rows."""
    at = [column.name for column in frame.table.columns].index(name)
    return [row.values[at] for row in frame.table.window.rows]


def shown(pilot: Pilot[None]) -> str:
    """The screen without what moves by itself."""
    text = picture(pilot.app.screen)
    text = re.sub(r"\A.*", " …", text)
    text = re.sub(r"\d\d-\d\d \d\d:\d\d", "00-00 00:00", text)
    text = re.sub(r"(?<![\w.,:-])\d+(s|m|h\d\d|d|mo|y)\b( ago)? *", "‹age› ", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{12,}", "‹id›", text)
    text = re.sub(r"[0-9a-f]{8}…", "‹id›…", text)
    return "\n".join(re.sub(r"(?<=\S) {2,}(?=‹)", "  ", one).rstrip() for one in text.splitlines()) + "\n"
