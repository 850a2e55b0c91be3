"""Deciding what the model left to a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from db.actions import RESTORE, both
from db.change import Change
from db.model import Action, Context, Values
from db.paymentlinker import review
from db.paymentlinker.rules import THERE, alive, operator
from db.paymentlinker.tables import STATUSES

_FINAL = "A decision is not taken back; the applicant is told, and applies again."


def _left_to_a_person(row: Values, context: Context) -> str | None:
    if row["reviewed_at"] is not None:
        return f"It was decided by {row.get('reviewed_by') or 'somebody'} at {row['reviewed_at']}."
    if row["decision"] not in review.OPEN:
        return f"Its decision is {row['decision'] or 'empty'}; this needs {' or '.join(review.OPEN)}."
    if row["status"] is not None and row["status"] not in STATUSES:
        return f"Its status is {row['status']}, which is not known here."
    return None


def _wanted(row: Values, context: Context) -> str | None:
    return "The applicant has withdrawn it; decline it." if row["status"] == "withdrawn" else None


_IN_REVIEW = both(alive, _left_to_a_person)
_SEEN = (*THERE, "reviewed_at", "decision", "status")


def _decide(decision: str) -> Callable[[Change], None]:
    def apply(change: Change) -> None:
        change.update(
            decision=decision,
            status=decision,
            reviewed_by=operator(change)[0],
            review_reason=change.reason,
            reviewed_at=change.now,
        )

    return apply


def _refer(change: Change) -> None:
    change.update(status="processing", decision=None, review_reason=change.reason)


def _told(event: str) -> Mapping[str, str]:
    return {"event": event, "category": "REVIEW", "regulation": "FCRA", "requirement": "FCRA § 615"}


ACTIONS = (
    Action(
        "approve",
        "applications",
        "Approves the application: the applicant gets the limit that was asked for.",
        both(_IN_REVIEW, _wanted),
        _decide("approved"),
        (*_SEEN, "requested_limit", "risk_score"),
        risk=review.risk,
        final=_FINAL,
        audit=_told("APPLICATION_APPROVED"),
    ),
    Action(
        "decline",
        "applications",
        "Declines the application.",
        _IN_REVIEW,
        _decide("declined"),
        _SEEN,
        final=_FINAL,
        audit=_told("APPLICATION_DECLINED"),
    ),
    Action(
        "refer",
        "applications",
        "Gives the application back to the model, undecided.",
        both(_IN_REVIEW, _wanted),
        _refer,
        _SEEN,
        inverse=RESTORE,
        audit=_told("APPLICATION_REFERRED"),
    ),
)
