"""The only reader: pages by keyset, records, counts, figures, links.

Nothing here costs more on a table of 10⁹ rows than on one of ten, as long as an index serves the order:
a page begins where the last one ended, asks for one row more than it shows, and is one round trip.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, Executable, Select, and_, bindparam, func, literal_column, or_, select
from sqlalchemy import Column as SqlColumn
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import visitors

from db import declare
from db.cancel import Cancel, deadline, hang_up, stopper
from db.engine import local_settings
from db.errors import Missing, TooSlow, Usage
from db.filters import condition, look_up, value_of
from db.model import (
    MASK, Column, Count, Counted, Entity, Figure, Filter, Kind, Link, Mode, Operator, Order, Page, Position, Query, Record, Row, View,
)
from db.schema import Schema, Table
from db.session import Session
from db.translate import DRIVER_ERRORS, translate
from db.types import Status, as_written, naive_zone

__all__ = ["Cancel", "Mode", "count", "decode", "encode", "figure", "follow", "page", "record", "record_id", "served", "stream"]

CAP = 10_000
"""A count goes no further."""
SMALL = 20_000
"""A table of fewer rows needs no index to be read at once."""
_GRACE = 5.0
"""Seconds that the client waits longer than the server's own timeout before it shuts the socket."""


# Pages


def page(
    session: Session, query: Query, *, after: Position | None = None, before: Position | None = None,
    end: bool = False, limit: int = 50, cancel: Cancel | None = None,
) -> Page:
    """The rows after or before a position, the first ones, or with ``end`` the last ones, always in the query's order.

    Raises Missing (table, or a column that the view needs), Usage, TooSlow, Cancelled, Unreachable, Denied.
    """
    forward = before is None and not end
    start = after if forward else before
    began = time.perf_counter()
    rows: list[Row] = []
    columns = shown(session, query.entity, query.shown)
    for stretch, values in _stretches(session, query, start, forward):
        statement = _statement(session.schema, session.server.dialect, session.tenant, query, stretch, forward)
        found = _execute(session, statement, {**values, "limit": limit + 1 - len(rows)}, cancel)
        rows += _rows(query, columns, found)
        if len(rows) > limit:
            break
    more, rows = len(rows) > limit, rows[:limit]
    beyond = start is not None
    if not forward:
        rows.reverse()
    return Page(columns, tuple(rows), beyond if forward else more, more if forward else beyond, datetime.now(UTC), time.perf_counter() - began)


def _stretches(session: Session, query: Query, start: Position | None, forward: bool) -> Iterator[tuple[str, dict[str, Any]]]:
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
    nulls_last = descending is not (session.server.dialect == "postgresql")
    if start[0] is None:
        yield "nulls-after", keys
        if not nulls_last:
            yield "values", {}
    else:
        yield "values-after", {"o": start[0], **keys}
        if nulls_last and query.sort.column not in query.entity.key:
            yield "nulls", {}


@lru_cache(maxsize=512)
def _statement(schema: Schema, dialect: str, tenant: str, query: Query, stretch: str, forward: bool) -> Select[Any]:
    """The statement of one stretch; built once, its values are parameters."""
    entity = query.entity
    order = _order_column(schema, dialect, query)
    keys = [entity.by_name[name].expression for name in entity.key]
    descending = query.sort.descending is forward
    names = [column.expression.label(f"c{n}") for n, column in enumerate(_selected(_shown(schema, entity, query.shown)))]
    written: ColumnElement[Any] = as_written(order.expression) if order.kind is Kind.TIME else order.expression
    statement = select(*names, written.label("o"), *(key.label(f"k{n}") for n, key in enumerate(keys)))
    statement = statement.select_from(entity.table).where(*_conditions(schema, dialect, tenant, query))
    subject = order.expression
    after = _beyond(keys, [bindparam(f"k{n}", type_=key.type) for n, key in enumerate(keys)], descending)
    match stretch:
        case "values-after":
            value: ColumnElement[Any] = bindparam("o", type_=subject.type)
            if query.sort.column in entity.key:
                statement = statement.where(after)
            else:
                statement = statement.where(_at_or_beyond(subject, value, descending), or_(_strictly(subject, value, descending), after))
        case "nulls-after":
            statement = statement.where(subject.is_(None), after)
        case "values":
            statement = statement.where(subject.is_not(None))
        case "nulls":
            statement = statement.where(subject.is_(None))
    ordering = keys if query.sort.column in entity.key else [subject, *keys]
    return statement.order_by(*(part.desc() if descending else part.asc() for part in ordering)).limit(bindparam("limit", type_=_INTEGER, literal_execute=False))


