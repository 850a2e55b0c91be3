"""What several services need: who a record belongs to, periods, lists that become rows, counts by value."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Table, Text, and_, bindparam, func, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from db.figures import figure
from db.model import Column, Figure, Kind, Link, Parameter
from db.multipass.tables import asset_definitions, identity_profiles, wallet_accounts
from db.types import Time

PERIOD = (Parameter("since", Kind.TIME, "-30d"), Parameter("until", Kind.TIME, "now"))
"""The period of a figure over a table that grows without end."""
DAY = (Parameter("since", Kind.TIME, "-1d"), Parameter("until", Kind.TIME, "now"))
"""The same for what happens often."""


def within(time: ColumnElement[Any]) -> ColumnElement[bool]:
    """From ``since`` up to, and without, ``until``."""
    return and_(
        time >= bindparam("since", type_=Time(zone=True)), time < bindparam("until", type_=Time(zone=True))
    )


def any_of(condition: Any, *more: Any) -> ColumnElement[bool]:
    """That a row of another table fulfils all of this."""
    return select(literal_column("1")).where(condition, *more).exists()


def holder(table: Table) -> Column:
    """The email of the profile that a record belongs to, beside the id that nobody can read."""
    email = select(identity_profiles.c.email).where(identity_profiles.c.id == table.c.profile_id)
    return Column("holder", Kind.TEXT, email.scalar_subquery(), group="Details")


def wallet_name(table: Table) -> Column:
    """The name of the record's wallet."""
    name = select(wallet_accounts.c.name).where(wallet_accounts.c.id == table.c.wallet_id)
    return Column("wallet", Kind.TEXT, name.scalar_subquery(), group="Details")


def symbol(table: Table) -> Column:
    """The symbol of the record's asset."""
    found = select(asset_definitions.c.symbol).where(asset_definitions.c.id == table.c.asset_id)
    return Column("symbol", Kind.TEXT, found.scalar_subquery(), group="Details")


def of_same_profile(*entities: str) -> tuple[Link, ...]:
    """Ways to what else belongs to the same person."""
    return tuple(
        Link(f"{name} of the profile", name, (("profile_id", "profile_id"),), many=True) for name in entities
    )


def tally(
    name: str,
    summary: str,
    table: Table,
    *by: str,
    where: ColumnElement[bool] | None = None,
    oldest: str = "",
    parameters: tuple[Parameter, ...] = (),
) -> Figure:
    """How many rows there are of each value, or combination of values, and since when with ``oldest``."""
    columns = [table.c[column] for column in by]
    counted = [func.count().label("records")]
    if oldest:
        counted.append(func.min(table.c[oldest]).label("oldest"))
    statement = select(*columns, *counted).select_from(table).group_by(*columns).order_by(*columns)
    return figure(name, summary, statement if where is None else statement.where(where), *parameters)


class elements(GenericFunction[str]):  # noqa: N801 - a SQL construct
    """A row for each text of a list: ``FROM elements(list) AS value``, whose column is ``value`` as well."""

    inherit_cache = True
    type = Text()


@compiles(elements, "postgresql")
def _elements_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"unnest({compiler.process(element.clauses, **kw)})"


@compiles(elements, "sqlite")
def _elements_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    return f"json_each(CASE WHEN json_valid({text}) THEN {text} ELSE '[]' END)"
