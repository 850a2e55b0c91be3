"""The only reader: pages by keyset, records, counts, figures, links.

Nothing here costs more on a table of 10⁹ rows than on one of ten, as long as an index serves the order:
a page begins where the last one ended, asks for one row more than it shows, and is one round trip.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import literal_column, select

from db.cancel import Cancel
from db.cost import SMALL, count, served
from db.cursor import decode, encode, key_of, record_id
from db.errors import Missing, Usage
from db.filters import value_of
from db.keyset import conditions, order_column, statement, stretches
from db.model import (
    MASK,
    Column,
    Entity,
    Figure,
    Filter,
    Kind,
    Link,
    Operator,
    Order,
    Page,
    Position,
    Query,
    Record,
    Row,
    View,
)
from db.presence import need, selected, settled, shown, shown_in
from db.run import execute
from db.session import Session

__all__ = [
    "Cancel",
    "available",
    "count",
    "decode",
    "encode",
    "figure",
    "follow",
    "page",
    "record",
    "record_id",
    "served",
    "shown",
    "stream",
    "stretch",
]


def page(
    session: Session,
    query: Query,
    *,
    after: Position | None = None,
    before: Position | None = None,
    end: bool = False,
    limit: int = 50,
    cancel: Cancel | None = None,
) -> Page:
    """The rows after or before a position, the first ones, or with ``end`` the last ones, always in the query's order.

    Raises Missing (table, or a column that the view needs), Usage, TooSlow, Cancelled, Unreachable, Denied.
    """
    forward = before is None and not end
    start = after if forward else before
    began = time.perf_counter()
    query = settled(session.schema, query)
    rows: list[Row] = []
    columns = shown(session, query.entity, query.shown)
    for stretch, values in stretches(session.server.dialect, query, start, forward):
        made = statement(session.schema, session.server.dialect, session.tenant, query, stretch, forward)
        found = execute(session, made, {**values, "limit": limit + 1 - len(rows)}, cancel)
        rows += _rows(query, columns, found)
        if len(rows) > limit:
            break
    more, rows = len(rows) > limit, rows[:limit]
    beyond = start is not None
    if not forward:
        rows.reverse()
    return Page(
        columns,
        tuple(rows),
        beyond if forward else more,
        more if forward else beyond,
        datetime.now(UTC),
        time.perf_counter() - began,
    )


def stretch(
    session: Session,
    query: Query,
    name: str,
    values: Mapping[str, Any],
    *,
    forward: bool,
    limit: int,
    cancel: Cancel | None = None,
) -> tuple[Row, ...]:
    """The rows of one stretch of a query's order, in the order of the walk: for readers that merge several sources."""
    columns = shown(session, query.entity, query.shown)
    made = statement(session.schema, session.server.dialect, session.tenant, query, name, forward)
    return tuple(_rows(query, columns, execute(session, made, {**values, "limit": limit}, cancel)))


def _rows(query: Query, columns: tuple[Column, ...], found: Sequence[Any]) -> Iterator[Row]:
    read = [n for n, column in enumerate(columns) if column.kind is not Kind.MASKED]
    width = len(read)
    whole = width == len(columns)
    for values in found:
        shown_values = tuple(values[:width])
        if not whole:
            filled = [MASK] * len(columns)
            for place, value in zip(read, shown_values, strict=True):
                filled[place] = value
            shown_values = tuple(filled)
        position = tuple(values[width:])
        yield Row(record_id(position[1:]), shown_values, position)


def stream(session: Session, query: Query, cancel: Cancel | None = None, size: int = 1000) -> Iterator[Page]:
    """Every row of a query, a page at a time, first to last."""
    after: Position | None = None
    while True:
        found = page(session, query, after=after, limit=size, cancel=cancel)
        yield found
        if not found.more_after:
            return
        after = found.rows[-1].position


def available(session: Session, entity: Entity, part: View | Figure) -> str | None:
    """None where a view or figure can be shown, else the sentence why not."""
    try:
        shown_in(session.schema, entity, ())
        if isinstance(part, Figure):
            need(session.schema, entity, [part.statement], f"The figure {entity.name}/{part.name}")
        else:
            query = settled(session.schema, Query(entity, part))
            order_column(session.schema, session.server.dialect, query)
            conditions(session.schema, session.server.dialect, "", query)
    except (Missing, Usage) as error:
        return str(error)
    return None


