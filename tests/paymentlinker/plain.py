"""Plain SQL in one text for both engines, by the driver alone, and its rows in one form.

``[-7 days]`` is that moment, ``[now]`` this one, ``[month]`` the first of this month; ``#1000.00#`` a constant
of a decimal column, ``units#x#`` such a column in whole units; ``day#t#`` the date of a time.
"""

import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import psycopg

E = TypeVar("E")
F = TypeVar("F")

_POSTGRESQL = (
    (r"\[now\]", "(now() AT TIME ZONE 'UTC')"),
    (r"\[month\]", "date_trunc('month', now() AT TIME ZONE 'UTC')"),
    (r"\[([+-]\d+ \w+)\]", r"((now() AT TIME ZONE 'UTC') + interval '\1')"),
    (r"day#([^#]+)#", r"CAST(CAST(\1 AS date) AS text)"),
    (r"units#([^#]+)#", r"\1"),
    (r"#([^#]+)#", r"\1"),
)
_SQLITE = (
    (r"\[now\]", "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"),
    (r"\[month\]", "strftime('%Y-%m-01 00:00:00.000000', 'now')"),
    (r"\[([+-]\d+ \w+)\]", r"(strftime('%Y-%m-%d %H:%M:%f', 'now', '\1') || '000')"),
    (r"day#([^#]+)#", r"date(\1)"),
    (r"units#([^#]+)#", r"(\1) / 100.0"),
    (r"#([^#]+)#", r"CAST(\1 * 100 AS INTEGER)"),
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")


class Hand:
    """A connection to a database by its driver alone."""

    def __init__(self, url: str) -> None:
        self.sqlite = url.startswith("sqlite")
        self.driver: Any
        if self.sqlite:
            self.driver = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        else:
            self.driver = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement; none of one that only changes something."""
        for pattern, words in _SQLITE if self.sqlite else _POSTGRESQL:
            statement = re.sub(pattern, words, statement)
        cursor = self.driver.execute(statement)
        if not cursor.description:
            return []
        return [tuple(plain(value) for value in row) for row in cursor.fetchall()]

    def ids(self, statement: str) -> list[str]:
        """The first column."""
        return [str(row[0]) for row in self.ask(statement)]

    def by_id(self, statement: str) -> dict[str, tuple[Any, ...]]:
        """The other columns by the first one."""
        return {str(row[0]): row[1:] for row in self.ask(statement)}

    def close(self) -> None:
        """Hang up."""
        self.driver.close()


def plain(value: Any) -> Any:
    """A value as Python would have it, whichever engine it comes from."""
    match value:
        case bool():
            return int(value)
        case UUID():
            return str(value)
        case datetime():
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        case float() | Decimal():
            return Decimal(str(value)).quantize(Decimal("0.01"))
        case str() if _TIME.fullmatch(value):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


def unordered(rows: list[tuple[Any, ...]]) -> list[str]:
    """Rows in a form that can be compared whatever their order."""
    return sorted(repr(tuple(plain(value) for value in row)) for row in rows)


def steady(expected: Callable[[], E], found: Callable[[], F]) -> tuple[E, F]:
    """Both values of one moment: asked again where the clock passed a threshold between them."""
    before = expected()
    while True:
        value, after = found(), expected()
        if before == after:
            return before, value
        before = after
