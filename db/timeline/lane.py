"""One source of the line of time: what is read of it beside a place on the line, newest first or back.

A place is a row of any source. What another source has beyond it is told by the time alone, and among rows
of the same moment by the rank of the sources, so that both directions meet the same order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, String, bindparam, func, literal_column, select

from db import read
from db.cancel import Cancel
from db.canonical import dumps, plain
from db.cost import served
from db.errors import Usage
from db.filters import term
from db.keyset import conditions
from db.model import Filter, Operator, Order, Position, Query, Raw, Record, Row, View
from db.run import execute, zone_of
from db.session import Session
from db.timeline.ends import FIRST, LAST, chosen
from db.timeline.patterns import BY_NAME, TRAILS, Trail
from db.timeline.sources import Meaning
from db.timeline.spans import slot


class Age(IntEnum):
    """Where a row without an ordinary time stands: older than all, or newer."""

    NONE = 0
    BEFORE = 1
    """Zero dates, BC, ``-infinity``."""
    AT = 2
    AFTER = 3
    """``infinity``, years past 9999."""


class Key(NamedTuple):
    """Where a row stands on the line, but for the sources' rank."""

    age: Age
    at: datetime | None

    def __str__(self) -> str:
        return self.at.isoformat() if self.at is not None else self.age.name


def key_of(time: Any) -> Key:
    """The key of a time as it was read."""
    if time is None:
        return Key(Age.NONE, None)
    if isinstance(time, Raw):
        low = time.startswith(("-", "0000")) or time.endswith("BC") or not time
        return Key(Age.BEFORE if low else Age.AFTER, None)
    return Key(Age.AT, time)


def key_from(text: str) -> Key:
    """The key that a cursor tells; raises Usage."""
    if text in Age.__members__:
        return Key(Age[text], None)
    try:
        return Key(Age.AT, datetime.fromisoformat(text))
    except ValueError:
        raise Usage("This cursor belongs to another list; start again without it.") from None


@dataclass(frozen=True)
class Bound:
    """A row that a walk goes on from."""

    key: Key
    rank: int
    position: Position


class Found(NamedTuple):
    """A row of a source as the line shows it."""

    key: Key
    id: str
    values: Mapping[str, Any]
    """By common name."""
    position: Position


class Tally(NamedTuple):
    """How many rows of one severity are in a span of time."""

    at: datetime
    """Where the span begins."""
    severity: str
    """In capitals; empty where the source knows none."""
    number: int


class Lane(Protocol):
    """A source."""

    @property
    def name(self) -> str:
        """``profile:entity``, which is unique."""

    @property
    def session(self) -> Session:
        """Where it is."""

    def fetch(
        self, query: Query, bound: Bound | None, rank: int, older: bool, limit: int, cancel: Cancel
    ) -> list[Found]:
        """So many rows beyond the bound, in the order of the walk; raises QuaestorError."""

    def cost(self, query: Query) -> str | None:
        """None where an index serves the query, else the sentence what it would cost."""

    def note(self, query: Query) -> str:
        """What should be known of how the query was read; empty for nothing."""

    def counts(self, query: Query, width: int, cancel: Cancel) -> list[Tally]:
        """The rows by severity and by spans of so many seconds, in one grouped query; raises QuaestorError."""

    def record(self, text: str, cancel: Cancel | None) -> Record:
        """A row in full, by its id in the source; raises QuaestorError."""


