"""Whose tables these are: made by our revisions, or by others and only recorded with ``stamp``."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from db.errors import Missing, Refused
from db.model import System
from migrations.parts import version_table

_STAMPS = sa.Table(
    "quaestor_stamps",
    sa.MetaData(),
    sa.Column("part", sa.String(20), primary_key=True),
    sa.Column("revision", sa.String(32), nullable=False),
)
"""The parts whose tables others made: never changed, only known to be there."""


def tables(connection: sa.Connection) -> set[str]:
    """The names of all tables."""
    return set(sa.inspect(connection).get_table_names())


def current(connection: sa.Connection, part: str) -> str:
    """The part's revision as recorded; empty where none is."""
    if version_table(part) not in tables(connection):
        return ""
    column: sa.ColumnClause[str] = sa.column("version_num")
    found = connection.execute(sa.select(column).select_from(sa.table(version_table(part)))).scalars().all()
    return str(found[0]) if found else ""


def stamped(connection: sa.Connection, part: str) -> bool:
    """Whether others made what the part's revision stands for."""
    if _STAMPS.name not in tables(connection):
        return False
    return connection.execute(sa.select(_STAMPS).where(_STAMPS.c.part == part)).first() is not None


def set_stamp(connection: sa.Connection, part: str, revision: str) -> None:
    """Record that others made it; an empty revision forgets that."""
    _STAMPS.create(connection, checkfirst=True)
    connection.execute(_STAMPS.delete().where(_STAMPS.c.part == part))
    if revision:
        connection.execute(_STAMPS.insert().values(part=part, revision=revision))


def foreign(connection: sa.Connection, system: System) -> list[str]:
    """The system's tables that are there although none of our revisions made them."""
    return [] if current(connection, "system") else sorted(set(system.metadata.tables) & tables(connection))


def refuse_foreign(connection: sa.Connection, system: System, part: str) -> None:
    """Raise Refused where the part would change tables that others made."""
    if part != "system":
        return
    if stamped(connection, part):
        raise Refused(
            f"The tables of {system.name} in this database were made by others (they are stamped): "
            "quaestor does not change them."
        )
    if found := foreign(connection, system):
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise Refused(
            f"The table '{found[0]}'{more} is there already, made by others: quaestor does not touch it. "
            "'quaestor migrate TARGET stamp' records that the tables are there."
        )


def require(connection: sa.Connection, system: System, wanted: Mapping[str, frozenset[str]]) -> None:
    """Raise Missing where a table or column of ``wanted`` is not there."""
    found = sa.inspect(connection).get_multi_columns().items()
    there = {name: {column["name"] for column in columns} for (_, name), columns in found}
    lacking = [table for table in wanted if table not in there]
    lacking += [f"{t}.{c}" for t, columns in wanted.items() if t in there for c in sorted(columns - there[t])]
    if lacking:
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        raise Missing(
            f"Not stamped: this is not {system.title} as it should be; missing are "
            f"{', '.join(lacking[:5])}{more}."
        )
