"""Looking values up in one system: one statement each, by an index or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, select

from db.cancel import Cancel
from db.cost import SMALL
from db.cursor import record_id
from db.errors import Usage
from db.filters import value_of
from db.model import Entity, Kind
from db.presence import shown
from db.run import execute
from db.session import Session
from db.who.model import Found
from db.who.places import MOST
from db.who.states import state
from db.who.ties import ties

Note = str


@dataclass
class Reader:
    """Reads one system for one search, and keeps what it could not look up."""

    session: Session
    cancel: Cancel
    most: int = MOST
    notes: dict[Note, None] = field(default_factory=dict)
    """As a set that keeps the order."""

    def look_up(
        self,
        entity_name: str,
        column: str,
        values: Iterable[Any],
        why: str,
        *,
        order: str = "",
        sure: bool = True,
    ) -> list[Found]:
        """The records with one of these values in a column; none where no index serves it, which is noted."""
        entity = self.session.entity(entity_name)
        fitting = _fitting(entity, column, values)
        if not fitting or not self._served(entity, column, why):
            return []
        made = statement(self.session, entity, column, fitting, self.most + 1, order)
        rows = execute(self.session, made, {}, self.cancel)
        if len(rows) > self.most:
            self.notes[
                f"{entity_name}: more than {self.most} by {column.replace('_', ' ')}; the rest is not shown."
            ] = None
        now = datetime.now(UTC)
        names = [c.name for c in columns_of(self.session, entity)]
        width = len(entity.key)
        return [
            _found(
                self.session, entity, row[:width], dict(zip(names, row[width:], strict=True)), why, now, sure
            )
            for row in rows[: self.most]
        ]

    def _served(self, entity: Entity, column: str, why: str) -> bool:
        """Whether an index leads to it, or the table is known to be small."""
        table = self.session.schema.table(entity.table.name)
        if table is None or column not in table.readable:
            gone = "not there" if table is None else "not readable or not there"
            self.notes[f"{entity.name}.{column} is {gone}: not looked up."] = None
            return False
        if table.leads((column,)) or 0 < table.rows < SMALL:
            return True
        self.notes[
            f"{entity.name}.{column} has no index, so it was not looked up: "
            f"'quaestor migrate {self.session.name} up --part indexes' makes one."
        ] = None
        return False


def statement(
    session: Session, entity: Entity, column: str, values: Sequence[Any], limit: int, order: str = ""
) -> Select[Any]:
    """The key and the columns of the records with one of these values in a column; raises Missing."""
    keys = [entity.by_name[name].expression for name in entity.key]
    shown_columns = [c.expression.label(f"c{n}") for n, c in enumerate(columns_of(session, entity))]
    subject = entity.by_name[column].expression
    made = select(*(key.label(f"k{n}") for n, key in enumerate(keys)), *shown_columns).select_from(
        entity.table
    )
    made = made.where(subject == values[0] if len(values) == 1 else subject.in_(values))
    if session.tenant and entity.tenant:
        tenant = entity.by_name[entity.tenant]
        made = made.where(tenant.expression == value_of(tenant, session.tenant))
    table = session.schema.table(entity.table.name)
    if order and len(values) == 1 and table is not None and table.leads((column, order)):
        made = made.order_by(entity.by_name[order].expression.desc())
    return made.limit(limit)


def columns_of(session: Session, entity: Entity) -> list[Any]:
    """What is read of a record: the list's columns, its name, and what ties lead from."""
    system = session.system.name
    tied = [tie.mine for tie in ties(system) if tie.entity == entity.name]
    tied += [tie.when[0] for tie in ties(system) if tie.entity == entity.name and tie.when[0]]
    names = dict.fromkeys((*entity.title, *entity.listed, *tied, *_TOLD))
    columns = shown(session, entity, tuple(name for name in names if name in entity.by_name))
    return [column for column in columns if column.kind is not Kind.MASKED]


_TOLD = (
    "email", "phone", "did", "status", "is_active", "expires_at", "revoked_at", "locked_until", "account_locked_until",
    "created_at",
)  # fmt: skip
"""Read of every record that has them: who it is about, and how it stands."""


def _fitting(entity: Entity, column: str, values: Iterable[Any]) -> list[Any]:
    """The values that can stand in the column at all."""
    found: dict[Any, None] = {}
    for value in values:
        if value is None or value == "":
            continue
        try:
            found[value_of(entity.by_name[column], str(value))] = None
        except Usage:
            continue
    return list(found)


def _found(
    session: Session,
    entity: Entity,
    key: Sequence[Any],
    values: Mapping[str, Any],
    why: str,
    now: datetime,
    sure: bool,
) -> Found:
    name = " · ".join(str(values[part]) for part in entity.title if values.get(part) not in (None, ""))
    return Found(
        session.name,
        session.system.name,
        entity.name,
        record_id(key),
        name,
        state(entity.name, values, now),
        values,
        (why,),
        sure=sure,
    )
