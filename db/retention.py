"""How long the documents want rows to be kept, against what is there: each rule is a view, counted and dated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from db import read
from db.cancel import Cancel
from db.errors import Cancelled, QuaestorError, Unreachable
from db.model import Count, Counted, Query
from db.session import Session

PATIENCE = 5.0
"""Seconds that one rule may take to be looked at."""


@dataclass(frozen=True)
class Rule:
    """What must not be there, or no longer."""

    entity: str
    view: str
    """It shows the rows that do not keep the rule, the oldest first."""
    words: str
    """The document's rule."""
    held: str
    """What is said where no row breaks it."""
    broken: str
    """What is said of the rows that do, behind their number."""


@dataclass(frozen=True)
class Kept:
    """What was found of a rule."""

    rule: Rule
    count: Count | None = None
    oldest: datetime | None = None
    why: str = ""
    """Why it could not be looked at."""

    @property
    def holds(self) -> bool | None:
        """Whether no row breaks it; None where that is not known."""
        return None if self.count is None else self.count.value == 0

    def __str__(self) -> str:
        """In a sentence."""
        if self.count is None:
            return f"{self.rule.words} Not looked at: {self.why}"
        if self.holds:
            return f"{self.rule.words} {self.rule.held}"
        since = f", the oldest of {self.oldest:%Y-%m-%d}" if self.oldest is not None else ""
        about = "about " if self.count.how is Counted.ESTIMATE else ""
        more = " or more" if self.count.how is Counted.CAPPED else ""
        return f"{self.rule.words} {about}{self.count.value}{more} {self.rule.broken}{since}."


_NONE = "None is older."
RULES: Mapping[str, tuple[Rule, ...]] = {
    "trustsphere": (
        Rule("audit_logs", "archivable", "After 1 year audit rows go into the archive.", _NONE, "still here"),
        Rule("audit_logs", "past-retention", "Audit rows are kept for 7 years.", _NONE, "older"),
        Rule("audit_logs_archive", "past-retention", "So are those in the archive.", _NONE, "older"),
        Rule("transactions", "archivable", "After 2 years transactions go into the archive.", _NONE, "still here"),
    ),
    "paymentlinker": (
        Rule(
            "audit_logs",
            "expired",
            "After 7 years, and when their own time is over, audit rows are deleted.",
            "None is due.",
            "due",
        ),
        Rule(
            "audit_logs",
            "retention-unset",
            "Rows under GDPR or FCRA name the end of their time.",
            "All do.",
            "without",
        ),
        Rule(
            "audit_logs",
            "ended-early",
            "GDPR keeps rows for 7 years, FCRA for 10.",
            "No row's time was over sooner.",
            "to be deleted sooner",
        ),
        Rule(
            "audit_logs",
            "deleted",
            "Audit rows are never marked as deleted.",
            "None is.",
            "marked",
        ),
    ),
    "finpass": (
        Rule(
            "audit_events",
            "old-events",
            "Events are kept for as many days as they say, or else for seven years.",
            _NONE,
            "older",
        ),
    ),
}  # fmt: skip
"""By system; Multipass's document names none."""


def look(session: Session, cancel: Cancel | None = None) -> Iterator[Kept]:
    """Each rule of the system in turn; one that takes too long, or is not readable, is said to be. Raises Cancelled, Unreachable."""
    hasty = replace(session, profile=replace(session.profile, statement_timeout=PATIENCE))
    for rule in RULES.get(session.system.name, ()):
        try:
            yield _kept(hasty, rule, cancel)
        except (Cancelled, Unreachable):
            raise
        except QuaestorError as error:
            yield Kept(rule, why=str(error))


def _kept(session: Session, rule: Rule, cancel: Cancel | None) -> Kept:
    entity = session.entity(rule.entity)
    view = entity.view(rule.view)
    assert view is not None
    if why := read.available(session, entity, view):
        return Kept(rule, why=why)
    query = Query(entity, view, columns=(view.order.column,))
    rows = read.page(session, query, limit=1, cancel=cancel).rows
    if not rows:
        return Kept(rule, Count(0, Counted.EXACT))
    found, oldest = read.count(session, query, cancel), rows[0].values[0]
    at_least = replace(found, value=max(1, found.value))  # an estimate knows nothing of the row that was read
    return Kept(rule, at_least, oldest if isinstance(oldest, datetime) else None)
