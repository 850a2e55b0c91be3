"""How wide the columns of a table are: as their content wants, as the screen allows, and steady."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db.model import Column, Kind, Row
from screens.cells import safe, text_of, width
from screens.formats import RIGHT, Look

GAP = 2
"""Cells between two columns."""

_MOST = {Kind.TEXT: 40, Kind.JSON: 32, Kind.LIST: 24, Kind.BYTES: 20, Kind.ADDRESS: 39, Kind.ID: 40}
"""The widest that a column gets before every other one has what it wants."""
_LEAST = {Kind.TEXT: 10, Kind.JSON: 10, Kind.LIST: 8, Kind.BYTES: 8, Kind.ADDRESS: 10, Kind.ID: 9}
"""The narrowest that a column is squeezed to; a kind that is not named here is never squeezed."""
_HEAD = 8
"""Cells of a heading that content gives way to."""
_TYPICAL = {Kind.TIME: 5, Kind.MONEY: 10, Kind.BOOLEAN: 3}
"""Room that a column gets even where the rows at hand need less: later ones will."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One column as it is laid out."""

    column: Column
    index: int
    """Its place in the rows' values."""
    width: int
    right: bool
    currency: int | str
    """Where in the values a MONEY's currency is, or the currency itself; empty for none."""


def currency_of(columns: Sequence[Column], column: Column) -> int | str:
    """Where the currency of a column comes from; empty where a column beside it shows it anyway."""
    names = [c.name for c in columns]
    if column.kind is not Kind.MONEY or not column.currency or column.currency in names:
        return ""
    return column.currency if column.currency.isupper() else ""


def lay_out(
    columns: Sequence[Column], rows: Iterable[Row], look: Look, room: int, *, wide: bool = False
) -> tuple[Slot, ...]:
    """The columns with their widths; ``wide`` gives each what its content wants, whatever the room."""
    rows = list(rows)
    heads = [width(safe(column.heading)) for column in columns]
    wanted = [_wanted(column, n, rows, look) for n, column in enumerate(columns)]
    room -= GAP * (len(columns) - 1)
    whole = [min(max(pair), 200) for pair in zip(wanted, heads, strict=True)]
    widths = whole if wide else _fitted(columns, wanted, heads, room)
    return tuple(
        Slot(column, n, widths[n], column.kind in RIGHT, currency_of(columns, column))
        for n, column in enumerate(columns)
    )


def _wanted(column: Column, index: int, rows: Sequence[Row], look: Look) -> int:
    texts = {text_of(row.values[index], column.kind, look) for row in rows}
    texts.update(map(safe, column.values))
    extra = len(column.currency) + 1 if column.kind is Kind.MONEY and column.currency.isupper() else 0
    return max(max(map(width, texts), default=0) + extra, _TYPICAL.get(column.kind, 1))


def _fitted(columns: Sequence[Column], wanted: Sequence[int], heads: Sequence[int], room: int) -> list[int]:
    """First everybody within bounds; what lacks is squeezed out, what is over goes to what is cut."""
    wanted = [max(want, min(head, _HEAD)) for want, head in zip(wanted, heads, strict=True)]
    widths = [min(want, _MOST.get(c.kind, want)) for c, want in zip(columns, wanted, strict=True)]
    least = [
        min(w, _LEAST.get(c.kind, w)) if n else w
        for n, (c, w) in enumerate(zip(columns, widths, strict=True))
    ]
    _squeeze(widths, least, room)
    for wish in (wanted, heads):
        for n, want in enumerate(wish):
            widths[n] += max(0, min(want - widths[n], room - sum(widths)))
    return widths


def _squeeze(widths: list[int], least: Sequence[int], room: int) -> None:
    """Take from the widest that may be squeezed, down to the next one, until it fits or nothing is left to take."""
    while (over := sum(widths) - room) > 0:
        loose = [n for n in range(len(widths)) if widths[n] > least[n]]
        if not loose:
            return
        widest = max(loose, key=lambda n: widths[n])
        rest = max((widths[n] for n in loose if n != widest), default=0)
        widths[widest] -= max(1, min(over, widths[widest] - max(rest, least[widest])))
