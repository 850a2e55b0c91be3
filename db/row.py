"""The record as an action sees it: which of its columns, and the statement that finds it, built once a session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select, type_coerce

from db.cancel import Cancel
from db.errors import Missing
from db.filters import value_of
from db.model import Action, Entity, Kind, Values
from db.own_actions import ENTITIES
from db.presence import lacking
from db.run import execute
from db.session import Session
from db.types import Time


def entity_of(session: Session, name: str) -> Entity:
    """An entity of the system, or one of quaestor's own."""
    return ENTITIES[name] if name in ENTITIES else session.entity(name)


def read_row(
    session: Session,
    entity: Entity,
    action: Action,
    key: tuple[Any, ...],
    id_: str,
    cancel: Cancel | None,
) -> tuple[Values, datetime]:
    """The record, and the server's time; raises Missing."""
    found = execute(session, statement(session, entity, action, "read"), values_of(key), cancel)
    if not found:
        raise gone(entity, id_)
    row = dict(found[0]._mapping)
    now = row.pop("quaestor_now", None) or datetime.now(UTC)
    whole = session.server.dialect in ("mysql", "mariadb")
    return row, now.replace(microsecond=0) if whole else now


def gone(entity: Entity, id_: str) -> Missing:
    """The record is not there."""
    return Missing(
        f"There is no record {id_} in {entity.name}; it may have been deleted, or another tenant's."
    )


def statement(session: Session, entity: Entity, action: Action, how: str) -> Select[Any]:
    """What finds the record by ``values_of`` its key: to ``read`` it with the server's time, to ``lock`` it, or ``bare``."""
    return _statement(session, entity.name, action.hashed, how)


def values_of(key: tuple[Any, ...]) -> Mapping[str, Any]:
    """The parameters for a key."""
    return {f"quaestor_key{n}": value for n, value in enumerate(key)}


@lru_cache(maxsize=256)
def _statement(session: Session, name: str, hashed: tuple[str, ...], how: str) -> Select[Any]:
    """Built once: putting it together takes longer than the server takes to answer it."""
    entity = entity_of(session, name)
    timed = _clock(session) if how == "read" else []
    wanted = select(*_columns(session, entity, hashed), *timed).select_from(entity.table)
    wanted = wanted.where(*_conditions(session, entity))
    return wanted.with_for_update() if how == "lock" and session.server.dialect != "sqlite" else wanted


def _clock(session: Session) -> list[ColumnElement[Any]]:
    clock = {"postgresql": [func.now()], "sqlite": []}.get(session.server.dialect, [func.utc_timestamp(6)])
    return [type_coerce(part, Time(zone=True)).label("quaestor_now") for part in clock]


def _columns(session: Session, entity: Entity, hashed: tuple[str, ...]) -> list[ColumnElement[Any]]:
    """The columns of the record that are there, readable and not masked, and the computed ones that the action decides by."""
    table = session.schema.table(entity.table.name)
    if table is None:
        raise Missing(f"The table {entity.table.name} is not in this database.")
    computed = [
        column.expression.label(column.name)
        for column in entity.columns
        if column.name in hashed
        and column.name not in entity.table.c
        and not lacking(session.schema, [column.expression])
    ]
    return computed + [
        column.expression
        for column in entity.columns
        if column.kind is not Kind.MASKED
        and column.name in table.readable
        and entity.table.c.get(column.name) is column.expression
    ]


def _conditions(session: Session, entity: Entity) -> list[ColumnElement[bool]]:
    """What finds the record: its key, and the tenant where one is chosen."""
    found = [
        entity.by_name[name].expression == bindparam(f"quaestor_key{n}") for n, name in enumerate(entity.key)
    ]
    if session.tenant and entity.tenant:
        tenant = entity.by_name[entity.tenant]
        found.append(tenant.expression == value_of(tenant, session.tenant))
    return found
