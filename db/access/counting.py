"""How many there are, and the first of them: capped, by an index, or the sentence why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from db.access.asked import ASKED, Ask
from db.cancel import Cancel
from db.cost import served
from db.errors import Cancelled, Missing, QuaestorError, Unreachable
from db.model import Counted, Filter, Operator, Order, Page, Query
from db.read import count as counted
from db.read import page
from db.session import Session

MOST = 20
"""Rows of one list that are shown in its place."""


@dataclass(frozen=True)
class Number:
    """How many a list has."""

    ask: Ask
    value: int | None
    """None where it was not counted; ``text`` says why."""
    text: str
    """What the list is, or why it was not counted."""
    more: bool = False
    about: bool = False

    @property
    def shown(self) -> str:
        """The number with its sign."""
        if self.value is None:
            return "–"
        text = f"{self.value:,}".replace(",", " ") if self.value > 9999 else str(self.value)
        return f"{'≈ ' * self.about}{text}{'+' * self.more}"


def asks(session: Session) -> Iterator[Ask]:
    """What is asked of a system: the lists whose tables are there."""
    for ask in ASKED.get(session.system.name, ()):
        if session.schema.table(session.entity(ask.entity).table.name) is not None:
            yield ask


def query_of(session: Session, ask: Ask) -> Query:
    """The list behind a number; raises Missing where there is no such view."""
    entity = session.entity(ask.entity)
    view = entity.view(ask.view)
    if view is None:
        raise Missing(f"{entity.name} has no view {ask.view}.")
    if not ask.days:
        return Query(entity, view)
    now = datetime.now(UTC).replace(microsecond=0)
    until = Filter(ask.column, Operator.LE, (now + timedelta(days=ask.days)).isoformat())
    since = Filter(ask.column, Operator.GT, now.isoformat())
    return Query(entity, view, (since, until), order=Order(ask.column))


def count(session: Session, ask: Ask, cancel: Cancel | None = None) -> Number:
    """The number, never by reading a large table whole; raises Unreachable and Cancelled."""
    try:
        query = query_of(session, ask)
        if dear := served(session, query):
            return Number(ask, None, f"{query.view.summary} Not counted: {dear}")
        found = counted(session, query, cancel)
    except (Unreachable, Cancelled):
        raise
    except QuaestorError as error:
        return Number(ask, None, str(error))
    how, entity = found.how, query.entity
    text = query.view.summary
    if ask.days:
        text = f"{entity.by_name[ask.column].heading}: within {ask.days} days, the next first."
    return Number(ask, found.value, text, how is Counted.CAPPED, how is Counted.ESTIMATE)


def rows(session: Session, ask: Ask, cancel: Cancel | None = None) -> Page:
    """The first of them; raises QuaestorError."""
    return page(session, query_of(session, ask), limit=MOST, cancel=cancel)
