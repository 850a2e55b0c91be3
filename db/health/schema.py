"""Tables, columns and indexes: what is missing and what that costs, and what is there besides."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import UniqueConstraint

from db.cancel import Cancel
from db.cost import SMALL
from db.health.check import Check, State
from db.model import Entity, Figure, View
from db.read import available
from db.schema import Table
from db.session import Session
from db.wishes import missing

_OURS = "quaestor_"
_SHOWN = 5
"""Names in one sentence."""


def tables(session: Session, _cancel: Cancel) -> Iterator[Check]:
    """A check for each entity, and one for what no entity stands for."""
    for entity in session.system.entities:
        yield _of_entity(session, entity)
    known = set(session.system.metadata.tables)
    extra = sorted(name for name in session.schema.tables if name not in known and not name.startswith(_OURS))
    if extra:
        yield Check("schema", "other tables", State.NOTE, f"Not known, never read: {_listed(extra)}.")
    if not any(name.startswith(f"{_OURS}ledger") for name in session.schema.tables):
        yield Check(
            "schema", "ledger", State.NOTE, "quaestor's own tables are not here: the console only reads."
        )


def _of_entity(session: Session, entity: Entity) -> Check:
    name = entity.table.name
    table = session.schema.table(name)
    if table is None:
        cost = f"{entity.name} with its {len(entity.views) + len(entity.figures)} views cannot be shown"
        return Check("schema", name, State.FAILED, f"The table is not there: {cost}.")
    wanted = [column.name for column in entity.table.columns]
    lacking = [column for column in wanted if column not in table.columns]
    closed = [column for column in wanted if column in table.columns and column not in table.readable]
    extra = [column for column in table.columns if column not in entity.table.columns]
    parts: list[View | Figure] = [*entity.views, *entity.figures]
    lost = [part.name for part in parts if available(session, entity, part)]
    found = []
    if lacking:
        hidden = session.server.dialect in ("mysql", "mariadb")  # these show a role only what it may see
        found.append(f"missing{', or not for this role' * hidden}: {_listed(lacking)}")
    if closed:
        found.append(f"not for this role: {_listed(closed)}")
    if lost:
        found.append(f"so these cannot be shown: {_listed(lost)}")
    if extra:
        found.append(f"columns that are not known: {_listed(extra)}")
    bad = State.FAILED if lost and lacking else State.WARNING if lacking or lost else State.NOTE
    text = "; ".join(found)
    return Check(
        "schema",
        name,
        bad if found else State.GOOD,
        f"{text[:1].upper()}{text[1:]}." if found else "All there.",
    )


def indexes(session: Session, _cancel: Cancel) -> Iterator[Check]:
    """The documents' indexes that are not there, then those that views and searches want besides."""
    found = False
    for entity in session.system.entities:
        table = session.schema.table(entity.table.name)
        for columns in _documented(entity) if table and table.kind != "view" else ():
            assert table is not None
            if not table.leads(columns) and set(columns) <= set(table.columns):
                found = True
                text = f"No index begins with ({', '.join(columns)}), which the system's document has."
                yield Check("indexes", table.name, _weight(table), text)
    for wish in missing(session.system, session.schema, session.server.dialect):
        found = True
        what = f"({', '.join(wish.columns)}){' for prefixes' if wish.prefix else ''}"
        text = f"An index on {what} would serve {_listed(list(wish.reasons))}: 'migrate up --part indexes' makes it."
        yield Check("indexes", wish.table, _weight(session.schema.tables[wish.table]), text)
    if not found:
        yield Check("indexes", "all", State.GOOD, "Every view and search is served by an index.")


def _documented(entity: Entity) -> Iterator[tuple[str, ...]]:
    """The columns of the indexes and unique keys that the table is declared with."""
    for index in sorted(entity.table.indexes, key=lambda index: str(index.name)):
        columns = tuple(column.name for column in index.columns)
        if columns and len(columns) == len(index.expressions):
            yield columns
    for constraint in entity.table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield tuple(column.name for column in constraint.columns)


def _weight(table: Table) -> State:
    """A small table is read at once whatever its indexes are."""
    return State.WARNING if table.rows >= SMALL else State.NOTE


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
