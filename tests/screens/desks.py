"""Systems with invented rows, and the console on them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from console.app import Console
from db import seed
from db.engine import make_engine
from db.model import Profile
from db.registry import system
from screens.desk import Desk
from screens.listing import Listing
from screens.places import Place
from screens.settings import Settings
from screens.state import State
from screens.table import Table
from tests.screens.office import picture, send, until

NEWEST = datetime(2025, 6, 1, 12, tzinfo=UTC)
"""The newest moment in the rows: the same rows each time."""


def make(folder: Path, name: str, rows: int = 300) -> Profile:
    """A SQLite file with so many audit rows, and the others in proportion; made once in a folder."""
    path = folder / f"{name}.db"
    profile = Profile(name, f"sqlite:///{path}", name, label="TEST", colour="red")
    if not path.exists():
        path.touch()
        engine = make_engine(profile, read_only=False)
        system(name).metadata.create_all(engine)
        seed.seed(engine, system(name), seed.plan(rows, now=NEWEST))
        engine.dispose()
    return profile


def console(place: Place, *profiles: Profile, state: Path | None = None, **settings: Any) -> Console:
    """The console at a place."""
    held = Settings(**{"bastion": True, "refresh": 0, **settings})
    return Console(Desk(profiles, held, State(), state), place)


async def listed(pilot: Pilot[None]) -> Listing:
    """The list on screen, once its rows and their number are there."""
    app = pilot.app
    assert isinstance(app, Console)

    def ready() -> bool:
        frame = app.frame
        return isinstance(frame, Listing) and frame.settled and not app.keyboard.busy

    await until(pilot, ready)
    frame = app.frame
    assert isinstance(frame, Listing)
    return frame


async def press(pilot: Pilot[None], *keys: str) -> Listing:
    """Press keys, and wait for the list."""
    await pilot.press(*keys)
    await pilot.pause()
    return await listed(pilot)


async def command(pilot: Pilot[None], text: str, sign: str = "colon") -> None:
    """Type a command, or behind another sign, and send it off, as fast as a terminal pastes."""
    await send(pilot, sign, *text, "enter")


_MOVING = (
    (re.compile(r"\A( \w+  TEST).*"), r"\1 …"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d\d:\d\d"), "‹time›"),
    (re.compile(r"(?<![\w.,])(in )?\d+(s|m|h\d\d|d|mo|y)\b( ago)?"), "‹age›"),
)


def shown(pilot: Pilot[None]) -> str:
    """The screen without what moves by itself."""
    return still(picture(pilot.app.screen))


def still(text: str) -> str:
    """A picture without what moves by itself."""
    for pattern, word in _MOVING:
        text = pattern.sub(lambda match, word=word: match.expand(word).ljust(len(match[0]), "·"), text)  # type: ignore[misc] # the default binds it
    return "\n".join(line.rstrip(" ·") for line in text.splitlines()) + "\n"


def rows_of(pilot: Pilot[None]) -> Table:
    """The table on screen."""
    return pilot.app.screen.query_one(Table)
