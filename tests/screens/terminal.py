"""A terminal emulator to compare with: what really stands on the screen after the bytes were sent."""

from __future__ import annotations

from unicodedata import normalize

import pyte
from rich.cells import get_character_cell_size
from rich.color import ColorSystem

from screens.paint import Cell, Lines, cells


class Terminal:
    """A pyte screen that is fed with what a painter sends."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = pyte.Screen(width, height)
        self.screen.reset_mode(7, private=True)
        self.stream = pyte.Stream(self.screen)
        self.width = width

    def feed(self, text: str) -> None:
        """Take what was sent."""
        self.stream.feed(text)

    @property
    def lines(self) -> list[str]:
        """What is shown, line by line."""
        return [line.rstrip() for line in self.screen.display]

    def assert_shows(self, lines: Lines) -> None:
        """Every cell has its character and its look."""
        for y, chops in lines.items():
            expected: list[Cell] = [
                cell for x in sorted(chops) for cell in cells(chops[x], ColorSystem.TRUECOLOR)
            ]
            shown = self.screen.buffer[y]
            for x, (char, codes) in enumerate(expected):
                cell = shown[x]
                assert normalize("NFC", cell.data) == normalize("NFC", char), (
                    y,
                    x,
                    cell,
                    char,
                    self.lines[y],
                )
                if char.strip() or any(part in codes.split(";") for part in ("4", "7", "44")):
                    assert look(cell) == set(filter(None, codes.split(";"))), (y, x, cell, codes)


_COLOURS = {"red": "31", "green": "32"}
_GROUNDS = {"blue": "44"}


def look(cell: pyte.screens.Char) -> set[str]:
    """The SGR parameters that give a cell's look; pyte knows no dim."""
    flags = {"1": cell.bold, "4": cell.underscore, "7": cell.reverse}
    codes = {code for code, on in flags.items() if on}
    return codes | {c for c in (_COLOURS.get(cell.fg), _GROUNDS.get(cell.bg)) if c}


def columns_of(text: str) -> int:
    """How many columns a text takes, by the same measure as the program's."""
    return sum(get_character_cell_size(char) for char in text)
