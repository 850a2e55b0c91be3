"""One line of a person's audit rows, the newest first, from every system in which they were found."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, Select, func, select

from db.cancel import Cancel
from db.cost import SMALL
from db.cursor import record_id
from db.errors import Cancelled, QuaestorError
from db.model import Column, Entity, Kind, Row
from db.presence import shown
from db.run import execute
from db.session import Session
from db.timeline.columns import TIMELINE
from db.timeline.lane import Key, key_of
from db.timeline.sources import Meaning, meanings
from db.who.model import Found, Person

LISTED = ("time", "system", "severity", "actor", "action", "kind", "record", "outcome", "address")
"""The columns of the line."""
LINES = 200
"""Rows of the line."""
LOOKED_AT = 2_000
"""Rows of one audit table that are sorted where no index has them in the order of time."""


@dataclass(frozen=True)
class Way:
    """A column of an audit table that names a person's records."""

    system: str
    audit: str
    column: str
    entities: tuple[str, ...]
    """Whose values it holds; all records where empty."""
    mine: str = "id"
    digest: bool = False
    """Whether it holds the SHA-256 of the value."""


WAYS = (
    Way("trustsphere", "audit_logs", "resource_id", ()),
    Way("trustsphere", "audit_logs", "actor_user_id", ("users",)),
    Way("trustsphere", "audit_logs_archive", "resource_id", ()),
    Way("trustsphere", "audit_logs_archive", "actor_user_id", ("users",)),
    Way("paymentlinker", "audit_logs", "application_id", ("applications",)),
    Way("paymentlinker", "audit_logs", "user_id", ("users",)),
    Way("finpass", "audit_events", "user_id_hash", ("users",), "did", digest=True),
    Way("multipass", "application_events", "profile_id", ("identity_profiles",)),
)


@dataclass(frozen=True)
class Trail:
    """What the audit tables tell of a person."""

    columns: tuple[Column, ...]
    """Those of the common line of time."""
    rows: tuple[Row, ...]
    """The newest first; a row's id is ``source:entity/record``."""
    notes: tuple[str, ...]
    """What is not in it, and why."""


def wanted(system: str) -> Iterator[tuple[str, str, str]]:
    """The (audit entity, column, what for) that need an index."""
    for way in WAYS:
        if way.system == system:
            yield way.audit, way.column, "who: line of time"


def trail(
    sessions: Iterable[Session],
    person: Person,
    *,
    limit: int = LINES,
    patience: float = 5.0,
    cancel: Cancel | None = None,
) -> Trail:
    """The newest audit rows about a person's records, or by them; a system that does not answer is a note."""
    asked = [_Lane(session, way, meaning) for session in sessions for way, meaning in _ways(session)]
    pool = ThreadPoolExecutor(max(1, len(asked)), thread_name_prefix="trail")

    def stop() -> None:
        for lane in asked:
            lane.cancel.cancel()

    try:
        with (cancel or Cancel()).running(stop):
            futures = [pool.submit(lane.read, person.records, limit) for lane in asked]
            _, late = wait(futures, patience)
            if late:
                stop()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    answers: list[tuple[list[tuple[Key, Row]], str]] = [
        ([], f"{lane.session.name}: it does not answer within {patience:g} s.")
        if future in late
        else future.result()
        for lane, future in zip(asked, futures, strict=True)
    ]
    if cancel is not None and cancel.cancelled:
        raise Cancelled("Cancelled; the servers have stopped the statements.")
    found = {row.id: (key, row) for rows, _ in answers for key, row in rows}
    ordered = sorted(found.values(), key=lambda pair: (pair[0], pair[1].id), reverse=True)[:limit]
    notes = dict.fromkeys(note for _, note in answers if note)
    columns = tuple(TIMELINE.by_name[name] for name in LISTED)
    return Trail(columns, tuple(row for _, row in ordered), tuple(notes))


def _ways(session: Session) -> Iterator[tuple[Way, Meaning]]:
    known = dict(meanings(session))
    for way in WAYS:
        if way.system == session.system.name and way.audit in known:
            yield way, known[way.audit]


