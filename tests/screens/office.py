"""The console at work: a bank with what waits for a decision, two operators, and pictures of the screen.

Run as a program (``python -m tests.screens.office FOLDER``) it is the real console on that bank, for a pty.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from textual import events
from textual._compositor import LayoutUpdate
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip

from console.app import Console, run
from console.operator import Cast
from db.keys import HeldKey
from db.model import Mode, Profile
from db.registering import register
from db.trustsphere.tables import accounts, transactions, users
from screens.desk import Desk
from screens.places import Place
from screens.settings import Settings
from screens.state import State
from tests.write.bank import ANNA, ARMED, BERT, NOW, Bank, account, make, transaction, user

KEYS: dict[str, HeldKey] = {"anna": ANNA, "bert": BERT}
REASONS = {"reasons": "Asked for by the customer; Found in a check"}


@dataclass
class Office:
    """The bank, and the app on it."""

    bank: Bank
    app: Console
    desk: Desk


def bank_of(url: str, folder: Path, pending: int = 5) -> Bank:
    """Olga and Piet with two accounts each, so many transfers that wait, the keys of both operators."""
    bank = make(url, folder)
    bank.add(
        users, user("olga", full_name="Olga Ōta"), user("piet", account_locked_until=NOW + timedelta(days=1))
    )
    bank.add(accounts, account("A1", balance="90000.00"), account("A2"), account("A3", "piet", "0.00"))
    wide = {"daily_transaction_limit": 10**9}
    bank.run("UPDATE accounts SET daily_transaction_limit = :daily_transaction_limit", **wide)
    bank.add(
        transactions,
        *(
            transaction(f"T{n:03}", "A1", "A2", f"{n + 1}.50", timestamp=NOW - timedelta(days=9 - n / 1000))
            for n in range(pending - 1)
        ),
        transaction("T999", "A1", "A2", "20000.00", timestamp=NOW - timedelta(days=2)),
    )
    desk = bank.desk(ANNA, "first")
    register(desk, ARMED, BERT.public_key)
    desk.close()
    return bank


def profile_of(bank: Bank, **more: Any) -> Profile:
    """The operators' profile."""
    return bank.profile(**{"settings": REASONS, "name": "trustsphere", **more})


def open_office(bank: Bank, place: Place, who: str = "anna", **more: Any) -> Office:
    """The console at a place, with somebody at the keyboard; nothing is kept on disk."""
    desk = Desk([profile_of(bank, **more)], Settings(bastion=True, refresh=0), State(), None)
    cast = Cast(lambda: KEYS, ("anna", "bert"))
    cast.become(who)
    desk.operators = cast
    return Office(bank, Console(desk, place), desk)


def office_said(pilot: Pilot[None]) -> list[str]:
    """What the console said so far."""
    return list(pilot.app._desk.said) if isinstance(pilot.app, Console) else []


async def until(pilot: Pilot[None], true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Let the app work until something holds; raises AssertionError where it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await pilot.pause()
        if true():
            return
    raise AssertionError(picture(pilot.app.screen) + str(office_said(pilot)))


async def shows(pilot: Pilot[None], pattern: str, seconds: float = 20.0) -> str:
    """The screen, once the pattern is on it."""
    await until(pilot, lambda: re.search(pattern, picture(pilot.app.screen)) is not None, seconds)
    return picture(pilot.app.screen)


async def type_in(pilot: Pilot[None], text: str) -> None:
    """Press the keys of a text, as fast as a terminal pastes."""
    await send(pilot, *text)


async def send(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each a name or a character, without waiting in between, and wait until all were heard."""
    app = pilot.app
    assert isinstance(app, Console)
    for key in keys:
        app.post_message(events.Key(_NAMES.get(key, key), key if len(key) == 1 else None))
    await until(pilot, lambda: not app.keyboard.busy)


_NAMES = {" ": "space", "/": "slash", "*": "asterisk", ":": "colon", "=": "equals_sign", "_": "underscore"}


async def arm(pilot: Pilot[None], ticket: str = "T-1") -> None:
    """Arm the bank."""
    await pilot.press("colon")
    await type_in(pilot, f"arm 30m {ticket}")
    await pilot.press("enter")
    await shows(pilot, "is armed for 30 minutes")


def picture(screen: Screen[Any]) -> str:
    """What the terminal would show, as text."""
    update = screen._compositor.render_update(full=True)
    assert isinstance(update, LayoutUpdate)
    return "\n".join("".join(part.text for part in _strips(line)).rstrip() for line in update.strips)


def _strips(line: Any) -> list[Strip]:
    return [line] if isinstance(line, Strip) else list(line)


_MOVING = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?( [+-]\d\d:\d\d)?"), "‹time›"),
    (re.compile(r"\d\d:\d\d(:\d\d)? [+-]\d\d:\d\d"), "‹clock›"),
    (re.compile(r"until (\d\d-\d\d )?\d\d:\d\d"), "until ‹clock›"),
    (re.compile(r"\d\d:\d\d T-1"), "‹left› T-1"),
    (re.compile(r"[0-9a-f]{32}\.db"), "‹file›"),
    (re.compile(r"\d+\w+ ago"), "‹age› ago"),
    (re.compile(r"in \d+h\d\d"), "in ‹age›"),
    (re.compile(r"(?<=\s)\d+(d|mo|y)\b"), "‹age›"),
    (re.compile(r"\A(.*?Trust).*"), r"\1…"),
    (re.compile(r"(?<=\n) v approve .*$"), " v approve …"),
)


def still(text: str) -> str:
    """The picture without what moves by itself."""
    for pattern, word in _MOVING:
        text = pattern.sub(word, text)
    return "\n".join(re.sub(r"(?<=\S) {2,}(?=‹)", "  ", line).rstrip() for line in text.splitlines()) + "\n"


def main() -> int:
    """The console on the bank in a folder, which was made before."""
    folder = Path(sys.argv[1])
    profile = replace(
        Profile("trustsphere", f"sqlite:///{folder / 'bank.db'}", "trustsphere"),
        settings=REASONS,
        mode=Mode.OPERATE,
    )
    return run([profile], sys.argv[2], operators=Cast(lambda: KEYS, ("anna", "bert")))


if __name__ == "__main__":
    sys.exit(main())