_INTEGER = func.count().type


def _strictly(subject: ColumnElement[Any], value: ColumnElement[Any], descending: bool) -> ColumnElement[bool]:
    return subject < value if descending else subject > value


def _at_or_beyond(subject: ColumnElement[Any], value: ColumnElement[Any], descending: bool) -> ColumnElement[bool]:
    return subject <= value if descending else subject >= value


def _beyond(keys: Sequence[ColumnElement[Any]], values: Sequence[ColumnElement[Any]], descending: bool) -> ColumnElement[bool]:
    """``a <= x AND (a < x OR b < y)``: the form that an index serves on every engine."""
    first = _strictly(keys[0], values[0], descending)
    if len(keys) == 1:
        return first
    return and_(_at_or_beyond(keys[0], values[0], descending), or_(first, _beyond(keys[1:], values[1:], descending)))


def _order_column(schema: Schema, dialect: str, query: Query) -> Column:
    name = query.sort.column
    column = query.entity.by_name.get(name)
    if column is None:
        raise Usage(f"{query.entity.name} has no column {name} to sort by.")
    if column.kind in (Kind.JSON, Kind.LIST, Kind.BYTES, Kind.MASKED):
        raise Usage(f"{name} cannot be sorted by.")
    if dialect in ("mysql", "mariadb") and isinstance(column.expression.type, Status) and column.expression.type.enum:
        raise Usage(f"{name} is an ENUM here, which MySQL orders by its place in the list and compares by its text; filter by it instead.")
    _need(schema, query.entity, [column.expression], f"The order by {name}")
    return column


def _conditions(schema: Schema, dialect: str, tenant: str, query: Query) -> list[ColumnElement[bool]]:
    entity = query.entity
    conditions: list[ColumnElement[bool]] = []
    if query.view.where is not None:
        _need(schema, entity, [query.view.where], f"The view {entity.name}/{query.view.name}")
        conditions.append(query.view.where)
    for filter_ in query.filters:
        column = entity.by_name[filter_.column]
        _need(schema, entity, [column.expression], f"The filter {filter_}")
        conditions.append(condition(column, filter_, dialect))
    if query.search:
        conditions.append(look_up(_searched(schema, entity), query.search, dialect))
    if tenant and entity.tenant:
        column = entity.by_name[entity.tenant]
        conditions.append(column.expression == value_of(column, tenant))
    return conditions


def _searched(schema: Schema, entity: Entity) -> list[tuple[Column, bool]]:
    """The columns that a search looks in, each with whether an index serves prefixes."""
    table = schema.table(entity.table.name)
    if table is None:
        return []
    return [(entity.by_name[name], table.prefixed(name)) for name in entity.search if name in table.readable]


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


# What is there


def shown(session: Session, entity: Entity, names: Sequence[str] = ()) -> tuple[Column, ...]:
    """The columns of those names (all without names) that are there and may be read."""
    return _shown(session.schema, entity, tuple(names))


@lru_cache(maxsize=512)
def _shown(schema: Schema, entity: Entity, names: tuple[str, ...]) -> tuple[Column, ...]:
    table = schema.table(entity.table.name)
    if table is None:
        raise Missing(f"The table {entity.table.name} is not in this database; 'quaestor doctor' lists what is there.")
    if lost := [key for key in entity.key if key not in table.readable]:
        raise Missing(f"{entity.name} cannot be read: its key {', '.join(lost)} is missing or forbidden to this role.")
    columns = (entity.by_name[name] for name in names) if names else iter(entity.columns)
    return tuple(column for column in columns if _lacking(schema, [column.expression]) == [])


