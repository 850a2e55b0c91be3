"""What of an entity is there in a database that others made, and may be read by this role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import Table as SqlTable
from sqlalchemy.sql import visitors

from db.errors import Missing
from db.model import Column, Entity, Kind, Order, Query
from db.schema import Schema
from db.session import Session


def shown(session: Session, entity: Entity, names: Sequence[str] = ()) -> tuple[Column, ...]:
    """The columns of those names (all without names) that are there and may be read."""
    return shown_in(session.schema, entity, tuple(names))


@lru_cache(maxsize=512)
def shown_in(schema: Schema, entity: Entity, names: tuple[str, ...]) -> tuple[Column, ...]:
    """The same by schema, all where none of the named is there; raises Missing without the table or its key."""
    table = schema.table(entity.table.name)
    if table is None:
        raise Missing(
            f"The table {entity.table.name} is not in this database; 'quaestor doctor' lists what is there."
        )
    if lost := [key for key in entity.key if key not in table.readable]:
        raise Missing(
            f"{entity.name} cannot be read: its key {', '.join(lost)} is missing or forbidden to this role."
        )
    wanted = tuple(entity.by_name[name] for name in names) if names else entity.columns
    found = tuple(column for column in wanted if lacking(schema, [column.expression]) == [])
    return found or shown_in(schema, entity, ())


def settled(schema: Schema, query: Query) -> Query:
    """The query in the key's order where its view's own order is by a column that is not there.

    A table that others made is listed all the same; an order that the operator asked for stays, and is refused.
    """
    column = query.entity.by_name.get(query.view.order.column)
    if query.order is not None or column is None or lacking(schema, [column.expression]) == []:
        return query
    return replace(query, order=Order(query.entity.key[0], query.view.order.descending))


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
