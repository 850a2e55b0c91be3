"""Users, roles, and who holds which."""

from __future__ import annotations

from sqlalchemy import and_, exists, func, select

from db.declare import entity, naive_now, since, view
from db.figures import count_if, figure
from db.model import Column, Kind, Link, Queue
from db.trustsphere.shared import HAND_LINKS, KEPT, audit_link, by_text, by_value, of_user
from db.trustsphere.tables import accounts, roles, user_roles, users

_u = users.c
LOCKED = _u.account_locked_until > naive_now()
EXPIRED = _u.password_expires_at < naive_now()
_HAS_ROLE = exists().where(user_roles.c.user_id == _u.id).correlate(users)
_HAS_ACCOUNT = exists().where(accounts.c.user_id == _u.id).correlate(users)
_PASSWORDS = "password_expires_at email full_name status last_login_at failed_login_attempts"
_SIGN_INS = "last_login_at email full_name status failed_login_attempts password_expires_at"

_USER_VIEWS = (
    view("all", "Every user, the newest first.", "-created_at"),
    *by_value(
        _u.status,
        {
            "ACTIVE": "May sign in, unless locked.",
            "INACTIVE": "Switched off.",
            "SUSPENDED": "Suspended by an operator.",
        },
        "-created_at",
    ),
    view(
        "locked",
        "Locked until a time in the future, those that wait longest first.",
        "updated_at",
        LOCKED,
        listed="updated_at email full_name status failed_login_attempts account_locked_until last_login_at",
        queue=Queue(since="updated_at", v="unlock", x="suspend"),
    ),
    view(
        "failed-logins",
        "With failed attempts to sign in since the last success, the most first.",
        "-failed_login_attempts",
        _u.failed_login_attempts > 0,
        listed="failed_login_attempts email full_name status account_locked_until last_login_at updated_at",
    ),
    view(
        "password-expired",
        "With a password that has expired, the longest ago first.",
        "password_expires_at",
        EXPIRED,
        listed=_PASSWORDS,
    ),
    view(
        "password-expiring",
        "With a password that expires within 14 days, the soonest first.",
        "password_expires_at",
        and_(_u.password_expires_at >= naive_now(), _u.password_expires_at < naive_now(days=14)),
        listed=_PASSWORDS,
    ),
    view(
        "never-signed-in",
        "Who never signed in, the oldest first.",
        "created_at",
        _u.last_login_at.is_(None),
    ),
    view(
        "signed-in",
        "Who signed in within 24 hours, the latest first.",
        "-last_login_at",
        _u.last_login_at > naive_now(days=-1),
        listed=_SIGN_INS,
    ),
    view(
        "dormant",
        "Active, and not signed in for 90 days, the longest ago first.",
        "last_login_at",
        and_(_u.status == "ACTIVE", _u.last_login_at < since("dormant_user_seconds", 90 * 86400)),
        listed=_SIGN_INS,
    ),
    view("recent", "Made within 7 days.", "-created_at", _u.created_at > naive_now(days=-7)),
    view("without-role", "Who holds no role at all.", "-created_at", ~_HAS_ROLE),
    view("without-account", "Who has no account.", "-created_at", ~_HAS_ACCOUNT),
)

_BY_STATUS = figure(
    "by-status",
    "How many users there are in each status, and how many of them are locked or have an expired password.",
    select(
        _u.status,
        func.count().label("users"),
        count_if(LOCKED).label("locked"),
        count_if(EXPIRED).label("password_expired"),
        count_if(_u.failed_login_attempts > 0).label("failed_logins"),
        count_if(_u.last_login_at.is_(None)).label("never_signed_in"),
    )
    .group_by(_u.status)
    .order_by(by_text(_u.status)),
)

USERS = entity(
    users,
    listed="full_name email status failed_login_attempts account_locked_until last_login_at created_at",
    views=_USER_VIEWS,
    groups={
        "User": "id full_name email status",
        "Sign-in": "password_hash failed_login_attempts account_locked_until password_expires_at last_login_at",
        "History": KEPT,
    },
    masked="password_hash",
    figures=(_BY_STATUS,),
    search="email id",
    links=(
        Link("acted", "audit_logs", (("id", "actor_user_id"),), many=True),
        audit_link("USER"),
        audit_link("USER", archive=True),
        Link("acted (archive)", "audit_logs_archive", (("id", "actor_user_id"),), many=True),
        *HAND_LINKS,
    ),
    aliases="user u customers",
    title="full_name",
)

_r = roles.c
_HOLDERS = (
    select(func.count())
    .select_from(user_roles)
    .where(user_roles.c.role_id == _r.id)
    .correlate(roles)
    .scalar_subquery()
)
_HELD = exists().where(user_roles.c.role_id == _r.id).correlate(roles)

_BY_ROLE = figure(
    "holders",
    "How many users hold each role, and how many of them are active or locked.",
    select(
        _r.name,
        func.count(user_roles.c.user_id).label("users"),
        count_if(_u.status == "ACTIVE").label("active"),
        count_if(LOCKED).label("locked"),
    )
    .select_from(
        roles.outerjoin(user_roles, user_roles.c.role_id == _r.id).outerjoin(
            users, _u.id == user_roles.c.user_id
        )
    )
    .group_by(_r.id, _r.name)
    .order_by(_r.name),
)

ROLES = entity(
    roles,
    listed="name description holders created_at updated_at",
    views=(
        view("all", "Every role, by name.", "name"),
        view("held", "Roles that somebody holds.", "name", _HELD),
        view("unused", "Roles that nobody holds.", "name", ~_HELD),
    ),
    groups={"Role": "id name description holders", "History": KEPT},
    computed=(Column("holders", Kind.INTEGER, _HOLDERS, group="Role"),),
    figures=(_BY_ROLE,),
    search="name id",
    links=(audit_link("ROLE"), *HAND_LINKS),
    aliases="role",
    title="name",
)

_g = user_roles.c
_ROLE = select(_r.name).where(_r.id == _g.role_id).correlate(user_roles).scalar_subquery()
_GRANTED_BY_NOBODY = _g.created_by.is_(None)

USER_ROLES = entity(
    user_roles,
    listed="created_at user role created_by user_id role_id",
    views=(
        view("all", "Every grant, by user.", "user_id"),
        view("recent", "Granted within 30 days.", "-created_at", _g.created_at > naive_now(days=-30)),
        view("without-granter", "Grants that name nobody who made them.", "-created_at", _GRANTED_BY_NOBODY),
    ),
    groups={"Grant": "user user_id role role_id", "History": "created_at created_by"},
    computed=(
        of_user(_g.user_id, "user", user_roles, "Grant"),
        Column("role", Kind.TEXT, _ROLE, group="Grant"),
    ),
    search="user_id role_id",
    links=HAND_LINKS[:1],
    aliases="grants role-grants",
    title="user role",
)