def _selected(columns: Sequence[Column]) -> list[Column]:
    """Masked values are not even read."""
    return [column for column in columns if column.kind is not Kind.MASKED]


def _lacking(schema: Schema, expressions: Sequence[Any]) -> list[str]:
    """The columns that an expression needs and that are not there, or may not be read."""
    needed = {
        (part.table.name, part.name)
        for expression in expressions for part in visitors.iterate(expression)
        if isinstance(part, SqlColumn) and part.table is not None and hasattr(part.table, "schema")
    }
    return sorted(f"{table}.{column}" for table, column in needed if not schema.readable(table, column))


def _need(schema: Schema, entity: Entity, expressions: Sequence[Any], what: str) -> None:
    if lacking := _lacking(schema, expressions):
        raise Missing(f"{what} needs {', '.join(lacking)}, which this database has not or this role may not read.")


def available(session: Session, entity: Entity, part: View | Figure) -> str | None:
    """None where a view or figure can be shown, else the sentence why not."""
    try:
        _shown(session.schema, entity, ())
        if isinstance(part, Figure):
            _need(session.schema, entity, [part.statement], f"The figure {entity.name}/{part.name}")
        else:
            _order_column(session.schema, session.server.dialect, Query(entity, part))
            _conditions(session.schema, session.server.dialect, "", Query(entity, part))
    except (Missing, Usage) as error:
        return str(error)
    return None


# Records, counts, figures, links


def record_id(keys: Sequence[Any]) -> str:
    """The one text of a key: its parts percent-encoded, joined by ``/``."""
    return "/".join(quote(str(key), safe="") for key in keys)


def key_of(entity: Entity, text: str) -> tuple[Any, ...]:
    """The key of a record id; raises Usage."""
    parts = [unquote(part) for part in text.split("/")]
    if len(parts) != len(entity.key):
        raise Usage(f"'{text}' is no id of {entity.name}; it has {len(entity.key)} parts ({'/'.join(entity.key)}).")
    return tuple(value_of(entity.by_name[name], part) for name, part in zip(entity.key, parts, strict=True))


def record(session: Session, entity: Entity, text: str, cancel: Cancel | None = None) -> Record:
    """One record with every column that is there; raises Missing where it is not, or is another tenant's."""
    columns = shown(session, entity)
    read = _selected(columns)
    keys = zip(entity.key, key_of(entity, text), strict=True)
    where = [entity.by_name[name].expression == value for name, value in keys]
    if session.tenant and entity.tenant:
        tenant = entity.by_name[entity.tenant]
        where.append(tenant.expression == value_of(tenant, session.tenant))
    statement = select(*(c.expression.label(f"c{n}") for n, c in enumerate(read))).select_from(entity.table).where(*where).limit(1)
    found = _execute(session, statement, {}, cancel)
    if not found:
        raise Missing(f"There is no record {text} in {entity.name}; it may have been deleted, or another tenant's.")
    values = iter(found[0])
    return Record(entity, text, columns, tuple(MASK if c.kind is Kind.MASKED else next(values) for c in columns), datetime.now(UTC))


def count(session: Session, query: Query, cancel: Cancel | None = None, patience: float = 1.0) -> Count:
    """How many rows: the engine's estimate for a whole large table, else counted up to the cap.

    Where even that takes longer than ``patience`` seconds, the planner's estimate.
    """
    table = session.schema.table(query.entity.table.name)
    conditions = _conditions(session.schema, session.server.dialect, session.tenant, query)
    if not conditions and table is not None and table.rows > CAP:
        return Count(table.rows, Counted.ESTIMATE)
    inner = select(literal_column("1").label("one")).select_from(query.entity.table).where(*conditions).limit(CAP + 1)
    hasty = replace(session, profile=replace(session.profile, statement_timeout=patience))
    try:
        found = _execute(hasty, select(func.count()).select_from(inner.subquery()), {}, cancel)[0][0]
    except TooSlow:
        return Count(_estimate(session, select(literal_column("1")).select_from(query.entity.table).where(*conditions)), Counted.ESTIMATE)
    return Count(min(found, CAP), Counted.CAPPED if found > CAP else Counted.EXACT)


