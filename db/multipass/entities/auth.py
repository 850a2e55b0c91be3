"""Sign-in: credentials and sessions."""

from __future__ import annotations

from sqlalchemy import Integer, and_, case, func, literal_column, or_, select, true

from db.declare import entity, now, setting, since, view
from db.figures import figure
from db.model import Link
from db.multipass.entities.shared import PERIOD, any_of, elements, holder, of_same_profile, tally, within
from db.multipass.tables import identity_profiles, multipass_credentials, multipass_sessions

_c = multipass_credentials.c
_s = multipass_sessions.c
_p = identity_profiles.c

_LOCKED = or_(_c.status == "locked", _c.locked_until > now())
_ACTIVE = _c.status == "active"

_CREDENTIAL_VIEWS = (
    view("all", "Every credential, the newest first.", "-created_at"),
    view(
        "locked",
        "Locked by status, or until a time to come, the latest change first.",
        "-updated_at",
        _LOCKED,
        listed="updated_at username holder status failed_attempts locked_until last_login_at",
    ),
    view(
        "lock-over",
        "Still called locked, though the time of the lock has passed.",
        "locked_until",
        and_(_c.status == "locked", _c.locked_until <= now()),
    ),
    view(
        "failing",
        "Three failed attempts or more, the most first.",
        "-failed_attempts",
        _c.failed_attempts >= setting("failed_attempts", "3", Integer()),
    ),
    view("active", "In use, the newest first.", "-created_at", _ACTIVE),
    view("disabled", "Disabled, the latest first.", "-updated_at", _c.status == "disabled"),
    view("without-mfa", "Active without a second factor.", "-last_login_at", and_(_ACTIVE, ~_c.mfa_enabled)),
    view(
        "never-used",
        "Active, and never signed in with, the oldest first.",
        "created_at",
        and_(_ACTIVE, _c.last_login_at.is_(None)),
    ),
    view(
        "dormant",
        "Active, and not signed in with for 90 days, the longest first.",
        "last_login_at",
        and_(_ACTIVE, _c.last_login_at < since("dormant_seconds", 90 * 86_400, now)),
    ),
    view(
        "of-inactive",
        "Active, though the profile is suspended or closed.",
        "-updated_at",
        and_(_ACTIVE, any_of(_p.id == _c.profile_id, _p.status.in_(("suspended", "closed")))),
    ),
)

_CREDENTIAL_FIGURES = (
    tally(
        "by-status",
        "Credentials by status, and by whether they have a second factor.",
        multipass_credentials,
        "status",
        "mfa_enabled",
    ),
    tally(
        "failed-attempts",
        "Credentials by the number of failed attempts, where there are any.",
        multipass_credentials,
        "failed_attempts",
        where=_c.failed_attempts > 0,
    ),
)

CREDENTIALS = entity(
    multipass_credentials,
    listed="created_at username holder status mfa_enabled failed_attempts locked_until last_login_at",
    groups={
        "Credential": "username status mfa_enabled last_login_at",
        "Lock": "failed_attempts locked_until",
        "Secrets": "password_hash mfa_secret backup_codes",
        "Details": "id profile_id created_at updated_at",
    },
    masked="password_hash mfa_secret backup_codes",
    computed=(holder(multipass_credentials),),
    views=_CREDENTIAL_VIEWS,
    figures=_CREDENTIAL_FIGURES,
    search="id username profile_id",
    aliases="credentials creds logins",
    title="username",
    links=of_same_profile("multipass_sessions", "hardware_passes", "attestations"),
)

LIVE = and_(_s.revoked_at.is_(None), _s.expires_at > now())
"""What gives access now."""
_scope = elements(_s.scopes).table_valued("value").alias("value")
_PRIVILEGED = (
    select(literal_column("1")).select_from(_scope).where(_scope.c.value.startswith("admin")).exists()
)

