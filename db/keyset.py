"""The statements of a page: after or before a place in the order, in the form that an index serves everywhere.

``a <= x AND (a < x OR b < y)`` for a descending order: PostgreSQL, MySQL, MariaDB and SQLite all walk an
index on ``(a, b)`` or on ``(a)`` for it; row values and plain OR are not served by each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, or_, select

from db.errors import Usage
from db.filters import condition, look_up, value_of
from db.model import Column, Entity, Kind, Position, Query
from db.presence import need, selected, shown_in
from db.schema import Schema
from db.types import Status, as_written


def stretches(
    dialect: str, query: Query, start: Position | None, forward: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is read, in this order: all; or what is left of the stretch with the position, then the other one.

    Rows without a value in the order column stand together where the engine puts NULL: PostgreSQL takes it
    for the largest value, the others for the smallest.
    """
    if start is None:
        yield "all", {}
        return
    if len(start) != len(query.entity.key) + 1:
        raise Usage("This cursor belongs to another list; start again without it.")
    keys = {f"k{n}": value for n, value in enumerate(start[1:])}
    descending = query.sort.descending is forward
    nulls_last = descending is not (dialect == "postgresql")
    if start[0] is None:
        yield "nulls-after", keys
        if not nulls_last:
            yield "values", {}
    else:
        yield "values-after", {"o": start[0], **keys}
        if nulls_last and query.sort.column not in query.entity.key:
            yield "nulls", {}


@lru_cache(maxsize=100)
def statement(
    schema: Schema, dialect: str, tenant: str, query: Query, stretch: str, forward: bool
) -> Select[Any]:
    """The statement of one stretch; built once, its values are parameters."""
    entity = query.entity
    order = order_column(schema, dialect, query)
    keys = [entity.by_name[name].expression for name in entity.key]
    descending = query.sort.descending is forward
    names = [
        column.expression.label(f"c{n}")
        for n, column in enumerate(selected(shown_in(schema, entity, query.shown)))
    ]
    written: ColumnElement[Any] = (
        as_written(order.expression) if order.kind is Kind.TIME else order.expression
    )
    made = select(*names, written.label("o"), *(key.label(f"k{n}") for n, key in enumerate(keys)))
    made = made.select_from(entity.table).where(*conditions(schema, dialect, tenant, query))
    subject = order.expression
    after = _beyond(keys, [bindparam(f"k{n}", type_=key.type) for n, key in enumerate(keys)], descending)
    match stretch:
        case "values-after":
            value: ColumnElement[Any] = bindparam("o", type_=subject.type)
            if query.sort.column in entity.key:
                made = made.where(after)
            else:
                made = made.where(
                    _at_or_beyond(subject, value, descending),
                    or_(_strictly(subject, value, descending), after),
                )
        case "values-at":
            made = made.where(_at_or_beyond(subject, bindparam("o", type_=subject.type), descending))
        case "values-beyond":
            made = made.where(_strictly(subject, bindparam("o", type_=subject.type), descending))
        case "nulls-after":
            made = made.where(subject.is_(None), after)
        case "values":
            made = made.where(subject.is_not(None))
        case "nulls":
            made = made.where(subject.is_(None))
    ordering = keys if query.sort.column in entity.key else [subject, *keys]
    return made.order_by(*(part.desc() if descending else part.asc() for part in ordering)).limit(
        bindparam("limit", type_=Integer())
    )


def _strictly(
    subject: ColumnElement[Any], value: ColumnElement[Any], descending: bool
) -> ColumnElement[bool]:
    return subject < value if descending else subject > value


def _at_or_beyond(
    subject: ColumnElement[Any], value: ColumnElement[Any], descending: bool
) -> ColumnElement[bool]:
    return subject <= value if descending else subject >= value


def _beyond(
    keys: Sequence[ColumnElement[Any]], values: Sequence[ColumnElement[Any]], descending: bool
) -> ColumnElement[bool]:
    """``a <= x AND (a < x OR b < y)``: the form that an index serves on every engine."""
    first = _strictly(keys[0], values[0], descending)
    if len(keys) == 1:
        return first
    return and_(
        _at_or_beyond(keys[0], values[0], descending), or_(first, _beyond(keys[1:], values[1:], descending))
    )


def order_column(schema: Schema, dialect: str, query: Query) -> Column:
    """The column that a query is ordered by; raises Usage where no order by it is sound, Missing where it is not there."""
    name = query.sort.column
    column = query.entity.by_name.get(name)
    if column is None:
        raise Usage(f"{query.entity.name} has no column {name} to sort by.")
    if column.kind in (Kind.JSON, Kind.LIST, Kind.BYTES, Kind.MASKED):
        raise Usage(f"{name} cannot be sorted by.")
    if (
        dialect in ("mysql", "mariadb")
        and isinstance(column.expression.type, Status)
        and column.expression.type.enum
    ):
        raise Usage(
            f"{name} is an ENUM here, which MySQL orders by its place in the list and compares by its text; filter by it instead."
        )
    need(schema, query.entity, [column.expression], f"The order by {name}")
    return column


def conditions(schema: Schema, dialect: str, tenant: str, query: Query) -> list[ColumnElement[bool]]:
    """Everything that narrows a query: its view, filters, search and tenant; raises Missing, Usage."""
    entity = query.entity
    found: list[ColumnElement[bool]] = []
    if query.view.where is not None:
        need(schema, entity, [query.view.where], f"The view {entity.name}/{query.view.name}")
        found.append(query.view.where)
    for filter_ in query.filters:
        column = entity.by_name[filter_.column]
        need(schema, entity, [column.expression], f"The filter {filter_}")
        found.append(condition(column, filter_, dialect))
    if query.search:
        found.append(look_up(searched(schema, entity), query.search, dialect))
    if tenant and entity.tenant:
        column = entity.by_name[entity.tenant]
        found.append(column.expression == value_of(column, tenant))
    return found


def searched(schema: Schema, entity: Entity) -> list[tuple[Column, bool]]:
    """The columns that a search looks in, each with whether an index serves prefixes."""
    table = schema.table(entity.table.name)
    if table is None:
        return []
    return [(entity.by_name[name], table.prefixed(name)) for name in entity.search if name in table.readable]
