"""The audit trail: what happened, what must be kept for how long, and what was never verified."""

from __future__ import annotations

from sqlalchemy import and_, func, or_, select

from db.declare import entity, naive_now, view
from db.figures import count_if, day, figure, since_parameter
from db.model import Kind, Link, Parameter, View
from db.paymentlinker.review import HIGH_SCORE
from db.paymentlinker.shared import TENANT, tenant_slug, years_ago
from db.paymentlinker.tables import audit_logs

_l = audit_logs.c
_RETENTION = "event_timestamp event_type regulation retention_until compliance_requirement tenant"
_PROOF = "event_timestamp event_type status verification_hash signing_key_id verified_at verified_by tenant"
_CHAIN = "event_timestamp event_type blockchain_tx_hash block_number block_timestamp merkle_root tenant"
EXPIRED = and_(_l.event_timestamp < years_ago(7), _l.retention_until < naive_now())
"""What the document's clean-up deletes."""


def _of_category(name: str, category: str, summary: str) -> View:
    return view(name, summary, "-event_timestamp", _l.event_category == category)


_VIEWS = (
    view("all", "Every event, the newest first.", "-event_timestamp"),
    _of_category("reviews", "REVIEW", "Decisions on applications."),
    _of_category("fleet", "FLEET", "What happened to devices."),
    _of_category("access", "ACCESS", "Sign-ins, and changes of who may do what."),
    _of_category("privacy", "PRIVACY", "Personal data shown, exported or erased."),
    view(
        "decisions",
        "Events with a decision.",
        "-event_timestamp",
        _l.decision.is_not(None),
        listed="event_timestamp event_type decision risk_score confidence user_role user_id tenant",
    ),
    view("high-risk", "Events with a risk score from 800.", "-event_timestamp", _l.risk_score >= HIGH_SCORE),
    view(
        "console",
        "Written by this console.",
        "-event_timestamp",
        _l.service_name == "quaestor",
        listed="event_timestamp event_type event_category user_id user_role event_description tenant",
    ),
    view(
        "pending-verification",
        "To be audited, and not yet verified, the oldest first.",
        "event_timestamp",
        and_(_l.status == "pending", _l.audit_required.is_(True)),
        listed=_PROOF,
    ),
    view(
        "failed-verification",
        "Verified, and found wrong.",
        "-event_timestamp",
        _l.status == "failed",
        listed=_PROOF,
    ),
    view(
        "unsigned",
        "To be audited, and without a signature.",
        "-event_timestamp",
        and_(_l.audit_required.is_(True), _l.signature.is_(None)),
        listed=_PROOF,
    ),
    view(
        "on-chain",
        "Naming a transaction on a chain, which is not verified here.",
        "-event_timestamp",
        _l.blockchain_tx_hash.is_not(None),
        listed=_CHAIN,
    ),
    view(
        "gdpr", "Kept for GDPR, for 7 years.", "-event_timestamp", _l.regulation == "GDPR", listed=_RETENTION
    ),
    view(
        "fcra", "Kept for FCRA, for 10 years.", "-event_timestamp", _l.regulation == "FCRA", listed=_RETENTION
    ),
    view(
        "expired",
        "Older than 7 years and past its retention: what the clean-up deletes.",
        "event_timestamp",
        EXPIRED,
        listed=_RETENTION,
    ),
    view(
        "retention-unset",
        "Under GDPR or FCRA, and without an end of its retention.",
        "event_timestamp",
        and_(_l.regulation.in_(("GDPR", "FCRA")), _l.retention_until.is_(None)),
        listed=_RETENTION,
    ),
    view(
        "ended-early",
        "Past its retention before GDPR's 7 or FCRA's 10 years are over: the clean-up may take it too soon.",
        "event_timestamp",
        or_(
            *(
                and_(
                    _l.regulation == name,
                    _l.event_timestamp > years_ago(years),
                    _l.retention_until < naive_now(),
                )
                for name, years in (("GDPR", 7), ("FCRA", 10))
            )
        ),
        listed=_RETENTION,
    ),
    view("recent", "The last 24 hours.", "-event_timestamp", _l.event_timestamp > naive_now(days=-1)),
    view(
        "deleted",
        "Marked as deleted, which an immutable trail knows nothing of.",
        "-event_timestamp",
        _l.deleted_at.is_not(None),
    ),
)

