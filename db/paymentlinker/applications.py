"""Loan applications: what waits for a decision, what stands out, what was decided."""

from __future__ import annotations

from sqlalchemy import Integer, and_

from db.declare import entity, naive_now, setting, since, view
from db.model import Column, Kind, Link, Queue, View
from db.paymentlinker.decisions import FIGURES
from db.paymentlinker.review import HIGH_LIMIT, HIGH_RISK, TWO_PEOPLE, WAITING
from db.paymentlinker.shared import TENANT, kept, tenant_slug
from db.paymentlinker.tables import applications

_a = applications.c
_kept = kept(applications)

_QUEUE = Queue(since="created_at", v="approve", x="decline", amount="requested_limit", risk="risk_score")
_EVIDENCE = (
    "created_at full_legal_name requested_limit risk_score confidence fraud_probability identity_match "
    "credit_score two_people tenant"
)
_REVIEWED = "reviewed_at full_legal_name requested_limit risk_score decision reviewed_by review_reason tenant"
_ERASED = "deleted_at id decision status created_at tenant"


def _of_status(status: str, summary: str) -> View:
    return view(status, summary, "-created_at", and_(_kept, _a.status == status))


_VIEWS = (
    view("all", "Every application, the newest first, deleted ones too.", "-created_at"),
    view(
        "review",
        "Waiting for a person's decision, the riskiest first.",
        "-risk_score",
        WAITING,
        listed=_EVIDENCE,
        queue=_QUEUE,
    ),
    view(
        "review-by-age",
        "Waiting for a person's decision, the oldest first.",
        "created_at",
        WAITING,
        listed=_EVIDENCE,
        queue=_QUEUE,
    ),
    view(
        "two-people",
        "Waiting, and for two people to approve: a limit from 50 000.00 or a risk score from 800, or one unknown.",
        "created_at",
        and_(WAITING, TWO_PEOPLE),
        listed=_EVIDENCE,
        queue=_QUEUE,
    ),
    _of_status("created", "Received, and not yet looked at by the model."),
    _of_status("processing", "With the model, or referred back to it."),
    view(
        "stuck",
        "Received or processing for more than an hour, without a decision.",
        "created_at",
        and_(
            _kept,
            _a.decision.is_(None),
            _a.status.in_(("created", "processing")),
            _a.created_at < since("stuck_seconds", 3600),
        ),
    ),
    _of_status("approved", "Approved, by the model or by a person."),
    _of_status("declined", "Declined, by the model or by a person."),
    _of_status("withdrawn", "Withdrawn by the applicant."),
    view(
        "reviewed",
        "Decided by a person, the latest decision first.",
        "-reviewed_at",
        and_(_kept, _a.reviewed_at.is_not(None)),
        listed=_REVIEWED,
    ),
    view("high-risk", "A risk score from 800.", "-risk_score", and_(_kept, HIGH_RISK)),
    view("large", "A requested limit from 50 000.00.", "-requested_limit", and_(_kept, HIGH_LIMIT)),
    view(
        "suspected-fraud",
        "A fraud probability from 50 %.",
        "-fraud_probability",
        and_(_kept, _a.fraud_probability >= setting("fraud_percent", "50")),
    ),
    view(
        "identity-mismatch",
        "An identity match below 70 %.",
        "identity_match",
        and_(_kept, _a.identity_match < setting("identity_percent", "70")),
    ),
    view(
        "low-confidence",
        "Decided by the model alone with a confidence below 60 %.",
        "confidence",
        and_(
            _kept,
            _a.reviewed_at.is_(None),
            _a.decision.in_(("approved", "declined")),
            _a.confidence < setting("confidence_percent", "60"),
        ),
    ),
    view(
        "slow",
        "More than 5 seconds of processing.",
        "-processing_time_ms",
        and_(_kept, _a.processing_time_ms > setting("slow_ms", "5000", Integer())),
        listed="created_at full_legal_name processing_time_ms model_version decision status tenant",
    ),
    view(
        "recent",
        "Received in the last 24 hours.",
        "-created_at",
        and_(_kept, _a.created_at > naive_now(days=-1)),
    ),
    view("deleted", "Deleted, or erased on request.", "-deleted_at", ~_kept, listed=_ERASED),
)

_TWO_PEOPLE = Column("two_people", Kind.BOOLEAN, TWO_PEOPLE, group="Risk")

APPLICATIONS = entity(
    applications,
    listed="created_at full_legal_name requested_limit risk_score fraud_probability decision status tenant",
    views=_VIEWS,
    figures=FIGURES,
    groups={
        "Applicant": "full_legal_name ssn_encrypted annual_income employment_status credit_score "
        "email phone address",
        "Request": "id requested_limit status created_at updated_at deleted_at",
        "Risk": "risk_score fraud_probability identity_match decision confidence",
        "Model": "shap_explanation risk_factors model_version processing_time_ms",
        "Review": "reviewed_by review_reason reviewed_at",
        "Verification": "identity_verification credit_report kyc_documents plaid_verification_id",
        "Origin": "ip_address user_agent device_fingerprint duoplus_device_id",
        "References": "stripe_account_id blockchain_tx_hash",
        "Tenant": "tenant_id",
    },
    masked="ssn_encrypted",
    kinds=dict.fromkeys(("fraud_probability", "identity_match", "confidence"), Kind.PERCENT),
    currency={"annual_income": "USD", "requested_limit": "USD"},
    labels={"ssn_encrypted": "SSN", "duoplus_device_id": "device", "processing_time_ms": "processing ms"},
    computed=(tenant_slug(applications), _TWO_PEOPLE),
    search="id stripe_account_id",
    links=(
        TENANT,
        Link("device", "devices", (("duoplus_device_id", "device_id_external"),)),
        Link("same device", "applications", (("duoplus_device_id", "duoplus_device_id"),), many=True),
        Link("same email", "applications", (("email", "email"),), many=True),
        Link("reviewer", "users", (("reviewed_by", "email"),)),
    ),
    aliases="application apps app loans",
    title="full_legal_name",
    tenant="tenant_id",
)