def _estimate(session: Session, statement: Select[Any]) -> int:
    """The planner's guess."""
    compiled = statement.compile(session.engine, compile_kwargs={"render_postcompile": True})
    if session.server.dialect == "sqlite":
        return max((t.rows for t in session.schema.tables.values()), default=0)
    with session.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN {'(FORMAT JSON)' if session.server.dialect == 'postgresql' else 'FORMAT=JSON'} {compiled}", compiled.construct_params() if session.server.dialect == "postgresql" else tuple(compiled.construct_params()[n] for n in compiled.positiontup or ())).scalar()
    if session.server.dialect == "postgresql":
        tree = json.loads(plan) if isinstance(plan, str) else plan
        return int(tree[0]["Plan"]["Plan Rows"])
    return _most(json.loads(plan), ("rows_examined_per_scan", "rows", "estimated_rows"))


def _most(tree: Any, names: tuple[str, ...]) -> int:
    """The largest number under any of the names, anywhere in a plan."""
    if isinstance(tree, dict):
        here = [int(tree[name]) for name in names if isinstance(tree.get(name), int | float)]
        return max([*here, *(_most(part, names) for part in tree.values())], default=0)
    return max((_most(part, names) for part in tree), default=0) if isinstance(tree, list) else 0


def figure(session: Session, entity: Entity, wanted: Figure, parameters: Mapping[str, str] | None = None, cancel: Cancel | None = None) -> Page:
    """A figure's rows, with the parameters as an operator types them; raises Usage for one that is unknown or wrong."""
    _need(session.schema, entity, [wanted.statement], f"The figure {entity.name}/{wanted.name}")
    given = dict(parameters or {})
    values = {}
    for parameter in wanted.parameters:
        column = Column(parameter.name, parameter.kind, literal_column("0"))
        values[parameter.name] = value_of(column, given.pop(parameter.name, parameter.default))
    if given:
        raise Usage(f"{entity.name}/{wanted.name} has no parameter {', '.join(sorted(given))}; it has {', '.join(p.name for p in wanted.parameters) or 'none'}.")
    statement = wanted.statement
    if session.tenant and entity.tenant:
        tenant = entity.by_name[entity.tenant]
        statement = statement.where(tenant.expression == value_of(tenant, session.tenant))
    began = time.perf_counter()
    found = _execute(session, statement, values, cancel)
    rows = tuple(Row(str(n), tuple(values), (n,)) for n, values in enumerate(found))
    return Page(wanted.columns, rows, False, False, datetime.now(UTC), time.perf_counter() - began)


def follow(session: Session, source: Record, link: Link) -> Query | None:
    """The query of what a link leads to; None where the record has no value to follow."""
    target = session.entity(link.entity)
    filters = []
    for mine, theirs in link.pairs:
        value = source.value(mine)
        if value is None:
            return None
        text = hashlib.sha256(str(value).encode()).hexdigest() if link.digest == "sha256" else str(value)
        filters.append(Filter(theirs, Operator.EQ, text))
    filters += [Filter(name, Operator.EQ, value) for name, value in link.fixed]
    everything = View("linked", f"The {target.name} of {source.entity.name} {source.id}.", None, _linked_order(session, target, filters))
    return Query(target, everything, tuple(filters))


def _linked_order(session: Session, target: Entity, filters: Sequence[Filter]) -> Order:
    """The key's order: what is linked is few, and a foreign key's index ends with it or is narrow enough."""
    return Order(target.key[0])


# Cursors


