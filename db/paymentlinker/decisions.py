"""How applications are decided: the document's statistics, and the same by tenant, day, score and model."""

from __future__ import annotations

from sqlalchemy import func, select

from db.figures import average, count_if, day, figure, percentage, since_parameter
from db.model import Kind, Parameter
from db.paymentlinker.review import TWO_PEOPLE, UNDECIDED, WAITING
from db.paymentlinker.tables import applications, tenants
from db.types import total

_a = applications.c
_SINCE = Parameter("since", Kind.TIME, "-30d")
_received = _a.created_at >= since_parameter()
_decided_at = func.coalesce(_a.reviewed_at, _a.created_at)
_by_hand = count_if(_a.reviewed_at.is_not(None)).label("by_hand")
_all = func.count().label("total")
_approved = count_if(_a.decision == "approved").label("approved")
_declined = count_if(_a.decision == "declined").label("declined")
_review = count_if(UNDECIDED).label("review")
_risk = average(_a.risk_score).label("avg_risk_score")
_tenant = tenants.c.slug.label("tenant")
_with_tenant = applications.outerjoin(tenants, tenants.c.id == _a.tenant_id)
_score_from = (_a.risk_score // 100 * 100).label("score_from")
_percents = {"percent": Kind.PERCENT, "approved_percent": Kind.PERCENT, "avg_confidence": Kind.PERCENT}

FIGURES = (
    figure(
        "statistics",
        "Applications since a date: all, approved, declined, and their mean risk score.",
        select(_all, _approved, _declined, _review, _risk).where(_received),
        _SINCE,
    ),
    figure(
        "statistics-by-tenant",
        "The same for each tenant, the busiest first.",
        select(_tenant, _a.tenant_id, _all, _approved, _declined, _review, _risk)
        .select_from(_with_tenant)
        .where(_received)
        .group_by(_tenant, _a.tenant_id)
        .order_by(_all.desc(), _a.tenant_id),
        _SINCE,
    ),
    figure(
        "by-decision",
        "Applications since a date by decision: how many, their mean scores and what they ask for.",
        select(
            _a.decision,
            _all,
            percentage(func.count(), func.sum(func.count()).over()).label("percent"),
            _risk,
            average(_a.credit_score).label("avg_credit_score"),
            average(_a.requested_limit).label("avg_requested_limit"),
            total(_a.requested_limit).label("requested"),
        )
        .where(_received)
        .group_by(_a.decision)
        .order_by(_all.desc(), _a.decision),
        _SINCE,
        kinds=_percents,
    ),
    figure(
        "by-status",
        "Applications since a date by status: how many, the oldest and the newest.",
        select(
            _a.status,
            _all,
            func.min(_a.created_at).label("oldest"),
            func.max(_a.created_at).label("newest"),
        )
        .where(_received)
        .group_by(_a.status)
        .order_by(_all.desc(), _a.status),
        _SINCE,
    ),
    figure(
        "decisions-by-day",
        "Decisions by day: of people when they decided, of the model when it received the application.",
        select(day(_decided_at).label("day"), _all, _approved, _declined, _review, _by_hand, _risk)
        .where(_a.decision.is_not(None), _decided_at >= since_parameter())
        .group_by(day(_decided_at))
        .order_by(day(_decided_at).desc()),
        _SINCE,
    ),
    figure(
        "risk-bands",
        "Applications since a date by hundreds of risk score, and how they were decided.",
        select(
            _score_from,
            _all,
            _approved,
            _declined,
            _review,
            percentage(count_if(_a.decision == "approved"), func.count()).label("approved_percent"),
        )
        .where(_received)
        .group_by(_score_from)
        .order_by(_score_from),
        _SINCE,
        kinds=_percents,
    ),
    figure(
        "by-model",
        "Applications since a date by model version: decisions, confidence and time taken.",
        select(
            _a.model_version,
            _all,
            _approved,
            _declined,
            _review,
            average(_a.confidence).label("avg_confidence"),
            average(_a.processing_time_ms).label("avg_processing_ms"),
        )
        .where(_received)
        .group_by(_a.model_version)
        .order_by(_all.desc(), _a.model_version),
        _SINCE,
        kinds=_percents,
    ),
    figure(
        "by-reviewer",
        "Decisions of people since a date, by reviewer.",
        select(
            _a.reviewed_by,
            _all,
            _approved,
            _declined,
            _risk,
            func.max(_a.reviewed_at).label("latest"),
        )
        .where(_a.reviewed_at >= since_parameter())
        .group_by(_a.reviewed_by)
        .order_by(_all.desc(), _a.reviewed_by),
        _SINCE,
    ),
    figure(
        "waiting",
        "The review queue by tenant: how many, how old, how risky, how much.",
        select(
            _tenant,
            _a.tenant_id,
            _all,
            count_if(TWO_PEOPLE).label("two_people"),
            func.min(_a.created_at).label("oldest"),
            func.max(_a.risk_score).label("highest_risk"),
            total(_a.requested_limit).label("requested"),
        )
        .select_from(_with_tenant)
        .where(WAITING)
        .group_by(_tenant, _a.tenant_id)
        .order_by(func.min(_a.created_at), _a.tenant_id),
    ),
)
