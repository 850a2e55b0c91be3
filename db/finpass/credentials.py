"""Credentials: what was issued to whom, until when, and whether it was withdrawn; and the status table beside it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from db.declare import entity, naive_now, view
from db.figures import count_if, figure
from db.finpass.moments import SINCE, day, recent
from db.finpass.tables import credential_status, credentials, users
from db.model import Column, Kind, Link

_c = credentials.c

VALID = _c.status == "VALID"
EXPIRED = _c.expires_at <= naive_now()
UNEXPIRED = or_(_c.expires_at.is_(None), _c.expires_at > naive_now())


def ends_within(days: int) -> ColumnElement[bool]:
    """Ends between now and so many days from now."""
    return and_(_c.expires_at > naive_now(), _c.expires_at <= naive_now(days=days))


def _holder(*statuses: str) -> ColumnElement[bool]:
    return exists().where(users.c.id == _c.user_id, users.c.status.in_(statuses)).correlate(credentials)


def _replaced() -> ColumnElement[bool]:
    """Whether the holder has a valid one of the same type and issuer that lasts longer."""
    later = credentials.alias("later")
    return (
        exists()
        .where(
            later.c.user_id == _c.user_id,
            later.c.id != _c.id,
            later.c.issuer_id == _c.issuer_id,
            later.c.credential_type == _c.credential_type,
            later.c.status == "VALID",
            or_(later.c.expires_at.is_(None), later.c.expires_at > _c.expires_at),
        )
        .correlate(credentials)
    )


_WITHDRAWN = "credential_type subject_did revoked_at revocation_reason revoked_by revocation_handle issued_at"

VIEWS = (
    view("all", "Every credential, in the order of the key.", "id"),
    view("recent", "Every credential, the latest issued first.", "-issued_at"),
    view(
        "valid",
        "Credentials that are VALID and have not expired, the latest end first.",
        "-expires_at",
        and_(VALID, UNEXPIRED),
    ),
    view(
        "expiring",
        "VALID credentials that expire within the next 30 days, the next first.",
        "expires_at",
        and_(VALID, ends_within(30)),
    ),
    view(
        "expiring-7d",
        "VALID credentials that expire within the next 7 days, the next first.",
        "expires_at",
        and_(VALID, ends_within(7)),
    ),
    view(
        "needing-renewal",
        "VALID credentials of active users that expired in the last 30 days or will in the next 30, "
        "without a longer lasting one of the same type and issuer.",
        "expires_at",
        and_(
            VALID,
            _c.expires_at >= naive_now(days=-30),
            _c.expires_at <= naive_now(days=30),
            _holder("ACTIVE"),
            ~_replaced(),
        ),
    ),
    view(
        "expired",
        "Credentials whose time is over, whatever their status, the latest first.",
        "-expires_at",
        EXPIRED,
    ),
    view(
        "never-expiring",
        "Credentials without an end that are not revoked, the latest issued first.",
        "-issued_at",
        and_(_c.expires_at.is_(None), _c.status != "REVOKED"),
    ),
    view(
        "suspended",
        "Credentials with the status SUSPENDED, the latest issued first.",
        "-issued_at",
        _c.status == "SUSPENDED",
    ),
    view(
        "revoked",
        "Credentials with the status REVOKED, the latest revocation first.",
        "-revoked_at",
        _c.status == "REVOKED",
        listed=_WITHDRAWN,
    ),
    view(
        "revoked-recently",
        "Credentials revoked in the last 30 days, the latest first.",
        "-revoked_at",
        and_(_c.status == "REVOKED", _c.revoked_at >= naive_now(days=-30)),
        listed=_WITHDRAWN,
    ),
    view(
        "revoked-without-handle",
        "Revoked credentials without a place on the status list, so that no verifier can know of it.",
        "-revoked_at",
        and_(_c.status == "REVOKED", _c.revocation_handle.is_(None)),
        listed=_WITHDRAWN,
    ),
    view(
        "holder-inactive",
        "VALID, unexpired credentials whose holder is suspended or terminated.",
        "expires_at",
        and_(VALID, UNEXPIRED, _holder("SUSPENDED", "TERMINATED")),
    ),
    view(
        "status-list",
        "Credentials with a place on the status list, in the order of the handle.",
        "revocation_handle",
        _c.revocation_handle.is_not(None),
        listed="revocation_handle status credential_type subject_did issuer_id revoked_at",
    ),
)

_COUNTS = (
    func.count().label("credentials"),
    count_if(and_(VALID, UNEXPIRED)).label("valid"),
    count_if(_c.status == "SUSPENDED").label("suspended"),
    count_if(_c.status == "REVOKED").label("revoked"),
    count_if(EXPIRED).label("expired"),
    count_if(and_(VALID, ends_within(30))).label("expiring_30_days"),
)

STATISTICS = figure(
    "statistics",
    "Credentials in all: valid now, withdrawn, expired, expiring.",
    select(
        *_COUNTS,
        count_if(and_(VALID, ends_within(7))).label("expiring_7_days"),
        count_if(_c.expires_at.is_(None)).label("never_expiring"),
        count_if(_c.issued_at >= naive_now(days=-30)).label("issued_30_days"),
        count_if(_c.revoked_at >= naive_now(days=-30)).label("revoked_30_days"),
        func.count(_c.user_id.distinct()).label("holders"),
    ).select_from(credentials),
)

BY_STATUS = figure(
    "by-status",
    "Credentials by the status that is stored.",
    select(
        _c.status,
        func.count().label("credentials"),
        func.min(_c.issued_at).label("first_issued"),
        func.max(_c.issued_at).label("last_issued"),
    )
    .group_by(_c.status)
    .order_by(func.count().desc(), _c.status),
)

BY_TYPE = figure(
    "by-type",
    "Credentials by type: valid now, withdrawn, expired, expiring.",
    select(_c.credential_type, *_COUNTS)
    .group_by(_c.credential_type)
    .order_by(func.count().desc(), _c.credential_type),
)

BY_ISSUER = figure(
    "by-issuer",
    "Credentials by issuer: valid now, withdrawn, expired, expiring.",
    select(_c.issuer_id, *_COUNTS).group_by(_c.issuer_id).order_by(func.count().desc(), _c.issuer_id),
)

BY_REASON = figure(
    "revocations-by-reason",
    "Revocations since a moment, by reason.",
    select(
        _c.revocation_reason,
        func.count().label("credentials"),
        func.max(_c.revoked_at).label("last_revoked"),
    )
    .where(_c.status == "REVOKED", recent(_c.revoked_at))
    .group_by(_c.revocation_reason)
    .order_by(func.count().desc(), _c.revocation_reason),
    SINCE,
)

_month = func.substr(day(_c.expires_at), 1, 7)

BY_MONTH = figure(
    "expiries-by-month",
    "VALID credentials that expire within the next year, month by month.",
    select(_month.label("month"), func.count().label("credentials"))
    .where(VALID, ends_within(365))
    .group_by(_month)
    .order_by(_month),
    kinds={"month": Kind.TEXT},
)

ISSUED_BY_DAY = figure(
    "issued-by-day",
    "Credentials issued, day by day since a moment.",
    select(day(_c.issued_at).label("day"), func.count().label("credentials"))
    .where(recent(_c.issued_at))
    .group_by(day(_c.issued_at))
    .order_by(day(_c.issued_at)),
    SINCE,
)

CREDENTIALS = entity(
    credentials,
    listed="credential_type status expires_at subject_did issuer_id issued_at revocation_handle",
    views=VIEWS,
    figures=(STATISTICS, BY_STATUS, BY_TYPE, BY_ISSUER, BY_REASON, BY_MONTH, ISSUED_BY_DAY),
    groups={
        "Credential": "id credential_type status holder_status issuer_id user_id subject_did",
        "Times": "issued_at expires_at created_at updated_at",
        "Revocation": "revocation_handle revoked_at revocation_reason revoked_by",
        "Proof": "proof_type proof_purpose proof_created_at verification_method nonce credential_hash",
        "Content": "credential_jwt metadata",
    },
    kinds={"metadata": Kind.JSON},
    labels={"subject_did": "subject DID", "credential_jwt": "JWT"},
    computed=(
        Column(
            "holder_status",
            Kind.STATUS,
            select(users.c.status).where(users.c.id == _c.user_id).correlate(credentials).scalar_subquery(),
            group="Credential",
        ),
    ),
    search="id revocation_handle credential_hash user_id issuer_id",
    links=(
        Link("status", "credential_status", (("id", "credential_id"),)),
        Link("subject", "users", (("subject_did", "did"),)),
        Link("events on this record", "audit_events", (("id", "resource_id"),), many=True),
    ),
    aliases="credential creds vc",
    title="credential_type subject_did",
)

_s = credential_status.c

CREDENTIAL_STATUS = entity(
    credential_status,
    listed="credential_id status updated_at created_at",
    views=(
        view("all", "Every entry of the status table, in the order of the credential.", "credential_id"),
        view("recent", "Every entry, the latest change first.", "-updated_at"),
        view("valid", "Entries with the status VALID.", "credential_id", _s.status == "VALID"),
        view(
            "suspended",
            "Entries with the status SUSPENDED, the latest change first.",
            "-updated_at",
            _s.status == "SUSPENDED",
        ),
        view(
            "revoked",
            "Entries with the status REVOKED, the latest change first.",
            "-updated_at",
            _s.status == "REVOKED",
        ),
    ),
    figures=(
        figure(
            "by-status",
            "Entries of the status table by status.",
            select(
                _s.status,
                func.count().label("credentials"),
                func.max(_s.updated_at).label("last_change"),
            )
            .group_by(_s.status)
            .order_by(func.count().desc(), _s.status),
        ),
    ),
    search="credential_id",
    aliases="statuses status-list",
    title="credential_id status",
)
