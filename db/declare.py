"""Declaring entities: a table, and the few things that its columns do not say themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BindParameter, ColumnElement, Table, bindparam

from db.model import Column, Entity, Figure, Kind, Link, Order, Queue, View
from db.types import Money, Status, Time, kind_of

settings: ContextVar[Mapping[str, str]] = ContextVar("settings", default=MappingProxyType({}))
"""The thresholds that hold in this session, by name; set by the reader and the writer."""
moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
"""What the rules take for now; None is this moment by the program's clock."""


def this_moment() -> datetime:
    """Now, for the rules."""
    return moment.get() or datetime.now(UTC)


def now(**shift: float) -> BindParameter[datetime]:
    """This moment, or ``now(days=-7)``: a parameter that is computed when the statement runs."""
    delta = timedelta(**shift)
    return bindparam(None, type_=Time(zone=True), callable_=lambda: this_moment() + delta, unique=True)


def naive_now(**shift: float) -> BindParameter[datetime]:
    """The same for columns without a zone (``Time()``)."""
    delta = timedelta(**shift)
    return bindparam(None, type_=Time(), callable_=lambda: this_moment() + delta, unique=True)


def setting(name: str, default: str, type_: Any = None) -> BindParameter[Any]:
    """A threshold of the policy or the profile, as a parameter that is looked up when the statement runs."""

    def current() -> Decimal | int:
        value = Decimal(settings.get().get(name, default))
        return int(value) if isinstance(type_, sa.Integer) else value

    return bindparam(None, type_=type_ or Money(18, 2), callable_=current, unique=True)


def since(
    seconds_setting: str, default: float, time: Callable[..., BindParameter[datetime]] = naive_now
) -> BindParameter[datetime]:
    """This moment less a threshold of the settings in seconds."""
    parameter = time()
    return bindparam(
        None,
        type_=parameter.type,
        unique=True,
        callable_=lambda: (
            this_moment() - timedelta(seconds=float(settings.get().get(seconds_setting, default)))
        ),
    )


def words(text: str) -> tuple[str, ...]:
    """The words of a text: names are listed in one string."""
    return tuple(text.split())


def view(
    name: str,
    summary: str,
    order: str,
    where: ColumnElement[bool] | None = None,
    *,
    listed: str = "",
    queue: Queue | None = None,
) -> View:
    """A view; ``order`` as ``created_at`` or ``-created_at``."""
    return View(name, summary, where, Order.parse(order), words(listed), queue)


def entity(
    table: Table,
    *,
    listed: str,
    views: tuple[View, ...],
    name: str = "",
    groups: Mapping[str, str] | None = None,
    masked: str = "",
    kinds: Mapping[str, Kind] | None = None,
    currency: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    computed: tuple[Column, ...] = (),
    figures: tuple[Figure, ...] = (),
    search: str = "",
    links: tuple[Link, ...] = (),
    aliases: str = "",
    title: str = "",
    tenant: str = "",
) -> Entity:
    """An entity over a table: all its columns in the table's order, then the computed ones.

    ``groups`` maps a heading to the names under it (what no group names stands under *Other*);
    ``kinds`` overrides what the type says; ``currency`` maps a MONEY column to the column with its
    currency, or to a code. Foreign keys become links in both directions by themselves (``db.registry``);
    ``links`` adds those that no foreign key declares.
    """
    heading = {column: group for group, columns in (groups or {}).items() for column in words(columns)}
    hidden = words(masked)

    def column(source: Any) -> Column:
        kind = (
            Kind.MASKED if source.name in hidden else (kinds or {}).get(source.name) or kind_of(source.type)
        )
        if (
            kind is Kind.TEXT
            and (source.name == "id" or source.name.endswith("_id"))
            and getattr(source.type, "length", 0) == 36
        ):
            kind = Kind.ID
        return Column(
            name=source.name,
            kind=kind,
            expression=source,
            label=(labels or {}).get(source.name, ""),
            group=heading.get(source.name, "Other" if groups else ""),
            values=source.type.values if isinstance(source.type, Status) else (),
            currency=(currency or {}).get(source.name, ""),
        )

    columns = (*(column(source) for source in table.columns), *computed)
    known = {column.name for column in columns}
    order = {name for view in views for name in (view.order.column, *view.columns)}
    if wrong := {*heading, *hidden, *words(listed), *words(search), *words(title), *order} - known:
        raise ValueError(f"{table.name} has no column {', '.join(sorted(wrong))}")
    return Entity(
        name=name or table.name,
        table=table,
        columns=columns,
        key=tuple(c.name for c in table.primary_key.columns),
        listed=words(listed),
        views=views,
        figures=figures,
        search=words(search),
        links=links,
        aliases=words(aliases),
        title=words(title),
        tenant=tenant,
    )
