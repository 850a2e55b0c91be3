"""What a fleet is: an entity whose records report by themselves, and the rules for what may be wrong with one."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, and_, case, not_

from db.cancel import Cancel
from db.errors import Missing, unknown
from db.model import Record
from db.presence import lacking
from db.session import Session
from db.severity import Severity

WELL = "well"
"""The state of one with nothing wrong."""
RETIRED = "retired"
"""The state of one that has left the fleet."""


@dataclass(frozen=True, eq=False)
class Finding:
    """One thing that may be wrong; its name is also the view that lists it."""

    name: str
    summary: str
    rule: ColumnElement[bool]
    severity: Severity
    since: ColumnElement[Any] | None = None
    """Since when, where the record tells it."""


@dataclass(frozen=True, eq=False)
class By:
    """A way to divide a fleet."""

    name: str
    """``region``; on the command line and in the title."""
    column: str
    """The entity's column, for the filter that lists a part."""
    names: tuple[ColumnElement[Any], ColumnElement[Any]] | None = None
    """(key, what it is called) of another table, where the column holds only its key."""


@dataclass(frozen=True)
class Event:
    """One thing that happened to a device, or is going to."""

    at: datetime | None
    """None where that is not told."""
    what: str
    text: str = ""
    severity: Severity = Severity.GOOD
    entity: str = ""
    """Where a record tells it: its entity and its id."""
    id: str = ""


@dataclass(frozen=True, eq=False)
class Gauge:
    """A measure of a device, drawn on a scale."""

    name: str
    unit: str
    low: int
    high: int
    """The ends of the scale."""
    of: Callable[[Record], Decimal | None]
    """What the record says; None where it says nothing."""
    finding: str
    """The finding that is about it."""
    limit: tuple[str, str]
    """The setting with the limit, and its default."""
    above: bool = False
    """Whether what is above the limit is bad, rather than what is below."""
    column: str = ""
    """The column that holds it, where one does."""


Life = Callable[[Session, Record, Cancel | None], list[Event]]
"""(session, record, cancel) → what happened to it, in any order."""


def unknown_life(session: Session, record: Record, cancel: Cancel | None) -> list[Event]:
    """Nothing is told of it."""
    return []


Begun = Callable[[Record, str, Sequence[Event]], datetime | None]
"""(record, finding, its life with the latest first) → when it began, where no column of the record tells."""


def never_told(record: Record, finding: str, events: Sequence[Event]) -> datetime | None:
    """It is not told."""
    return None


@dataclass(frozen=True, eq=False)
class Fleet:
    """The devices of a system, or its passes."""

    entity: str
    noun: str
    """One and many by an s: ``device``."""
    service: ColumnElement[bool]
    """Whether it belongs to the fleet at all."""
    findings: tuple[Finding, ...]
    """The worst first: a state is the first that holds."""
    ways: tuple[By, ...]
    beat: str
    """The column with the time of its last report, indexed."""
    told: tuple[str, ...] = ()
    """Other indexed columns with the time of a change."""
    steps: tuple[tuple[str, int], ...] = ()
    """(setting, default in seconds): what is silent for so long has another state by time alone."""
    gauges: tuple[Gauge, ...] = ()
    life: Life = unknown_life
    begun: Begun = never_told

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Every state, the worst first."""
        return (*(finding.name for finding in self.findings), WELL)

    @cached_property
    def by_name(self) -> dict[str, Finding]:
        """The findings by name."""
        return {finding.name: finding for finding in self.findings}

    @cached_property
    def exclusive(self) -> dict[str, ColumnElement[bool]]:
        """Each state's condition, of which exactly one holds for each in service.

        Rules come first in each: one that is well is found out by one comparison a rule.
        """
        found: dict[str, ColumnElement[bool]] = {}
        for place, finding in enumerate(self.findings):
            worse = (other.rule.is_not(True) for other in self.findings[:place])
            found[finding.name] = and_(finding.rule, *worse)
        found[WELL] = and_(*(finding.rule.is_not(True) for finding in self.findings))
        return found

    @cached_property
    def state(self) -> ColumnElement[str]:
        """The state of one record."""
        return case(
            (not_(self.service), RETIRED),
            *((finding.rule, finding.name) for finding in self.findings),
            else_=WELL,
        )

    def way(self, name: str) -> By:
        """The way of that name, the first without one; raises Usage."""
        found = next((way for way in self.ways if name in ("", way.name)), None)
        if found is None:
            raise unknown("way to divide a fleet", name, (way.name for way in self.ways))
        return found

    def severity(self, state: str) -> Severity:
        """How bad a state is."""
        finding = self.by_name.get(state)
        return finding.severity if finding is not None else Severity.GOOD


_FLEETS = {"paymentlinker": "db.paymentlinker.fleet", "multipass": "db.multipass.fleet"}


def fleet_of(session: Session) -> Fleet | None:
    """The fleet of a system, None where it has none; raises Missing where its rules cannot be asked here."""
    name = _FLEETS.get(session.system.name)
    if name is None:
        return None
    fleet: Fleet = importlib.import_module(name).FLEET
    if session.schema.table(session.entity(fleet.entity).table.name) is None:
        raise Missing(f"{session.name} has no table {fleet.entity}; 'quaestor doctor' lists what is there.")
    if lost := lacking(session.schema, [fleet.service, *(finding.rule for finding in fleet.findings)]):
        raise Missing(
            f"The fleet's rules need {', '.join(lost)}, which this database has not or this role may not read."
        )
    return fleet
