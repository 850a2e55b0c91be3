"""Checkpoints: signed tree heads of the ledger, so that a cut or a rewritten history can be told from the true one."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from db.errors import QuaestorError
from db.keys import id_of
from db.live import transaction
from db.own import checkpoints, ledger
from db.recent import keys_of
from db.run import execute
from db.session import Session
from db.translate import translated
from db.verifier import is_signed, push, root

if TYPE_CHECKING:
    from db.desk import Desk

EVERY = 256
"""Entries."""
SECONDS = 300.0
_PIECE = 20_000
_HASH = 32


@dataclass(frozen=True)
class Checkpoint:
    """A tree head as C2SP writes it, and who signed it."""

    size: int
    note: str
    key_id: str
    signature: bytes

    def told(self) -> Mapping[str, Any]:
        """As an anchor keeps it."""
        return {"checkpoint": self.note, "key_id": self.key_id, "signature": self.signature.hex()}


def make(desk: Desk) -> Checkpoint | None:
    """Sign the ledger as it is now; None where its last entry has a checkpoint. Raises what a write raises."""
    with translated(desk.session.profile), transaction(desk) as connection:
        start, subtrees = _last(connection)
        size = _grown(connection, start, subtrees)
    if size == start:
        return None
    note = f"quaestor/{desk.ledger}\n{size}\n{base64.b64encode(root(subtrees)).decode()}\n"
    made = Checkpoint(size, note, id_of(desk.signer), desk.signer.sign(note.encode()))
    row = {
        "size": size,
        "note": note,
        "frontier": b"".join(subtrees),
        "key_id": made.key_id,
        "signature": made.signature,
    }
    try:
        with translated(desk.session.profile), transaction(desk) as connection:
            connection.execute(insert(checkpoints).values(**row))
            connection.commit()
    except QuaestorError as error:
        if isinstance(error.__cause__, IntegrityError):
            return None  # another one was faster
        raise
    return made


def newest(session: Session) -> Checkpoint | None:
    """The last checkpoint, as it stands."""
    c = checkpoints.c
    wanted = select(c.size, c.note, c.key_id, c.signature).order_by(c.size.desc()).limit(1)
    for size, note, key, signature in execute(session, wanted, {}, None):
        return Checkpoint(size, note, key, bytes(signature))
    return None


def _grown(connection: Connection, size: int, subtrees: list[bytes]) -> int:
    """The size of the tree with every entry that was added behind ``size``."""
    c = ledger.c
    while True:
        wanted = select(c.seq, c.row_hash).where(c.seq > size).order_by(c.seq).limit(_PIECE)
        rows = connection.execute(wanted).all()
        for seq, row_hash in rows:
            push(subtrees, size, bytes(row_hash))
            size = int(seq)
        if len(rows) < _PIECE:
            return size


def _last(connection: Connection) -> tuple[int, list[bytes]]:
    """The newest checkpoint's size and subtrees, if it is signed by a key of this ledger and they make its root."""
    for row in connection.execute(select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)):
        frontier = bytes(row.frontier)
        subtrees = [frontier[n : n + _HASH] for n in range(0, len(frontier), _HASH)]
        top = base64.b64encode(root(subtrees)).decode()
        _, key, _ = keys_of(connection).get(row.key_id, ("", "", ""))
        whole = (
            row.note.split("\n")[1:3] == [str(row.size), top] and len(subtrees) == int(row.size).bit_count()
        )
        if whole and key and is_signed(key, row.note.encode(), bytes(row.signature)):
            return int(row.size), subtrees
    return 0, []


class Pulse:
    """When a desk owes a checkpoint: by the number of entries, by time, and when it leaves."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._owed = False

    def beat(self, desk: Desk, seq: int) -> None:
        """An entry was made: make a checkpoint where one is due; that it fails changes nothing of the entry."""
        self._owed = True
        if seq % EVERY == 0 or time.monotonic() - self._since >= SECONDS:
            self.leave(desk)

    def leave(self, desk: Desk) -> None:
        """Make the checkpoint that is owed."""
        if not self._owed:
            return
        self._owed, self._since = False, time.monotonic()
        try:
            make(desk)
        except QuaestorError:
            self._owed = True
