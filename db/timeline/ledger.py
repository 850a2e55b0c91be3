"""Quaestor's own ledger as a source: ordered by its number, which grows with the database's clock.

No index is on the clock, and none is needed: numbers have no gaps, so the entry of a moment is found by halving.
What an entry says stands in its payload, so that filters are looked at here, a piece at a time.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Select, Table, bindparam, func, select

from db.cancel import Cancel
from db.cost import SMALL
from db.declare import entity, view
from db.errors import Missing
from db.model import Filter, Kind, Operator, Query, Raw, Record
from db.own import ledger
from db.run import execute
from db.session import Session
from db.timeline.ends import chosen, moments
from db.timeline.lane import Bound, Found, Tally, fits, key_of
from db.timeline.patterns import BY_NAME
from db.types import Json, String, Text, Time

_c = ledger.c
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST = 100_000
"""Entries that are counted by severity at most."""
PIECE = 500
"""Entries of one read while a filter is looked at."""
ENTITY = "quaestor_ledger"
_entry = Table(
    "entry",
    MetaData(),
    Column("seq", BigInteger(), primary_key=True),
    Column("time", Time(zone=True)),
    Column("action", String(100)),
    Column("entity", String(100)),
    Column("id", String(255)),
    Column("reason", Text()),
    Column("ticket", String(255)),
    Column("operation_id", String(36)),
    Column("key_id", String(100)),
    Column("db_user", String(255)),
    Column("before", Json()),
    Column("after", Json()),
    Column("payload", Json()),
)
ENTRY = entity(
    _entry,
    name=ENTITY,
    listed="seq",
    views=(view("all", "The entry.", "seq"),),
    groups={"Entry": "seq time action entity id reason ticket", "Proof": "operation_id key_id db_user",
            "What was signed": "before after payload"},
    kinds={"operation_id": Kind.ID, "id": Kind.ID},
    labels={"payload": "besides"},
    title="action id",
)  # fmt: skip
"""An entry as a record, for the detail."""


class LedgerLane:
    """The ledger of one database."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.name = f"{session.name}:{ENTITY}"

    @staticmethod
    def there(session: Session) -> bool:
        """Whether the database has one that this role may read."""
        return all(session.schema.readable(ENTITY, column.name) for column in (_c.seq, _c.payload))

    def fetch(
        self, query: Query, bound: Bound | None, rank: int, older: bool, limit: int, cancel: Cancel
    ) -> list[Found]:
        """The entries beyond the bound that fit, read a piece at a time."""
        own = [one for one in query.filters if one.column != "time"]
        pattern = BY_NAME.get(query.view.name)
        if not all(_may_fit(self.session.name, one) for one in own) or (pattern and not pattern.entries):
            return []
        ends = self._ends(query, bound, rank, older, cancel)
        found: list[Found] = []
        size = limit if not own and not query.search and pattern is None else max(limit, PIECE)
        while len(found) < limit:
            rows = execute(self.session, _piece(ends, older), {"limit": size}, cancel)
            kept = [row for row in rows if pattern is None or pattern.entry(_told(bytes(row[4])))]
            found += [made for made in map(self._shown, kept) if _fits(made, own, query.search)]
            if len(rows) < size:
                break
            ends = (ends[0], rows[-1][0]) if older else (rows[-1][0], ends[1])
        return found[:limit]

    def cost(self, query: Query) -> str | None:
        """A filter on what entries say reads all of them, until enough fit."""
        own = [one for one in query.filters if one.column not in ("time", "system", "source")]
        table = self.session.schema.table(ENTITY)
        if (own or query.search) and table is not None and table.rows >= SMALL:
            return f"No index serves {' '.join(map(str, own)) or query.search}; up to {table.rows} entries may be read."
        return None

    def note(self, query: Query) -> str:
        """Nothing."""
        return ""

    def counts(self, query: Query, width: int, cancel: Cancel) -> list[Tally]:
        """Counted here: how severe an entry is stands in its payload."""
        found = self.fetch(query, None, 0, True, MOST, cancel)
        counted: Counter[tuple[int, str]] = Counter()
        for one in found:
            at = one.values["time"]
            counted[int(at.timestamp()) // width, str(one.values["severity"])] += 1
        return [
            Tally(_EPOCH + timedelta(seconds=place * width), severity, number)
            for (place, severity), number in counted.items()
        ]

    def record(self, text: str, cancel: Cancel | None) -> Record:
        """An entry in full, as it was signed; raises Missing."""
        wanted = select(_c.seq, _c.db_time_us, _c.db_user, _c.operation_id, _c.payload, _c.key_id)
        found = execute(self.session, wanted.where(_c.seq == int(text)), {}, cancel)
        if not found:
            raise Missing(f"There is no entry {text} in the ledger of {self.session.name}.")
        seq, micros, user, operation, payload, key = found[0]
        told = _told(bytes(payload))
        rest = {name: value for name, value in told.items() if name not in ENTRY.by_name}
        known = {
            **{name: value if isinstance(value, str) else _json(value) for name, value in told.items()},
            "seq": seq,
            "time": _EPOCH + timedelta(microseconds=int(micros)),
            "db_user": user,
            "operation_id": str(operation),
            "key_id": key,
            "payload": _json(rest) if told else Raw(bytes(payload).decode("utf-8", "backslashreplace")),
        }
        values = tuple(known.get(column.name) for column in ENTRY.columns)
        return Record(ENTRY, text, ENTRY.columns, values, datetime.now(UTC))

    def _ends(
        self, query: Query, bound: Bound | None, rank: int, older: bool, cancel: Cancel
    ) -> tuple[int, int | None]:
        """Between which numbers (neither included) to read."""
        low, high = 0, None
        for one in _times(query):
            first, last = self._range(one, cancel)
            low, high = max(low, first), last if high is None else min(high, last or high)
        if bound is None:
            return low, high
        if rank == bound.rank:
            place = int(bound.position[1])
            return (low, _least(high, place)) if older else (max(low, place), high)
        at = bound.key.at
        if at is None:  # a place before or after all time
            all_beyond = (bound.key > key_of(_EPOCH)) is older
            return (low, high) if all_beyond else (low, low + 1)
        with_same = rank > bound.rank if older else rank < bound.rank
        if older:
            return low, _least(high, self._number(at, past=with_same, cancel=cancel))
        return max(low, self._number(at, past=not with_same, cancel=cancel) - 1), high

    def _range(self, one: Filter, cancel: Cancel) -> tuple[int, int | None]:
        """The numbers around a filter on the time, found by asking the filter of moments."""
        fit = moments(one)
        low = self._number(fit[0], past=False, cancel=cancel) - 1 if fit[0] else 0
        high = self._number(fit[1], past=True, cancel=cancel) if fit[1] else None
        return low, high

    def _number(self, at: datetime, *, past: bool, cancel: Cancel) -> int:
        """The first number whose time is not before ``at`` (with ``past``: after it)."""
        wanted = (at - _EPOCH) // timedelta(microseconds=1)
        low, high = 0, int(execute(self.session, select(func.max(_c.seq)), {}, cancel)[0][0] or 0) + 1
        while high - low > 1:
            middle = (low + high) // 2
            found = execute(self.session, select(_c.db_time_us).where(_c.seq == middle), {}, cancel)
            time = int(found[0][0]) if found else wanted
            if time > wanted or (time == wanted and not past):
                high = middle
            else:
                low = middle
        return high

    def _shown(self, row: Any) -> Found:
        seq, micros, user, operation, payload = row
        told = _told(bytes(payload))
        operator, evidence = _part(told, "operator"), _part(told, "evidence")
        at = _EPOCH + timedelta(microseconds=int(micros))
        return Found(
            key_of(at),
            str(seq),
            {
                "time": at,
                "system": self.session.name,
                "source": ENTITY,
                "severity": "WARNING" if told.get("break_glass") or told.get("risk") == "dual" else "INFO",
                "actor": operator.get("name") or operator.get("principal") or user or None,
                "action": told.get("action"),
                "kind": told.get("entity"),
                "record": told.get("id") or told.get("proposal"),
                "address": evidence.get("address"),
                "correlation": str(operation),
                "detail": bytes(payload).decode("utf-8", "backslashreplace"),
            },
            (str(micros), int(seq)),
        )


def _piece(ends: tuple[int, int | None], older: bool) -> Select[Any]:
    from_, to = ends
    made = select(_c.seq, _c.db_time_us, _c.db_user, _c.operation_id, _c.payload).where(_c.seq > from_)
    if to is not None:
        made = made.where(_c.seq < to)
    return made.order_by(_c.seq.desc() if older else _c.seq.asc()).limit(bindparam("limit", type_=Integer()))


def _told(payload: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(payload)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _times(query: Query) -> list[Filter]:
    """The filters on the time; a pattern without one looks at the last of it."""
    found = [one for one in query.filters if one.column == "time"]
    if query.view.name in BY_NAME and not any(moments(one)[0] for one in found):
        found.append(Filter("time", Operator.GE, chosen(found)[0].isoformat()))
    return found


def _may_fit(name: str, one: Filter) -> bool:
    known = {"system": name, "source": ENTITY}
    return one.column not in known or fits(known[one.column], one)


def _fits(found: Found, own: Sequence[Filter], search: str) -> bool:
    shown = (str(v) for v in found.values.values() if v is not None)
    return all(fits(found.values.get(one.column), one) for one in own) and (not search or search in shown)


def _least(one: int | None, other: int) -> int:
    return other if one is None else min(one, other)
