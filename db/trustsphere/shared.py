"""What several of the entities need: names beside ids, links that no foreign key declares, calendar years."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Table, bindparam, select

from db.declare import view
from db.model import Column, Kind, Link, View
from db.trustsphere.tables import accounts, users
from db.types import Time, as_written

BASE_CURRENCY = "USD"
"""The currency of balances and fees: the one that ``transactions.currency`` has by default, at the rate 1."""
KEPT = "created_at created_by updated_at updated_by version"
"""The group of columns that every table ends with."""

HAND_LINKS = (
    Link("created by", "users", (("created_by", "id"),)),
    Link("updated by", "users", (("updated_by", "id"),)),
)
"""Who made and who changed a row: text columns, with no foreign key."""


def years_ago(years: int) -> BindParameter[Any]:
    """This moment so many calendar years ago; on the 29th of February the 28th, as MySQL reckons."""

    def back() -> datetime:
        now = datetime.now(UTC)
        leap = (now.month, now.day) == (2, 29)
        return (now.replace(day=28) if leap else now).replace(year=now.year - years)

    return bindparam(None, type_=Time(), callable_=back, unique=True)


def audit_link(resource: str, archive: bool = False) -> Link:
    """The audit rows about a record: they name it by type and id, without a foreign key."""
    table = "audit_logs_archive" if archive else "audit_logs"
    return Link(table, table, (("id", "resource_id"),), many=True, fixed=(("resource_type", resource),))


def of_user(column: ColumnElement[Any], name: str, table: Table, group: str) -> Column:
    """A user's e-mail address beside the id."""
    email = select(users.c.email).where(users.c.id == column).correlate(table).scalar_subquery()
    return Column(name, Kind.TEXT, email, group=group)


def of_account(column: ColumnElement[Any], wanted: str, name: str, table: Table, group: str) -> Column:
    """A column of an account beside its id."""
    source = accounts.c[wanted]
    value = select(source).where(accounts.c.id == column).correlate(table).scalar_subquery()
    kinds = {"balance": Kind.MONEY, "status": Kind.STATUS}
    currency = BASE_CURRENCY if wanted == "balance" else ""
    return Column(name, kinds.get(wanted, Kind.TEXT), value, group=group, currency=currency)


def by_value(
    column: ColumnElement[Any], summaries: Mapping[str, str], order: str, prefix: str = ""
) -> tuple[View, ...]:
    """One view for each value of a column, named after it."""
    return tuple(
        view(prefix + value.lower(), summary, order, column == value) for value, summary in summaries.items()
    )


def by_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """An ENUM as its text, for an order that is the same on every engine."""
    return as_written(column)
