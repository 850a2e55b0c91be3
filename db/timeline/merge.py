"""Merging: a page of the line of time from as much of each source; what does not answer is a gap, not an end."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from db import clock
from db.cancel import Cancel
from db.clock import Clock
from db.errors import Cancelled, Missing, QuaestorError, TooSlow, Usage
from db.model import Entity, Filter, Operator, Page, Position, Query, Record, Row
from db.session import Session
from db.timeline.columns import TIMELINE
from db.timeline.ends import chosen
from db.timeline.lane import Bound, Found, Key, Lane, TableLane, key_from
from db.timeline.ledger import LedgerLane
from db.timeline.rate import Gap, Rate, made, width_of
from db.timeline.sources import meanings

UNSURE = "≈"
REST = 30.0
"""Seconds for which a source that did not answer is not asked again."""
Result = TypeVar("Result")


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
        self._closed = False
        self._ranks = {lane.name: rank for rank, lane in enumerate(self.lanes)}
        self._rests: dict[int, float] = {}
        """Until when a source that did not answer is not asked again."""

    def close(self) -> None:
        """Let the threads go; the sessions stay open.

        What was asked before is answered: whoever waits for a piece of work that was taken away would wait in vain.
        """
        self._closed = True
        self._pool.shutdown(wait=False)

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
        """The source's own record behind a row, with every column, or the entry of the ledger; raises Missing, Usage."""
        lane, text = self._lane(id_)
        return lane.record(text, cancel)

    def rate(self, query: Query, slots: int, cancel: Cancel | None = None, patience: float = 3.0) -> Rate:
        """How many rows of each severity over the time that is chosen, in at most so many spans.

        One grouped query a source; what takes longer than the patience is a gap.
        """
        low, high = chosen(query.filters)
        width = width_of(low, high, slots)
        kept = tuple(one for one in query.filters if one.column != "time")
        bounds = Filter("time", Operator.RANGE, low.isoformat(), high.isoformat())
        asked = replace(query, filters=(*kept, bounds))
        found, gaps = self._ask(
            lambda rank, stop: self.lanes[rank].counts(asked, width, stop), cancel, patience
        )
        return made(low, high, width, [one for counts in found for one in counts], tuple(gaps))

    def measure(self, cancel: Cancel | None = None) -> tuple[str, ...]:
        """Ask every server for its clock: from now on the order is marked within the differences; what to say of them."""
        first = {lane.session.name: rank for rank, lane in reversed(list(enumerate(self.lanes)))}

        def ask(rank: int, stop: Cancel) -> tuple[str, Clock] | None:
            session = self.lanes[rank].session
            return (session.name, clock.measured(session, stop)) if first[session.name] == rank else None

        found, _ = self._ask(ask, cancel, self.patience)
        clocks = {one[0]: one[1] for one in found if one is not None}
        self.clocks = {name: one.ahead for name, one in clocks.items() if one.differs}
        return tuple(f"{name}: {one}" for name, one in clocks.items() if one.differs)

    def split(self, id_: str) -> tuple[Lane, Entity, str]:
        """The source, the entity and the record id of a row's id; raises Usage."""
        lane, text = self._lane(id_)
        if not isinstance(lane, TableLane):
            raise Missing("This is an entry of the ledger; the ledger's own screen shows it.")
        return lane, lane.session.entity(lane.entity_name), text

    def is_entry(self, id_: str) -> bool:
        """Whether the row with an id is an entry of a ledger; raises Usage."""
        return not isinstance(self._lane(id_)[0], TableLane)

    def session_of(self, id_: str) -> Session:
        """Where the row with an id is; raises Usage."""
        return self._lane(id_)[0].session

    def _lane(self, id_: str) -> tuple[Lane, str]:
        name, _, text = id_.partition("/")
        rank = self._ranks.get(unquote(name))
        if rank is None:
            raise Usage(f"There is no source '{unquote(name)}' on this line.")
        return self.lanes[rank], text

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
        def fetch(rank: int, stop: Cancel) -> list[tuple[Found, int]]:
            found = self.lanes[rank].fetch(query, bound, rank, older, limit, stop)
            return [(one, rank) for one in found]

        return self._ask(fetch, cancel, None if whole else self.patience)

    def _ask(
        self, work: Callable[[int, Cancel], Result], cancel: Cancel | None, patience: float | None
    ) -> tuple[list[Result], list[Gap]]:
        """What each source answers, and which did not; without patience what a source raises is raised."""
        cancels = [Cancel() for _ in self.lanes]

        def stop() -> None:
            for one in cancels:
                one.cancel()

        now = time.monotonic()
        resting = {rank for rank, until in self._rests.items() if until > now and patience is not None}
        with (cancel or Cancel()).running(stop):
            asked = {
                rank: self._submit(work, rank, cancels[rank])
                for rank in range(len(self.lanes))
                if rank not in resting
            }
            _, late = wait(asked.values(), patience)
        for rank, one in asked.items():
            if one in late:
                cancels[rank].cancel()
                one.cancel()
                self._rests[rank] = time.monotonic() + REST
        if cancel is not None and cancel.cancelled:
            raise Cancelled("Cancelled; the servers have stopped the statements.")
        return self._answers(asked, late, patience)

    def _submit(self, work: Callable[[int, Cancel], Result], rank: int, cancel: Cancel) -> Future[Result]:
        try:
            return self._pool.submit(work, rank, cancel)
        except RuntimeError:
            if not self._closed:
                raise
            raise Cancelled("The line of time was closed meanwhile.") from None

    def _answers(
        self, asked: Mapping[int, Future[Result]], late: set[Future[Result]], patience: float | None
    ) -> tuple[list[Result], list[Gap]]:
        found: list[Result] = []
        errors: list[tuple[str, QuaestorError]] = []
        for rank, lane in enumerate(self.lanes):
            try:
                if rank not in asked:
                    raise TooSlow(f"It did not answer and is left alone for {REST:g} s.")
                if asked[rank] in late:
                    raise TooSlow(f"It does not answer within {patience:g} s.")
                found.append(asked[rank].result())
            except QuaestorError as error:
                errors.append((lane.name, error))
        if errors and (patience is None or not found):
            raise errors[0][1]
        return found, [Gap(name, str(error)) for name, error in errors]

    def _rows(self, taken: Sequence[tuple[Found, int]], names: Sequence[str]) -> Iterator[Row]:
        unsure = self._unsure(taken)
        for n, (found, rank) in enumerate(taken):
            name = self.lanes[rank].name
            known: dict[str, Any] = {**found.values, "order": UNSURE if n in unsure else ""}
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
