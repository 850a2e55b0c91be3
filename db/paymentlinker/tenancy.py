"""Tenants: who they are, what they may use and what they do use."""

from __future__ import annotations

from sqlalchemy import BigInteger, ColumnElement, Integer, Table, and_, cast, func, or_, select

from db.declare import entity, naive_now, setting, view
from db.figures import count_if, figure
from db.model import Column, Kind, Link
from db.paymentlinker.health import IN_SERVICE
from db.paymentlinker.shared import kept, month_start
from db.paymentlinker.tables import applications, devices, tenants, users

_t = tenants.c
_kept = kept(tenants)
_active = and_(_kept, _t.is_active.is_(True))


def _used(table: Table, *rules: ColumnElement[bool]) -> ColumnElement[int]:
    own = table.c.tenant_id == _t.id
    return select(func.count()).select_from(table).where(own, *rules).scalar_subquery()


_APPLICATIONS = _used(applications, applications.c.created_at >= month_start())
_DEVICES = _used(devices, IN_SERVICE)
_USERS = _used(users, kept(users))
_QUOTAS = (
    (_APPLICATIONS, _t.max_applications_per_month),
    (_DEVICES, _t.max_devices),
    (_USERS, _t.max_users),
)
_PERCENT = setting("quota_percent", "80", Integer())
_USE = (
    "slug name subscription_plan is_active applications_used max_applications_per_month "
    "devices_used max_devices users_used max_users"
)

_VIEWS = (
    view("all", "Every tenant by its short name, deleted ones too.", "slug"),
    view("active", "Active.", "slug", _active),
    view("inactive", "Deactivated, and not deleted.", "slug", and_(_kept, _t.is_active.is_not(True))),
    view("quotas", "Active, with what each may use and does use.", "slug", _active, listed=_USE),
    view(
        "near-quota",
        "Active, and at 80 % or more of a quota.",
        "slug",
        and_(_active, or_(*(used * 100 >= cast(most, BigInteger) * _PERCENT for used, most in _QUOTAS))),
        listed=_USE,
    ),
    view(
        "over-quota",
        "Active, and past a quota.",
        "slug",
        and_(_active, or_(*(used > most for used, most in _QUOTAS))),
        listed=_USE,
    ),
    view(
        "recent",
        "Joined in the last 30 days, the newest first.",
        "-created_at",
        and_(_kept, _t.created_at > naive_now(days=-30)),
    ),
    view("deleted", "Deleted, the latest first.", "-deleted_at", ~_kept),
)

_FIGURES = (
    figure(
        "by-plan",
        "Tenants that are not deleted, by plan: how many, how many active, and what they may use.",
        select(
            _t.subscription_plan,
            func.count().label("tenants"),
            count_if(_t.is_active.is_(True)).label("active"),
            func.sum(_t.max_applications_per_month).label("applications_per_month"),
            func.sum(_t.max_devices).label("devices"),
            func.sum(_t.max_users).label("users"),
        )
        .where(_kept)
        .group_by(_t.subscription_plan)
        .order_by(func.count().desc(), _t.subscription_plan),
    ),
)

TENANTS = entity(
    tenants,
    listed=_USE,
    views=_VIEWS,
    figures=_FIGURES,
    groups={
        "Tenant": "id name slug domain is_active subscription_plan",
        "Quotas": "max_applications_per_month max_devices max_users",
        "Billing": "billing_email billing_address",
        "Configuration": "settings feature_flags",
        "Life": "created_at updated_at deleted_at",
    },
    labels={
        "max_applications_per_month": "of at most",
        "max_devices": "of at most",
        "max_users": "of at most",
        "subscription_plan": "plan",
    },
    computed=(
        Column(
            "applications_used", Kind.INTEGER, _APPLICATIONS, label="applications this month", group="Quotas"
        ),
        Column("devices_used", Kind.INTEGER, _DEVICES, label="devices", group="Quotas"),
        Column("users_used", Kind.INTEGER, _USERS, label="users", group="Quotas"),
    ),
    search="id slug",
    links=(
        Link("applications", "applications", (("id", "tenant_id"),), many=True),
        Link("devices", "devices", (("id", "tenant_id"),), many=True),
        Link("users", "users", (("id", "tenant_id"),), many=True),
        Link("audit_logs", "audit_logs", (("id", "tenant_id"),), many=True),
    ),
    aliases="tenancies",
    title="name",
    tenant="id",
)
