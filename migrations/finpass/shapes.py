"""The two versions of FinPass's tables, both made from the one definition in ``db.finpass.tables``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, ForeignKey, MetaData, Table

from db.finpass.tables import FIRST_VERSION, metadata

NEW_TABLES = tuple(table for table in metadata.sorted_tables if table.name not in FIRST_VERSION)
"""The tables that only the second version has."""
WIDENED = ("users", "credentials")
"""The tables of the first version that the second one gives more columns."""


def first() -> MetaData:
    """The tables of the first version."""
    made = MetaData()
    for name, columns in FIRST_VERSION.items():
        _shape(name, columns, made)
    return made


def second(name: str) -> Table:
    """A table of the first version with all the columns of the second, without its indexes."""
    return _shape(name, metadata.tables[name].columns.keys(), MetaData())


def added(name: str) -> list[Column[Any]]:
    """The columns that the second version adds to a table, without what makes one of them unique."""
    new = (c for c in metadata.tables[name].columns if c.name not in FIRST_VERSION[name])
    return [_copy(column, unique=False) for column in new]


def indexes(name: str) -> list[tuple[str, list[str]]]:
    """The indexes of the second version on a table: name and columns."""
    return sorted((str(i.name), [column.name for column in i.columns]) for i in metadata.tables[name].indexes)


def _shape(name: str, columns: Iterable[str], into: MetaData) -> Table:
    return Table(name, into, *(_copy(metadata.tables[name].columns[column]) for column in columns))


def _copy(column: Column[Any], *, unique: bool = True) -> Column[Any]:
    keys = [ForeignKey(key.target_fullname, ondelete=key.ondelete) for key in column.foreign_keys]
    return Column(
        column.name,
        column.type,
        *keys,
        primary_key=column.primary_key,
        nullable=column.nullable,
        unique=column.unique and unique,
        server_default=column.server_default,
    )
