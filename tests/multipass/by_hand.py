"""Plain SQL in one text for both engines, past SQLAlchemy and everything of ours, its rows in one form.

``[-7 days]`` is that moment and ``[now]`` this one; ``#1000#`` a constant of numeric(38,18); ``sum#x#`` its
exact sum; ``each#list#`` a row for each text of a list; ``day#t#`` the date of a time; ``list#text#`` a list of one text.
"""

import re
import sqlite3
from datetime import UTC, datetime
from decimal import Context, Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID

import psycopg

_PACKED = re.compile(r"[+!]\d{20}\.\d{18}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
_POSTGRESQL = (
    (r"\[now\]", "now()"),
    (r"\[([^\]]+)\]", r"(now() + interval '\1')"),
    (r"sum#([^#]+)#", r"sum(\1)"),
    (r"each#([^#]+)#", r"unnest(\1) AS one(value)"),
    (r"day#([^#]+)#", r"CAST(CAST(\1 AS date) AS text)"),
    (r"list#([^#]+)#", r"ARRAY['\1']"),
    (r"#([^#]+)#", r"\1"),
)
_SQLITE = (
    (r"\[now\]", "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"),
    (r"\[([^\]]+)\]", r"(strftime('%Y-%m-%d %H:%M:%f', 'now', '\1') || '000')"),
    (r"sum#([^#]+)#", r"exact_sum(\1)"),
    (r"each#([^#]+)#", r"json_each(\1) AS one"),
    (r"day#([^#]+)#", r"date(\1)"),
    (r"list#([^#]+)#", r"""'["\1"]'"""),
    (r"#([^#]+)#", r"packed(\1)"),
)


class Hand:
    """A connection to a database by its driver alone."""

    def __init__(self, url: str) -> None:
        self.sqlite = url.startswith("sqlite")
        self.driver: Any
        if self.sqlite:
            self.driver = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            self.driver.create_aggregate("exact_sum", 1, ExactSum)
            self.driver.create_function("packed", 1, _pack)
        else:
            self.driver = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement; none of one that only changes something."""
        for pattern, replacement in _SQLITE if self.sqlite else _POSTGRESQL:
            statement = re.sub(pattern, replacement, statement)
        cursor = self.driver.execute(statement)
        return (
            [tuple(plain(value) for value in row) for row in cursor.fetchall()] if cursor.description else []
        )

    def close(self) -> None:
        """Hang up."""
        self.driver.close()


class ExactSum:
    """SQLite's aggregate ``exact_sum`` over the texts that stand for numeric(38,18)."""

    def __init__(self) -> None:
        self.sum = Decimal(0)

    def step(self, text: str | None) -> None:
        """Add one, to the last digit."""
        self.sum = Context(prec=100).add(self.sum, _unpack(text) if text else Decimal(0))

    def finalize(self) -> str:
        """The sum in the same form."""
        return _pack(str(self.sum))


def plain(value: Any) -> Any:
    """A value as Python would have it, whichever engine it comes from."""
    match value:
        case str():
            return _from_text(value)
        case UUID() | IPv4Address() | IPv6Address():
            return str(value)
        case datetime():
            return value.astimezone(UTC)
        case float():
            return Decimal(str(value))
    return tuple(value) if isinstance(value, list) else value


def _from_text(text: str) -> Any:
    """SQLite's numbers and times are texts of a form that no other text has."""
    if _PACKED.fullmatch(text):
        return _unpack(text)
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if _TIME.fullmatch(text) else text


def _pack(number: str | float) -> str:
    exact = Decimal(str(number))
    if exact >= 0:
        return f"+{exact:039.18f}"
    return "!" + "".join(
        str(9 - int(sign)) if sign.isdigit() else sign for sign in f"{exact.copy_abs():039.18f}"
    )


def _unpack(text: str) -> Decimal:
    if text[0] == "+":
        return Decimal(text[1:])
    digits = "".join(str(9 - int(sign)) if sign.isdigit() else sign for sign in text[1:])
    return Decimal(digits).copy_negate()
