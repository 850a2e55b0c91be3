"""What the tables of all seven services share: the metadata, the key, references, times and indexes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, MetaData

from db.defaults import random_id, this_moment
from db.types import Id, Json, Status, Time

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
"""The document names no constraint and no index: constraints are named as PostgreSQL would name them."""


def key() -> Column[str]:
    """The key of every table, a UUID of version 4."""
    return Column("id", Id(), primary_key=True, server_default=random_id())


def parent(name: str, table: str, optional: bool = False) -> Column[str]:
    """A reference; nothing is deleted along it, since records end by their status and stay for the audit."""
    return Column(name, Id(), ForeignKey(f"{table}.id"), nullable=optional)


def status(default: str, *others: str, name: str = "status") -> Column[str]:
    """One of a few known texts, the first of which a new record gets."""
    return Column(name, Status(default, *others), nullable=False, server_default=default)


def moment(name: str, *, required: bool = False) -> Column[Any]:
    """A time with its zone."""
    return Column(name, Time(zone=True), nullable=not required)


def made(name: str = "created_at") -> Column[Any]:
    """The time when the record was made, by the server's clock."""
    return Column(name, Time(zone=True), nullable=False, server_default=this_moment())


def notes(name: str = "metadata") -> Column[str]:
    """A JSON object, empty at first."""
    return Column(name, Json(), nullable=False, server_default="{}")


def by(*columns: str) -> Index:
    """An index for lists in the order of its last column; like every order, it ends with the key."""
    return Index(None, *columns, "id")


def beginning(column: str, *then: str) -> Index:
    """An index that finds texts by their beginning, whatever the database's collation."""
    key = ("id",) if then else ()
    return Index(None, column, *then, *key, postgresql_ops={column: "varchar_pattern_ops"})
