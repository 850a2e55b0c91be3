"""Merging: a page of the line of time from as much of each source; what does not answer is a gap, not an end."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from db import read
from db.cancel import Cancel
from db.errors import Cancelled, Missing, QuaestorError, TooSlow, Usage
from db.model import Entity, Page, Position, Query, Record, Row
from db.session import Session
from db.timeline.columns import TIMELINE
from db.timeline.lane import Bound, Found, Key, Lane, TableLane, key_from
from db.timeline.ledger import LedgerLane
from db.timeline.sources import meanings

UNSURE = "≈"


@dataclass(frozen=True)
class Gap:
    """A source that is not in a page."""

    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Merged(Page):
    """A page of the line of time."""

    gaps: tuple[Gap, ...] = ()
    """The sources whose rows are not in it."""
    notes: tuple[str, ...] = ()
    """What should be known of how it was read."""


class Timeline:
    """The sources of some sessions; pages are read from all of them at once, each in a thread."""

    def __init__(
        self,
        sessions: Iterable[Session],
        clocks: Mapping[str, float] | None = None,
        patience: float = 5.0,
        whole: bool = False,
    ) -> None:
        """With ``whole`` every row has its source's own columns as its detail."""
        self.lanes: tuple[Lane, ...] = tuple(_lanes(sessions, whole))
        self.clocks = dict(clocks or {})
        """By session name: how many seconds its clock is ahead of this machine's."""
        self.patience = patience
        """Seconds that a page waits for a source."""
        self._pool = ThreadPoolExecutor(max(1, len(self.lanes)), thread_name_prefix="timeline")
        self._ranks = {lane.name: rank for rank, lane in enumerate(self.lanes)}

    def close(self) -> None:
        """Let the threads go; the sessions stay open."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def page(
        self,
        query: Query,
        *,
        after: Position | None = None,
        before: Position | None = None,
        end: bool = False,
        limit: int = 50,
        cancel: Cancel | None = None,
        whole: bool = False,
    ) -> Merged:
        """As ``read.page``; with ``whole`` a source that does not answer raises in place of leaving a gap."""
        began = time.perf_counter()
        forward = before is None and not end
        start = after if forward else before
        older = forward is query.sort.descending
        found, gaps = self._gather(query, self._bound(start), older, limit + 1, cancel, whole)
        merged = heapq.merge(*found, key=lambda pair: (pair[0].key, -pair[1]), reverse=older)
        taken = [pair for _, pair in zip(range(limit + 1), merged, strict=False)]
        more, taken = len(taken) > limit, taken[:limit]
        if not forward:
            taken.reverse()
        beyond = start is not None
        columns = tuple(TIMELINE.by_name[name] for name in query.shown)
        return Merged(
            columns,
            tuple(self._rows(taken, query.shown)),
            beyond if forward else more,
            more if forward else beyond,
            datetime.now(UTC),
            time.perf_counter() - began,
            tuple(gaps),
            tuple(note for lane in self.lanes if (note := lane.note(query))),
        )

    def stream(self, query: Query, cancel: Cancel | None = None, size: int = 500) -> Iterator[Merged]:
        """Every row, first to last; raises what any source raises, so that nothing is left out unseen."""
        after: Position | None = None
        while True:
            found = self.page(query, after=after, limit=size, cancel=cancel, whole=True)
            yield found
            if not found.more_after:
                return
            after = found.rows[-1].position

    def served(self, query: Query) -> str | None:
        """None where an index serves the query in every source, else the sentences what it would cost."""
        costs = []
        for lane in self.lanes:
            try:
                if cost := lane.cost(query):
                    costs.append(f"{lane.name}: {cost}")
            except QuaestorError:
                continue  # a source that cannot answer is told when it is read
        return " ".join(costs) or None

    def behind(self, id_: str, cancel: Cancel | None = None) -> Record:
        """The source's own record behind a row, with every column; raises Missing, Usage."""
        lane, entity, text = self.split(id_)
        return read.record(lane.session, entity, text, cancel)

    def split(self, id_: str) -> tuple[Lane, Entity, str]:
        """The source, the entity and the record id of a row's id; raises Usage."""
        name, _, text = id_.partition("/")
        rank = self._ranks.get(unquote(name))
        if rank is None:
            raise Usage(f"There is no source '{unquote(name)}' on this line.")
        lane = self.lanes[rank]
        if not isinstance(lane, TableLane):
            raise Missing("This is an entry of the ledger; the ledger's own screen shows it.")
        return lane, lane.session.entity(lane.entity_name), text

    def _bound(self, start: Position | None) -> Bound | None:
        if start is None:
            return None
        if len(start) < 4 or start[1] not in self._ranks:
            raise Usage("This cursor belongs to another list, or its source is not open.")
        return Bound(key_from(str(start[0])), self._ranks[start[1]], start[2:])

    def _gather(
        self,
        query: Query,
        bound: Bound | None,
        older: bool,
        limit: int,
        cancel: Cancel | None,
        whole: bool,
    ) -> tuple[list[list[tuple[Found, int]]], list[Gap]]:
        cancels = [Cancel() for _ in self.lanes]

        def stop() -> None:
            for one in cancels:
                one.cancel()

        with (cancel or Cancel()).running(stop):
            asked: list[Future[list[Found]]] = [
                self._pool.submit(lane.fetch, query, bound, rank, older, limit, cancels[rank])
                for rank, lane in enumerate(self.lanes)
            ]
            _, late = wait(asked, None if whole else self.patience)
        for rank, one in enumerate(asked):
            if one in late:
                cancels[rank].cancel()
                one.cancel()
        if cancel is not None and cancel.cancelled:
            raise Cancelled("Cancelled; the servers have stopped the statements.")
        return self._answers(asked, late, whole)

    def _answers(
        self, asked: Sequence[Future[list[Found]]], late: set[Future[list[Found]]], whole: bool
    ) -> tuple[list[list[tuple[Found, int]]], list[Gap]]:
        rows: list[list[tuple[Found, int]]] = []
        errors: list[tuple[str, QuaestorError]] = []
        for rank, (lane, one) in enumerate(zip(self.lanes, asked, strict=True)):
            try:
                if one in late:
                    raise TooSlow(f"It does not answer within {self.patience:g} s.")
                rows.append([(found, rank) for found in one.result()])
            except QuaestorError as error:
                errors.append((lane.name, error))
        if errors and (whole or not rows):
            raise errors[0][1]
        return rows, [Gap(name, str(error)) for name, error in errors]

    def _rows(self, taken: Sequence[tuple[Found, int]], names: Sequence[str]) -> Iterator[Row]:
        unsure = self._unsure(taken)
        for n, (found, rank) in enumerate(taken):
            name = self.lanes[rank].name
            known: dict[str, Any] = {**found.values, "order": UNSURE if n in unsure else None}
            id_ = f"{quote(name, safe=':')}/{found.id}"
            known["id"] = id_
            values = tuple(known.get(column) for column in names)
            yield Row(id_, values, (str(found.key), name, *found.position))

    def _unsure(self, taken: Sequence[tuple[Found, int]]) -> set[int]:
        """The rows whose neighbour may in truth have come first: the two clocks differ by more than their times."""
        found = set()
        for n in range(1, len(taken)):
            (a, first), (b, second) = taken[n - 1], taken[n]
            apart = abs(self._clock(first) - self._clock(second))
            if apart and _between(a.key, b.key) <= timedelta(seconds=apart):
                found |= {n - 1, n}
        return found

    def _clock(self, rank: int) -> float:
        return self.clocks.get(self.lanes[rank].session.name, 0.0)


def _between(a: Key, b: Key) -> timedelta:
    return abs(a.at - b.at) if a.at is not None and b.at is not None else timedelta.max


def _lanes(sessions: Iterable[Session], whole: bool) -> Iterator[Lane]:
    for session in sessions:
        for entity, meaning in meanings(session):
            yield TableLane.of(session, entity, meaning, whole)
        if LedgerLane.there(session):
            yield LedgerLane(session)
