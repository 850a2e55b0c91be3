"""What of an entity is there in a database that others made, and may be read by this role."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import Table as SqlTable
from sqlalchemy.sql import visitors

from db.errors import Missing
from db.model import Column, Entity, Kind
from db.schema import Schema
from db.session import Session


def shown(session: Session, entity: Entity, names: Sequence[str] = ()) -> tuple[Column, ...]:
    """The columns of those names (all without names) that are there and may be read."""
    return shown_in(session.schema, entity, tuple(names))


@lru_cache(maxsize=512)
def shown_in(schema: Schema, entity: Entity, names: tuple[str, ...]) -> tuple[Column, ...]:
    """The same by schema; raises Missing where the table, or its key, is not there."""
    table = schema.table(entity.table.name)
    if table is None:
        raise Missing(
            f"The table {entity.table.name} is not in this database; 'quaestor doctor' lists what is there."
        )
    if lost := [key for key in entity.key if key not in table.readable]:
        raise Missing(
            f"{entity.name} cannot be read: its key {', '.join(lost)} is missing or forbidden to this role."
        )
    columns = (entity.by_name[name] for name in names) if names else iter(entity.columns)
    return tuple(column for column in columns if lacking(schema, [column.expression]) == [])


def selected(columns: Sequence[Column]) -> list[Column]:
    """Masked values are not even read."""
    return [column for column in columns if column.kind is not Kind.MASKED]


def lacking(schema: Schema, expressions: Sequence[Any]) -> list[str]:
    """The columns that an expression needs and that are not there, or may not be read."""
    needed = {
        (base.table.name, base.name)
        for expression in expressions
        for part in visitors.iterate(expression)
        if isinstance(part, SqlColumn)
        for base in part.base_columns  # behind aliases and subqueries too
        if isinstance(base, SqlColumn) and isinstance(base.table, SqlTable)
    }
    return sorted(f"{table}.{column}" for table, column in needed if not schema.readable(table, column))


def need(schema: Schema, entity: Entity, expressions: Sequence[Any], what: str) -> None:
    """Raise Missing where an expression needs what is not there."""
    if missing := lacking(schema, expressions):
        raise Missing(
            f"{what} needs {', '.join(missing)}, which this database has not or this role may not read."
        )