def encode(position: Position) -> str:
    """A position as an opaque text for ``--after``."""
    tagged = [{"d": str(part)} if isinstance(part, Decimal) else part for part in position]
    return base64.urlsafe_b64encode(json.dumps(tagged, ensure_ascii=False, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(text: str) -> Position:
    """The position of a cursor; raises Usage."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return tuple(Decimal(part["d"]) if isinstance(part, dict) else part for part in parts)
    except (ValueError, KeyError, TypeError, ArithmeticError):
        raise Usage("This cursor cannot be read; take the 'next' of an earlier answer, or start without one.") from None


# What an index serves


def served(session: Session, query: Query) -> str | None:
    """None where an index serves the query (or the table is small), else what would have to be read, and which index would help."""
    table = session.schema.table(query.entity.table.name)
    if table is None or table.rows < SMALL:
        return None
    narrowing = [f for f in query.filters if _narrows(table, f)]
    if query.search:
        without = [c.name for c, by_prefix in _searched(session.schema, query.entity) if not table.leads((c.name,)) and not by_prefix]
        return f"No index serves a search in {', '.join(without)}; all {table.rows} rows may be read." if without else None
    equal = [f.column for f in query.filters if f.operator is Operator.EQ]
    column = query.sort.column
    ordered = table.leads((column,)) or any(table.leads((name, column)) for name in equal)
    if query.filters and not narrowing:
        wanted = ", ".join(dict.fromkeys([*(f.column for f in query.filters[:1]), column, *query.entity.key]))
        return f"No index serves {' '.join(map(str, query.filters))}; up to {table.rows} rows may be read. An index on {table.name} ({wanted}) would serve it."
    if not ordered and not narrowing:
        wanted = ", ".join(dict.fromkeys([column, *query.entity.key]))
        return f"No index serves the order by {column}; all {table.rows} rows would be sorted. An index on {table.name} ({wanted}) would serve it."
    return None


def _narrows(table: Table, filter_: Filter) -> bool:
    if filter_.operator is Operator.NE:
        return False
    return table.prefixed(filter_.column) if filter_.operator is Operator.PREFIX else table.leads((filter_.column,))


# Running


def zone_of(session: Session) -> tzinfo:
    """The zone of the times that this database stores without one; raises Usage."""
    try:
        return UTC if session.profile.naive_times == "UTC" else ZoneInfo(session.profile.naive_times)
    except (ZoneInfoNotFoundError, ValueError):
        raise Usage(f"{session.name}: naive_times = '{session.profile.naive_times}' is no time zone; write one such as Europe/Zurich.") from None


def _execute(session: Session, statement: Executable, parameters: Mapping[str, Any], cancel: Cancel | None) -> Sequence[Any]:
    """The rows of one statement, in a read-only transaction with the session's settings; a lost connection is tried once more."""
    zone, settings = naive_zone.set(zone_of(session)), declare.settings.set(session.settings)
    try:
        try:
            return _once(session, statement, parameters, cancel or Cancel())
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return _once(session, statement, parameters, cancel or Cancel())
    except DRIVER_ERRORS as error:
        raise translate(error, session.profile) from error
    finally:
        declare.settings.reset(settings)
        naive_zone.reset(zone)


def _once(session: Session, statement: Executable, parameters: Mapping[str, Any], cancel: Cancel) -> Sequence[Any]:
    sqlite = session.server.dialect == "sqlite"
    seconds = session.profile.statement_timeout + (0 if sqlite else _GRACE)
    with session.engine.connect() as connection:
        if session.server.dialect == "postgresql":
            connection = connection.execution_options(local_settings=local_settings(session))
        try:
            with cancel.running(stopper(connection)), deadline(seconds, hang_up(connection)) as overdue:
                return connection.execute(statement, parameters).all()
        except DRIVER_ERRORS as error:
            if cancel.cancelled:
                connection.invalidate()  # a late signal must not hit the next statement
            if overdue and sqlite:
                raise TooSlow(f"The statement took longer than {seconds:g} s and was stopped; narrow it.") from error
            raise
