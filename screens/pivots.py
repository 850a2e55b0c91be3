"""From a row of the line of time to all that has something in common with it; and an entry of the ledger in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

from db.model import Column, Filter, Operator, Record, Row
from screens import asking, sheet
from screens.cells import safe
from screens.formats import Look
from screens.lines import Line, Lines
from screens.popup import Popup

COLUMNS = ("actor", "record", "session", "address", "correlation", "subject", "action")
"""What one looks further by."""


class Pivot(Popup[str]):
    """Choose what the other rows shall share; the answer is the filter as it would be typed."""

    TITLE_TEXT = "All with the same"

    def __init__(self, columns: Sequence[Column], row: Row, kept: Sequence[Filter]) -> None:
        found = [
            (column, str(value))
            for column, value in zip(columns, row.values, strict=True)
            if column.name in COLUMNS and value is not None
        ]
        size = max((len(column.heading) for column, _ in found), default=0)
        super().__init__(
            [
                Line(
                    ((f" {column.heading:<{size}}  ", "label"), (safe(value), "")),
                    narrowed(column.name, value, kept),
                )
                for column, value in found
            ]
        )

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """Narrow the line so."""
        _ = self.dismiss(str(message.line.target))


def narrowed(column: str, value: str, kept: Sequence[Filter]) -> str:
    """The filter for one value, within the time that was chosen before."""
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{asking.written(kept)} {column}="{quoted}"'.strip()


def times(filters: Sequence[Filter]) -> list[Filter]:
    """The filters that choose the time."""
    return [one for one in filters if one.column == "time" and one.operator is not Operator.NE]


def told(record: Record) -> Record:
    """The record without what it says nothing of: most columns of a row of an audit trail are empty."""
    there = [n for n, value in enumerate(record.values) if value is not None]
    columns, values = (tuple(held[n] for n in there) for held in (record.columns, record.values))
    return replace(record, columns=columns, values=values)


class Entry(Popup[None]):
    """An entry of the ledger, as it was signed."""

    def __init__(self, record: Record, zone: tzinfo | None, cells: int) -> None:
        self.TITLE_TEXT = f"Entry {record.id}"
        made = sheet.lines(record, Look(None, zone), cells - 8, sheet.Folding())
        super().__init__([Line(line.parts, line.target or number) for number, line in enumerate(made)])
