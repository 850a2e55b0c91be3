"""One device in full: its state by the server, its measures, what is wrong since when, and what happened to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select

from db import read
from db.cancel import Cancel
from db.cursor import key_of
from db.errors import Missing
from db.fleet.declared import Event, Finding, Fleet, Gauge
from db.fleet.picture import asked_at, server_now
from db.model import Entity, Filter, Operator, Query, Record
from db.session import Session


@dataclass(frozen=True)
class Held:
    """A finding that holds for a device."""

    finding: Finding
    since: datetime | None
    exact: bool
    """Whether that is told; otherwise it was so when the device last reported."""


@dataclass(frozen=True)
class Measure:
    """A gauge as it stands."""

    gauge: Gauge
    value: Decimal | None
    """None where the device does not report it."""
    limit: Decimal
    bad: bool


@dataclass(frozen=True)
class Portrait:
    """A device at one moment."""

    fleet: Fleet
    record: Record
    state: str
    findings: tuple[Held, ...]
    """The worst first."""
    measures: tuple[Measure, ...]
    events: tuple[Event, ...]
    """The latest first; those without a time last."""
    at: datetime
    """By the server's clock."""


def portrait(
    session: Session, fleet: Fleet, id_: str, cancel: Cancel | None = None, at: datetime | None = None
) -> Portrait:
    """The device of that record id; raises Missing."""
    entity = session.entity(fleet.entity)
    record = read.record(session, entity, id_, cancel)
    at = at or server_now(session, cancel)
    state, holding = _judged(session, fleet, entity, id_, cancel, at)
    events = ordered(fleet.life(session, record, cancel))
    findings = tuple(_held(fleet, finding, record, events) for finding in holding)
    names = {finding.name for finding in holding}
    measures = tuple(_measured(session, gauge, record, names) for gauge in fleet.gauges)
    return Portrait(fleet, record, state, findings, measures, events, at)


def _judged(
    session: Session, fleet: Fleet, entity: Entity, id_: str, cancel: Cancel | None, at: datetime
) -> tuple[str, list[Finding]]:
    """The state, and every finding whose rule holds: by the same rules on the server."""
    keys = zip(entity.key, key_of(entity, id_), strict=True)
    wanted = (
        select(fleet.state, *(finding.rule for finding in fleet.findings))
        .select_from(entity.table)
        .where(*(entity.by_name[name].expression == value for name, value in keys))
    )
    rows = asked_at(session, at, wanted, cancel)
    if not rows:
        raise Missing(f"There is no record {id_} in {entity.name} any more.")
    return rows[0][0], [finding for finding, holds in zip(fleet.findings, rows[0][1:], strict=True) if holds]


def _held(fleet: Fleet, finding: Finding, record: Record, events: Sequence[Event]) -> Held:
    """Since when: by the record, by what happened, or else at least since it last reported."""
    if finding.since is not None and isinstance(told := record.value(str(finding.since.key)), datetime):
        return Held(finding, told, exact=True)
    if (moment := fleet.begun(record, finding.name, events)) is not None:
        return Held(finding, moment, exact=True)
    beat = record.value(fleet.beat)
    return Held(finding, beat if isinstance(beat, datetime) else None, exact=False)


def _measured(session: Session, gauge: Gauge, record: Record, wrong: set[str]) -> Measure:
    name, default = gauge.limit
    limit = Decimal(session.settings.get(name, default))
    return Measure(gauge, gauge.of(record), limit, gauge.finding in wrong)


def ordered(events: Iterable[Event]) -> tuple[Event, ...]:
    """The latest first; those without a time last."""
    return tuple(
        sorted(
            events,
            key=lambda event: (event.at is not None, event.at or datetime.min.replace(tzinfo=UTC)),
            reverse=True,
        )
    )


def moments(record: Record, named: dict[str, str]) -> Iterator[Event]:
    """The times that the record itself tells, by column and what they mean."""
    for column, what in named.items():
        if isinstance(at := record.value(column), datetime):
            yield Event(at, what)


def linked(
    session: Session, entity: str, column: str, value: Any, limit: int, cancel: Cancel | None
) -> list[dict[str, Any]]:
    """The newest rows of another entity about this record, by column; with ``id``. None where it is not there."""
    target = session.entity(entity)
    if session.schema.table(target.table.name) is None:
        return []
    query = Query(target, target.views[0], (Filter(column, Operator.EQ, str(value)),))
    page = read.page(session, query, limit=limit, cancel=cancel)
    names = [column.name for column in page.columns]
    return [{**dict(zip(names, row.values, strict=True)), "id": row.id} for row in page.rows]


def number(record: Record, column: str) -> Decimal | None:
    """A number of the record; None for anything that is none."""
    value = record.value(column)
    try:
        found = Decimal(str(value)) if value is not None and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def of(column: str) -> Callable[[Record], Decimal | None]:
    """A gauge's value: that column of the record."""
    return lambda record: number(record, column)
