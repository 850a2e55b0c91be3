"""Devices one by one: a cell each for a small fleet, and those behind an alert."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from db.cancel import Cancel
from db.cursor import record_id
from db.fleet.declared import By, Fleet
from db.fleet.picture import Alert, Picture, asked_at, check, dated_by, scope, server_now
from db.session import Session


@dataclass(frozen=True, slots=True)
class Device:
    """One of the fleet."""

    id: str
    """The record id."""
    part: str | None
    state: str


def devices(
    session: Session,
    fleet: Fleet,
    by: By,
    limit: int,
    cancel: Cancel | None = None,
    at: datetime | None = None,
) -> tuple[Device, ...] | None:
    """Every one of a fleet that has no more than so many, by part and key; None for a larger one."""
    check(session, fleet, by)
    entity = session.entity(fleet.entity)
    keys = [entity.by_name[name].expression for name in entity.key]
    column = entity.table.c[by.column]
    wanted = (
        select(*keys, column.label("part"), fleet.state.label("state"))
        .where(fleet.service, *scope(session, fleet))
        .limit(limit + 1)
    )
    rows = asked_at(session, at or server_now(session, cancel), wanted, cancel)
    if len(rows) > limit:
        return None
    found = (Device(record_id(tuple(row[: len(keys)])), row.part, row.state) for row in rows)
    return tuple(sorted(found, key=lambda device: (device.part or "", device.id)))


@dataclass(frozen=True, slots=True)
class Member:
    """One of those behind an alert."""

    id: str
    """The record id."""
    name: str
    part: str | None
    since: datetime | None
    exact: bool
    """Whether that is told; otherwise it was so when it last reported."""


def members(
    session: Session,
    alert: Alert,
    found: Picture,
    limit: int,
    cancel: Cancel | None = None,
) -> tuple[Member, ...]:
    """The devices behind an alert of a picture, by the rules at its moment: the oldest first, so many at most."""
    fleet, entity = found.fleet, session.entity(found.fleet.entity)
    keys = [entity.by_name[name].expression for name in entity.key]
    column = entity.table.c[found.by.column]
    dated = dated_by(fleet.by_name[alert.state], entity.table.c[fleet.beat])
    title = entity.by_name[entity.title[0]].expression
    values = [group.value for group in alert.groups]
    parts = column.in_([value for value in values if value is not None])
    wanted = (
        select(*keys, title.label("name"), column.label("part"), dated.label("since"))
        .where(fleet.service, fleet.exclusive[alert.state], *scope(session, fleet))
        .where(or_(parts, column.is_(None)) if None in values else parts)
        .order_by("since", *keys)
        .limit(limit)
    )
    rows = asked_at(session, found.at, wanted, cancel)
    return tuple(
        Member(
            record_id(tuple(row[: len(keys)])),
            str(row.name),
            row.part,
            row.since if isinstance(row.since, datetime) else None,
            alert.exact,
        )
        for row in rows
    )
