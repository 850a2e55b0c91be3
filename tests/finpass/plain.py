"""Plain SQL for both engines: what differs between them is written as a word in capitals."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.types.string import TextLoader

from db.model import Column, Kind
from db.session import Session

_POSTGRESQL = (
    (r"AGO\('([^']+)'\)", r"((now() AT TIME ZONE 'utc') - interval '\1')"),
    (r"AHEAD\('([^']+)'\)", r"((now() AT TIME ZONE 'utc') + interval '\1')"),
    (r"NOW\(\)", r"(now() AT TIME ZONE 'utc')"),
    (r"EARLIER\((\w+(?:\.\w+)?), '([^']+)'\)", r"(\1 - interval '\2')"),
    (r"DAY\((\w+)\)", r"to_char(\1, 'YYYY-MM-DD')"),
    (r"MONEY\(([\d.]+)\)", r"\1"),
    (r"AVERAGE\((\w+)\)", r"round(avg(\1), 2)"),
    (r"DAYS_AGO\((\w+)\)", r"((now() AT TIME ZONE 'utc') - \1 * interval '1 day')"),
)
_FORM = "'%Y-%m-%d %H:%M:%f'"
_SQLITE = (
    (r"AGO\('([^']+)'\)", rf"strftime({_FORM}, 'now', '-\1')"),
    (r"AHEAD\('([^']+)'\)", rf"strftime({_FORM}, 'now', '+\1')"),
    (r"NOW\(\)", rf"strftime({_FORM}, 'now')"),
    (r"EARLIER\((\w+(?:\.\w+)?), '([^']+)'\)", rf"strftime({_FORM}, \1, '-\2')"),
    (r"DAY\((\w+)\)", r"substr(\1, 1, 10)"),
    (r"AVERAGE\((\w+)\)", r"round(avg(\1))"),
    (r"DAYS_AGO\((\w+)\)", rf"strftime({_FORM}, 'now', '-' || \1 || ' days')"),
)


def sql(engine: str, text: str) -> str:
    """The text in the engine's own words; SQLite keeps money in cents."""
    for pattern, words in _POSTGRESQL if engine == "postgresql" else _SQLITE:
        text = re.sub(pattern, words, text)
    if engine == "sqlite":
        text = re.sub(r"MONEY\(([\d.]+)\)", lambda m: str(int(Decimal(m[1]) * 100)), text)
    return text


def rows(session: Session, text: str) -> list[tuple[Any, ...]]:
    """What the engine answers, with its driver alone."""
    engine, url = session.server.dialect, session.profile.url
    if engine == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            return file.execute(sql(engine, text)).fetchall()
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        connection.adapters.register_loader("uuid", TextLoader)
        return connection.execute(sql(engine, text).encode()).fetchall()


def meant(engine: str, columns: Sequence[Column], row: Sequence[Any]) -> tuple[Any, ...]:
    """A row of plain values as the columns mean them."""
    return tuple(_meant(engine, column.kind, value) for column, value in zip(columns, row, strict=True))


def _meant(engine: str, kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind is Kind.TIME:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return moment.replace(tzinfo=UTC)
    if kind is Kind.MONEY:
        number = Decimal(str(value))
        return number.scaleb(-2) if engine == "sqlite" else number
    return Decimal(str(value)) if kind in (Kind.PERCENT, Kind.AMOUNT) else value
