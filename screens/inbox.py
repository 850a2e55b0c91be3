"""One inbox over all open systems: their queues merged by age, risk, amount or lateness, as far as was read.

Each queue is read by keyset pages in the order asked for. What is merged is in order up to the first place behind
which a queue has rows that were not read yet; nothing is shown from beyond it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from db.errors import Usage
from db.model import Column, Entity, Filter, Order, Query, Queue, Row, View
from screens import later
from screens.desk import Link, Standing
from screens.pages import session_of

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.claims import Claim
    from db.proposals import Proposal

ORDERS = ("age", "risk", "amount", "lateness")
SHOWS = ("all", "mine", "unclaimed", "waiting", "late")
PAGE = 50
LIMIT = 2_000
"""Items that are kept at most; a filter brings the others into sight."""
HOURS = "24"
"""To decide, where the policy says nothing."""
_WORDS = {"critical": 1000, "high": 900, "medium": 500, "low": 100}


@dataclass(frozen=True, eq=False)
class Source:
    """A queue of a system."""

    link: Link
    entity: Entity
    view: View
    queue: Queue
    filters: tuple[Filter, ...] = ()
    search: str = ""

    @property
    def hours(self) -> Decimal:
        """Until its records are late."""
        settings = session_of(self.link).settings
        named = settings.get(f"queue_hours/{self.entity.name}/{self.view.name}")
        return Decimal(named or settings.get("queue_hours", HOURS))

    def query(self, order: str) -> Query:
        """The queue in that order, or in its own where it has no such column or no index serves it."""
        queue, names = self.queue, self.entity.by_name
        wanted = {"risk": queue.risk, "amount": queue.amount}.get(order, queue.since)
        shown = (queue.since, *self.entity.title, queue.amount, queue.risk, *_currency(self.entity, queue))
        columns = tuple(dict.fromkeys(name for name in shown if name in names))
        by = Order(wanted, order in ("risk", "amount")) if wanted in names else None
        query = Query(self.entity, self.view, self.filters, self.search, by, columns)
        if by is not None and later.read.served(session_of(self.link), query):
            return replace(query, order=None)
        return query


@dataclass(frozen=True, eq=False)
class Item:
    """A record that waits for a decision."""

    source: Source
    row: Row
    columns: tuple[Column, ...]
    claim: Claim | None = None
    proposal: Proposal | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Which record it is."""
        return self.source.link.name, self.source.entity.name, self.row.id

    def value(self, name: str) -> Any:
        """A column's value; None where it was not read."""
        return next((v for c, v in zip(self.columns, self.row.values, strict=True) if c.name == name), None)

    @property
    def since(self) -> datetime | None:
        """Since when it waits."""
        found = self.value(self.source.queue.since)
        return found if isinstance(found, datetime) else None

    @property
    def due(self) -> datetime | None:
        """When it is late."""
        return self.since + timedelta(hours=float(self.source.hours)) if self.since is not None else None

    @property
    def who(self) -> str:
        """The person, or the record's own name; an identifier only where there is nothing better."""
        said = [str(v) for name in self.source.entity.title if (v := self.value(name)) is not None]
        return next((name for name in said if not name.startswith("did:")), said[0] if said else self.row.id)

    def late(self, now: datetime) -> bool:
        """Whether there is no time left to decide."""
        return self.due is not None and self.due <= now

    @property
    def risk_number(self) -> Decimal:
        """The risk as a number, words included; less than any where there is none."""
        found = self.value(self.source.queue.risk) if self.source.queue.risk else None
        if isinstance(found, int | Decimal):
            return Decimal(found)
        return Decimal(_WORDS.get(str(found).lower(), -1))

    @property
    def amount(self) -> Decimal:
        """The amount; less than any where there is none."""
        found = self.value(self.source.queue.amount) if self.source.queue.amount else None
        return Decimal(found) if isinstance(found, int | Decimal) else Decimal("-Infinity")


def _currency(entity: Entity, queue: Queue) -> Iterable[str]:
    column = entity.by_name.get(queue.amount)
    return (column.currency,) if column is not None and column.currency.islower() else ()


