"""Somebody who presses keys at random: whatever comes, the console stands, and nothing is left running."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.terminal import KEYS as NAMED
from tests.benchmarks.terminal import Terminal

KEYS = (
    *("j", "k", "<down>", "<up>", "<pgdn>", "<pgup>", "g", "G", "h", "l", "<ctrl+d>", "\x15", "\x06", "\x02"),
    *("\r", "\r", "\r", "\x1b", "q", "[", "]", "-", "\t", "\x1b[Z", "1", "2", "3", "4", "5", "6", "7", "9"),
    *("s", "S", "W", "d", "p", "R", "z", "<", ">", " ", "V", "n", "N", "y", "Y", "\x0c", "\x03", "!", "U"),
    *(
        "t",
        "f",
        "b",
        "P",
        "a",
        "v",
        "x",
        "w",
        ":timeline\r",
        ":who a\r",
        ":columns id\r",
        ":set theme light\r",
    ),
    *("?", "?x\x1b", "@", "@\x1b", ":", ":us\t\r", ":q\x15", ":nonsense\r", ":se\t \t", "*a*\r", "*\r"),
    *("/", "/a=b\r", "/\x15\r", "/x\x1b", "/st\t\t\r", "\x10", "\x10re", "\x10\x1b"),
    *(":set\r", ":messages\r", ":columns\r", ":at \t\r", ":tenant\r", "\x1b[200~a\x1b[31mb\x1b[201~"),
)
"""What is pressed; the keys that leave the program and those that write files are not among them."""
SETTLED = 2_000
"""Keys after which every screen has been seen and what is kept is full: from here on memory is watched."""


@dataclass(frozen=True)
class Walk:
    """What came of it."""

    pressed: int
    starts: int
    """How often the console was started: the keys may happen to leave it by ``:q``."""
    grown: float
    """MB more in memory than after the first keys."""
    peak: float
    """MB at most."""


def wander(
    command: Sequence[str], home: Path, keys: int, seed: int, running: Callable[[], int] = lambda: 0
) -> Walk:
    """Press so many keys; raises AssertionError where the console breaks, or does not answer any more.

    ``running`` tells how many queries the server is working on: in the end there may be none.
    """
    chance, pressed, starts, grown, peak = random.Random(seed), 0, 0, 0.0, 0.0
    while pressed < keys:
        with Terminal(command, env={"QUAESTOR_HOME": str(home)}, quiet=0.3) as terminal:
            terminal.wait(r"\? help")
            before, come = _press(terminal, chance, keys - pressed)
            if reports := list((home / "state").glob("incident-*")):
                where = f"seed {seed}, key {pressed + come}"
                raise AssertionError(f"{where}:\n{reports[0].read_text()}\n{terminal.text}")
            pressed, starts = pressed + come, starts + 1
            if not terminal.ended:
                grown = max(grown, (_answers(terminal) - before) / 2**20)
                _none(running)
                _leave(terminal)
            peak = max(peak, terminal.peak / 2**20)
    return Walk(pressed, starts, grown, peak)


def _press(terminal: Terminal, chance: random.Random, keys: int) -> tuple[int, int]:
    """Press keys until it is enough or the console ends: its memory after the first ones, and how many."""
    pressed, before = 0, 0
    while pressed < keys and not terminal.ended:
        typed = [chance.choice(KEYS) for _ in range(chance.randrange(1, 12))]
        if chance.random() < 0.02:
            terminal.resize(chance.randrange(40, 200), chance.randrange(10, 60))
        terminal.type(
            "".join(NAMED[key.strip("<>")] if len(key) > 2 and key[0] == "<" else key for key in typed)
        )
        pressed += len(typed)
        while terminal.read(0.02) is not None:
            terminal.seen = terminal.seen[-4096:]
        if not before and pressed >= min(SETTLED, keys // 2):
            before = terminal.sample()
    return before or terminal.sample(), pressed


def _answers(terminal: Terminal) -> int:
    """Whether the console still does what it is told; the memory that it takes."""
    terminal.resize(120, 40)
    for _ in range(4):
        terminal.type("\x1b")
        terminal.settle()
    terminal.type(":messages\r")
    terminal.wait("Messages", limit=20.0)
    terminal.type("\x1b")
    terminal.settle()
    return terminal.sample()


def _none(running: Callable[[], int], seconds: float = 20.0) -> None:
    """Wait until no query runs: what is read anew by itself ends by itself."""
    end = time.monotonic() + seconds
    while running():
        assert time.monotonic() < end, "a query is still running"


def _leave(terminal: Terminal) -> None:
    terminal.type("\x11")
    while terminal.read(10.0) is not None:
        pass
    assert terminal.ended, terminal.text
