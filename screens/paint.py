"""What is really sent to the terminal: only the cells that changed, and scrolling by the terminal itself.

The painter keeps what every line of the terminal shows. An update is compared with it, so that a widget may
be repainted whole at no cost. Where the lines of an update are those of the screen moved up or down (the
same strips, which tables cache), the terminal is told to scroll them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.strip import Strip

from screens.walls import tame

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.style import Style
    from textual.screen import Screen

Cell = tuple[str, str]
"""A character with its combining marks (nothing for the right half of a wide one), and its SGR parameters."""

Lines = dict[int, dict[int, Strip]]
"""Line → column → what is shown from there on."""

_JUMP = 4
"""Bytes that it takes to jump over cells."""
_LONG = 10
"""Blanks that are cheaper erased than written."""
_FEW = 3
"""Lines that must have moved for a scroll to pay."""


POOR = str.maketrans("●▏⇉▸▾◌✕┊‹›…–", "•│»►▼○x│<>~-")  # fmt: skip
"""What the Linux console's font has in place of signs that it lacks."""


@lru_cache(maxsize=4096)
def sgr(style: Style | None, system: ColorSystem) -> str:
    """The SGR parameters of a style, without those that a reset gives anyway."""
    if style is None:
        return ""
    codes = Strip.render_ansi(style, system).split(";")
    kept, n = [], 0
    while n < len(codes):
        length = {"38": 3, "48": 3}.get(codes[n], 1)
        if length == 3 and codes[n + 1] == "2":
            length = 5
        if codes[n] not in ("39", "49"):
            kept += codes[n : n + length]
        n += length
    return ";".join(kept)


def cells(strip: Strip, system: ColorSystem, *, poor: bool = False) -> list[Cell]:
    """A strip cell by cell; this is where the second wall stands."""
    out: list[Cell] = []
    for text, style, _ in strip._segments:
        codes = sgr(style, system)
        if text.isascii() and text.isprintable():
            out += [(char, codes) for char in text]
            continue
        for char in tame(text.translate(POOR) if poor else text):
            size = get_character_cell_size(char)
            if size:
                out.append((char, codes))
                if size == 2:
                    out.append(("", codes))
            elif out:
                out[-1 if out[-1][0] else -2] = (out[-1][0] or out[-2][0]) + char, codes
    return out


