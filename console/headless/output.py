"""Writing rows: one writer for each format, fed with the pages as they are read."""

from __future__ import annotations

import csv
import io
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import click
from sqlalchemy import literal_column

from console.headless.plain import dumps, plain, row
from console.headless.text import whole
from db.model import Column, Kind, Row
from screens.cells import fit, text_of, width
from screens.columns import GAP
from screens.formats import PLAIN, RIGHT

FORMATS = ("table", "json", "jsonl", "csv")


class Output(ABC):
    """Takes rows until the end, then the cursor behind the last one."""

    def __init__(self, columns: Sequence[Column], ids: bool = True) -> None:
        self.columns = columns
        self.ids = ids
        """Whether rows are records with an id; those of a figure are not."""
        self.first = ids and all(column.name != "id" for column in columns)
        """Whether a column of record ids comes before the others."""

    @abstractmethod
    def write(self, rows: Sequence[Row]) -> None:
        """Write these rows."""

    @abstractmethod
    def end(self, cursor: str | None) -> None:
        """Finish; the cursor leads to the rows that were not asked for."""


class Json(Output):
    """``{"rows": […], "next": CURSOR|null}``."""

    def __init__(self, columns: Sequence[Column], ids: bool = True) -> None:
        super().__init__(columns, ids)
        self.separator = '{"rows": [\n'

    def write(self, rows: Sequence[Row]) -> None:
        """One row a line."""
        for found in rows:
            click.echo(self.separator + dumps(row(self.columns, found, self.ids)), nl=False)
            self.separator = ",\n"

    def end(self, cursor: str | None) -> None:
        """The cursor stands beside the rows."""
        begun = self.separator.startswith(",")
        click.echo(("\n" if begun else '{"rows": [') + f'], "next": {dumps(cursor)}}}')


class JsonLines(Output):
    """One row a line; the cursor goes to stderr."""

    def write(self, rows: Sequence[Row]) -> None:
        """One row a line."""
        for found in rows:
            click.echo(dumps(row(self.columns, found, self.ids)))

    def end(self, cursor: str | None) -> None:
        """A line on stderr."""
        tell(cursor)


class Csv(Output):
    """RFC 4180 with a header; cells are clean, and none is a formula."""

    def __init__(self, columns: Sequence[Column], ids: bool = True) -> None:
        super().__init__(columns, ids)
        self._line([*(["id"] if self.first else []), *(column.name for column in columns)])

    def write(self, rows: Sequence[Row]) -> None:
        """One row a record."""
        for found in rows:
            pairs = zip(self.columns, found.values, strict=True)
            first = [_guarded(whole(found.id))] if self.first else []
            self._line([*first, *(_csv_cell(value, column.kind) for column, value in pairs)])

    def end(self, cursor: str | None) -> None:
        """A line on stderr."""
        tell(cursor)

    def _line(self, cells: Sequence[str]) -> None:
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerow(cells)
        click.echo(out.getvalue(), nl=False)


def _csv_cell(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | int | Decimal | datetime):
        return str(plain(value, kind))
    made = plain(value, kind)
    return _guarded(whole(dumps(made) if isinstance(made, list) else made))


def _guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text


class Table(Output):
    """Columns aligned by cells. On a terminal they are narrowed to fit it, and stderr says so."""

    def __init__(self, columns: Sequence[Column], ids: bool = True, room: int = 0) -> None:
        super().__init__(columns, ids)
        self.room = room
        """Cells in a line; 0 for as many as are needed."""
        self.widths: list[int] = []
        self.narrowed = False

    def write(self, rows: Sequence[Row]) -> None:
        """The first page sets the widths; a later cell that is wider moves its line, but is whole."""
        texts = [self._texts(found) for found in rows]
        if not self.widths:
            self._head(texts)
        for line in texts:
            self._line(line)

    def _texts(self, found: Row) -> list[str]:
        shown = {column.name for column in self.columns}
        texts = [whole(found.id)] if self.first else []
        for column, value in zip(self.columns, found.values, strict=True):
            texts.append(text_of(value, column.kind, PLAIN, _currency(column, shown)))
        return texts

    def _head(self, texts: Sequence[Sequence[str]]) -> None:
        heads = [*(["id"] if self.first else []), *(whole(column.heading) for column in self.columns)]
        self.widths = [max(map(width, cells)) for cells in zip(heads, *texts, strict=True)]
        while self.room and sum(self.widths) + GAP * (len(self.widths) - 1) > self.room:
            widest = max(range(len(self.widths)), key=self.widths.__getitem__)
            if self.widths[widest] <= 12:
                break
            self.widths[widest] -= 1
            self.narrowed = True
        self._line(heads)

    def _line(self, texts: Sequence[str]) -> None:
        kinds = [*([Kind.ID] if self.first else []), *(column.kind for column in self.columns)]
        cells = []
        for kind, size, text in zip(kinds, self.widths, texts, strict=True):
            size = size if self.narrowed else max(size, width(text))
            cells.append(fit(text, size, kind in RIGHT))
        click.echo((" " * GAP).join(cells).rstrip())

    def end(self, cursor: str | None) -> None:
        """What was not shown is told on stderr."""
        if not self.widths:
            self._head([])
        if self.narrowed:
            click.echo("Some columns are cut to fit the terminal; --format json has them whole.", err=True)
        tell(cursor)


def _currency(column: Column, shown: set[str]) -> str:
    """The currency beside an amount, unless a column of its own shows it."""
    return column.currency if column.currency not in shown and column.currency.isupper() else ""


def columns(**kinds: Kind) -> tuple[Column, ...]:
    """Columns of rows that no table holds."""
    return tuple(Column(name, kind, literal_column("NULL")) for name, kind in kinds.items())


def tell(cursor: str | None) -> None:
    """Say how the list goes on."""
    if cursor:
        click.echo(f"There are more: --after {cursor}", err=True)


def output(format_: str, columns: Sequence[Column], ids: bool = True) -> Output:
    """The writer of a format."""
    match format_:
        case "json":
            return Json(columns, ids)
        case "jsonl":
            return JsonLines(columns, ids)
        case "csv":
            return Csv(columns, ids)
    return Table(columns, ids, shutil.get_terminal_size().columns if sys.stdout.isatty() else 0)
