"""Values for files and clipboards: nothing rounded, nothing lost, nothing that can act."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from db.model import Column, Kind, Row
from screens.cells import LIMIT, safe


def plain(value: Any, kind: Kind) -> Any:
    """A value as JSON has it: decimals and ids as text, times as ISO 8601 with their offset."""
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


def whole(value: object) -> str:
    """The value's text, cleaned and uncut."""
    text = value if isinstance(value, str) else safe(value)
    return "".join(safe(text[start : start + LIMIT]) for start in range(0, len(text), LIMIT))


def copied(value: Any, kind: Kind) -> str:
    """A value for the clipboard: whole, cleaned, as a program would write it."""
    made = plain(value, kind)
    if made is None:
        return ""
    return whole(json.dumps(made, ensure_ascii=False) if isinstance(made, list | bool) else made)


def csv_cell(value: Any, kind: Kind) -> str:
    """A value for CSV, in which no spreadsheet finds a formula."""
    if isinstance(value, bool | int | Decimal | datetime):
        return str(plain(value, kind))
    text = copied(value, kind)
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text


def as_json(columns: Sequence[Column], row: Row, *, ids: bool = True) -> str:
    """A row as one line of JSON, its record id first; every sign that could act is escaped."""
    values = {c.name: plain(v, c.kind) for c, v in zip(columns, row.values, strict=True)}
    return json.dumps({"id": row.id, **values} if ids else values, ensure_ascii=True, allow_nan=False)
