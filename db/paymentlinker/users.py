"""Users: who may sign in, with what rights, and who cannot."""

from __future__ import annotations

from sqlalchemy import and_, func, select

from db.declare import entity, naive_now, since, view
from db.figures import count_if, figure, percentage
from db.model import Figure, Kind, Link
from db.paymentlinker.shared import TENANT, kept, tenant_slug
from db.paymentlinker.tables import tenants, users

_u = users.c
_kept = kept(users)
_active = and_(_kept, _u.is_active.is_(True))
_locked = and_(_kept, _u.locked_until > naive_now())
_LOCKS = "email role is_active failed_login_attempts locked_until last_login_at tenant"
_SIGN_IN = "email first_name last_name role mfa_enabled last_login_at created_at tenant"

_VIEWS = (
    view("all", "Every user by email address, deactivated and deleted ones too.", "email"),
    view("active", "May sign in.", "email", _active),
    view("deactivated", "Deactivated, and not deleted.", "email", and_(_kept, _u.is_active.is_(False))),
    view("locked", "Locked after failed sign-ins.", "-locked_until", _locked, listed=_LOCKS),
    view(
        "failed-logins",
        "At least one failed sign-in since the last good one, the most first.",
        "-failed_login_attempts",
        and_(_kept, _u.failed_login_attempts > 0),
        listed=_LOCKS,
    ),
    view(
        "without-mfa",
        "May sign in with a password alone.",
        "email",
        and_(_active, _u.mfa_enabled.is_not(True)),
        listed=_SIGN_IN,
    ),
    view(
        "privileged",
        "May sign in, in another role than user.",
        "role",
        and_(_active, _u.role != "user"),
        listed=_SIGN_IN,
    ),
    view(
        "privileged-without-mfa",
        "May sign in with a password alone, in another role than user.",
        "role",
        and_(_active, _u.role != "user", _u.mfa_enabled.is_not(True)),
        listed=_SIGN_IN,
    ),
    view(
        "unverified",
        "Active, and the email address never confirmed.",
        "created_at",
        and_(_active, _u.is_verified.is_not(True)),
    ),
    view(
        "never-signed-in",
        "Active, and never signed in.",
        "created_at",
        and_(_active, _u.last_login_at.is_(None)),
        listed=_SIGN_IN,
    ),
    view(
        "dormant",
        "Active, and not signed in for 90 days.",
        "last_login_at",
        and_(_active, _u.last_login_at < since("dormant_seconds", 90 * 86_400)),
        listed=_SIGN_IN,
    ),
    view(
        "recent",
        "Created in the last 30 days.",
        "-created_at",
        and_(_kept, _u.created_at > naive_now(days=-30)),
    ),
    view(
        "deleted", "Deleted, or erased on request.", "-deleted_at", ~_kept, listed="deleted_at id role tenant"
    ),
)

_many = func.count().label("users")
_SUMS = (
    _many,
    count_if(_u.is_active.is_(True)).label("active"),
    count_if(_u.locked_until > naive_now()).label("locked"),
    count_if(_u.mfa_enabled.is_(True)).label("with_mfa"),
    percentage(count_if(_u.mfa_enabled.is_(True)), func.count()).label("mfa_percent"),
    count_if(_u.last_login_at.is_(None)).label("never_signed_in"),
    func.max(_u.last_login_at).label("latest_sign_in"),
)
_PERCENT = {"mfa_percent": Kind.PERCENT}
_tenant = tenants.c.slug.label("tenant")

_FIGURES: tuple[Figure, ...] = (
    figure(
        "by-role",
        "Users that are not deleted, by role: active, locked, with a second factor.",
        select(_u.role, *_SUMS).where(_kept).group_by(_u.role).order_by(_many.desc(), _u.role),
        kinds=_PERCENT,
    ),
    figure(
        "by-tenant",
        "Users that are not deleted, by tenant: active, locked, with a second factor.",
        select(_tenant, _u.tenant_id, *_SUMS)
        .select_from(users.outerjoin(tenants, tenants.c.id == _u.tenant_id))
        .where(_kept)
        .group_by(_tenant, _u.tenant_id)
        .order_by(_many.desc(), _u.tenant_id),
        kinds=_PERCENT,
    ),
)

USERS = entity(
    users,
    listed="email first_name last_name role is_active mfa_enabled last_login_at locked_until tenant",
    views=_VIEWS,
    figures=_FIGURES,
    groups={
        "User": "id first_name last_name email phone",
        "Rights": "role permissions is_active is_verified",
        "Sign-in": "last_login_at password_hash mfa_enabled mfa_secret failed_login_attempts locked_until",
        "Life": "created_by created_at updated_at deleted_at",
        "Tenant": "tenant_id",
    },
    masked="password_hash mfa_secret",
    labels={"mfa_enabled": "MFA", "mfa_secret": "MFA secret", "failed_login_attempts": "failed sign-ins"},
    computed=(tenant_slug(users),),
    search="id email",
    links=(
        TENANT,
        Link("creator", "users", (("created_by", "id"),)),
        Link("created users", "users", (("id", "created_by"),), many=True),
        Link("own actions", "audit_logs", (("id", "user_id"),), many=True),
        Link("reviewed", "applications", (("email", "reviewed_by"),), many=True),
        Link("provisioned", "devices", (("email", "provisioned_by"),), many=True),
    ),
    aliases="user logins",
    title="email",
    tenant="tenant_id",
)
