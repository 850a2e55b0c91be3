"""Record ids and cursors: the texts that stand for a key and for a place in an order."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote

from db.errors import Usage
from db.filters import value_of
from db.model import Entity, Position


def record_id(keys: Sequence[Any]) -> str:
    """The one text of a key: its parts percent-encoded, joined by ``/``."""
    return "/".join(quote(str(key), safe="") for key in keys)


def key_of(entity: Entity, text: str) -> tuple[Any, ...]:
    """The key of a record id; raises Usage."""
    parts = [unquote(part) for part in text.split("/")]
    if len(parts) != len(entity.key):
        raise Usage(
            f"'{text}' is no id of {entity.name}; it has {len(entity.key)} parts ({'/'.join(entity.key)})."
        )
    return tuple(value_of(entity.by_name[name], part) for name, part in zip(entity.key, parts, strict=True))


def encode(position: Position) -> str:
    """A position as an opaque text for ``--after``."""
    tagged = [{"d": str(part)} if isinstance(part, Decimal) else part for part in position]
    return (
        base64.urlsafe_b64encode(json.dumps(tagged, ensure_ascii=False, separators=(",", ":")).encode())
        .decode()
        .rstrip("=")
    )


def decode(text: str) -> Position:
    """The position of a cursor; raises Usage."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return tuple(Decimal(part["d"]) if isinstance(part, dict) else part for part in parts)
    except (ValueError, KeyError, TypeError, ArithmeticError):
        raise Usage(
            "This cursor cannot be read; take the 'next' of an earlier answer, or start without one."
        ) from None
