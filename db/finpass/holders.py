"""Users: the holders of credentials, by their DID."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_, select

from db.declare import entity, naive_now, since, view
from db.figures import count_if, figure, percentage
from db.finpass.moments import SINCE, day, recent
from db.finpass.tables import users
from db.model import Kind, Link, Queue

DAY = 86_400
_c = users.c

ACTIVE = _c.status == "ACTIVE"
UNVERIFIED = _c.kyc_verified.is_(False)
VERIFIED = _c.kyc_verified.is_(True)


def _seen(days: int) -> ColumnElement[bool]:
    return _c.last_seen >= naive_now(days=-days)


VIEWS = (
    view("all", "Every user, in the order of the DID.", "did"),
    view("recent", "Every user, the latest registration first.", "-created_at"),
    view(
        "kyc-pending",
        "Active users whose KYC is not verified, the longest waiting first.",
        "created_at",
        and_(ACTIVE, UNVERIFIED),
        listed="did created_at last_seen email phone status kyc_verified",
        queue=Queue(since="created_at", v="verify-kyc", x="suspend"),
    ),
    view("kyc-verified", "Users whose KYC is verified, the latest first.", "-kyc_verified_at", VERIFIED),
    view(
        "verified-after",
        "Users whose KYC was verified in the last 30 days (setting verified_after, in seconds).",
        "-kyc_verified_at",
        and_(VERIFIED, _c.kyc_verified_at >= since("verified_after", 30 * DAY)),
    ),
    view(
        "kyc-ageing",
        "Active users whose KYC was verified more than a year ago, the oldest first.",
        "kyc_verified_at",
        and_(ACTIVE, VERIFIED, _c.kyc_verified_at < naive_now(days=-365)),
    ),
    view("active", "Users with the status ACTIVE.", "did", ACTIVE),
    view(
        "suspended",
        "Users with the status SUSPENDED, the latest change first.",
        "-updated_at",
        _c.status == "SUSPENDED",
        listed="did status updated_at kyc_verified email last_seen created_at",
    ),
    view(
        "terminated",
        "Users with the status TERMINATED, the latest change first.",
        "-updated_at",
        _c.status == "TERMINATED",
        listed="did status updated_at kyc_verified email last_seen created_at",
    ),
    view(
        "to-erase",
        "Terminated users whose email, phone or metadata is still there, the longest terminated first.",
        "updated_at",
        and_(
            _c.status == "TERMINATED",
            or_(_c.email.is_not(None), _c.phone.is_not(None), _c.metadata.is_not(None)),
        ),
        listed="did updated_at email phone last_seen created_at",
    ),
    view(
        "inactive-since",
        "Users last seen more than 90 days ago (setting inactive_after, in seconds), the longest ago first.",
        "last_seen",
        _c.last_seen < since("inactive_after", 90 * DAY),
    ),
    view(
        "never-seen",
        "Users who registered and were never seen again, the oldest first.",
        "created_at",
        _c.last_seen.is_(None),
    ),
    view("seen-today", "Users seen in the last 24 hours, the latest first.", "-last_seen", _seen(1)),
)

STATISTICS = figure(
    "statistics",
    "Users in all, by status, KYC and activity.",
    select(
        func.count().label("users"),
        count_if(ACTIVE).label("active"),
        count_if(_c.status == "SUSPENDED").label("suspended"),
        count_if(_c.status == "TERMINATED").label("terminated"),
        count_if(VERIFIED).label("kyc_verified"),
        percentage(count_if(VERIFIED), func.count()).label("kyc_percent"),
        count_if(_c.created_at >= naive_now(days=-30)).label("new_30_days"),
        count_if(_seen(30)).label("seen_30_days"),
        count_if(_c.last_seen < naive_now(days=-90)).label("inactive_90_days"),
        count_if(_c.last_seen.is_(None)).label("never_seen"),
    ).select_from(users),
    kinds={"kyc_percent": Kind.PERCENT},
)

BY_STATUS = figure(
    "by-status",
    "Users by status, with their KYC.",
    select(
        _c.status,
        func.count().label("users"),
        count_if(VERIFIED).label("kyc_verified"),
        percentage(count_if(VERIFIED), func.count()).label("kyc_percent"),
        func.max(_c.last_seen).label("last_seen"),
    )
    .group_by(_c.status)
    .order_by(func.count().desc(), _c.status),
    kinds={"kyc_percent": Kind.PERCENT},
)

VERIFIED_BY_DAY = figure(
    "verified-by-day",
    "Users whose KYC was verified, day by day since a moment.",
    select(day(_c.kyc_verified_at).label("day"), func.count().label("users"))
    .where(VERIFIED, recent(_c.kyc_verified_at))
    .group_by(day(_c.kyc_verified_at))
    .order_by(day(_c.kyc_verified_at)),
    SINCE,
)

REGISTERED_BY_DAY = figure(
    "registered-by-day",
    "Registrations day by day since a moment, and how many of them are verified by now.",
    select(
        day(_c.created_at).label("day"),
        func.count().label("users"),
        count_if(VERIFIED).label("kyc_verified"),
    )
    .where(recent(_c.created_at))
    .group_by(day(_c.created_at))
    .order_by(day(_c.created_at)),
    SINCE,
)

USERS = entity(
    users,
    listed="did status kyc_verified kyc_verified_at last_seen email created_at",
    views=VIEWS,
    figures=(STATISTICS, BY_STATUS, VERIFIED_BY_DAY, REGISTERED_BY_DAY),
    groups={
        "Identity": "id did status",
        "KYC": "kyc_verified kyc_verified_at",
        "Contact": "email phone",
        "Times": "created_at last_seen updated_at",
        "More": "metadata",
    },
    kinds={"metadata": Kind.JSON},
    labels={"did": "DID", "kyc_verified": "KYC verified", "kyc_verified_at": "KYC verified at"},
    search="id did email phone",
    links=(
        Link("timeline", "audit_events", (("did", "user_id_hash"),), many=True, digest="sha256"),
        Link("events on this record", "audit_events", (("id", "resource_id"),), many=True),
        Link("payments made", "payments", (("did", "payer_did"),), many=True),
        Link("payments received", "payments", (("did", "payee_did"),), many=True),
        Link("credentials about", "credentials", (("did", "subject_did"),), many=True),
    ),
    aliases="user holders holder",
    title="did email",
)
