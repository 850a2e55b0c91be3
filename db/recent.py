"""Looking into the ledger through the reader: one entry, the keys, and what an operator did lately."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from db.cancel import Cancel
from db.errors import Missing
from db.ledger import BY_OPERATION, Found, Receipt
from db.own import ledger, operator_keys
from db.run import execute
from db.session import Session
from db.verifier import is_signed, key_id

_PIECE = 500
"""Entries of one look backwards."""


def find(session: Session, operation: str, cancel: Cancel | None = None) -> Found | None:
    """The entry of an operation, if it is there."""
    for seq, row_hash, payload in execute(session, BY_OPERATION, {"operation": operation}, cancel):
        return Found(Receipt(operation, seq, bytes(row_hash)), json.loads(bytes(payload)))
    return None


def entry_of(session: Session, operation: str, cancel: Cancel | None = None) -> Mapping[str, Any]:
    """What an operation's entry tells; raises Missing."""
    found = find(session, operation, cancel)
    if found is None:
        raise Missing(f"There is no operation {operation} in the ledger.")
    return found.told


def keys_of(source: Session | Connection) -> dict[str, tuple[str, str, str]]:
    """Each key by its id: what became of it last (add or revoke), its line, its name.

    The table of keys only says where to look: what no entry bears out, signed by a key that held then, is left out.
    """
    k, c = operator_keys.c, ledger.c
    columns = (
        k.seq,
        k.key_id,
        k.event,
        k.public_key,
        k.name,
        c.payload,
        c.key_id.label("signer"),
        c.signature,
    )
    wanted = select(*columns).join_from(operator_keys, ledger, k.seq == c.seq).order_by(k.seq)
    rows = execute(source, wanted, {}, None) if isinstance(source, Session) else source.execute(wanted)
    found: dict[str, tuple[str, str, str]] = {}
    for row in rows:
        told, payload = json.loads(bytes(row.payload)), bytes(row.payload)
        if row.seq == 1:
            lines = [key["public_key"] for key in told.get("keys", ())]
            sound = (
                told.get("action") == "create"
                and row.public_key in lines
                and key_id(row.public_key) == row.signer
            )
            signer = row.public_key
        else:
            said = (told.get("action"), told.get("key"), told.get("public_key"))
            sound = (
                said == (f"key-{row.event}", row.key_id, row.public_key)
                and key_id(row.public_key) == row.key_id
            )
            event, signer, _ = found.get(row.signer, ("", "", ""))
            sound = sound and event == "add"
        if sound and is_signed(signer, payload, bytes(row.signature)):
            found[row.key_id] = (row.event, row.public_key, row.name)
    return found


def by_operator(
    session: Session,
    action: str,
    entities: Collection[str],
    key_id: str,
    since: datetime,
    cancel: Cancel | None = None,
) -> int:
    """How many operations of that action on those entities the holder of a key entered since then; read backwards from the end."""
    c, start, count = ledger.c, since.timestamp() * 1_000_000, 0
    before: int | None = None
    while True:
        wanted = select(c.seq, c.db_time_us, c.key_id, c.payload).order_by(c.seq.desc()).limit(_PIECE)
        rows = execute(session, wanted if before is None else wanted.where(c.seq < before), {}, cancel)
        fresh = [row for row in rows if row.db_time_us >= start]
        mine = (json.loads(bytes(row.payload)) for row in fresh if row.key_id == key_id)
        count += sum(told["action"] == action and told.get("entity") in entities for told in mine)
        if len(fresh) < _PIECE:
            return int(count)
        before = int(rows[-1].seq)
