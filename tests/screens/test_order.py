"""Keys in their order: each belongs to what is open once all earlier ones were heard, however they are spread."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from console.app import Console
from screens.base import Frame
from screens.places import Place
from screens.prompt import Prompt
from screens.table import Table
from tests.screens.desks import console, listed, make
from tests.screens.office import until

NAMES = {" ": "space", ":": "colon", "@": "at", "?": "question_mark", "[": "left_square_bracket"}
KEYS = {"⏎": "enter", "⎋": "escape", "↓": "down"}
SPREADS = (0, 1, 2, 3, 5, 8, 13, 21)
"""Turns of the event loop between one key and the next: every way in which they can meet what they open."""


async def spread(pilot: Pilot[None], text: str, turns: int) -> None:
    """Press keys with so many turns of the event loop between them."""
    for char in text:
        key = KEYS.get(char) or NAMES.get(char, char)
        pilot.app.post_message(events.Key(key, None if char in KEYS else char))
        for _ in range(turns):
            await asyncio.sleep(0)


@pytest.fixture
def places(tmp_path: Path) -> Console:
    """Two systems, at a list of the first."""
    both = [make(tmp_path, name) for name in ("paymentlinker", "finpass")]
    return console(Place("list", "paymentlinker", "applications"), *both)


async def both_open(pilot: Pilot[None]) -> Console:
    """The console, once both systems are open and the first list is there."""
    app = pilot.app
    assert isinstance(app, Console)
    await listed(pilot)
    await until(pilot, lambda: all(link.session is not None for link in app._desk.links))
    return app


def at(app: Console) -> tuple[str, str]:
    """The system and the entity on the screen, where nothing lies over it and nothing is typed."""
    frame = app.frame
    typing = frame.prompt is not None and frame.prompt.is_open
    place = frame.here()
    return ("", "") if typing or app.screen is not frame else (place.at, place.entity)


@pytest.mark.parametrize("turns", SPREADS)
async def test_moves_wait_for_nothing_and_what_follows_waits_for_them(places: Console, turns: int) -> None:
    async with places.run_test(size=(80, 24)) as pilot:
        app = await both_open(pilot)
        table = app.frame.query_one(Table)
        marked = table.window.rows[20].id
        await spread(pilot, "j" * 20, turns)
        assert not app.keyboard.busy
        await spread(pilot, " jj", turns)
        await until(pilot, lambda: not app.keyboard.busy)
        await until(pilot, lambda: bool(table.marks))
        assert list(table.marks) == [marked]


async def test_two_commands_in_one_burst_are_both_done(places: Console) -> None:
    async with places.run_test(size=(80, 24)) as pilot:
        app = await both_open(pilot)
        for turns in SPREADS:
            await spread(pilot, ":at finpass⏎:payments⏎", turns)
            await until(pilot, lambda: at(app) == ("finpass", "payments"), 5)
            await spread(pilot, ":at paymentlinker⏎:devices⏎", turns)
            await until(pilot, lambda: at(app) == ("paymentlinker", "devices"), 5)


async def test_what_comes_while_a_command_is_being_carried_out_is_kept(
    places: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out, closed = Frame.on_prompt_typed, asyncio.Event()

    async def slowly(frame: Frame, message: Prompt.Typed) -> None:
        """As on a busy machine: more is typed before this is heard, and the line hears that once it is closed."""
        monkeypatch.undo()
        assert frame.prompt is not None
        frame.prompt.call_later(closed.wait)
        await spread(pilot, ":payments⏎", 10)
        carry_out(frame, message)
        closed.set()

    monkeypatch.setattr(Frame, "on_prompt_typed", slowly)
    async with places.run_test(size=(80, 24)) as pilot:
        app = await both_open(pilot)
        await spread(pilot, ":at finpass⏎", 10)
        await until(pilot, lambda: at(app) == ("finpass", "payments"), 5)


async def test_what_is_typed_behind_a_choice_belongs_to_what_was_chosen(places: Console) -> None:
    async with places.run_test(size=(80, 24)) as pilot:
        app = await both_open(pilot)
        for turns in SPREADS:
            await spread(pilot, "@finp⏎:payments⏎", turns)
            await until(pilot, lambda: at(app) == ("finpass", "payments"), 5)
            await spread(pilot, "@↓⏎:at paymentlinker⏎:devices⏎", turns)
            await until(pilot, lambda: at(app) == ("paymentlinker", "devices"), 5)


async def test_what_is_pressed_behind_escape_belongs_to_what_was_below(places: Console) -> None:
    async with places.run_test(size=(80, 24)) as pilot:
        app = await both_open(pilot)
        for turns in SPREADS:
            await spread(pilot, ":at finpass⏎:payments⏎?⎋[", turns)
            await until(pilot, lambda: at(app)[1] != "payments", 5)
