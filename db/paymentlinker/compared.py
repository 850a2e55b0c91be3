"""A row of the audit trail beside the ledger's entry of the same operation; apart from what reads the ledger as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from db.model import Values

_STATES = (("previous_state", "before"), ("new_state", "after"))
COLUMNS = ("event_data", "previous_state", "new_state", "verification_hash", "signature", "signing_key_id")
"""What of a row is compared."""


def told_of(row: Values) -> Mapping[str, Any]:
    """What the console wrote beside the columns; nothing where it is no JSON, or of somebody else."""
    return object_of(row["event_data"])


def differences(row: Values, payload: bytes, signature: bytes, key_id: str) -> Iterator[str]:
    """Everything in which a row differs from the entry of its operation."""
    if row["verification_hash"] != sha256(payload).hexdigest():
        yield "its hash is not that of the ledger's entry"
    if row["signature"] != signature.hex():
        yield "its signature is not that of the ledger's entry"
    if row["signing_key_id"] != key_id:
        yield "it names another key than the ledger's entry"
    told, entry = told_of(row), object_of(payload)
    for name in ("entity", "id", "reason"):
        if told.get(name) != entry.get(name):
            yield f"its {name} is another than was signed"
    for column, name in _STATES:
        if object_of(row[column]) != (entry.get(name) or {}):
            yield f"its {column} is another than was signed"


def object_of(text: Any) -> Mapping[str, Any]:
    """What a text tells, if it is a JSON object; else nothing."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
