"""Making and dropping the indexes that views and searches want, on tables of whoever made them.

Names begin with ``quaestor_ix_``, so that they are known again; PostgreSQL makes them CONCURRENTLY, so that
nobody who writes has to wait.
"""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager, nullcontext

import sqlalchemy as sa
from alembic import op

from db.errors import unknown
from db.wishes import Wish, missing
from migrations import option, schema, system

PREFIX = "quaestor_ix_"
LENGTH = 63
"""Of a name, on the engine that allows the least."""


def name_of(wish: Wish) -> str:
    """The name of a wish's index."""
    made = PREFIX + "_".join([wish.table, *wish.columns[: wish.needed], *(["prefix"] if wish.prefix else [])])
    if len(made) <= LENGTH:
        return made
    return f"{made[: LENGTH - 9]}_{hashlib.sha256(made.encode()).hexdigest()[:8]}"


def make() -> None:
    """Make every index that is wanted and not there; ``--set tables=a,b`` makes those of some tables only."""
    chosen = set(str(option("tables", "")).replace(",", " ").split())
    for name in sorted(chosen - set(schema().tables)):
        raise unknown("table", name, schema().tables)
    dialect = op.get_context().dialect.name
    with _alone():
        _drop_broken()
        for wish in missing(system(), schema(), dialect):
            if not chosen or wish.table in chosen:
                _create(wish)


def drop() -> None:
    """Drop every index of ours that is there."""
    with _alone():
        _drop_broken()
        for table in schema().tables.values():
            for index in table.indexes:
                if index.name.startswith(PREFIX):
                    op.drop_index(index.name, table.name, postgresql_concurrently=_concurrently(table.kind))


def _drop_broken() -> None:
    """Drop what an interrupted CREATE INDEX CONCURRENTLY of ours left behind, which serves nothing."""
    if op.get_context().dialect.name != "postgresql":
        return
    database: sa.Connection = op.get_context().opts["database"]
    broken = database.execute(
        sa.text(
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE NOT i.indisvalid AND pg_table_is_visible(c.oid) AND starts_with(c.relname, :prefix)"
        ),
        {"prefix": PREFIX},
    )
    for name in broken.scalars().all():
        op.execute(f"DROP INDEX CONCURRENTLY {name}")


def _create(wish: Wish) -> None:
    kind = schema().tables[wish.table].kind
    classes = {wish.columns[0]: "text_pattern_ops"} if wish.prefix else {}
    op.create_index(
        name_of(wish),
        wish.table,
        list(wish.columns),
        postgresql_concurrently=_concurrently(kind),
        postgresql_ops=classes,
    )


def _concurrently(kind: str) -> bool:
    """A partitioned table's index cannot be made so."""
    return kind == "table"


def _alone() -> AbstractContextManager[None]:
    """Outside a transaction on PostgreSQL, which CONCURRENTLY wants."""
    context = op.get_context()
    return context.autocommit_block() if context.dialect.name == "postgresql" else nullcontext()
