"""Too little room, sizes that change, and systems that come while one looks at them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest
from textual.pilot import Pilot

import db.engine
from db.profile import Profile
from db.session import Session
from screens.places import Place
from tests.benchmarks.terminal import Terminal
from tests.screens.desks import command, console, listed, make, shown
from tests.screens.office import shows

SMALL = "60×16 at least, please; this is 50×12."


async def resized(pilot: Pilot[None], pattern: str) -> None:
    """Nothing but the sentence where it is too small; then what was there before."""
    before = shown(pilot)
    await pilot.resize_terminal(50, 12)
    await shows(pilot, SMALL)
    assert shown(pilot).strip() == SMALL
    await pilot.resize_terminal(120, 40)
    await shows(pilot, pattern)
    await pilot.resize_terminal(80, 24)
    await shows(pilot, pattern)
    assert shown(pilot) == before


async def test_the_sentence_stands_over_a_list_what_is_typed_and_what_lies_over(tmp_path: Path) -> None:
    place = Place("list", "finpass", "users")
    async with console(place, make(tmp_path, "finpass")).run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await resized(pilot, "1 of 40")
        await command(pilot, "nonsense")
        await shows(pilot, "There is no command")
        await resized(pilot, "There is no command")
        await pilot.press("escape", "question_mark")
        await shows(pilot, "type to search")
        await resized(pilot, "type to search")


def test_a_terminal_that_has_its_old_size_again_is_painted_anew(tmp_path: Path) -> None:
    url = f"finpass+{make(tmp_path, 'finpass').url}"
    program = [sys.executable, "-m", "console", "open", url, "--at", "overview"]
    with Terminal(program, columns=80, lines=24, env={"QUAESTOR_HOME": str(tmp_path)}) as terminal:
        terminal.wait(r"enter open.*help")
        terminal.settle()
        terminal.screen.resize(12, 50)
        terminal.screen.resize(24, 80)
        terminal.wait(r"enter open.*help", absent=True)
        os.kill(terminal.pid, signal.SIGWINCH)
        terminal.wait(r"enter open.*help")


async def test_systems_are_shown_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect, go_on = db.engine.connect, threading.Event()

    def slowly(profile: Profile) -> Session:
        if profile.name == "paymentlinker":
            assert go_on.wait(30)
        return connect(profile)

    monkeypatch.setattr(db.engine, "connect", slowly)
    both = [make(tmp_path, name) for name in ("finpass", "paymentlinker")]
    async with console(Place("list", "finpass", "users"), *both).run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await pilot.press("at", "down")
        await shows(pilot, "▌ ◌ paymentlinker +TEST +connecting")
        go_on.set()
        await shows(pilot, "▌ ● paymentlinker +TEST +open +Payment Linker")
