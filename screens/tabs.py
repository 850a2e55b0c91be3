"""The line above a list: the entity, its views with the current one in sight, and how many rows there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from db.model import Count
from screens import asking
from screens.asking import Asked
from screens.bar import Bar, Part, clean, length
from screens.cells import safe, width
from screens.pages import counted


class Tabs(Bar):
    """Views and figures of an entity."""

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self.names: list[str] = []
        """The tabs, in order."""

    def renew(self, asked: Asked, saved: Sequence[str], end: Sequence[Part]) -> None:
        """Show the tabs around the current one, and at the end the filter and where one is."""
        self.names = asking.tabs_of(asked.entity, dict.fromkeys(saved, ""))
        first_figure = len(self.names) - len(asked.entity.figures)
        right = clean(end)
        room = self.size.width - length(right) - 2
        self.show(_tabs(asked.entity.name, self.names, asked.name, room, first_figure), right)


def place_parts(
    asked: Asked, count: Count | None, place: tuple[int | None, int | None], marks: int, unseen: int
) -> Iterator[Part]:
    """The filter, marks, and the row's number of how many."""
    yield (f" /{asked.typed} " if asked.typed else ""), "accent"
    if marks:
        yield f" ● {marks} marked{f', {unseen} not in sight' if unseen else ''} ", "mark"
    number, from_end = place
    if count is not None and count.value == 0:
        yield " none ", "faint"
        return
    if number is not None:
        yield f" {number:,}".replace(",", " "), ""
    elif from_end is not None:
        yield f" {from_end:,} from the end".replace(",", " "), ""
    if count is not None:
        yield f" of {counted(count)}", "faint"
    yield " ", ""


def named(title: str, names: Sequence[str], current: str, room: int) -> list[Part]:
    """The tabs around the current one, as many as there is room for."""
    return _tabs(title, names, current, room, len(names))


def _tabs(title: str, names: Sequence[str], current: str, room: int, first_figure: int) -> list[Part]:
    parts: list[Part] = [(f" {title} ", "title")]
    room -= width(safe(title)) + 6
    at = names.index(current) if current in names else -1
    if at < 0:
        parts.append((f" {current} ", "tab-here"))
        room -= width(safe(current)) + 2
    first, last = _range(names, max(0, at), room)
    parts.append((" ‹" if first > 0 else "", "accent"))
    parts += _named(names, first, last, at, first_figure)
    parts.append(("› " if last < len(names) else "", "accent"))
    return parts


def _range(names: Sequence[str], at: int, room: int) -> tuple[int, int]:
    """From which to which, the one at its place included."""
    sizes = [width(safe(name)) + 2 for name in names]
    first, last, used = at, at + 1, sizes[at] if sizes else 0
    while True:
        if last < len(names) and used + sizes[last] <= room:
            used += sizes[last]
            last += 1
        elif first > 0 and used + sizes[first - 1] <= room:
            first -= 1
            used += sizes[first]
        else:
            return first, last


def _named(names: Sequence[str], first: int, last: int, at: int, first_figure: int) -> Iterator[Part]:
    for n in range(first, last):
        if n == first_figure and n > first:
            yield "┊", "rule"
        yield f" {names[n]} ", "tab-here" if n == at else "tab"
