"""Checking a row of the audit trail against the ledger's entry of the same operation, and keeping what was found."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from db.actions import both
from db.change import Change
from db.model import Action, Context, Field, Values
from db.paymentlinker.compared import COLUMNS, differences, told_of
from db.paymentlinker.rules import THERE, alive, operator

VERIFIED, FAILED = "verified", "failed"


def _is_ours(row: Values, context: Context) -> str | None:
    if told_of(row).get("operation"):
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
    from db import own  # noqa: PLC0415 - 5 ms of opening a system without a ledger

    told, c = told_of(change.row), own.ledger.c
    wanted = select(c.payload, c.signature, c.key_id).where(c.operation_id == str(told["operation"]))
    entries = change.read(wanted)
    if not entries:
        yield "the ledger has no entry of its operation"
        return
    payload, signature, key = (
        bytes(entries[0]["payload"]),
        bytes(entries[0]["signature"]),
        entries[0]["key_id"],
    )
    yield from differences(change.row, payload, signature, key)
    if not _is_signed(change, str(key), payload, signature):
        yield "the ledger's entry is not signed by the key that it names"


def _is_signed(change: Change, key: str, payload: bytes, signature: bytes) -> bool:
    from db import own  # noqa: PLC0415 - 5 ms, as above
    from db.verifier import is_signed  # noqa: PLC0415 - 10 ms: cryptography, which no list waits for

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
        (*THERE, "status", *COLUMNS),
        fields=(Field("notes", required=False),),
        final="What a check found is not taken back; check it again.",
        audit={"event": "AUDIT_VERIFIED", "category": "VERIFICATION"},
    ),
)
