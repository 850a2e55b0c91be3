"""One cell a device: the devices of a part of the fleet, each with its state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from db.cancel import Cancel
from db.cursor import record_id
from db.fleet.declared import By, Fleet
from db.fleet.picture import asked_at, check, scope, server_now
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