class _Lane:
    """One way into one audit table."""

    def __init__(self, session: Session, way: Way, meaning: Meaning) -> None:
        self.session = session
        self.way = way
        self.meaning = meaning
        self.cancel = Cancel()

    def read(self, records: Sequence[Found], limit: int) -> tuple[list[tuple[Key, Row]], str]:
        """Its rows about these records, and what should be known of how they were read."""
        values = self._values(records)
        if not values:
            return [], ""
        entity = self.session.entity(self.way.audit)
        try:
            return self._rows(entity, values, limit)
        except QuaestorError as error:
            return [], f"{self.session.name}: {error}"

    def _rows(self, entity: Entity, values: list[str], limit: int) -> tuple[list[tuple[Key, Row]], str]:
        table = self.session.schema.table(entity.table.name)
        name, column = f"{self.session.name}:{entity.name}", self.way.column
        if table is None or not (table.leads((column,)) or 0 < table.rows < SMALL):
            return [], f"{name}.{column} has no index: what it tells is not on the line."
        made = statement(self.session, entity, self.way, self.meaning, values, limit)
        rows = execute(self.session, made, {}, self.cancel)
        names = _names(self.session, entity, self.meaning)
        width = len(entity.key) + len(names)
        cut = any(len(row) > width and row[width] >= LOOKED_AT for row in rows[:1])
        told = (
            f"{name}: there are more than {LOOKED_AT} rows, and only so many were put in order."
            if cut
            else ""
        )
        return [self._shown(name, names, len(entity.key), row[:width]) for row in rows], told

    def _values(self, records: Sequence[Found]) -> list[str]:
        way, session = self.way, self.session
        found: dict[str, None] = {}
        for one in records:
            if one.source != session.name or (way.entities and one.entity not in way.entities):
                continue
            value = one.id if way.mine == "id" else one.values.get(way.mine)
            if value and "/" not in one.id:
                found[hashlib.sha256(str(value).encode()).hexdigest() if way.digest else str(value)] = None
        return list(found)

    def _shown(self, name: str, names: Sequence[str], keys: int, row: Any) -> tuple[Key, Row]:
        value = dict(zip(names, row[keys:], strict=True))
        time = value.get(self.meaning.time)
        meant = {common: value.get(column) for common, column in self.meaning.columns.items()}
        if isinstance(severity := meant.get("severity"), str):
            meant["severity"] = severity.upper()
        known: Mapping[str, Any] = {
            **self.meaning.fixed, **meant, "system": self.session.name, "source": self.way.audit, "time": time,
        }  # fmt: skip
        id_ = f"{quote(name, safe=':')}/{record_id(row[:keys])}"
        return key_of(time), Row(id_, tuple(known.get(column) for column in LISTED), ())


def statement(
    session: Session, entity: Entity, way: Way, meaning: Meaning, values: Sequence[str], limit: int
) -> Select[Any]:
    """The newest rows with one of these values in the way's column; the order is never what the rows are found by."""
    keys = [entity.by_name[name].expression for name in entity.key]
    columns = [entity.by_name[name].expression for name in _names(session, entity, meaning)]
    parts = [c.label(f"c{n}") for n, c in enumerate((*keys, *columns))]
    subject, time = entity.by_name[way.column].expression, entity.by_name[meaning.time].expression
    where: list[ColumnElement[bool]] = [subject == values[0] if len(values) == 1 else subject.in_(values)]
    if session.tenant and entity.tenant:
        where.append(entity.by_name[entity.tenant].expression == session.tenant)
    made = select(*parts).select_from(entity.table).where(*where)
    if _in_order(session, entity, way, meaning, values):
        return made.order_by(time.desc()).limit(limit)
    inner = made.add_columns(time.label("at")).limit(LOOKED_AT).subquery("found")
    counted = func.count().over().label("looked_at")
    return select(*(inner.c[part.name] for part in parts), counted).order_by(inner.c.at.desc()).limit(limit)


def _in_order(session: Session, entity: Entity, way: Way, meaning: Meaning, values: Sequence[str]) -> bool:
    """Whether one index has the rows of one value in the order of time."""
    table = session.schema.table(entity.table.name)
    return len(values) == 1 and table is not None and table.leads((way.column, meaning.time))


def _names(session: Session, entity: Entity, meaning: Meaning) -> list[str]:
    wanted_names = tuple(dict.fromkeys((meaning.time, *meaning.columns.values())))
    return [c.name for c in shown(session, entity, wanted_names) if c.kind is not Kind.MASKED]


__all__ = ["LINES", "WAYS", "Trail", "statement", "trail", "wanted"]