_SESSION_VIEWS = (
    view("live", "Neither revoked nor expired, the newest first.", "-created_at", LIVE),
    view("all", "Every session, the newest first.", "-created_at"),
    view(
        "expired",
        "Run out without being revoked, the latest first.",
        "-expires_at",
        and_(_s.revoked_at.is_(None), _s.expires_at <= now()),
    ),
    view(
        "revoked",
        "Revoked, the latest first.",
        "-revoked_at",
        _s.revoked_at.is_not(None),
        listed="revoked_at holder ip_address created_at last_seen_at revocation_reason",
    ),
    view(
        "idle",
        "Live, and not seen for a day, the longest first.",
        "last_seen_at",
        and_(LIVE, _s.last_seen_at < since("idle_session_seconds", 86_400, now)),
    ),
    view(
        "old",
        "Live for more than 30 days, the oldest first.",
        "created_at",
        and_(LIVE, _s.created_at < since("old_session_seconds", 30 * 86_400, now)),
    ),
    view(
        "expiring",
        "Live, and expiring within an hour, the next first.",
        "expires_at",
        and_(LIVE, _s.expires_at <= now(hours=1)),
    ),
    view(
        "privileged",
        "Live with a scope of administrators, the newest first.",
        "-created_at",
        and_(LIVE, _PRIVILEGED),
        listed="created_at holder scopes ip_address last_seen_at expires_at",
    ),
    view(
        "of-inactive",
        "Live, though the profile is suspended or closed.",
        "-created_at",
        and_(LIVE, any_of(_p.id == _s.profile_id, _p.status.in_(("suspended", "closed")))),
    ),
)

_AGE = case(
    (_s.created_at > now(hours=-1), "under an hour"),
    (_s.created_at > now(days=-1), "under a day"),
    (_s.created_at > now(days=-7), "under a week"),
    (_s.created_at > now(days=-30), "under 30 days"),
    else_="30 days and more",
).label("age")

_SESSION_FIGURES = (
    figure(
        "by-scope",
        "Live sessions by scope; one session counts for each scope that it has.",
        select(
            _scope.c.value.label("scope"),
            func.count().label("sessions"),
            func.count(_s.profile_id.distinct()).label("profiles"),
        )
        .select_from(multipass_sessions.join(_scope, true()))
        .where(LIVE)
        .group_by(_scope.c.value)
        .order_by(_scope.c.value),
    ),
    figure(
        "by-age",
        "Live sessions by the time since they began, the youngest first.",
        select(_AGE, func.count().label("sessions"), func.min(_s.created_at).label("oldest"))
        .where(LIVE)
        .group_by("age")
        .order_by(func.min(_s.created_at).desc()),
    ),
    figure(
        "shared-addresses",
        "Addresses from which three profiles or more have live sessions, the most first.",
        select(
            _s.ip_address,
            func.count(_s.profile_id.distinct()).label("profiles"),
            func.count().label("sessions"),
        )
        .where(LIVE, _s.ip_address.is_not(None))
        .group_by(_s.ip_address)
        .having(func.count(_s.profile_id.distinct()) >= 3)
        .order_by(func.count(_s.profile_id.distinct()).desc(), func.count().desc(), _s.ip_address)
        .limit(100),
    ),
    tally(
        "revocations",
        "Sessions revoked in the period, by reason.",
        multipass_sessions,
        "revocation_reason",
        where=within(_s.revoked_at),
        oldest="revoked_at",
        parameters=PERIOD,
    ),
)

SESSIONS = entity(
    multipass_sessions,
    listed="created_at holder ip_address scopes last_seen_at expires_at revoked_at",
    groups={
        "Session": "scopes ip_address device_info token_hash",
        "Time": "created_at last_seen_at expires_at revoked_at revocation_reason",
        "Details": "id profile_id",
    },
    masked="token_hash",
    computed=(holder(multipass_sessions),),
    views=_SESSION_VIEWS,
    figures=_SESSION_FIGURES,
    search="id profile_id ip_address",
    aliases="sessions",
    title="holder created_at",
    links=(
        Link("sessions from the address", "multipass_sessions", (("ip_address", "ip_address"),), many=True),
        *of_same_profile("multipass_credentials", "hardware_passes"),
    ),
)
