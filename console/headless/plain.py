"""Values as JSON has them: decimals and ids as strings, times as ISO 8601 with their offset."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from db.model import Column, Kind, Row
from screens.cells import safe, width


def plain(value: Any, kind: Kind) -> Any:
    """A value that ``json`` can write without losing anything."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value) if kind is Kind.ID else value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [None if item is None else str(item) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return str(value)


def row(columns: Sequence[Column], found: Row, ids: bool = True) -> dict[str, Any]:
    """A row by names, its record id first where it is a record's."""
    values = {c.name: plain(v, c.kind) for c, v in zip(columns, found.values, strict=True)}
    return {"id": found.id, **values} if ids else values


def dumps(value: Any) -> str:
    """JSON in which every sign that is not printable is escaped, so that it cannot act on a terminal."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text if text.isascii() and text.isprintable() else "".join(map(_escaped, text))


@lru_cache(maxsize=4096)
def _escaped(char: str) -> str:
    """The sign itself if the screens would show it as it is and by itself, else its number."""
    if char.isascii():
        return char if char.isprintable() else f"\\u{ord(char):04x}"
    return char if safe("a" + char) == "a" + char and width(char) else json.dumps(char)[1:-1]
