"""Cancelling a statement and ending a session: with the right to, armed, and entered in the ledger before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, text

from db.cancel import Cancel
from db.change import Signed
from db.desk import Desk
from db.errors import Denied, Missing, Refused, Stale
from db.once import enter
from db.operation import Armed, new_id
from db.probes import mysql, postgresql
from db.probes.locks import Lock
from db.run import execute
from db.session import Session
from db.translate import translated
from db.write import gate


class Ending(StrEnum):
    """How far it goes."""

    CANCEL = "cancel-statement"
    KILL = "end-session"


@dataclass(frozen=True)
class Ended:
    """It was entered and the server was told."""

    operation_id: str
    seq: int
    heard: bool
    """Whether the server found the session."""


def why_not(session: Session, role: str) -> str | None:
    """Why this role may not end sessions of that one; None where it may."""
    dialect = session.server.dialect
    if dialect == "sqlite":
        return "SQLite has no sessions."
    module = postgresql if dialect == "postgresql" else mysql
    allowed = execute(session, text(module.MAY), {"role": role}, None)[0][0]
    return None if allowed else module.MAY_LACKS.format(role=role)


def end(
    desk: Desk,
    lock: Lock,
    how: Ending,
    reason: str,
    armed: Armed | None,
    *,
    operation: str = "",
    cancel: Cancel | None = None,
) -> Ended:
    """Enter it in the ledger, then tell the server; the session must still be the one that was shown.

    Raises Denied (mode, arming, right), Refused without a reason, Stale where the number is another session's now,
    Missing where it has ended. It is entered first: what was ordered is known, whatever the server makes of it.
    """
    gate(desk, armed)
    if not reason.strip():
        raise Refused("A reason is needed.")
    if why := why_not(desk.session, lock.role):
        raise Denied(why)
    _check_same(desk.session, lock)
    told = {
        "action": how.value,
        "entity": "sessions",
        "ids": [str(lock.session)],
        "system": desk.session.system.name,
        "reason": reason,
        "ticket": armed.ticket if armed else "",
        "session": {
            "role": lock.role,
            "began": lock.began,
            "state": lock.state,
            "blocks": lock.freed,
            "statement": lock.statement[:500],
        },
        "evidence": dict(desk.who.evidence),
    }
    operation = operation or new_id()
    found = enter(desk, operation, told, _nothing, cancel=cancel)
    _check_same(desk.session, lock)
    return Ended(operation, found.receipt.seq, _tell(desk, lock.session, how))


def _check_same(session: Session, lock: Lock) -> None:
    module = postgresql if session.server.dialect == "postgresql" else mysql
    found = execute(session, text(module.STILL), {"session": lock.session}, None)
    if not found:
        raise Missing(f"Session {lock.session} has ended by itself.")
    if str(found[0][0]) != lock.began:
        raise Stale(f"Session {lock.session} is another one by now; nothing was done to it.")


def _tell(desk: Desk, session: int, how: Ending) -> bool:
    """Tell the server; on PostgreSQL it says whether it heard."""
    with translated(desk.session.profile), desk.engine.connect() as connection:
        if desk.session.server.dialect == "postgresql":
            sql = postgresql.CANCEL if how is Ending.CANCEL else postgresql.KILL
            return bool(connection.execute(text(sql), {"session": session}).scalar())
        sql = mysql.CANCEL if how is Ending.CANCEL else mysql.KILL
        connection.exec_driver_sql(sql.format(session=int(session)))
        return True


def _nothing(connection: Connection, signed: Signed) -> None:
    """No rows belong to it."""
