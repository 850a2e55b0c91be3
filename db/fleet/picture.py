"""The picture of a fleet: how many are in which state, by one grouped query that the server answers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Executable, case, func, literal, not_, or_, select, text

from db import declare
from db.cancel import Cancel
from db.errors import Usage
from db.figures import count_if
from db.filters import value_of
from db.fleet.declared import WELL, By, Finding, Fleet
from db.presence import lacking
from db.run import execute
from db.session import Session
from db.severity import Severity

TOLERANCE = 120.0
"""Seconds that a report may be ahead of the server's clock before it is told."""


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the fleet: a region, a type, a tenant."""

    value: str | None
    """As the column holds it."""
    label: str
    states: Mapping[str, int]
    """How many are in each state, the worst first; those without any are left out."""
    oldest: Mapping[str, datetime]
    """Since when the longest of a state has been in it, once that was asked; for states that no record dates, at least."""

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class Alert:
    """A finding in one part of the fleet, or in several that it hit in the same second."""

    state: str
    severity: Severity
    groups: tuple[Group, ...]
    """The largest first."""
    count: int
    since: datetime | None
    """Since when the one that has been so for the longest has been so."""
    exact: bool = False
    """Whether the records tell it; otherwise it was so when it last reported, and may have been before."""

    @property
    def label(self) -> str:
        """Where."""
        return self.groups[0].label if len(self.groups) == 1 else f"{len(self.groups)} parts at once"


@dataclass(frozen=True)
class Picture:
    """A fleet at one moment."""

    fleet: Fleet
    by: By
    groups: tuple[Group, ...]
    """The largest first."""
    at: datetime
    """The moment of the rules, by the server's clock."""
    ahead: int = 0
    """How many report from the future."""
    silent: int = 0
    """How many never reported."""
    strange: int = 0
    """How many are in a status that the console does not know, once that was asked."""
    seconds: float = 0.0
    """How long the server took."""

    @property
    def total(self) -> int:
        """How many are in service."""
        return sum(group.total for group in self.groups)

    @property
    def counts(self) -> dict[str, int]:
        """How many are in each state, the worst first, those without any too."""
        return {state: sum(g.states.get(state, 0) for g in self.groups) for state in self.fleet.states}

    @property
    def severity(self) -> Severity:
        """The worst that there is."""
        states = (state for group in self.groups for state, count in group.states.items() if count)
        return min(map(self.fleet.severity, states), key=lambda s: s.rank, default=Severity.GOOD)

    def alerts(self) -> list[Alert]:
        """What is wrong where: the worst first, then the oldest, then the most."""
        hit: dict[tuple[str, object], list[Group]] = {}
        for group in self.groups:
            for state, count in group.states.items():
                if count and state != WELL:
                    since = group.oldest.get(state)
                    second = since.replace(microsecond=0) if since is not None else group.value
                    hit.setdefault((state, second), []).append(group)
        order = {state: n for n, state in enumerate(self.fleet.states)}
        last = datetime.max.replace(tzinfo=UTC)
        found = (self._alert(state, groups) for (state, _), groups in hit.items())
        return sorted(found, key=lambda a: (a.severity.rank, a.since or last, order[a.state], -a.count))

    def _alert(self, state: str, groups: Sequence[Group]) -> Alert:
        times = [group.oldest[state] for group in groups if state in group.oldest]
        return Alert(
            state,
            self.fleet.severity(state),
            tuple(groups),
            sum(group.states[state] for group in groups),
            min(times, default=None),
            self.fleet.by_name[state].since is not None,
        )


_NOW = {
    "postgresql": text("SELECT clock_timestamp()"),
    "mysql": text("SELECT utc_timestamp(6)"),
    "mariadb": text("SELECT utc_timestamp(6)"),
}


def server_now(session: Session, cancel: Cancel | None = None) -> datetime:
    """The server's clock: reports are compared with it, not with this machine's."""
    asked = _NOW.get(session.server.dialect)
    if asked is None:
        return datetime.now(UTC)
    moment: datetime = execute(session, asked, {}, cancel)[0][0]
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def asked_at(session: Session, at: datetime, statement: Executable, cancel: Cancel | None) -> Sequence[Any]:
    """The rows of a statement whose rules take that moment for now."""
    token = declare.moment.set(at)
    try:
        return execute(session, statement, {}, cancel)
    finally:
        declare.moment.reset(token)


def at_column(column: ColumnElement[Any], moment: datetime) -> ColumnElement[Any]:
    """The moment as that column keeps times."""
    return literal(moment, column.type)


def scope(session: Session, fleet: Fleet) -> list[ColumnElement[bool]]:
    """The tenant chosen, on engines without row-level security too."""
    entity = session.entity(fleet.entity)
    if not session.tenant or not entity.tenant:
        return []
    tenant = entity.by_name[entity.tenant]
    return [tenant.expression == value_of(tenant, session.tenant)]


