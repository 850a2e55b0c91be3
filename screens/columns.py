"""How wide the columns of a table are: as their content wants, as the screen allows, and steady."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db.model import Column, Kind, Row
from screens.cells import safe, text_of, width
from screens.formats import NULL, RIGHT, Look

GAP = 2
"""Cells between two columns."""

_LOOSE = {Kind.TEXT, Kind.JSON, Kind.LIST, Kind.BYTES, Kind.ADDRESS}
"""Kinds whose values may be cut and still say something."""
_CODE = 24
"""Cells of the longest texts that are taken for codes, where all of them are of one length."""
_STAGES = ((40, 99), (28, 99), (28, 12), (20, 12), (20, 8), (16, 8))
"""Where there is too little room: how much loose texts and headings still get, one step after the other.

What is too wide after the last one is reached by going sideways: columns that can be read, if not all of them.
"""
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
    columns: Sequence[Column],
    rows: Iterable[Row],
    look: Look,
    room: int,
    *,
    wide: bool = False,
    order: str = "",
) -> tuple[Slot, ...]:
    """The columns with their widths; ``wide`` gives each what its content wants, whatever the room.

    The heading of the column of that ``order`` has a sign beside it.
    """
    rows = list(rows)
    signs = [2 if column.name == order else 0 for column in columns]
    heads = [width(safe(column.heading)) + sign for column, sign in zip(columns, signs, strict=True)]
    texts = [_texts(column, n, rows, look) for n, column in enumerate(columns)]
    wanted = [_wanted(column, found) for column, found in zip(columns, texts, strict=True)]
    widths = [min(max(pair), 200) for pair in zip(wanted, heads, strict=True)]
    if not wide:
        loose = [c.kind in _LOOSE and not _coded(found) for c, found in zip(columns, texts, strict=True)]
        room -= GAP * (len(columns) - 1)
        for text, head in _STAGES:
            contents = [min(want, text) if gives else want for want, gives in zip(wanted, loose, strict=True)]
            titles = [min(title, head + sign) for title, sign in zip(heads, signs, strict=True)]
            _squeeze(widths, list(map(max, contents, titles)), room)
        _share(widths, heads, loose, room)
    return tuple(
        Slot(column, n, widths[n], column.kind in RIGHT, currency_of(columns, column))
        for n, column in enumerate(columns)
    )


def _texts(column: Column, index: int, rows: Sequence[Row], look: Look) -> set[str]:
    return {text_of(row.values[index], column.kind, look) for row in rows}


def _wanted(column: Column, texts: set[str]) -> int:
    known = [*texts, *map(safe, column.values)]
    extra = len(column.currency) + 1 if column.kind is Kind.MONEY and column.currency.isupper() else 0
    return max(max(map(width, known), default=0) + extra, _TYPICAL.get(column.kind, 1))


def _coded(texts: set[str]) -> bool:
    """Whether these are numbers of accounts and the like, of which every sign counts."""
    sizes = {width(text) for text in texts if text != NULL}
    return len(sizes) == 1 and max(sizes) <= _CODE and not any(" " in text for text in texts)


def _share(widths: list[int], heads: Sequence[int], loose: Sequence[bool], room: int) -> None:
    """What is over is the last column's; where not all are in sight anyway, the first one has its heading."""
    over = room - sum(widths)
    if over < 0:
        widths[0] = max(widths[0], min(heads[0], 16))
    elif widths and loose[-1]:
        widths[-1] += over


def _squeeze(widths: list[int], least: Sequence[int], room: int) -> None:
    """Take from the widest that may be squeezed, down to the next one, until it fits or nothing is left to take."""
    while (over := sum(widths) - room) > 0:
        able = [n for n in range(len(widths)) if widths[n] > least[n]]
        if not able:
            return
        widest = max(able, key=lambda n: widths[n])
        rest = max((widths[n] for n in able if n != widest), default=0)
        widths[widest] -= max(1, min(over, widths[widest] - max(rest, least[widest])))
