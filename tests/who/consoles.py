"""The console on the four files of the town, with Anna and Bert to sit at it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from textual.pilot import Pilot

from console.app import Console
from console.operator import Cast
from db.keys import HeldKey
from db.model import Profile
from db.names import NAMES
from screens.desk import Desk
from screens.places import Place
from screens.settings import Settings
from screens.state import State
from tests.screens.desks import command
from tests.screens.office import picture, until
from tests.who.town import ANNA, BERT, Town

KEYS: dict[str, HeldKey] = {"anna": ANNA, "bert": BERT}


def open_town(
    town: Town, place: Place, who: str = "anna", urls: Mapping[str, str] | None = None, **more: Any
) -> Console:
    """The console on all four systems, with somebody at the keyboard; nothing is kept on disk."""
    named = {**town.urls, **(urls or {})}
    profiles = [Profile(name, named[name], name, **more) for name in NAMES]
    desk = Desk(profiles, Settings(bastion=True, refresh=0, overview=0), State(), None)
    cast = Cast(lambda: KEYS, ("anna", "bert"))
    cast.become(who)
    desk.operators = cast
    return Console(desk, place)


async def opened(pilot: Pilot[None], *missing: str) -> None:
    """Wait until the systems are open."""
    desk = pilot.app._desk  # type: ignore[attr-defined] # Console
    await until(pilot, lambda: all(link.session for link in desk.links if link.name not in missing))


async def arm_here(pilot: Pilot[None], *names: str) -> None:
    """Arm what the screen is for."""
    links = [link for link in pilot.app._desk.links if not names or link.name in names]  # type: ignore[attr-defined] # Console
    await command(pilot, "arm 30m T-1")
    await until(pilot, lambda: all(link.arming.now is not None for link in links))


_MOVING = (
    (re.compile(r"\A.*"), " …"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "‹id›"),
    (re.compile(r"\d\d\d\d-\d\d-\d\d \d\d:\d\d(:\d\d)?( [+-]\d\d:\d\d)?"), "‹time›"),
    (re.compile(r"\d\d-\d\d \d\d:\d\d"), "‹time›"),
    (re.compile(r"(?<![\w.,:-])(in )?\d+(s|m|h\d\d|d|mo|y)\b( ago)?"), "‹age›"),
    (re.compile(r"\d+ ms"), "‹ms›"),
    (re.compile(r"place \d+ on"), "place ‹n› on"),
    (re.compile(r"plan [0-9a-f]{8}…"), "plan ‹id›"),
    (re.compile(r"until \d\d:\d\d"), "until ‹clock›"),
)


def still(pilot: Pilot[None]) -> str:
    """The screen without what moves by itself."""
    text = picture(pilot.app.screen)
    for pattern, word in _MOVING:
        text = pattern.sub(word, text)
    return "\n".join(re.sub(r" {2,}(?=‹)", "  ", line).rstrip() for line in text.splitlines()) + "\n"
