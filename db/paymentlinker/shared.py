"""What several of the entities need: the tenant's short name and link, times in calendar units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Table, bindparam, select

from db.model import Column, Kind, Link
from db.paymentlinker.tables import tenants
from db.types import Time

TENANT = Link("tenant", "tenants", (("tenant_id", "id"),))
"""No foreign key says it, and every row has one."""


def tenant_slug(table: Table) -> Column:
    """The tenant's short name beside its id, which nobody can read."""
    slug = select(tenants.c.slug).where(tenants.c.id == table.c.tenant_id).scalar_subquery()
    return Column("tenant", Kind.TEXT, slug, group="Tenant")


def kept(table: Table) -> ColumnElement[bool]:
    """Not deleted: the system marks rows and keeps them."""
    return table.c.deleted_at.is_(None)


def month_start() -> BindParameter[Any]:
    """The first moment of this month."""
    return _moment(lambda now: now.replace(day=1, hour=0, minute=0, second=0, microsecond=0))


def years_ago(years: int) -> BindParameter[Any]:
    """This moment so many calendar years ago."""
    return _moment(lambda now: years_later(now, -years))


def years_later(moment: datetime, years: int) -> datetime:
    """So many calendar years later; on the 29th of February the 28th, as PostgreSQL reckons."""
    if moment.month == 2 and moment.day == 29:
        moment = moment.replace(day=28)
    return moment.replace(year=moment.year + years)


def _moment(shift: Callable[[datetime], datetime]) -> BindParameter[Any]:
    return bindparam(None, type_=Time(), callable_=lambda: shift(datetime.now(UTC)), unique=True)
