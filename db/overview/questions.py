"""What is asked of one system for the overview: queues, fleet, proposals and claims, audit, ledger, pulse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import func, select

from db import own, probes, proposals, read
from db.cancel import Cancel
from db.errors import Cancelled, Missing, QuaestorError, Unreachable
from db.fleet import fleet_of, picture
from db.fleet.picture import at_column
from db.model import Counted, Entity, Filter, Kind, Operator, Order, Query, View
from db.overview.number import Number
from db.run import execute
from db.session import Session
from db.severity import Severity

FULL, NEARLY = 95, 80
"""Percent of the connections that may be open: critical, warning."""
LAG = 300
"""Seconds behind that are critical."""
GRAVE = ("CRITICAL", "ERROR", "FATAL", "ALERT", "EMERGENCY")
"""Severities of audit rows that are counted."""


@dataclass(frozen=True)
class Question:
    """One thing to ask; it gives any count of numbers."""

    group: str
    name: str
    ask: Callable[[Cancel | None], list[Number]]

    def answer(self, cancel: Cancel | None = None) -> list[Number]:
        """The numbers, each with its age; what cannot be asked is told. Raises Unreachable and Cancelled."""
        try:
            found = self.ask(cancel)
        except (Unreachable, Cancelled):
            raise
        except QuaestorError as error:
            return [Number(self.group, self.name, None, Severity.NOTICE, str(error), datetime.now(UTC))]
        return found


def questions(session: Session, me: str = "") -> tuple[Question, ...]:
    """Everything that can be asked of a system; ``me`` is the operator's principal, where one is known."""
    return tuple(_questions(session, me))


def _questions(session: Session, me: str) -> Iterator[Question]:
    for entity, view in _queues(session):
        group = "jobs" if view.queue is not None and view.queue.v == "retry" else "queues"
        yield Question(group, f"{entity.name}/{view.name}", partial(_queue, session, entity, view, group))
    yield Question("work", "proposals", partial(_proposals, session, me))
    if me:
        yield Question("work", "own claims", partial(_claims, session, me))
    yield Question("fleet", "fleet", partial(_fleet, session))
    for entity in _audits(session):
        yield Question("audit", entity.name, partial(_audit, session, entity))
    yield Question("ledger", "ledger", partial(_ledger, session))
    yield Question("pulse", "database", partial(_pulse, session))
    if session.server.dialect != "sqlite":
        yield Question("pulse", "blocked", partial(_blocked, session))


def _queues(session: Session) -> Iterator[tuple[Entity, View]]:
    """The first queue of each entity that is there."""
    for entity in session.system.entities:
        view = next((view for view in entity.views if view.queue is not None), None)
        if view is not None and session.schema.table(entity.table.name) is not None:
            yield entity, view


def late_after(session: Session, entity: Entity, view: View) -> timedelta:
    """When a record of a queue is late."""
    text = session.settings.get(f"queue_hours/{entity.name}/{view.name}") or session.settings.get(
        "queue_hours", "24"
    )
    return timedelta(hours=float(Decimal(text)))


def _queue(session: Session, entity: Entity, view: View, group: str, cancel: Cancel | None) -> list[Number]:
    assert view.queue is not None
    since, limit, now = view.queue.since, late_after(session, entity, view), datetime.now(UTC)
    count = read.count(session, Query(entity, view), cancel)
    late_filter = Filter(since, Operator.LT, (now - limit).isoformat())
    late = read.count(session, Query(entity, view, (late_filter,)), cancel) if count.value else count
    oldest = (
        _oldest(session, Query(entity, view, order=Order(since), columns=(since,)), cancel)
        if count.value
        else None
    )
    words = [f"oldest {age(now - oldest)}" if oldest else "", f"{late.value} late" if late.value else ""]
    severity = Severity.WARNING if late.value else Severity.GOOD
    return [
        Number(
            group,
            f"{entity.name} {view.name}",
            count.value,
            severity,
            ", ".join(filter(None, words)),
            now,
            f"{entity.name}/{view.name}",
            more=count.how is Counted.CAPPED,
            about=count.how is Counted.ESTIMATE,
        )
    ]


def _oldest(session: Session, query: Query, cancel: Cancel | None) -> datetime | None:
    rows = read.page(session, query, limit=1, cancel=cancel).rows
    moment = rows[0].values[0] if rows else None
    return moment if isinstance(moment, datetime) else None