@dataclass(frozen=True, eq=False)
class TableLane:
    """An audit table."""

    name: str
    session: Session
    entity_name: str
    meaning: Meaning
    view: View
    whole: bool = False
    """Whether every column is read, for the detail."""
    patterns: dict[tuple[str, tuple[Filter, ...]], View | None] = field(default_factory=dict)
    """The views of patterns, made once for each time that is chosen."""

    @classmethod
    def of(cls, session: Session, entity: str, meaning: Meaning, whole: bool = False) -> TableLane:
        """The lane of an entity."""
        view = View("timeline", "One source of the line of time.", None, Order(meaning.time, True))
        return cls(f"{session.name}:{entity}", session, entity, meaning, view, whole)

    def fetch(
        self, query: Query, bound: Bound | None, rank: int, older: bool, limit: int, cancel: Cancel
    ) -> list[Found]:
        """The stretch with times, and behind it (older than all) what has none."""
        mine = self.narrowed(query)
        if mine is None:
            return []
        steps = [_timed(bound, rank, older), _untimed(bound, rank, older)]
        found: list[Found] = []
        for step in steps if older else reversed(steps):
            if step is None or len(found) >= limit:
                continue
            name, values = step
            rows = read.stretch(
                self.session, mine, name, values, forward=older, limit=limit - len(found), cancel=cancel
            )
            found += [made for row in rows if _beyond(made := self._shown(mine, row), bound, rank, older)]
        return found

    def _shown(self, mine: Query, row: Row) -> Found:
        names = [c.name for c in read.shown(self.session, mine.entity, mine.shown)]
        value = dict(zip(names, row.values, strict=True))
        meant = {common: value.get(column) for common, column in self.meaning.columns.items()}
        if isinstance(severity := meant.get("severity"), str):
            meant["severity"] = severity.upper()
        time = value.get(self.meaning.time)
        own = {"system": self.session.name, "source": self.entity_name, "time": time}
        if self.whole:
            own["detail"] = dumps({name: plain(v) for name, v in value.items()}).decode()
        return Found(key_of(time), row.id, {**self.meaning.fixed, **meant, **own}, row.position)

    def cost(self, query: Query) -> str | None:
        """As the reader sees it; its own order is always the source's. A pattern is bounded by its time."""
        mine = self.narrowed(query) if query.view.name not in BY_NAME else None
        return served(self.session, mine) if mine is not None else None

    def note(self, query: Query) -> str:
        """A DID is never in the trail, its hash is."""
        column = self.meaning.digest
        asked = [query.search, *(f.value for f in query.filters if f.column == column)]
        if column and any(text.startswith("did:") for text in asked):
            return f"{self.session.name}: the DID was looked up by its SHA-256, which is all that the trail holds."
        return ""

    def narrowed(self, query: Query) -> Query | None:
        """The query in the source's own words; None where it cannot have such rows."""
        entity = self.session.entity(self.entity_name)
        view = self._view(query)
        if view is None:
            return None
        filters: list[Filter] = []
        for one in query.filters:
            made = self._own(one)
            if made is False:
                return None
            if isinstance(made, Filter):
                filters.append(made)
        columns = tuple(dict.fromkeys([self.meaning.time, *self.meaning.columns.values()]))
        if self.whole:
            columns = tuple(column.name for column in entity.columns)
        search = _hashed(query.search) if self.meaning.digest else query.search
        return Query(entity, view, tuple(filters), search, columns=columns)

    def _view(self, query: Query) -> View | None:
        """The source's view, narrowed by the pattern that is asked for; None where that says nothing of this source."""
        pattern = BY_NAME.get(query.view.name)
        if pattern is None:
            return self.view
        times = tuple(one for one in query.filters if one.column == "time")
        key = (pattern.name, times)
        if key not in self.patterns:
            trail = TRAILS.get((self.session.system.name, self.entity_name))
            where = pattern.where(trail, _since(trail, times)) if trail is not None else None
            narrowed = replace(self.view, name=pattern.name, where=where)
            self.patterns[key] = narrowed if where is not None else None
        return self.patterns[key]

    def counts(self, query: Query, width: int, cancel: Cancel) -> list[Tally]:
        """Grouped by the server, in the zone that the column keeps."""
        mine = self.narrowed(query)
        if mine is None:
            return []
        session = self.session
        time = mine.entity.by_name[self.meaning.time].expression
        name = self.meaning.columns.get("severity")
        severity: ColumnElement[Any] = (
            mine.entity.by_name[name].expression if name else literal_column("''", String(20))
        )
        place = slot(time, width).label("place")
        where = conditions(session.schema, session.server.dialect, session.tenant, mine)
        made = select(place, severity.label("severity"), func.count()).select_from(mine.entity.table)
        made = made.where(*where).group_by("place", *([severity] if name else []))
        zone = (
            UTC
            if getattr(time.type, "zone", False) or session.server.dialect in _KEEP_UTC
            else zone_of(session)
        )
        return [
            Tally(
                _EPOCH.replace(tzinfo=zone) + timedelta(seconds=int(n) * width),
                str(s or "").upper(),
                int(many),
            )
            for n, s, many in execute(session, made, {}, cancel)
            if n is not None
        ]

    def record(self, text: str, cancel: Cancel | None) -> Record:
        """The source's own record, with every column."""
        return read.record(self.session, self.session.entity(self.entity_name), text, cancel)

    def _own(self, one: Filter) -> Filter | bool:
        """The source's own filter; True where every row of it fits, False where none can."""
        fixed = {**self.meaning.fixed, "system": self.session.name, "source": self.entity_name}
        column = self.meaning.time if one.column == "time" else self.meaning.columns.get(one.column)
        if column is None:
            return fits(fixed.get(one.column), one)
        own = replace(one, column=column)
        if one.column == "severity":
            own = replace(own, value=_spelt(self.session, self.entity_name, column, one.value))
        if one.column == self.meaning.digest:
            own = replace(own, value=_hashed(one.value))
        try:
            if own.operator is not Operator.RANGE:
                term(self.session.entity(self.entity_name), f"{own.column}{own.operator}{own.value}")
        except Usage:
            return one.operator is Operator.NE  # a text that no id is can be in no column of ids
        return own


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - its zone is that of the column
_KEEP_UTC = ("mysql", "mariadb")