def ranges(old: list[Cell], new: list[Cell]) -> Iterator[tuple[int, int]]:
    """The stretches of cells that differ; what lies between two is painted again where that is cheaper."""
    differ = [n for n, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
    if not differ:
        return
    start, end = differ[0], differ[0]
    for n in differ:
        if n - end > 2 and (n - end > _JUMP or _cost(new[end:n], new[end - 1][1]) > _JUMP):
            yield _whole(new, start), end
            start = n
        end = n + 1
    yield _whole(new, start), end


def _cost(between: list[Cell], codes: str) -> int:
    """About how many bytes it takes to paint these cells."""
    size = 0
    for char, code in between:
        size += (1 if char.isascii() else 3) + (5 if code != codes else 0)
        codes = code
    return size


def _whole(new: list[Cell], start: int) -> int:
    """Begin with the left half of a wide character."""
    return start if new[start][0] else start - 1


@dataclass(slots=True)
class _Line:
    """One line of the terminal."""

    shown: list[Cell]
    strips: dict[int, Strip]
    """Of what it was painted, by column; a strip that is still there need not be looked at."""


class Painter:
    """The terminal's contents as far as they are known, and how to change them."""

    def __init__(self, *, scrolls: bool = True, poor: bool = False) -> None:
        self.scrolls = scrolls
        """Whether the terminal's scroll region may be used."""
        self.poor = poor
        """Whether its font has few signs."""
        self._width = self._height = 0
        self._lines: list[_Line] = []
        self._system = ColorSystem.TRUECOLOR

    def forget(self) -> None:
        """Paint everything anew: somebody else may have written on the terminal."""
        self._width = self._height = 0

    def paint(self, lines: Lines, width: int, height: int, system: ColorSystem | None) -> str:
        """What to send so that the terminal shows these lines."""
        self._system = system or ColorSystem.TRUECOLOR
        out: list[str] = []
        if (width, height) != (self._width, self._height):
            self._width, self._height = width, height
            out.append("\x1b[m\x1b[2J")
            self._lines = [self._blank() for _ in range(height)]
        if self.scrolls and len(lines) > _FEW:
            out.append(self._scroll(lines))
        for y in sorted(lines):
            if y < height:
                out += self._paint(y, lines[y])
        return "".join(out)

    def _blank(self) -> _Line:
        return _Line([(" ", "")] * self._width, {})

    def _paint(self, y: int, chops: Mapping[int, Strip]) -> Iterator[str]:
        line = self._lines[y]
        for x, strip in chops.items():
            if line.strips.get(x) is strip:
                continue
            new = cells(strip, self._system, poor=self.poor)[: self._width - x]
            yield from self._changes(y, x, new, list(ranges(line.shown[x : x + len(new)], new)))
            line.shown[x : x + len(new)] = new
            line.strips = {
                at: s for at, s in line.strips.items() if at + s.cell_length <= x or at >= x + len(new)
            }
            line.strips[x] = strip

    def _changes(self, y: int, x: int, new: list[Cell], stretches: list[tuple[int, int]]) -> Iterator[str]:
        """Paint stretches of one line, from left to right."""
        codes, at = "", -1
        for start, end in stretches:
            if at < 0:
                yield f"\x1b[{y + 1};{x + start + 1}H" if x + start else f"\x1b[{y + 1}H"
            else:
                yield f"\x1b[{start - at}C"
            codes = yield from self._run(new[start:end], x + start, codes)
            at = end
        if codes:
            yield "\x1b[m"

    def _run(self, run: list[Cell], x: int, codes: str) -> Generator[str, None, str]:
        """One stretch; the column is set anew after characters on whose width terminals disagree."""
        text = "".join([char for char, _ in run])
        if text.isascii() and len({code for _, code in run}) == 1 and "    " not in text:
            yield _switch(codes, run[0][1]) + text
            return run[0][1]
        sure, blanks = True, 0
        for n, (char, code) in enumerate(run):
            if char == " " and not _visible(code):
                blanks += 1
                continue
            if blanks:
                yield from self._gap(blanks, x + n - blanks, codes, sure)
                codes, blanks, sure = "", 0, True
            if not char:
                continue
            known = _known(char)
            if known and not sure:
                yield f"\x1b[{x + n + 1}G"
            yield _switch(codes, code) + char
            codes, sure = code, known
        end = x + len(run)
        if blanks:
            yield from self._gap(blanks, end - blanks, codes, sure, last=end == self._width)
            codes = ""
        elif not sure:
            yield f"\x1b[{end + 1}G"
        return codes

    def _gap(self, count: int, x: int, codes: str, sure: bool, last: bool = False) -> Iterator[str]:
        """So many blanks on the terminal's own ground."""
        if not sure:
            yield f"\x1b[{x + 1}G"
        if codes:
            yield "\x1b[m"
        if last and count > 3:
            yield "\x1b[K"
        elif count > _LONG:
            yield f"\x1b[{count}X\x1b[{count}C"
        else:
            yield " " * count

    def _scroll(self, lines: Lines) -> str:
        """Let the terminal move lines that are on it already; nothing where that does not pay."""
        whole = {y: strip for y, chops in lines.items() if (strip := self._whole(chops)) is not None}
        at = {id(line.strips[0]): y for y, line in enumerate(self._lines) if 0 in line.strips}
        moves = {y: at[id(strip)] - y for y, strip in whole.items() if id(strip) in at}
        if not moves:
            return ""
        by, votes = Counter(moves.values()).most_common(1)[0]
        if by == 0 or votes < max(_FEW, len(moves) // 2):
            return ""
        moved = [y for y, offset in moves.items() if offset == by]
        top, bottom = min(moved) + min(by, 0), max(moved) + max(by, 0)
        if bottom - top + 1 - abs(by) < votes or any(y not in whole for y in range(top, bottom + 1)):
            return ""
        moving = self._lines[top : bottom + 1]
        blank = [self._blank() for _ in range(abs(by))]
        self._lines[top : bottom + 1] = moving[by:] + blank if by > 0 else blank + moving[:by]
        code = "M" if by > 0 else "L"
        return f"\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1}H\x1b[{abs(by)}{code}\x1b[r"

    def _whole(self, chops: Mapping[int, Strip]) -> Strip | None:
        """The one strip of a line that spans the screen."""
        strip = chops.get(0)
        return strip if strip is not None and strip.cell_length == self._width else None


def _switch(old: str, new: str) -> str:
    """From one style to another."""
    return "" if old == new else f"\x1b[;{new}m" if old and new else f"\x1b[{new}m"


@lru_cache(maxsize=256)
def _visible(codes: str) -> bool:
    """Whether a blank in this style can be seen: a ground, underline, reverse, strike, overline."""
    return any(
        part[:1] in "479" or part in ("21", "53") or len(part) == 3 for part in codes.split(";") if part
    )


def _known(char: str) -> bool:
    """Whether every terminal gives it the same width."""
    code = ord(char[0])
    return len(char) == 1 and (code < 0x300 or 0x2000 <= code < 0x2600)


Result = TypeVar("Result")


class Painted(App[Result]):
    """An app whose screen updates go through a painter."""

    painter: Painter

    def on_resize(self, event: events.Resize) -> None:
        """Paint everything: the terminal may have cut its lines, and have its old size again before this is heard."""
        self.painter.forget()
        self.refresh(layout=True)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Send what an update changes; touches a private part of Textual, which is pinned."""
        driver = self._driver
        ready = self._running and not self._closed and not self.is_headless and driver is not None
        if not isinstance(renderable, LayoutUpdate | ChopsUpdate) or self._batch_count or not ready:
            super()._display(screen, renderable)
            return
        assert driver is not None
        size = screen.outer_size
        text = self.painter.paint(_lines(renderable), size.width, size.height, self.console._color_system)
        if text:
            x, y = size.clamp_offset(self.cursor_position)
            self._begin_update()
            driver.write(f"{text}\x1b[{y + 1};{x + 1}H" if x or y else text)
            self._end_update()
            driver.flush()
        self.post_display_hook()


def _lines(update: LayoutUpdate | ChopsUpdate) -> Lines:
    if isinstance(update, ChopsUpdate):
        return {
            y: {x: strip for x, strip in update.chops[y].items() if strip is not None}
            for y, _, _ in update.spans
        }
    return {y: dict(_placed(strips)) for y, strips in enumerate(update.strips, update.region.y)}


def _placed(strips: Iterable[Strip]) -> Iterator[tuple[int, Strip]]:
    x = 0
    for strip in strips:
        yield x, strip
        x += strip.cell_length
