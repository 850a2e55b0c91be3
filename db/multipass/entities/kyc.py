"""Verifications of identity: the review queue of Multipass, and how its decisions go."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_, select

from db.declare import entity, now, since, view
from db.figures import count_if, figure, percentage
from db.model import Column, Figure, Kind, Queue, View
from db.multipass.entities.shared import PERIOD, any_of, holder, of_same_profile, tally, within
from db.multipass.tables import RISK_TIERS, identity_profiles, kyc_verifications

_k = kyc_verifications.c
_p = identity_profiles.c

WAITING = _k.status.in_(("pending", "in_review"))
"""What waits for a decision."""
_RISKY = any_of(_p.id == _k.profile_id, _p.risk_tier == "high")
_LATE = _k.submitted_at < since("kyc_late_seconds", 2 * 86_400, now)

_QUEUE = Queue(since="submitted_at", v="approve", x="reject", risk="risk_tier")
_EVIDENCE = "submitted_at holder risk_tier level document_type document_country score provider status"
_DECIDED = "reviewed_at holder risk_tier level status score reviewed_by rejection_reason"


def _waiting(name: str, summary: str, *more: ColumnElement[bool]) -> View:
    return view(name, summary, "submitted_at", and_(WAITING, *more), listed=_EVIDENCE, queue=_QUEUE)


_VIEWS = (
    _waiting("queue", "Pending or in review, the longest wait first."),
    _waiting(
        "high-risk",
        "Waiting, and enhanced or of a profile of the highest risk tier (two people decide the latter).",
        or_(_k.level == "enhanced", _RISKY),
    ),
    _waiting("enhanced", "Waiting for an enhanced verification.", _k.level == "enhanced"),
    _waiting("pending", "Nobody has begun with it.", _k.status == "pending"),
    _waiting("in-review", "Somebody has begun with it.", _k.status == "in_review"),
    _waiting("late", "Waiting for longer than two days.", _LATE),
    view("all", "Every verification, the newest first.", "-submitted_at"),
    view("approved", "Approved, the latest first.", "-reviewed_at", _k.status == "approved", listed=_DECIDED),
    view("rejected", "Rejected, the latest first.", "-reviewed_at", _k.status == "rejected", listed=_DECIDED),
    view("expired", "Expired, the latest first.", "-expires_at", _k.status == "expired"),
    view(
        "expiring",
        "Approved, and expiring within 30 days, the next first.",
        "expires_at",
        and_(_k.status == "approved", _k.expires_at > now(), _k.expires_at <= now(days=30)),
    ),
    view(
        "overdue",
        "Called approved, though the time of expiry has passed.",
        "expires_at",
        and_(_k.status == "approved", _k.expires_at <= now()),
    ),
    view(
        "decided-recently",
        "Approved or rejected in the last 24 hours.",
        "-reviewed_at",
        and_(_k.status.in_(("approved", "rejected")), _k.reviewed_at > now(days=-1)),
        listed=_DECIDED,
    ),
)

_approved, _rejected = count_if(_k.status == "approved"), count_if(_k.status == "rejected")
_RATES = (
    func.count().label("submitted"),
    count_if(WAITING).label("waiting"),
    _approved.label("approved"),
    _rejected.label("rejected"),
    count_if(_k.status == "expired").label("expired"),
    percentage(_approved, _approved + _rejected).label("approval_rate"),
)


def _rates(name: str, summary: str, by: str) -> Figure:
    column = kyc_verifications.c[by]
    statement = select(column, *_RATES).where(within(_k.submitted_at)).group_by(column).order_by(column)
    return figure(name, summary, statement, *PERIOD, kinds={"approval_rate": Kind.PERCENT})


_FIGURES = (
    _rates("rates", "Verifications submitted in the period by level; the rate is of those decided.", "level"),
    _rates("by-provider", "The same by provider.", "provider"),
    _rates("by-country", "The same by the country of the document.", "document_country"),
    tally(
        "by-status",
        "Verifications by status and level, and since when the oldest.",
        kyc_verifications,
        "status",
        "level",
        oldest="submitted_at",
    ),
    tally(
        "rejections",
        "Why verifications were rejected in the period.",
        kyc_verifications,
        "rejection_reason",
        where=and_(_k.status == "rejected", within(_k.reviewed_at)),
        parameters=PERIOD,
    ),
    tally(
        "by-reviewer",
        "Who decided how many in the period.",
        kyc_verifications,
        "reviewed_by",
        "status",
        where=within(_k.reviewed_at),
        parameters=PERIOD,
    ),
)

_tier = select(_p.risk_tier).where(_p.id == _k.profile_id).scalar_subquery()

VERIFICATIONS = entity(
    kyc_verifications,
    listed="submitted_at holder risk_tier level status score expires_at",
    groups={
        "Verification": "provider level document_type document_country score",
        "Decision": "status submitted_at reviewed_at reviewed_by rejection_reason expires_at",
        "Details": "id profile_id metadata",
    },
    kinds={"score": Kind.AMOUNT},
    computed=(
        holder(kyc_verifications),
        Column("risk_tier", Kind.STATUS, _tier, group="Verification", values=RISK_TIERS),
    ),
    views=_VIEWS,
    figures=_FIGURES,
    search="id profile_id",
    aliases="kyc verifications",
    title="holder level",
    links=of_same_profile(
        "kyc_verifications", "attestations", "wallet_accounts", "multipass_credentials", "application_events"
    ),
)
