"""Notes that people write beside records; neither armed nor in the ledger."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from db.clock import after
from db.desk import Desk
from db.errors import Denied, Refused
from db.live import transaction
from db.model import Mode
from db.own import notes
from db.run import execute
from db.session import Session
from db.translate import translated

MOST = 4_000
"""Characters of a note."""


@dataclass(frozen=True)
class Note:
    """What somebody wrote."""

    author: str
    name: str
    note: str
    at: datetime


def add(desk: Desk, entity: str, id_: str, note: str) -> None:
    """Write one beside a record; raises Refused for an empty or an overlong one."""
    if desk.session.mode is Mode.AUDIT:
        raise Denied(f"{desk.session.name} is open in audit mode: nothing is written.")
    if not 0 < len(note.strip()) <= MOST:
        raise Refused(f"A note has 1 to {MOST} characters; this has {len(note.strip())}.")
    values = {
        "id": str(uuid.uuid4()),
        "entity": entity,
        "record_id": id_,
        "author": desk.who.principal,
        "name": desk.who.name,
        "note": note.strip(),
        "created_at": after(desk.session.server.dialect),
    }
    with translated(desk.session.profile), transaction(desk) as connection:
        connection.execute(insert(notes).values(**values))
        connection.commit()


def of(session: Session, entity: str, id_: str, limit: int = 50) -> list[Note]:
    """The notes beside a record, the latest first; none where the tables are not there."""
    if session.schema.table(notes.name) is None:
        return []
    c = notes.c
    wanted = select(c.author, c.name, c.note, c.created_at).where(c.entity == entity, c.record_id == id_)
    return [
        Note(*row) for row in execute(session, wanted.order_by(c.created_at.desc()).limit(limit), {}, None)
    ]
