"""One record on stdout: its columns in groups, JSON pretty, times with offset and age, and where its links lead."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click

from console.headless.text import lines, whole
from db.model import Column, Filter, Kind, Operator, Query, Record
from screens.cells import text_of, width
from screens.formats import NULL, PLAIN, age


def write(record: Record, links: list[tuple[str, Query]]) -> None:
    """Write it as text for a person."""
    margin = max(width(whole(column.heading)) for column in record.columns)
    pairs = list(zip(record.columns, record.values, strict=True))
    for number, group in enumerate(dict.fromkeys(column.group for column in record.columns)):
        if group:
            click.echo("\n" * bool(number) + whole(group))
        for column, value in (pair for pair in pairs if pair[0].group == group):
            head = whole(column.heading)
            first, *more = _texts(record, column, value)
            click.echo(f"  {head}{' ' * (margin - width(head))}  {first}".rstrip())
            for line in more:
                click.echo(f"  {' ' * margin}  {line}".rstrip())
    if links:
        click.echo("\nLinks")
    for name, query in links:
        click.echo(f"  {whole(name)}: list TARGET {query.entity.name} {_options(query.filters)}")


def _texts(record: Record, column: Column, value: Any) -> Iterator[str]:
    """The lines of a value."""
    if value is None:
        yield NULL
    elif column.kind is Kind.JSON:
        yield from lines(_pretty(str(value)))
    elif column.kind is Kind.TEXT and isinstance(value, str):
        yield from lines(value)
    elif column.kind is Kind.TIME and isinstance(value, datetime):
        ago = age(value, record.at)
        yield f"{text_of(value, column.kind, PLAIN)}  ({ago if ago.startswith('in ') else f'{ago} ago'})"
    else:
        yield text_of(value, column.kind, PLAIN, _currency(record, column))


def _currency(record: Record, column: Column) -> str:
    if not column.currency or column.currency.isupper():
        return column.currency
    found = record.value(column.currency)
    return "" if found is None else str(found)


def _pretty(text: str) -> str:
    """JSON indented, its numbers as they are written; anything else as it is."""
    try:
        read = json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)
    except (ValueError, RecursionError):
        return text
    return "\n".join(_indented(read, ""))


class _Number(str):
    """A number's own digits."""

    __slots__ = ()


def _indented(value: Any, margin: str) -> Iterator[str]:
    """A JSON value over several lines, the first without its margin."""
    if isinstance(value, dict | list) and value:
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        yield opening
        parts = value.items() if isinstance(value, dict) else ((None, item) for item in value)
        last = len(value) - 1
        for place, (name, item) in enumerate(parts):
            first, *more = _indented(item, margin + "  ")
            label = "" if name is None else json.dumps(name, ensure_ascii=False) + ": "
            made = [f"{margin}  {label}{first}", *more]
            made[-1] += "," if place < last else ""
            yield from made
        yield margin + closing
    elif isinstance(value, _Number):
        yield str(value)
    else:
        yield json.dumps(value, ensure_ascii=False)


def _options(filters: tuple[Filter, ...]) -> str:
    """The filters as options of a shell, from values that a shell reads as they are."""
    return " ".join(
        f"--filter {shlex.quote(whole(str(filter_)))}"
        for filter_ in filters
        if filter_.operator is Operator.EQ
    )
