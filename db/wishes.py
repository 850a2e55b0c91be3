"""Which indexes the views and searches want: ``doctor`` tells which are missing, the part ``indexes`` makes them.

A view that holds a column to one value wants (that column, its order, the key); any other (its order, the
key). A search by the beginning of a text wants an index that serves prefixes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Text
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BooleanClauseList,
    ColumnElement,
    Grouping,
    Null,
)

from db.model import Entity, Kind, System, View
from db.schema import Schema, Table
from db.who.places import wanted as wanted_by_who
from db.who.trail import wanted as wanted_by_trail

WHO = "who: "
"""What the wishes of the search for a person begin with."""
SOFT_DELETION = "deleted_at"
"""Nearly always NULL: an index that begins with it leads nowhere."""


@dataclass(frozen=True)
class Wish:
    """An index that would serve something."""

    table: str
    columns: tuple[str, ...]
    needed: int
    """How many of the columns an index must begin with to serve; the rest only settle ties."""
    reasons: tuple[str, ...]
    """What it serves: ``payments/needing-attention``, ``search by email``."""
    prefix: bool = False

    @property
    def text(self) -> str:
        """The index in words: ``payments (status, created_at, id)``."""
        return f"{self.table} ({', '.join(self.columns)})"


def wishes(system: System) -> tuple[Wish, ...]:
    """What the views and searches of a system want, each index once."""
    found: dict[tuple[str, tuple[str, ...], bool], Wish] = {}
    for wish in _all(system):
        key = wish.table, wish.columns, wish.prefix
        earlier = found.get(key)
        reasons = (*earlier.reasons, *wish.reasons) if earlier else wish.reasons
        found[key] = Wish(wish.table, wish.columns, wish.needed, reasons, wish.prefix)
    return tuple(found.values())


def missing(system: System, schema: Schema, dialect: str) -> Iterator[Wish]:
    """The wishes for tables and columns that are there and that no index grants."""
    for wish in wishes(system):
        table = schema.table(wish.table)
        if table is None or not set(wish.columns) <= set(table.columns) or table.kind == "view":
            continue
        served = granted(wish, table)
        if dialect == "postgresql":
            served = served or wish.columns[0] in _by_prefix(system, wish)
        if not served and (not wish.prefix or dialect == "postgresql"):
            yield wish


def _by_prefix(system: System, wish: Wish) -> frozenset[str]:
    """The columns of the table that are wanted by prefix, which look-ups of whole values share."""
    if wish.prefix or wish.needed > 1 or not all(reason.startswith(WHO) for reason in wish.reasons):
        return frozenset()
    return frozenset(
        other.columns[0] for other in wishes(system) if other.prefix and other.table == wish.table
    )


def granted(wish: Wish, table: Table) -> bool:
    """Whether an index that is there serves it."""
    if wish.prefix:
        return table.prefixed(wish.columns[0])
    return table.leads(wish.columns[: wish.needed])


def _all(system: System) -> Iterator[Wish]:
    for entity in system.entities:
        for view in entity.views:
            yield from _of_view(entity, view, nulls=system.dialect != "postgresql")
        for name in entity.search:
            column = entity.by_name[name]
            if column.kind in (Kind.TEXT, Kind.STATUS) and not isinstance(column.expression.type, Text):
                yield Wish(entity.table.name, (name,), 1, (f"search by {name}",), prefix=True)
    yield from _of_people(system)


def _of_people(system: System) -> Iterator[Wish]:
    """A person is looked up by whole values."""
    for name, column, reason in (*wanted_by_who(system.name), *wanted_by_trail(system.name)):
        entity = system.by_name[name]
        if type(entity.table.c[column].type) is not Text or system.dialect == "postgresql":
            yield Wish(entity.table.name, tuple(dict.fromkeys((column, *entity.key))), 1, (reason,))


def _of_view(entity: Entity, view: View, nulls: bool) -> Iterator[Wish]:
    columns = [*_held(view.where, entity, nulls), view.order.column]
    if any(_unfit(entity, name) for name in columns):
        return
    whole = tuple(dict.fromkeys([*columns, *entity.key]))
    yield Wish(entity.table.name, whole, len(dict.fromkeys(columns)), (f"{entity.name}/{view.name}",))


def _unfit(entity: Entity, name: str) -> bool:
    """Whether no plain index can hold the column: it is computed, or a text without an end (MySQL)."""
    column = entity.table.columns.get(name)
    return column is None or type(column.type) is Text


def _held(where: ColumnElement[Any] | None, entity: Entity, to_null: bool) -> list[str]:
    """The column that a condition holds to one value (``a = 'x' AND …``), or else to NULL; at most one.

    Not to NULL on PostgreSQL: there, no order is taken from an index behind a column that is NULL.
    """
    held: list[str] = []
    nulls: list[str] = []
    for part in _parts(where):
        if (
            isinstance(part, BinaryExpression)
            and isinstance(part.left, Column)
            and part.left.table is entity.table
        ):
            if part.operator is operators.is_ and isinstance(part.right, Null):
                nulls += [part.left.name] * to_null
            elif part.operator in (operators.eq, operators.is_) and not isinstance(part.right, Column):
                held.append(part.left.name)
    return [name for name in (*held, *nulls) if name != SOFT_DELETION][:1]


def _parts(where: Any) -> Iterator[ColumnElement[Any]]:
    """What is joined by AND."""
    if isinstance(where, Grouping):
        yield from _parts(where.element)
    elif isinstance(where, BooleanClauseList) and where.operator is operators.and_:
        for part in where.clauses:
            yield from _parts(part)
    elif where is not None:
        yield where
