"""The statements of a change, built once: putting one together and finding its compiled form takes longer than to run it.

What is literal travels as parameters; what the server computes (``version + 1``) is part of the statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Insert, Select, Table, Update, and_, bindparam, insert, select, update

_updates: dict[tuple[Table, tuple[str, ...], tuple[str, ...]], tuple[Mapping[str, Any], Update]] = {}
"""By table, key and computed columns: what they were computed from, and the statement."""


@lru_cache(maxsize=256)
def by_key(table: Table, columns: str) -> Select[Any]:
    """These columns of the row with the key ``quaestor_key``."""
    key = next(iter(table.primary_key.columns))
    names = [key, *(table.c[name] for name in columns.split() if name != key.name)]
    return select(*names).where(key == bindparam("quaestor_key"))


def literal(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are parameters."""
    return {name: value for name, value in values.items() if not isinstance(value, ColumnElement)}


def inserting(table: Table, values: Mapping[str, Any]) -> Insert:
    """A row with the columns among its parameters, and those that are computed."""
    computed = _computed(values)
    return _insert(table).values(**computed) if computed else _insert(table)


def updating(table: Table, key: tuple[str, ...], values: Mapping[str, Any]) -> Update:
    """The row with the key ``quaestor_NAME``: the columns among its parameters, and those that are computed."""
    computed = _computed(values)
    place = (table, key, tuple(computed))
    if place in _updates:
        before, made = _updates[place]
        if all(value is before[name] or value.compare(before[name]) for name, value in computed.items()):
            return made
    made = update(table).where(and_(*(table.c[name] == bindparam(f"quaestor_{name}") for name in key)))
    made = made.values(**computed) if computed else made
    _updates[place] = (computed, made)
    return made


def _computed(values: Mapping[str, Any]) -> dict[str, ColumnElement[Any]]:
    return {name: value for name, value in values.items() if isinstance(value, ColumnElement)}


@lru_cache(maxsize=64)
def _insert(table: Table) -> Insert:
    return insert(table)
