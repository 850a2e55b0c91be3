"""Claims: who works on which record, by a lease that lapses; and what is put off. They protect people, not data.

A claim is taken by compare-and-set, on the server's clock. Neither arming nor the ledger is asked, only ``operate``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, type_coerce, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from db.clock import after
from db.desk import Desk
from db.errors import Denied, Missing, Refused
from db.live import transaction
from db.model import Mode, Query
from db.own import claims
from db.read import page
from db.run import execute
from db.session import Session
from db.transient import is_transient
from db.translate import translated
from db.types import Boolean

LEASE = 600.0
"""Seconds that a claim holds unless it is renewed."""
_TRIES = 5


@dataclass(frozen=True)
class Claim:
    """What is known of a record's claim."""

    entity: str
    id: str
    holder: str
    """The principal; empty where nobody holds it."""
    name: str
    until: datetime | None
    snoozed_until: datetime | None
    reason: str = ""
    """Why it was taken over, or put off."""


def claim(desk: Desk, entity: str, id_: str, seconds: float = LEASE) -> Claim:
    """Hold it, or go on holding it; raises Refused where another person does."""
    return _take(desk, entity, id_, seconds, "", force=False)


def renew(desk: Desk, entity: str, id_: str, seconds: float = LEASE) -> Claim:
    """The same while it is open; raises Refused where it lapsed and another person has it."""
    return claim(desk, entity, id_, seconds)


def take_over(desk: Desk, entity: str, id_: str, reason: str, seconds: float = LEASE) -> Claim:
    """Hold it though another person does; raises Refused without a reason."""
    if not reason.strip():
        raise Refused("To take it over from somebody takes a reason.")
    return _take(desk, entity, id_, seconds, reason, force=True)


def release(desk: Desk, entity: str, id_: str) -> None:
    """Hold it no longer."""
    c = claims.c
    mine = update(claims).where(c.entity == entity, c.record_id == id_, c.holder == desk.who.principal)
    _run(desk, lambda connection: connection.execute(mine.values(holder="", name="", until=None)).rowcount)


def snooze(desk: Desk, entity: str, id_: str, seconds: float, reason: str) -> Claim:
    """Put it off: it is not offered before then, and nobody holds it."""
    if not reason.strip():
        raise Refused("A reason is needed.")
    claim(desk, entity, id_)
    c, dialect = claims.c, desk.session.server.dialect
    values = {
        "holder": "",
        "name": "",
        "until": None,
        "snoozed_until": after(dialect, seconds),
        "snooze_reason": reason,
    }
    mine = update(claims).where(c.entity == entity, c.record_id == id_, c.holder == desk.who.principal)
    _run(desk, lambda connection: connection.execute(mine.values(**values)).rowcount)
    return of(desk.session, entity, [id_])[id_]


def of(session: Session, entity: str, ids: Sequence[str]) -> Mapping[str, Claim]:
    """The claims that hold now, and what is put off, by record."""
    if session.schema.table(claims.name) is None or not ids:
        return {}
    c, dialect = claims.c, session.server.dialect
    held = type_coerce(c.until > after(dialect), Boolean()).label("held")
    asleep = type_coerce(c.snoozed_until > after(dialect), Boolean()).label("asleep")
    wanted = select(claims, held, asleep).where(c.entity == entity, c.record_id.in_(ids))
    return {
        row.record_id: _claim(row) for row in execute(session, wanted, {}, None) if row.held or row.asleep
    }


def next_free(desk: Desk, query: Query) -> Claim | None:
    """Hold the first record of a queue that nobody holds and that is not put off; None where there is none."""
    name = query.entity.name
    for ids in _pages(desk.session, query):
        busy = of(desk.session, name, ids)
        for id_ in ids:
            if id_ in busy and (busy[id_].holder != desk.who.principal or busy[id_].snoozed_until):
                continue
            try:
                return claim(desk, name, id_)
            except Refused:
                continue  # somebody was faster
    return None


def _pages(session: Session, query: Query) -> Iterator[list[str]]:
    position = None
    while True:
        found = page(session, query, after=position, limit=50)
        yield [row.id for row in found.rows]
        if not found.more_after:
            return
        position = found.rows[-1].position


def _take(desk: Desk, entity: str, id_: str, seconds: float, reason: str, *, force: bool) -> Claim:
    c, me, dialect = claims.c, desk.who.principal, desk.session.server.dialect
    values: dict[str, Any] = {
        "holder": me,
        "name": desk.who.name,
        "claimed_at": after(dialect),
        "until": after(dialect, seconds),
        "reason": reason,
    }
    where = [c.entity == entity, c.record_id == id_]
    free = [] if force else [or_(c.holder == me, c.until.is_(None), c.until <= after(dialect))]

    def take(connection: Connection) -> int:
        taken = connection.execute(update(claims).where(*where, *free).values(**values)).rowcount
        if taken or connection.execute(select(c.holder).where(*where)).first():
            return taken
        new = {"entity": entity, "record_id": id_, "snooze_reason": "", **values}
        return connection.execute(insert(claims).values(**new)).rowcount

    if not _run(desk, take):
        held = of(desk.session, entity, [id_]).get(id_)
        until = f" until {held.until:%H:%M} UTC" if held and held.until else ""
        raise Refused(f"{held.name or held.holder if held else 'Somebody else'} holds it{until}.")
    now = datetime.now(UTC)
    return of(desk.session, entity, [id_]).get(id_) or Claim(entity, id_, me, desk.who.name, now, None)


def _run(desk: Desk, change: Any) -> int:
    """One small transaction; tried again where it met another's."""
    if desk.session.mode is Mode.AUDIT:
        raise Denied(f"{desk.session.name} is open in audit mode: nothing is claimed.")
    if desk.session.schema.table(claims.name) is None:
        raise Missing(
            f"{desk.session.name} has no claims: 'quaestor migrate {desk.session.name} up --part ledger'."
        )
    with translated(desk.session.profile):
        for last in (*[False] * _TRIES, True):
            try:
                with transaction(desk) as connection:
                    changed = int(change(connection))
                    connection.commit()
                    return changed
            except (IntegrityError, DBAPIError) as error:
                if last or not (isinstance(error, IntegrityError) or is_transient(error)):
                    raise
    return 0


def _claim(row: Any) -> Claim:
    return Claim(
        row.entity,
        row.record_id,
        row.holder if row.held else "",
        row.name if row.held else "",
        row.until if row.held else None,
        row.snoozed_until if row.asleep else None,
        row.snooze_reason if row.asleep else row.reason,
    )
