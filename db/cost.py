"""What a query would cost: how many rows it has, and whether an index serves it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, literal_column, select

from db.cancel import Cancel
from db.errors import TooSlow
from db.keyset import conditions as conditions_of
from db.keyset import searched
from db.model import Count, Counted, Filter, Operator, Query
from db.run import execute
from db.schema import Table
from db.session import Session

CAP = 10_000
"""A count goes no further."""
SMALL = 20_000
"""A table of fewer rows needs no index to be read at once."""


def count(session: Session, query: Query, cancel: Cancel | None = None, patience: float = 1.0) -> Count:
    """How many rows: the engine's estimate for a whole large table, else counted up to the cap.

    Where even that takes longer than ``patience`` seconds, the planner's estimate.
    """
    table = session.schema.table(query.entity.table.name)
    conditions = conditions_of(session.schema, session.server.dialect, session.tenant, query)
    if not conditions and table is not None and table.rows > CAP:
        return Count(table.rows, Counted.ESTIMATE)
    inner: Select[Any] = (
        select(literal_column("1").label("one"))
        .select_from(query.entity.table)
        .where(*conditions)
        .limit(CAP + 1)
    )
    hasty = replace(session, profile=replace(session.profile, statement_timeout=patience))
    try:
        found = execute(hasty, select(func.count()).select_from(inner.subquery()), {}, cancel)[0][0]
    except TooSlow:
        return Count(
            _estimate(
                session, select(literal_column("1")).select_from(query.entity.table).where(*conditions)
            ),
            Counted.ESTIMATE,
        )
    return Count(min(found, CAP), Counted.CAPPED if found > CAP else Counted.EXACT)


def _estimate(session: Session, statement: Select[Any]) -> int:
    """The planner's guess."""
    compiled = statement.compile(session.engine, compile_kwargs={"render_postcompile": True})
    if session.server.dialect == "sqlite":
        return max((t.rows for t in session.schema.tables.values()), default=0)
    explain = "EXPLAIN (FORMAT JSON)" if session.server.dialect == "postgresql" else "EXPLAIN FORMAT=JSON"
    values = compiled.construct_params()
    given = tuple(values[name] for name in compiled.positiontup) if compiled.positiontup else values
    with session.engine.connect() as connection:
        plan: Any = connection.exec_driver_sql(f"{explain} {compiled}", given).scalar()
    tree = json.loads(plan) if isinstance(plan, str) else plan
    return _most(tree, ("Plan Rows", "rows_examined_per_scan", "rows", "estimated_rows"))


def _most(tree: Any, names: tuple[str, ...]) -> int:
    """The largest number under any of the names, anywhere in a plan."""
    if isinstance(tree, dict):
        here = [int(tree[name]) for name in names if isinstance(tree.get(name), int | float)]
        return max([*here, *(_most(part, names) for part in tree.values())], default=0)
    return max((_most(part, names) for part in tree), default=0) if isinstance(tree, list) else 0


def served(session: Session, query: Query) -> str | None:
    """None where an index serves the query (or the table is small), else what would have to be read, and which index would help."""
    table = session.schema.table(query.entity.table.name)
    if table is None or table.rows < SMALL:
        return None
    narrowing = [f for f in query.filters if _narrows(table, f)]
    if query.search:
        without = [
            c.name
            for c, by_prefix in searched(session.schema, query.entity)
            if not table.leads((c.name,)) and not by_prefix
        ]
        return (
            f"No index serves a search in {', '.join(without)}; all {table.rows} rows may be read."
            if without
            else None
        )
    equal = [f.column for f in query.filters if f.operator is Operator.EQ]
    column = query.sort.column
    ordered = table.leads((column,)) or any(table.leads((name, column)) for name in equal)
    if query.filters and not narrowing:
        wanted = ", ".join(dict.fromkeys([*(f.column for f in query.filters[:1]), column, *query.entity.key]))
        typed = " ".join(map(str, query.filters))
        return f"No index serves {typed}; up to {table.rows} rows may be read. An index on {table.name} ({wanted}) would serve it."
    if not ordered and not narrowing:
        wanted = ", ".join(dict.fromkeys([column, *query.entity.key]))
        return f"No index serves the order by {column}; all {table.rows} rows would be sorted. An index on {table.name} ({wanted}) would serve it."
    return None


def _narrows(table: Table, filter_: Filter) -> bool:
    if filter_.operator is Operator.NE:
        return False
    return (
        table.prefixed(filter_.column)
        if filter_.operator is Operator.PREFIX
        else table.leads((filter_.column,))
    )
