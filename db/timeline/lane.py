"""One source of the line of time: what is read of it beside a place on the line, newest first or back.

A place is a row of any source. What another source has beyond it is told by the time alone, and among rows
of the same moment by the rank of the sources, so that both directions meet the same order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

from db import read
from db.cancel import Cancel
from db.canonical import dumps, plain
from db.cost import served
from db.errors import Usage
from db.filters import term
from db.model import Filter, Operator, Order, Position, Query, Raw, Row, View
from db.session import Session
from db.timeline.sources import Meaning

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


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
        """As the reader sees it; its own order is always the source's."""
        mine = self.narrowed(query)
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
        return Query(entity, self.view, tuple(filters), search, columns=columns)

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
