"""The ledger as the writer uses it: look an operation up, append an entry, begin a new ledger.

An entry is written by the stored function ``quaestor_append`` alone; SQLite, which has neither functions nor
users, gets the same bytes from the program. The head is locked last, and until COMMIT.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from db.change import Signed
from db.entry import derived, sign
from db.errors import Missing, QuaestorError
from db.keys import Signer, id_of, name_of
from db.own import ledger, ledger_head, operator_keys
from db.verifier import Entry, row_hash


class Known(QuaestorError):
    """The operation's id is in the ledger already: everything of this transaction is rolled back."""


@dataclass(frozen=True)
class Receipt:
    """Where an entry stands; kept on the operator's host, it shows when the ledger is cut or rewritten."""

    operation: str
    seq: int
    row_hash: bytes


@dataclass(frozen=True)
class Head:
    """Which ledger it is, whether people are logins (``db``) or keys (``key``), and where the chain ends."""

    ledger: str
    principals: str
    seq: int
    row_hash: bytes


@dataclass(frozen=True)
class Found:
    """An entry that is there."""

    receipt: Receipt
    told: Mapping[str, Any]
    """The payload."""


BY_OPERATION = select(ledger.c.seq, ledger.c.row_hash, ledger.c.payload).where(
    ledger.c.operation_id == bindparam("operation")
)
"""An operation's entry."""
_CALLS = {
    "postgresql": text("SELECT * FROM quaestor_append(CAST(:operation AS uuid), :payload, :key, :signature)"),
    "mysql": text("CALL quaestor_append(:operation, :payload, :key, :signature)"),
}


def head(connection: Connection) -> Head:
    """The head as it is now; raises Missing where there is no ledger."""
    columns = (ledger_head.c[name] for name in ("ledger", "principals", "seq", "row_hash"))
    found = connection.execute(select(*columns)).first()
    if found is None:
        raise Missing("The ledger has no head: 'quaestor migrate TARGET up --part ledger' makes one.")
    return Head(found[0], found[1], found[2], bytes(found[3]))


def look_up(connection: Connection, operation: str) -> Found | None:
    """The entry of an operation, if it is there."""
    found = connection.execute(BY_OPERATION, {"operation": operation}).first()
    if found is None:
        return None
    return Found(Receipt(operation, found[0], bytes(found[1])), json.loads(bytes(found[2])))


def append(connection: Connection, operation: str, signed: Signed) -> Receipt:
    """Enter an operation, in the running transaction; raises Known for an id that is there, so that nothing is done twice."""
    try:
        call = _CALLS.get("mysql" if connection.dialect.name == "mariadb" else connection.dialect.name)
        if call is None:
            return _append(connection, operation, signed)
        values = {"payload": signed.payload, "key": signed.key_id, "signature": signed.signature}
        row = connection.execute(call, {"operation": operation, **values}).one()
        return Receipt(operation, row.seq, bytes(row.row_hash))
    except IntegrityError as error:
        if _is_known(error):
            raise Known(f"The operation {operation} is in the ledger already.") from error
        raise


def _is_known(error: IntegrityError) -> bool:
    said = str(error.orig)
    return "quaestor_ledger_once" in said or "quaestor_ledger.operation_id" in said


def _append(connection: Connection, operation: str, signed: Signed) -> Receipt:
    """What the stored function does, for SQLite; the transaction holds the file alone."""
    end = head(connection)
    now = time.time_ns() // 1000
    parts = (operation, signed.payload, signed.key_id, signed.signature, "", now, end.row_hash, b"")
    entry = Entry(end.seq + 1, *parts)
    entry = entry._replace(row_hash=row_hash(entry, end.row_hash))
    connection.execute(insert(ledger).values(**entry._asdict()))
    connection.execute(update(ledger_head).values(seq=entry.seq, row_hash=entry.row_hash))
    if b'"action":"key-' in signed.payload:
        told = json.loads(signed.payload)
        _note_key(connection, entry.seq, told["public_key"], told["action"][4:])
    return Receipt(operation, entry.seq, entry.row_hash)


def begin(connection: Connection, signer: Signer, name: str, system: str, principals: str) -> Receipt:
    """Write the first entry, which names the ledger, the format and the first key."""
    operation = derived(name, "create")
    told = {
        "action": "create",
        "keys": [{"public_key": signer.public_key}],
        "ledger": name,
        "operation": operation,
        "principals": principals,
        "system": system,
    }
    receipt = append(connection, operation, sign(signer, told))
    _note_key(connection, receipt.seq, signer.public_key, "add")
    return receipt


def key_told(action: str, public_key: str) -> dict[str, Any]:
    """What the entry of a key says: ``key-add`` or ``key-revoke``, and which; its line goes into the table of keys."""
    key = _Line(public_key)
    told = {"action": action, "key": id_of(key), "name": name_of(key), "public_key": public_key}
    return {**told, "keys": [{"public_key": public_key}]} if action == "key-add" else told


def _note_key(connection: Connection, seq: int, public_key: str, event: str) -> None:
    """Note in the table of keys what the entry ``seq`` says of one; later ones are noted where entries are appended."""
    key = _Line(public_key)
    connection.execute(
        insert(operator_keys).values(
            seq=seq, key_id=id_of(key), event=event, public_key=public_key, name=name_of(key)
        )
    )


@dataclass(frozen=True)
class _Line:
    """A public key by its line."""

    public_key: str

    def sign(self, message: bytes) -> bytes:
        """Nobody can."""
        raise Missing("This is only the public half of a key.")