def record(session: Session, entity: Entity, text: str, cancel: Cancel | None = None) -> Record:
    """One record with every column that is there; raises Missing where it is not, or is another tenant's."""
    columns = shown(session, entity)
    read = selected(columns)
    keys = zip(entity.key, key_of(entity, text), strict=True)
    where = [entity.by_name[name].expression == value for name, value in keys]
    if session.tenant and entity.tenant:
        tenant = entity.by_name[entity.tenant]
        where.append(tenant.expression == value_of(tenant, session.tenant))
    wanted = (
        select(*(c.expression.label(f"c{n}") for n, c in enumerate(read)))
        .select_from(entity.table)
        .where(*where)
        .limit(1)
    )
    found = execute(session, wanted, {}, cancel)
    if not found:
        raise Missing(
            f"There is no record {text} in {entity.name}; it may have been deleted, or another tenant's."
        )
    values = iter(found[0])
    return Record(
        entity,
        text,
        columns,
        tuple(MASK if c.kind is Kind.MASKED else next(values) for c in columns),
        datetime.now(UTC),
    )


def figure(
    session: Session,
    entity: Entity,
    wanted: Figure,
    parameters: Mapping[str, str] | None = None,
    cancel: Cancel | None = None,
) -> Page:
    """A figure's rows, with the parameters as an operator types them; raises Usage for one that is unknown or wrong."""
    need(session.schema, entity, [wanted.statement], f"The figure {entity.name}/{wanted.name}")
    given = dict(parameters or {})
    values = {}
    for parameter in wanted.parameters:
        column = Column(parameter.name, parameter.kind, literal_column("0"))
        values[parameter.name] = value_of(column, given.pop(parameter.name, parameter.default))
    if given:
        known = ", ".join(p.name for p in wanted.parameters) or "none"
        raise Usage(
            f"{entity.name}/{wanted.name} has no parameter {', '.join(sorted(given))}; it has {known}."
        )
    made = wanted.statement
    if session.tenant and entity.tenant:
        tenant = entity.by_name[entity.tenant]
        made = made.where(tenant.expression == value_of(tenant, session.tenant))
    began = time.perf_counter()
    found = execute(session, made, values, cancel)
    rows = tuple(Row(str(n), tuple(values), (n,)) for n, values in enumerate(found))
    return Page(wanted.columns, rows, False, False, datetime.now(UTC), time.perf_counter() - began)


def follow(session: Session, source: Record, link: Link) -> Query | None:
    """The query of what a link leads to; None where the record has no value, or none that can be there."""
    target = session.entity(link.entity)
    filters = []
    for mine, theirs in link.pairs:
        value = source.value(mine)
        if value is None or value == "":
            return None
        text = hashlib.sha256(str(value).encode()).hexdigest() if link.digest == "sha256" else str(value)
        if not _fits(target.by_name[theirs], text):
            return None
        filters.append(Filter(theirs, Operator.EQ, text))
    filters += [Filter(name, Operator.EQ, value) for name, value in link.fixed]
    everything = View(
        "linked",
        f"The {target.name} of {source.entity.name} {source.id}.",
        None,
        _linked_order(session, target, filters),
    )
    return Query(target, everything, tuple(filters))


def _fits(column: Column, text: str) -> bool:
    """Whether a text can be a value of the column: a login name is no UUID."""
    try:
        value_of(column, text)
    except Usage:
        return False
    return True


def _linked_order(session: Session, target: Entity, filters: Sequence[Filter]) -> Order:
    """The order of the target's whole list (events by time), where an index narrows it to the link; else the key's."""
    table = session.schema.table(target.table.name)
    whole = next((view for view in target.views if view.where is None), None)
    narrow = table is not None and (table.rows < SMALL or any(table.leads((f.column,)) for f in filters))
    if whole is not None and narrow and available(session, target, whole) is None:
        return whole.order
    return Order(target.key[0])
