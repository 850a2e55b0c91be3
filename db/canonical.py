"""The bytes that are hashed and signed: canonical JSON, the typed encoding of a record, digests of what stays secret."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any

from db.errors import Refused
from db.model import Column, Kind, Raw, Values

LONG = 2048
"""Bytes of UTF-8: a longer text stands in an entry as its length and hash."""
EXACT = 1 << 53
"""Integers below it are the same in every reader of JSON; larger ones are written as text."""
_WHOLE = Context(prec=100)
"""Python's own arithmetic rounds to 28 digits."""


def dumps(value: Any) -> bytes:
    """Canonical JSON (RFC 8785) of dicts, lists, texts, booleans, None and small integers; raises ValueError for others."""
    _check(value)
    made = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return made.encode()


def _check(value: Any) -> None:
    match value:
        case None | bool() | str():
            pass
        case int() if abs(value) < EXACT:
            pass
        case list():
            for item in value:
                _check(item)
        case dict() if all(isinstance(key, str) and key.isascii() for key in value):
            for item in value.values():
                _check(item)
        case _:
            raise ValueError(f"{type(value).__name__} has no place in an entry")


def text_of(value: Any) -> str:
    """A value as the text that stands for it in an entry: money, times in UTC, ids."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if value.tzinfo else value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.hex()
    return str(value).encode("utf-8", "backslashreplace").decode()


def plain(value: Any) -> Any:
    """A value as it stands in an entry; a long text as its length and hash."""
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < EXACT):
        return value
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    text = text_of(value)
    encoded = text.encode()
    if len(encoded) <= LONG:
        return text
    return {"length": len(encoded), "sha256": hashlib.sha256(encoded).hexdigest()}


def revived(column: Column, value: Any) -> Any:
    """The value that ``plain`` wrote down; raises Refused where only a digest was kept."""
    if isinstance(value, dict):
        raise Refused(f"The earlier value of {column.name} cannot be put back: only its digest was kept.")
    match column.kind:
        case _ if value is None:
            return None
        case Kind.TIME:
            return _moment(value)
        case Kind.MONEY | Kind.AMOUNT | Kind.PERCENT:
            return Decimal(value)
        case Kind.LIST:
            return tuple(value)
        case Kind.BYTES:
            return bytes.fromhex(value)
    return value


def _moment(text: str) -> datetime | Raw:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return Raw(text)  # infinity


def digest(operation: str, column: str, value: Any) -> Any:
    """What is left of a value that must not be kept: an HMAC that differs for each operation, so that none can be looked up."""
    if value is None:
        return None
    key = hashlib.sha256(b"quaestor/digest\0" + operation.encode()).digest()
    return {"hmac": hmac.new(key, column.encode() + b"\0" + _bytes(value), hashlib.sha256).hexdigest()}


def row_hash(entity: str, id_: str, row: Values, columns: tuple[str, ...]) -> bytes:
    """SHA-256 of a record's declared columns, each with its name, type and length."""
    hashed = hashlib.sha256(b"quaestor/row/v1\0")
    for part in (entity.encode(), id_.encode()):
        hashed.update(len(part).to_bytes(4, "big") + part)
    for name in sorted(columns):
        value = _bytes(row.get(name))
        hashed.update(len(name.encode()).to_bytes(2, "big") + name.encode())
        hashed.update(_tag(row.get(name)) + len(value).to_bytes(4, "big") + value)
    return hashed.digest()


_TAGS: Mapping[type, bytes] = {
    type(None): b"n",
    bool: b"b",
    int: b"i",
    Decimal: b"d",
    datetime: b"t",
    bytes: b"y",
    tuple: b"l",
    Raw: b"r",
}


def _tag(value: Any) -> bytes:
    return _TAGS.get(type(value), b"s")


def _bytes(value: Any) -> bytes:
    """One encoding a value, whichever engine gave it: decimals without idle zeros, times as microseconds."""
    match value:
        case None:
            return b""
        case Decimal():
            return f"{_WHOLE.add(_WHOLE.normalize(value), 0):f}".encode()
        case datetime():
            moment = value if value.tzinfo else value.replace(tzinfo=UTC)
            since = moment - datetime(1970, 1, 1, tzinfo=UTC)
            return str((since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds).encode()
        case bytes():
            return value
        case tuple():
            return b"".join(
                _tag(item) + len(_bytes(item)).to_bytes(4, "big") + _bytes(item) for item in value
            )
    return str(value).encode("utf-8", "backslashreplace")