def _since(trail: Trail, times: tuple[Filter, ...]) -> ColumnElement[Any]:
    """From when a pattern looks; known when the statement runs, as ``-2h`` moves with the clock."""
    return bindparam(None, type_=trail["time"].type, unique=True, callable_=lambda: chosen(times)[0])


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest() if text.startswith("did:") else text


def _spelt(session: Session, entity: str, column: str, text: str) -> str:
    """Severities as the source writes them."""
    known = {value.upper(): value for value in session.entity(entity).by_name[column].values}
    return ",".join(known.get(part.upper(), part) for part in text.split(","))


def fits(value: Any, one: Filter) -> bool:
    """Whether a text fits a filter that no database was asked."""
    text = "" if value is None else str(value)
    match one.operator:
        case Operator.EQ:
            return text == one.value or (bool(text) and text in one.value.split(","))
        case Operator.NE:
            return not fits(value, replace(one, operator=Operator.EQ))
        case Operator.PREFIX:
            return text.startswith(one.value)
        case Operator.RANGE:
            return bool(text) and one.value <= text and (not one.high or text <= one.high)
    compare = {Operator.LT: text < one.value, Operator.LE: text <= one.value, Operator.GT: text > one.value}
    return bool(text) and compare.get(one.operator, text >= one.value)


Step = tuple[str, Mapping[str, Any]]


def _keys(position: Position) -> dict[str, Any]:
    return {f"k{n}": value for n, value in enumerate(position[1:])}


def _timed(bound: Bound | None, rank: int, older: bool) -> Step | None:
    """The stretch of a table's timed rows that lies beyond a bound; None where there is none."""
    if bound is None:
        return "values", {}
    age, at = bound.key
    if age is Age.NONE:
        return None if older else ("values", {})
    if rank == bound.rank:
        return "values-after", {"o": bound.position[0], **_keys(bound.position)}
    level = rank > bound.rank if older else rank < bound.rank  # whether rows of the same moment lie beyond
    if age is Age.AT:
        return ("values-at" if level else "values-beyond"), {"o": at}
    if age is (Age.AFTER if older else Age.BEFORE):  # the near end of the line
        edge = {"o": LAST if older else FIRST}
        return ("values", {}) if level else ("values-at", edge)
    return ("values-beyond", {"o": FIRST if older else LAST}) if level else None  # the far end


def _untimed(bound: Bound | None, rank: int, older: bool) -> Step | None:
    """The same of the rows without a time, which are older than all."""
    if bound is None or (older and bound.key.age is not Age.NONE):
        return "nulls", {}
    if bound.key.age is not Age.NONE:
        return None
    if rank == bound.rank:
        return "nulls-after", _keys(bound.position)
    return ("nulls", {}) if (rank > bound.rank) is older else None


def _beyond(found: Found, bound: Bound | None, rank: int, older: bool) -> bool:
    """Whether it really is: others write SQLite's times in forms that sort a little beside ours."""
    if bound is None or rank == bound.rank:
        return True
    mine, theirs = (found.key, -rank), (bound.key, -bound.rank)
    return mine < theirs if older else mine > theirs


__all__ = ["Bound", "Found", "Key", "Lane", "TableLane", "fits", "key_from", "key_of"]