def sources(links: Iterable[Link], typed: str = "") -> list[Source]:
    """The first queue of each entity of each open system; with a filter those that it can be read against.

    Raises Usage where it fits none.
    """
    found, wrong = [], None
    for link in links:
        if link.standing is not Standing.OPEN or link.session is None:
            continue
        for entity in link.session.system.entities:
            view = next((view for view in entity.views if view.queue is not None), None)
            if view is None or view.queue is None or link.session.schema.table(entity.table.name) is None:
                continue
            try:
                filters, search = later.filters.parse(entity, typed) if typed else ((), "")
            except Usage as error:
                wrong = error
                continue
            found.append(Source(link, entity, view, view.queue, filters, search))
    if wrong is not None and not found:
        raise wrong
    return found


_KEYS: Mapping[str, Callable[[Item], Any]] = {
    "age": lambda item: _moment(item.since),
    "lateness": lambda item: _moment(item.due),
    "risk": lambda item: -item.risk_number,
    "amount": lambda item: -item.amount,
}


def _moment(value: datetime | None) -> float:
    return value.timestamp() if value is not None else float("inf")


@dataclass
class Stream:
    """A queue as far as it was read."""

    source: Source
    query: Query
    items: list[Item] = field(default_factory=list)
    more: bool = True
    columns: tuple[Column, ...] = ()


class Inbox:
    """All queues, merged."""

    def __init__(self, found: Sequence[Source], order: str = "age") -> None:
        self.order = order
        self.streams = [Stream(source, source.query(order)) for source in found]

    def read(self, cancel: Cancel, link: Link) -> None:
        """One more page of each of a system's queues that hold the merged list up; in a thread; raises QuaestorError."""
        behind = self._behind()
        for stream in self.streams:
            if stream.source.link is link and stream.more and (stream in behind or not stream.items):
                self._read(stream, cancel)

    def _read(self, stream: Stream, cancel: Cancel) -> None:
        session = session_of(stream.source.link)
        after = stream.items[-1].row.position if stream.items else None
        page = later.read.page(session, stream.query, after=after, limit=PAGE, cancel=cancel)
        ids = [row.id for row in page.rows]
        name = stream.source.entity.name
        held = later.claims.of(session, name, ids)
        stream.columns, stream.more = page.columns, page.more_after and len(stream.items) < LIMIT
        stream.items += [Item(stream.source, row, page.columns, held.get(row.id)) for row in page.rows]
        stream.source.link.read_at = page.at

    def _behind(self) -> list[Stream]:
        """The queue whose unread rows come first."""
        waiting = [stream for stream in self.streams if stream.more]
        empty = [stream for stream in waiting if not stream.items]
        key = _KEYS[self.order]
        return empty or sorted(waiting, key=lambda stream: key(stream.items[-1]))[:1]

    @property
    def more(self) -> list[Link]:
        """The systems that have to be read for the list to go on."""
        return list(dict.fromkeys(stream.source.link for stream in self._behind()))

    @property
    def items(self) -> list[Item]:
        """The merged list, as far as its order is known."""
        key = _KEYS[self.order]
        merged = sorted((item for stream in self.streams for item in stream.items), key=key)
        ends = [key(stream.items[-1]) for stream in self.streams if stream.more and stream.items]
        if any(stream.more and not stream.items for stream in self.streams) or not ends:
            return merged
        end = min(ends)
        return [item for item in merged if key(item) <= end]

    def replace(self, item: Item) -> None:
        """Know more of a record."""
        for stream in self.streams:
            stream.items = [item if known.key == item.key else known for known in stream.items]

    def drop(self, keys: Iterable[tuple[str, str, str]]) -> None:
        """These are decided."""
        gone = set(keys)
        for stream in self.streams:
            stream.items = [item for item in stream.items if item.key not in gone]

    def propose(self, link: Link, proposals: Sequence[Proposal]) -> None:
        """What waits for a second person, as read just now."""
        open_ = {(p.entity, target): p for p in proposals for target in p.targets}
        for stream in self.streams:
            if stream.source.link is link:
                stream.items = [
                    replace(item, proposal=open_.get((item.source.entity.name, item.row.id)))
                    for item in stream.items
                ]


def shown(item: Item, show: str, me: Mapping[str, str], now: datetime) -> bool:
    """Whether an item is in the part of the list that is wanted; ``me`` has the operator's principal by system."""
    claim, mine = item.claim, me.get(item.source.link.name, "")
    asleep = claim is not None and claim.snoozed_until is not None
    holder = claim.holder if claim is not None else ""
    waits = asleep or item.proposal is not None
    if show == "waiting":
        return waits
    if asleep:
        return False
    return {
        "mine": bool(holder) and holder == mine,
        "unclaimed": not holder and not waits,
        "late": item.late(now),
    }.get(show, True)
