"""Plots in characters, where a line or a histogram says more than a number: drawn by plotext, in the theme's tones."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from screens.bar import Part
from screens.cells import safe
from screens.formats import number, span
from screens.lined import Lined
from screens.lines import Line, Lines
from screens.trends import Points

if TYPE_CHECKING:
    from textual_plotext import Plot

HEIGHT = 12
"""Lines of a plot, the title besides."""
WIDEST = 120
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r"([┌┐└┘├┤┬┴─│]+)")


class Pane(Lines, can_focus=False):
    """Where a plot stands, below what it is about."""

    DEFAULT_CSS = "Pane { height: 13; display: none; } Pane.-open { display: block; }"

    def on_lines_moved(self, message: Lines.Moved) -> None:
        """It has no cursor that anybody could ask for."""
        message.stop()

    @property
    def is_open(self) -> bool:
        """Whether a plot is wanted."""
        return self.has_class("-open")

    def turn(self) -> bool:
        """Open it, or close it; whether it is open now."""
        self.toggle_class("-open")
        return self.is_open


class Plotting(Lined):
    """A screen that can draw what its cursor is on, below its lines."""

    def plotted(self) -> Sequence[Line]:
        """The plot of what the cursor is on; nothing while it is not read yet."""
        raise NotImplementedError

    def action_plot(self) -> None:
        """Draw it, or draw nothing any more."""
        self.query_one(Pane).turn()
        self.draw_plot()

    def draw_plot(self) -> None:
        """Draw it, where a plot is wanted."""
        pane = self.query_one(Pane)
        if pane.is_open and (lines := self.plotted()):
            pane.show(lines)

    def on_lines_moved(self, message: Lines.Moved) -> None:
        """What can be done depends on the line, and so does what is drawn."""
        self.show_keys()
        self.draw_plot()


def over_time(title: str, points: Points, cells: int, written: Callable[[int], str] = number) -> list[Line]:
    """Values at moments as a line, each written so; of fewer than two there is none yet."""
    if len(points) < 2:
        return [_title(title, "it is drawn when it was read twice in this sitting")]
    now = points[-1][0]
    ages = [(at - now).total_seconds() for at, _ in points]
    plot = _plot(cells)
    plot.plot(ages, [value for _, value in points], marker="hd")
    marks = [ages[0], ages[0] / 2, 0.0]
    plot.xticks(marks, [_ago(mark) for mark in marks])
    values = [value for _, value in points]
    _whole(plot, values, written)
    told = f"{written(values[-1])} now, {written(min(values))} to {written(max(values))} in {span(int(-ages[0]))}"
    return [_title(title, told), *_drawn(plot)]


def _ago(seconds: float) -> str:
    return "now" if seconds == 0 else f"{span(int(-seconds))} ago"


def histogram(title: str, told: str, labels: Sequence[str], values: Sequence[int], cells: int) -> list[Line]:
    """A bar for each value."""
    plot = _plot(cells)
    places = [float(n) for n in range(len(values))]
    plot.bar(places, list(values), width=0.7, marker="█")
    plot.xticks(places, [safe(label) for label in labels])
    _whole(plot, [0, *values])
    return [_title(title, told), *_drawn(plot)]


def _plot(cells: int) -> Plot:
    # 150 ms that nobody waits for who draws none.
    from textual_plotext import Plot  # noqa: PLC0415

    plot = Plot()
    plot.theme("clear")
    # The widget does the same: a figure asked by its public name is cut to the terminal that the process has.
    plot._set_size(min(WIDEST, cells - 2), HEIGHT)
    return plot


def _whole(plot: Plot, values: Sequence[int], written: Callable[[int], str] = number) -> None:
    """A few whole numbers on the axis."""
    low, high = min(values), max(values)
    steps = min(4, high - low)
    marks = sorted({low + (high - low) * n // steps for n in range(steps + 1)}) if steps else [low]
    plot.yticks([float(mark) for mark in marks], [written(mark) for mark in marks])


def _title(title: str, told: str) -> Line:
    return Line(((f" {title}   ", "head"), (told, "faint")))


def _drawn(plot: Plot) -> list[Line]:
    """The plot's lines: its frame faint, what it shows in the accent."""
    return [Line(tuple(_parts(line))) for line in _COLOURS.sub("", plot.build()).splitlines()]


def _parts(line: str) -> list[Part]:
    inside = "┤" in line or "│" in line
    pieces = _FRAME.split(line)
    return [
        (piece, "accent" if inside and n >= 2 and not _FRAME.fullmatch(piece) else "faint")
        for n, piece in enumerate([" ", *pieces])
    ]