_SINCE = Parameter("since", Kind.TIME, "-7d")
_events = func.count().label("events")
_happened = _l.event_timestamp >= since_parameter()
_first = func.min(_l.event_timestamp).label("first")
_last = func.max(_l.event_timestamp).label("last")

_FIGURES = (
    figure(
        "by-event-type",
        "Events since a time, by type: how many, the first and the last.",
        select(_l.event_type, _l.event_category, _events, _first, _last)
        .where(_happened)
        .group_by(_l.event_type, _l.event_category)
        .order_by(_events.desc(), _l.event_type, _l.event_category),
        _SINCE,
    ),
    figure(
        "by-category",
        "Events since a time, by category, with how many of each are verified.",
        select(
            _l.event_category,
            _events,
            count_if(_l.status == "verified").label("verified"),
            count_if(_l.status == "pending").label("pending"),
            count_if(_l.status == "failed").label("failed"),
            _first,
            _last,
        )
        .where(_happened)
        .group_by(_l.event_category)
        .order_by(_events.desc(), _l.event_category),
        _SINCE,
    ),
    figure(
        "by-day",
        "Events since a time, by day.",
        select(
            day(_l.event_timestamp).label("day"),
            _events,
            func.count(_l.user_id.distinct()).label("users"),
            func.count(_l.application_id.distinct()).label("applications"),
        )
        .where(_happened)
        .group_by(day(_l.event_timestamp))
        .order_by(day(_l.event_timestamp).desc()),
        _SINCE,
    ),
    figure(
        "by-user",
        "Events since a time, by who did it.",
        select(_l.user_id, _l.user_role, _events, _first, _last)
        .where(_happened, _l.user_id.is_not(None))
        .group_by(_l.user_id, _l.user_role)
        .order_by(_events.desc(), _l.user_id, _l.user_role),
        _SINCE,
    ),
    figure(
        "retention",
        "Events by regulation: how many, without an end of retention, past it, and the oldest.",
        select(
            _l.regulation,
            _events,
            count_if(_l.retention_until.is_(None)).label("unset"),
            count_if(EXPIRED).label("expired"),
            func.min(_l.event_timestamp).label("oldest"),
            func.min(_l.retention_until).label("next_end"),
        )
        .where(_happened)
        .group_by(_l.regulation)
        .order_by(_events.desc(), _l.regulation),
        Parameter("since", Kind.TIME, "1970-01-01"),
    ),
)

AUDIT_LOGS = entity(
    audit_logs,
    listed="event_timestamp event_type event_category decision risk_score user_role user_id service_name tenant",
    views=_VIEWS,
    figures=_FIGURES,
    groups={
        "Event": "id event_timestamp event_type event_category event_description application_id",
        "Decision": "decision risk_score confidence",
        "Who": "user_id user_role ip_address user_agent",
        "Where": "service_name service_version environment",
        "Change": "previous_state new_state event_data metadata",
        "Compliance": "regulation compliance_requirement audit_required retention_until",
        "Verification": "status verification_hash signature signing_key_id verified_at verified_by "
        "verification_notes",
        "Chain (not verified here)": "blockchain_tx_hash block_number block_timestamp merkle_root",
        "Life": "created_at updated_at deleted_at",
        "Tenant": "tenant_id",
    },
    kinds={"confidence": Kind.PERCENT},
    labels={"status": "verification"},
    computed=(tenant_slug(audit_logs),),
    search="id application_id blockchain_tx_hash event_type",
    links=(TENANT, Link("user", "users", (("user_id", "id"),))),
    aliases="audit logs events",
    title="event_type",
    tenant="tenant_id",
)
