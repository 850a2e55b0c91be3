"""The painter: after every update the terminal shows what it should, whatever was sent to get there."""

from __future__ import annotations

import random
import re

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from screens.paint import Lines, Painter, sgr
from tests.screens.terminal import Terminal

STYLES = [
    Style.null(),
    *map(Style.parse, ("bold", "red", "green", "bold underline", "reverse", "on blue", "green on default")),
]
WORDS = ("alpha", "b", "  ", "漢字", "é", "e\u0301x", "▌ ", "–", "…", "a" * 30, " " * 15, "x y  z   w", "👍")


def strip(chance: random.Random, width: int) -> Strip:
    segments, used = [], 0
    while used < width:
        segment = Segment(chance.choice(WORDS), chance.choice(STYLES))
        used += segment.cell_length
        segments.append(segment)
    return Strip(segments).adjust_cell_length(width)


@pytest.mark.parametrize("seed", range(60))
def test_the_terminal_shows_what_was_painted(seed: int) -> None:
    chance = random.Random(seed)
    width, height = chance.choice([(40, 12), (80, 24), (13, 5)])
    painter, terminal = Painter(scrolls=seed % 3 != 0), Terminal(width, height)
    lines: Lines = {y: {0: strip(chance, width)} for y in range(height)}
    for _ in range(12):
        terminal.feed(painter.paint(lines, width, height, ColorSystem.TRUECOLOR))
        terminal.assert_shows(lines)
        lines = change(chance, lines, width, height)


def change(chance: random.Random, lines: Lines, width: int, height: int) -> Lines:
    """Scroll a part, replace some lines, split others, or leave them."""
    new = {y: dict(chops) for y, chops in lines.items()}
    kind = chance.choice(["scroll", "scroll", "replace", "split", "all", "nothing"])
    if kind == "scroll":
        by, top = chance.choice([-3, -2, -1, 1, 2, 3]), chance.randrange(0, 2)
        for y in range(top, height):
            new[y] = dict(lines[y + by]) if top <= y + by < height else {0: strip(chance, width)}
        new[chance.randrange(height)] = {0: strip(chance, width)}
    elif kind == "replace":
        for _ in range(3):
            new[chance.randrange(height)] = {0: strip(chance, width)}
    elif kind == "split":
        at = chance.randrange(1, width - 1)
        for y in chance.sample(range(height), height // 2):
            new[y] = {0: strip(chance, at), at: strip(chance, width - at)}
    elif kind == "all":
        new = {y: {0: strip(chance, width)} for y in range(height)}
    return new


def page(first: int, width: int, height: int) -> Lines:
    return {y: {0: Strip([Segment(f"row {first + y:6} ".ljust(width, "·"))], width)} for y in range(height)}


def test_one_line_scrolled_costs_a_line() -> None:
    rows = [Strip([Segment(f"row {n:6} ".ljust(120, "·"))], 120) for n in range(100)]
    painter, terminal = Painter(), Terminal(120, 40)
    frame = Strip([Segment("banner".ljust(120))], 120)
    for first in (0, 1, 2, 1, 0, 19, 0):
        lines: Lines = {0: {0: frame}, **{y: {0: rows[first + y]} for y in range(1, 39)}, 39: {0: frame}}
        sent = painter.paint(lines, 120, 40, ColorSystem.TRUECOLOR)
        terminal.feed(sent)
        terminal.assert_shows(lines)
        if first in (1, 2):
            assert "r" in sent
            assert len(sent.encode()) < 300


def test_without_the_scroll_region_nothing_scrolls() -> None:
    rows = [Strip([Segment(f"row {n:6}".ljust(40))], 40) for n in range(30)]
    painter, terminal = Painter(scrolls=False), Terminal(40, 10)
    for first in (0, 1):
        lines: Lines = {y: {0: rows[first + y]} for y in range(10)}
        sent = painter.paint(lines, 40, 10, ColorSystem.TRUECOLOR)
        assert "M" not in sent
        assert "\x1b[r" not in sent
        terminal.feed(sent)
        terminal.assert_shows(lines)


def test_what_did_not_change_costs_nothing() -> None:
    painter = Painter()
    lines = page(0, 80, 24)
    assert painter.paint(lines, 80, 24, ColorSystem.TRUECOLOR)
    assert painter.paint(lines, 80, 24, ColorSystem.TRUECOLOR) == ""
    assert painter.paint(page(0, 80, 24), 80, 24, ColorSystem.TRUECOLOR) == ""


def test_after_a_resize_or_a_doubt_everything_is_painted() -> None:
    painter = Painter()
    painter.paint(page(0, 80, 24), 80, 24, ColorSystem.TRUECOLOR)
    assert painter.paint(page(0, 60, 20), 60, 20, ColorSystem.TRUECOLOR).startswith("\x1b[m\x1b[2J")
    painter.forget()
    assert painter.paint(page(0, 60, 20), 60, 20, ColorSystem.TRUECOLOR).startswith("\x1b[m\x1b[2J")


def test_no_control_character_of_a_segment_is_sent() -> None:
    text = "".join(map(chr, range(0x20))) + "\x7f\x9b31m\u202e"
    sent = Painter().paint({0: {0: Strip([Segment(text)])}}, 80, 1, ColorSystem.TRUECOLOR)
    sent = re.sub(r"\x1b\[[0-9;]*[mHGJ]", "", sent)
    assert sent == "\ufffd" * 34 + "31m\ufffd"


def test_defaults_are_not_sent() -> None:
    assert sgr(Style.parse("default on default"), ColorSystem.TRUECOLOR) == ""
    assert sgr(Style.parse("bold red on default"), ColorSystem.STANDARD) == "1;31"
    assert (
        sgr(Style.parse("rgb(39,49,39) on rgb(1,49,3)"), ColorSystem.TRUECOLOR) == "38;2;39;49;39;48;2;1;49;3"
    )
    assert sgr(Style.parse("color(39)"), ColorSystem.EIGHT_BIT) == "38;5;39"
