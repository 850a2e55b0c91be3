"""How a measure is spread over a fleet: by one pass over it, asked only when somebody looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, select

from db.cancel import Cancel
from db.errors import Usage
from db.figures import count_if
from db.fleet.declared import Fleet, Gauge
from db.fleet.picture import scope
from db.run import execute
from db.session import Session

STEPS = 10


@dataclass(frozen=True)
class Spread:
    """A histogram of a gauge."""

    gauge: Gauge
    edges: tuple[int, ...]
    """Where each step begins, and where the last one ends."""
    counts: tuple[int, ...]
    """How many are in each step; those beyond an end of the scale are in the step at that end."""
    silent: int
    """How many do not report it."""
    at: datetime


def spread(session: Session, fleet: Fleet, gauge: Gauge, cancel: Cancel | None = None) -> Spread:
    """How many of those in service are in each tenth of a gauge's scale; raises Usage where no column holds it."""
    entity = session.entity(fleet.entity)
    if not gauge.column or not session.schema.readable(entity.table.name, gauge.column):
        raise Usage(f"No column that may be read holds the {gauge.name}.")
    column = entity.table.c[gauge.column]
    edges = tuple(gauge.low + (gauge.high - gauge.low) * n // STEPS for n in range(STEPS + 1))
    steps = [
        count_if(
            and_(
                column.is_not(None),
                *([column >= edges[n]] if n else []),
                *([column < edges[n + 1]] if n < STEPS - 1 else []),
            )
        )
        for n in range(STEPS)
    ]
    wanted = (
        select(count_if(column.is_(None)), *steps)
        .select_from(entity.table)
        .where(fleet.service, *scope(session, fleet))
    )
    silent, *counts = execute(session, wanted, {}, cancel)[0]
    return Spread(gauge, edges, tuple(counts), silent, datetime.now(UTC))