def age(length: timedelta) -> str:
    """A length of time in its largest unit."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _fleet(session: Session, cancel: Cancel | None) -> list[Number]:
    fleet = fleet_of(session)
    if fleet is None:
        return []
    found = picture(session, fleet, fleet.way(""), cancel)
    asked = datetime.now(UTC)  # an age is told by this machine's clock, whatever the server's says
    counts = found.counts
    numbers = [
        Number(
            "fleet",
            fleet.entity.replace("_", " "),
            found.total,
            found.severity,
            "in service",
            asked,
            "fleet",
        )
    ]
    for state, count in counts.items():
        if count and fleet.severity(state) is not Severity.GOOD:
            path = f"{fleet.entity}/{state}"
            summary = fleet.by_name[state].summary
            numbers.append(Number("fleet", state, count, fleet.severity(state), summary, asked, path))
    if found.ahead:
        ahead = "report from the future: a clock is wrong"
        numbers.append(
            Number("fleet", "ahead", found.ahead, Severity.NOTICE, ahead, asked, f"{fleet.entity}/all")
        )
    return numbers


def _proposals(session: Session, me: str, cancel: Cancel | None) -> list[Number]:
    if session.schema.table(own.proposals.name) is None:
        return []
    found = proposals.listed(session, current=True)
    waiting = [p for p in found if p.proposer != me]
    theirs = f"{len(found) - len(waiting)} of your own" if me and len(waiting) != len(found) else ""
    severity = Severity.NOTICE if waiting else Severity.GOOD
    return [Number("work", "proposals waiting", len(waiting), severity, theirs, datetime.now(UTC), "ledger")]


def _claims(session: Session, me: str, cancel: Cancel | None) -> list[Number]:
    c = own.claims.c
    if session.schema.table(own.claims.name) is None:
        return []
    now = datetime.now(UTC)
    wanted = select(func.count()).select_from(own.claims).where(c.holder == me, c.until > now)
    held = int(execute(session, wanted, {}, cancel)[0][0])
    return [Number("work", "claimed by you", held, Severity.GOOD, "", now, "review")]


def _audits(session: Session) -> Iterator[Entity]:
    """The audit tables that have severities and are there."""
    for path in session.system.areas.get("audit", ())[:1]:
        entity = session.entity(path.partition("/")[0])
        if "severity" in entity.by_name and session.schema.readable(entity.table.name, "severity"):
            yield entity


def _audit(session: Session, entity: Entity, cancel: Cancel | None) -> list[Number]:
    """Grave rows of the last hour against those of an hour of the last day."""
    now, time = datetime.now(UTC), entity.views[0].order.column
    if entity.by_name[time].kind is not Kind.TIME:
        raise Missing(f"{entity.name} is not ordered by time.")
    column, severity = entity.by_name[time].expression, entity.by_name["severity"].expression

    def count(hours: int) -> int:
        start = at_column(column, now - timedelta(hours=hours))
        wanted = (
            select(func.count())
            .select_from(entity.table)
            .where(column >= start, func.upper(severity).in_(GRAVE))
        )
        return int(execute(session, wanted, {}, cancel)[0][0])

    hour, usual = count(1), count(24) / 24
    bad = hour > max(3.0, 3 * usual)
    text = f"in the last hour; usually {usual:.1f}"
    weight = Severity.CRITICAL if bad else Severity.NOTICE if hour else Severity.GOOD
    return [Number("audit", "grave audit rows", hour, weight, text, now, entity.name, f"{time}>-1h")]


def _ledger(session: Session, cancel: Cancel | None) -> list[Number]:
    now = datetime.now(UTC)
    if session.schema.table(own.ledger_head.name) is None:
        text = "none here: the console only reads ('quaestor migrate … up --part ledger')"
        return [Number("ledger", "ledger", None, Severity.NOTICE, text, now)]
    head = execute(session, select(own.ledger_head.c.seq), {}, cancel)
    if not head:
        return [
            Number(
                "ledger",
                "ledger",
                None,
                Severity.CRITICAL,
                "it has no head; see 'quaestor doctor'",
                now,
                "ledger",
            )
        ]
    seq, text = int(head[0][0]), ""
    if session.schema.table(own.checkpoints.name) is not None:
        to = execute(session, select(func.max(own.checkpoints.c.size)), {}, cancel)[0][0] or 0
        text = f"checkpointed to {to}" + (f", {seq - to} not yet" if seq > to else "")
    return [Number("ledger", "entries", seq, Severity.GOOD, text, now, "ledger")]


def _pulse(session: Session, cancel: Cancel | None) -> list[Number]:
    found = probes.ask(session, probes.probes_of(session)[0], cancel)
    if not found.rows:
        return [Number("pulse", "database", None, Severity.NOTICE, found.lacks, found.at, "database")]
    server = found.records()[0]
    role = str(server.get("role", ""))
    words = [role, *_words(server)]
    connections, limit = server.get("connections"), server.get("limit")
    if connections is None or not limit:
        return [Number("pulse", "database", None, Severity.GOOD, ", ".join(words), found.at, "database")]
    share = 100 * int(connections) / int(limit)
    severity = Severity.CRITICAL if share >= FULL else Severity.WARNING if share >= NEARLY else Severity.GOOD
    if int(server.get("lag seconds") or 0) > LAG:
        severity = Severity.CRITICAL
    elif role != "primary":
        severity = min(severity, Severity.NOTICE, key=lambda s: s.rank)
    text = ", ".join([f"of {limit}", *words])
    return [Number("pulse", "connections", int(connections), severity, text, found.at, "database")]


def _words(server: Mapping[str, Any]) -> Iterator[str]:
    if server.get("cache hit percent") is not None:
        yield f"cache {server['cache hit percent']} %"
    if server.get("lag seconds") is not None:
        yield f"{server['lag seconds']} s behind"


def _blocked(session: Session, cancel: Cancel | None) -> list[Number]:
    found = probes.tree(session, cancel)
    now = datetime.now(UTC)
    if found.lacks:
        return [Number("pulse", "blocked sessions", None, Severity.NOTICE, found.lacks, now, "database")]
    blocked = sum(root.freed for root in found.roots)
    ours = sum(root.freed for root in found.roots if root.ours)
    text = f"{ours} by this console" if ours else ""
    weight = Severity.WARNING if blocked else Severity.GOOD
    return [Number("pulse", "blocked sessions", blocked, weight, text, now, "database")]
