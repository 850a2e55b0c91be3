"""A console that is left alone locks itself: nothing of any record is shown, nothing stays open, one key brings it back."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console import locking, secrets, signing, unlocked
from console.account import Account
from console.app import Console
from db.errors import Usage
from screens.desk import Standing
from screens.lock import Lock
from screens.places import Place
from tests.screens import golden
from tests.screens.desks import console, listed, make
from tests.screens.office import picture, until


@pytest.fixture
def app(tmp_path: Path) -> Console:
    """A list that is open."""
    return console(Place("list", "paymentlinker", "applications", "review"), make(tmp_path, "paymentlinker"))


async def left_alone(pilot: Pilot[None], minutes: float) -> Console:
    """Nobody was there for so long; it is looked whether to lock."""
    app = pilot.app
    assert isinstance(app, Console)
    app._desk.touched_at = time.monotonic() - minutes * 60
    app.locking.look()
    await pilot.pause()
    return app


async def test_left_alone_it_locks_and_one_key_brings_it_back(app: Console) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        frame = await listed(pilot)
        link = app._desk.links[0]
        rows, session = [row.id for row in frame.table.window.rows], link.session
        assert session is not None
        frame.table.window.move(2)
        chosen = frame.table.current
        assert chosen is not None
        link.arming.arm(1800, "OPS-1")
        await left_alone(pilot, 9.9)
        assert app.screen is frame
        await left_alone(pilot, 10.1)
        await until(pilot, lambda: isinstance(app.screen, Lock) and link.session is None)
        assert link.arming.now is None
        assert link.standing is Standing.CLOSED
        await pilot.press("j", "escape", "q", "colon", "at", "3", "g")
        assert isinstance(app.screen, Lock)
        assert link.session is None
        golden.check("locked-80", picture(app.screen))
        await pilot.press("enter")
        back = await listed(pilot)
        assert back is not frame
        assert [row.id for row in back.table.window.rows] == rows
        assert back.table.current is not None
        assert back.table.current.id == chosen.id
        assert link.session is not session
        assert not app.locking.locked


async def test_it_is_locked_by_a_command_whatever_lies_over_it(app: Console) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await pilot.press("question_mark")
        app._desk.lock()
        await until(pilot, lambda: isinstance(app.screen, Lock))
        await pilot.press("enter")
        await listed(pilot)
        await pilot.press("colon", *"lock", "enter")
        await until(pilot, lambda: isinstance(app.screen, Lock))


async def test_what_is_under_way_ends_first(app: Console) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        frame = await listed(pilot)
        over = asyncio.Event()
        begun = app.run_worker(over.wait(), group=locking.WAITED_FOR[0])
        app._desk.lock()
        assert app.screen is frame
        assert not frame.left
        over.set()
        await begun.wait()
        app._desk.lock()
        await until(pilot, lambda: isinstance(app.screen, Lock) and frame.left)


async def test_what_was_typed_is_forgotten(app: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = secrets.chain(Account("mysql", "ops", "db1", "3306", "bank"), "bank")
    chain.keep("typed")
    link = app._desk.links[0]
    link.profile = replace(link.profile, password=chain)
    monkeypatch.setitem(unlocked._opened, "bank", "secret")
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        app._desk.lock()
        await until(pilot, lambda: app.locking.locked and not unlocked._opened)
        assert secrets.PROMPT not in chain.words
        assert signing._opened == {}


async def test_how_long_is_a_setting_up_to_a_quarter_of_an_hour(app: Console) -> None:
    assert app._desk.settings.changed("lock", "15").lock == 15
    for wrong in ("0", "16", "never"):
        with pytest.raises(Usage):
            app._desk.settings.changed("lock", wrong)
