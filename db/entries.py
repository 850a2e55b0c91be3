"""The ledger as it is looked at: its newest entries, its checkpoints, and whether all of it holds together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from db.cancel import Cancel
from db.chain import Verified, verify
from db.errors import Missing
from db.own import checkpoints, ledger, ledger_head
from db.run import execute
from db.session import Session

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """An entry, read."""

    seq: int
    operation: str
    key_id: str
    at: datetime
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """Which ledger it is and where it ends."""

    ledger: str
    principals: str
    size: int
    checkpoints: tuple[int, ...]
    """The sizes of the last ones, the newest first."""


def state(session: Session, cancel: Cancel | None = None) -> State:
    """The head and the last checkpoints; raises Missing where there is no ledger."""
    c = ledger_head.c
    if session.schema.table(ledger_head.name) is None:
        raise Missing(
            f"{session.name} has no ledger: 'quaestor migrate {session.name} up --part ledger' makes one."
        )
    head = execute(session, select(c.ledger, c.principals, c.seq), {}, cancel)
    if not head:
        raise Missing(f"{session.name}: the ledger has no head; see 'quaestor doctor'.")
    last = select(checkpoints.c.size).order_by(checkpoints.c.size.desc()).limit(3)
    sizes = tuple(int(row[0]) for row in execute(session, last, {}, cancel))
    return State(str(head[0][0]), str(head[0][1]), int(head[0][2]), sizes)


def newest(session: Session, limit: int = 50, cancel: Cancel | None = None) -> list[Told]:
    """The last entries, the newest first."""
    c = ledger.c
    wanted = (
        select(c.seq, c.operation_id, c.key_id, c.db_time_us, c.payload).order_by(c.seq.desc()).limit(limit)
    )
    return [
        Told(seq, str(operation), key, _EPOCH + timedelta(microseconds=us), json.loads(bytes(payload)))
        for seq, operation, key, us, payload in execute(session, wanted, {}, cancel)
    ]


__all__ = ["State", "Told", "Verified", "newest", "state", "verify"]
