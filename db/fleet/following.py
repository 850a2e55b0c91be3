"""Following a fleet: after one full count only what changed is asked for, by the index on the last report.

What is wrong is remembered device by device (as long as that is not too many), so that a report that takes a
device from one state to another moves it in the counts, exactly. A device changes without a report when time
passes (found by the same index) or when somebody else changes its row (found by the next full count).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, not_, or_, select

from db.cancel import Cancel
from db.fleet.declared import RETIRED, WELL, By, Fleet
from db.fleet.picture import (
    TOLERANCE,
    Group,
    Picture,
    asked_at,
    at_column,
    dated,
    label,
    labels,
    ordered,
    picture,
    pieces,
    scope,
    server_now,
)
from db.session import Session

FOLLOWED = 100_000
"""With more than so many devices that are not well, each refresh is a full count: memory is bounded."""
FULL = 60.0
"""Seconds after which all are counted again, for what changed without a report."""
OVERLAP = 2.0
"""Seconds that are read twice: a late commit carries an early time."""
NAMED = 100
"""Devices that are named in a change."""


@dataclass(frozen=True)
class Change:
    """What a refresh brought."""

    picture: Picture
    full: bool
    """Whether everything was counted."""
    reported: int = 0
    """How many were looked at because they reported, or grew silent."""
    risen: tuple[tuple[str, str], ...] = ()
    """(record id, state) of those that became worse, the first hundred."""
    fell: int = 0
    """How many became well."""
    seconds: float = 0.0


@dataclass
class _Counts:
    """The counts by part and state, as they move."""

    parts: dict[str | None, dict[str, int]] = field(default_factory=dict)

    def move(self, part: str | None, before: str, after: str) -> None:
        """One device of a part has another state; outside the fleet is none."""
        states = self.parts.setdefault(part, {})
        for state, step in ((before, -1), (after, 1)):
            if state not in ("", RETIRED):
                states[state] = states.get(state, 0) + step


class Following:
    """A fleet that is watched in one sitting."""

    def __init__(self, session: Session, fleet: Fleet, by: By) -> None:
        self.session = session
        self.fleet = fleet
        self.by = by
        self.picture: Picture | None = None
        self._bad: dict[str, tuple[str | None, str]] | None = None
        """What is not well: id → (part, state); None while it is not followed."""
        self._new: set[str] = set()
        """Devices that came after the full count."""
        self._counts = _Counts()
        self._counted_at: datetime | None = None

    @property
    def counted(self) -> bool:
        """Whether everything was counted with since when; before that there is only the first picture."""
        return self._counted_at is not None

    def refresh(self, cancel: Cancel | None = None, at: datetime | None = None) -> Change:
        """The first picture, and then what changed."""
        began = time.perf_counter()
        if self.picture is None:
            self.picture = picture(self.session, self.fleet, self.by, cancel, at)
            return Change(self.picture, full=True, seconds=time.perf_counter() - began)
        at = at or server_now(self.session, cancel)
        if self._bad is None or self._counted_at is None or (at - self._counted_at).total_seconds() > FULL:
            change = Change(self._count_all(cancel, at), full=True)
        else:
            change = self._catch_up(self._bad, self._counted_at, cancel, at)
        self.picture = change.picture
        return Change(
            change.picture,
            change.full,
            change.reported,
            change.risen,
            change.fell,
            time.perf_counter() - began,
        )

    def _count_all(self, cancel: Cancel | None, at: datetime) -> Picture:
        """Count all, and remember what is not well, as far as that is not too much."""
        counted = picture(self.session, self.fleet, self.by, cancel, at)
        self.picture = dated(self.session, counted, cancel)
        self._bad, self._new, self._counted_at = None, set(), at
        bad = self.picture.total - self.picture.counts[WELL]
        if bad > FOLLOWED:
            return self.picture
        found: dict[str, tuple[str | None, str]] = {}
        counts = _Counts()
        wanted = [self.fleet.service, not_(self.fleet.exclusive[WELL])]
        for part, state, ids in self._ids(wanted, cancel, at):
            for id_ in ids:
                found[id_] = (part, state)
        # Between the two statements devices may have moved: the list is the later one, the totals hold.
        for group in self.picture.groups:
            counts.parts[group.value] = {WELL: group.total}
        for part, state in found.values():
            counts.move(part, WELL, state)
        self._bad, self._counts = found, counts
        return self._pictured(at, cancel)

    def _catch_up(
        self, bad: dict[str, tuple[str | None, str]], counted: datetime, cancel: Cancel | None, at: datetime
    ) -> Change:
        assert self.picture is not None
        reported, fell = 0, 0
        risen: list[tuple[str, str]] = []
        order = {state: n for n, state in enumerate((*self.fleet.states, RETIRED))}
        fresh = set(self._fresh(counted, cancel, at))
        for part, state, ids in self._ids([self._changed(self.picture.at, at)], cancel, at):
            for id_ in ids:
                reported += 1
                was = bad.get(id_)
                if was is not None:
                    before, at_part = was[1], was[0]
                elif id_ in fresh and id_ not in self._new:
                    before, at_part = "", part
                else:
                    before, at_part = WELL, part
                if id_ in fresh:
                    self._new.add(id_)
                if before == state or (state == RETIRED and was is None):
                    continue  # what left the fleet before it was counted stays out
                self._counts.move(at_part, before, "")
                self._counts.move(part, "", state)
                if state in (WELL, RETIRED):
                    bad.pop(id_, None)
                    fell += 1
                else:
                    bad[id_] = (part, state)
                    if order[state] < order.get(before, len(order)) and len(risen) < NAMED:
                        risen.append((id_, state))
        if len(bad) > FOLLOWED:
            self._bad = None
        return Change(self._pictured(at, cancel), False, reported, tuple(risen), fell)

    def _changed(self, since: datetime, at: datetime) -> ColumnElement[bool]:
        """What reported since then, and what grew silent since then."""
        table = self.session.entity(self.fleet.entity).table
        start = since - timedelta(seconds=OVERLAP)
        beat = table.c[self.fleet.beat]
        end = at + timedelta(seconds=TOLERANCE)  # what reports from the future would be read each time
        told = (table.c[name] for name in (self.fleet.beat, *self.fleet.told))
        found = [and_(c >= at_column(c, start), c <= at_column(c, end)) for c in told]
        for setting, default in self.fleet.steps:
            silent = timedelta(seconds=float(self.session.settings.get(setting, default)))
            found.append(and_(beat >= at_column(beat, start - silent), beat <= at_column(beat, at - silent)))
        return or_(*found)

    def _ids(
        self, where: list[ColumnElement[bool]], cancel: Cancel | None, at: datetime
    ) -> Iterator[tuple[str | None, str, Iterator[str]]]:
        """(part, state, ids) of what fulfils the conditions; ids are joined by the server, a row a part."""
        table = self.session.entity(self.fleet.entity).table
        key, column = cast(table.c.id, Text), table.c[self.by.column]
        service = self.fleet.service
        conditions = {RETIRED: not_(service)}
        conditions |= {state: and_(rule, service) for state, rule in self.fleet.exclusive.items()}
        statement: Select[Any] = (
            select(
                column.label("part"),
                *(func.aggregate_strings(case((rule, key)), ",") for rule in conditions.values()),
            )
            .select_from(table)
            .where(*where, *scope(self.session, self.fleet))
            .group_by(column)
        )
        for part, *lists in asked_at(self.session, at, statement, cancel):
            for state, ids in zip(conditions, lists, strict=True):
                yield part, state, pieces(ids)

    def _fresh(self, counted: datetime, cancel: Cancel | None, at: datetime) -> Iterator[str]:
        """The devices that were made after the full count, of those that reported since."""
        table = self.session.entity(self.fleet.entity).table
        beat, made = table.c[self.fleet.beat], table.c.get("created_at")
        if made is None or not self.session.schema.readable(table.name, "created_at"):
            return
        assert self.picture is not None
        reported = beat >= at_column(beat, self.picture.at - timedelta(seconds=OVERLAP))
        newer = select(cast(table.c.id, Text)).where(reported, made > at_column(made, counted))
        yield from (id_ for (id_,) in asked_at(self.session, at, newer, cancel))

    def _pictured(self, at: datetime, cancel: Cancel | None) -> Picture:
        """The counts as a picture; since when the longest has been so is known from the full count."""
        assert self.picture is not None
        known = {group.value: group for group in self.picture.groups}
        missing = [part for part in self._counts.parts if part not in known]
        names = labels(self.session, self.by, cancel) if missing else {}
        groups = []
        for part, states in self._counts.parts.items():
            kept = {state: states[state] for state in self.fleet.states if states.get(state, 0) > 0}
            if not kept:
                continue
            group = known.get(part)
            oldest = {s: t for s, t in (group.oldest if group else {}).items() if s in kept}
            groups.append(Group(part, group.label if group else label(part, names), kept, oldest))
        before = self.picture
        return replace(before, groups=ordered(groups), at=at)
