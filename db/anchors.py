"""Anchors: a checkpoint of one ledger entered into another one, so that whoever rewrites the first has to rewrite both."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from itertools import count
from typing import Any

from db.checkpoints import Checkpoint
from db.desk import Desk
from db.entry import derived
from db.ledger import Found
from db.once import enter
from db.operation import Armed
from db.pending import entered
from db.session import Session
from db.write import gate

ANCHOR = "anchor"
"""The action of such an entry."""
_PIECE = 50


def anchor(desk: Desk, armed: Armed | None, ledger: str, checkpoint: Checkpoint) -> Found:
    """Enter a checkpoint of another ledger into this desk's; that of the same size is entered once. Raises what a write raises."""
    gate(desk, armed)
    told = {
        "action": ANCHOR,
        "entity": "ledger",
        "id": ledger,
        "size": checkpoint.size,
        "reason": f"The ledger {ledger} has {checkpoint.size} entries.",
        "ticket": armed.ticket if armed else "",
        **checkpoint.told(),
    }
    there = anchors(desk.session, ledger)
    return enter(desk, _id(ledger, len(there) + (checkpoint.told() not in there)), told)


def anchors(session: Session, ledger: str) -> list[Mapping[str, Any]]:
    """The checkpoints of another ledger that were entered into this one, in order; they are numbered, so that none is overlooked."""
    found: list[Mapping[str, Any]] = []
    for start in count(1, _PIECE):
        ids = [_id(ledger, n) for n in range(start, start + _PIECE)]
        there = entered(session, ids)
        found += [kept for id_ in ids if (kept := _checkpoint(there.get(id_, {}), ledger)) is not None]
        if len(there) < _PIECE:
            return found
    raise AssertionError  # count() never ends


def _id(ledger: str, number: int) -> str:
    return derived(ledger, ANCHOR, str(number))


def _checkpoint(told: Mapping[str, Any], ledger: str) -> Mapping[str, Any] | None:
    """As a checkpoint is kept; None where the entry is none of that ledger."""
    note = str(told.get("checkpoint", ""))
    origin, size, top, *_ = [*note.split("\n"), "", "", ""]
    try:
        whole = (
            origin == f"quaestor/{ledger}"
            and size.isdecimal()
            and len(base64.b64decode(top, validate=True)) == 32
        )
    except binascii.Error:
        whole = False
    return {name: told.get(name) for name in ("checkpoint", "key_id", "signature")} if whole else None
