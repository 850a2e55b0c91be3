"""Checking a row of the audit trail against the ledger's entry of the same operation, and keeping what was found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from db import own
from db.actions import both
from db.change import Change
from db.model import Action, Context, Field, Values
from db.paymentlinker.rules import THERE, alive, operator
from db.verifier import is_signed

VERIFIED, FAILED = "verified", "failed"
_PROOF = ("status", "event_data", "verification_hash", "signature", "signing_key_id")


def _told(row: Values) -> Mapping[str, Any]:
    """What the console wrote beside the columns; nothing where it is no JSON, or of somebody else."""
    try:
        told = json.loads(row["event_data"] or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _is_ours(row: Values, context: Context) -> str | None:
    if _told(row).get("operation"):
        return None
    return "It was not written by this console, and how others make its hash is not known here."


def _verify(change: Change) -> None:
    found = list(_findings(change))
    said = "; ".join(found) or "Hash and signature are those of the ledger's entry"
    notes = change.form["notes"]
    change.remark(f"{said}.")
    change.update(
        status=FAILED if found else VERIFIED,
        verified_at=change.now,
        verified_by=operator(change)[0],
        verification_notes=f"{said}.{f' {notes}' if notes else ''}",
    )


def _findings(change: Change) -> Iterator[str]:
    """Everything in which the row differs from the entry, and the entry from what its key signed."""
    row, told, c = change.row, _told(change.row), own.ledger.c
    wanted = select(c.payload, c.signature, c.key_id).where(c.operation_id == str(told["operation"]))
    entries = change.read(wanted)
    if not entries:
        yield "the ledger has no entry of its operation"
        return
    entry = entries[0]
    payload = bytes(entry["payload"])
    if row["verification_hash"] != sha256(payload).hexdigest():
        yield "its hash is not that of the ledger's entry"
    if row["signature"] != bytes(entry["signature"]).hex():
        yield "its signature is not that of the ledger's entry"
    if row["signing_key_id"] != entry["key_id"]:
        yield "it names another key than the ledger's entry"
    if not _is_signed(change, str(entry["key_id"]), payload, bytes(entry["signature"])):
        yield "the ledger's entry is not signed by the key that it names"
    yield from _contents(told, payload)


def _contents(told: Mapping[str, Any], payload: bytes) -> Iterator[str]:
    """What the row says was done must be what was signed."""
    try:
        entry = json.loads(payload)
    except ValueError:
        entry = {}
    for name in ("entity", "id", "reason"):
        if isinstance(entry, dict) and told.get(name) != entry.get(name):
            yield f"its {name} is another than was signed"


def _is_signed(change: Change, key: str, payload: bytes, signature: bytes) -> bool:
    k = own.operator_keys.c
    lines = change.read(select(k.public_key).where(k.key_id == key, k.event == "add"))
    try:
        return any(is_signed(line["public_key"], payload, signature) for line in lines)
    except ValueError:
        return False


ACTIONS = (
    Action(
        "verify",
        "audit_logs",
        "Checks the row's hash and signature against the ledger, and keeps what was found.",
        both(alive, _is_ours),
        _verify,
        (*THERE, *_PROOF),
        fields=(Field("notes", required=False),),
        final="What a check found is not taken back; check it again.",
        audit={"event": "AUDIT_VERIFIED", "category": "VERIFICATION"},
    ),
)