def picture(
    session: Session, fleet: Fleet, by: By, cancel: Cancel | None = None, at: datetime | None = None
) -> Picture:
    """The fleet now, or by its rules at that moment: one pass that counts; raises what the reader raises."""
    check(session, fleet, by)
    at = at or server_now(session, cancel)
    table = session.entity(fleet.entity).table
    column = table.c[by.column]
    statement = (
        select(
            column.label("part"),
            func.count(),
            *(count_if(fleet.exclusive[finding.name]) for finding in fleet.findings),
        )
        .select_from(table)
        .where(fleet.service, *scope(session, fleet))
        .group_by(column)
    )
    began = time.perf_counter()
    rows = asked_at(session, at, statement, cancel)
    ahead, silent = _odd(session, fleet, cancel, at)
    seconds = time.perf_counter() - began
    names = labels(session, by, cancel)
    groups = []
    for row in rows:
        bad = {f.name: n for f, n in zip(fleet.findings, row[2:], strict=True) if n}
        well = row[1] - sum(bad.values())
        states = {**bad, **({WELL: well} if well else {})}
        groups.append(Group(row[0], label(row[0], names), states, {}))
    return Picture(fleet, by, ordered(groups), at, ahead, silent, seconds=seconds)


def _odd(session: Session, fleet: Fleet, cancel: Cancel | None, at: datetime) -> tuple[int, int]:
    """How many report from the future, and how many never did: by the index on the last report."""
    table = session.entity(fleet.entity).table
    beat = table.c[fleet.beat]
    future = beat > at_column(beat, at + timedelta(seconds=TOLERANCE))
    statement = select(count_if(future), count_if(beat.is_(None))).select_from(table)
    wanted = statement.where(or_(future, beat.is_(None)), fleet.service, *scope(session, fleet))
    ahead, silent = asked_at(session, at, wanted, cancel)[0]
    return ahead, silent


def dated(session: Session, found: Picture, cancel: Cancel | None = None) -> Picture:
    """The picture with since when the longest of each state has been in it: by a pass over what is not well."""
    fleet, table = found.fleet, session.entity(found.fleet.entity).table
    beat, column = table.c[fleet.beat], table.c[found.by.column]
    times = (func.min(case((fleet.exclusive[f.name], dated_by(f, beat)))) for f in fleet.findings)
    wanted = (
        select(column.label("part"), *times)
        .select_from(table)
        .where(fleet.service, not_(fleet.exclusive[WELL]), *scope(session, fleet))
        .group_by(column)
    )
    rows = {row[0]: row[1:] for row in asked_at(session, found.at, wanted, cancel)}
    groups = (replace(group, oldest=_oldest(fleet, rows.get(group.value, ()))) for group in found.groups)
    return replace(found, groups=tuple(groups), strange=_strange(session, fleet, cancel))


def _strange(session: Session, fleet: Fleet, cancel: Cancel | None) -> int:
    """How many have no status, or one that is not in the system's description."""
    entity = session.entity(fleet.entity)
    status = entity.by_name["status"]
    strange = or_(status.expression.is_(None), status.expression.not_in(status.values))
    wanted = select(func.count()).select_from(entity.table)
    rows = execute(session, wanted.where(strange, fleet.service, *scope(session, fleet)), {}, cancel)
    return int(rows[0][0])


def dated_by(finding: Finding, beat: ColumnElement[Any]) -> ColumnElement[Any]:
    """What tells since when a device has been so: a column of its own, or else its last report."""
    return beat if finding.since is None else finding.since


def _oldest(fleet: Fleet, times: Sequence[Any]) -> dict[str, datetime]:
    pairs = zip(fleet.findings, times, strict=False)
    return {finding.name: moment for finding, moment in pairs if isinstance(moment, datetime)}


def check(session: Session, fleet: Fleet, by: By) -> None:
    """Raise Usage where the fleet cannot be divided so in this database."""
    table = session.entity(fleet.entity).table
    if lost := lacking(session.schema, [table.c[by.column], table.c[fleet.beat]]):
        raise Usage(
            f"The fleet cannot be divided by {by.name} here: {', '.join(lost)} is missing or forbidden."
        )


def labels(session: Session, by: By, cancel: Cancel | None) -> Mapping[str, str]:
    """What the parts are called, where another table tells it and may be read."""
    if by.names is None or lacking(session.schema, list(by.names)):
        return {}
    return {str(key): str(name) for key, name in execute(session, select(*by.names), {}, cancel)}


def label(value: Any, names: Mapping[str, str]) -> str:
    """What a part is called."""
    return "none" if value is None else names.get(str(value), str(value))


def ordered(groups: Sequence[Group]) -> tuple[Group, ...]:
    """The largest first, then by name."""
    return tuple(sorted(groups, key=lambda group: (-group.total, group.label)))


def pieces(text_: str | None) -> Iterator[str]:
    """The ids of a list that the server joined."""
    return iter(text_.split(",")) if text_ else iter(())
