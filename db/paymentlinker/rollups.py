"""The fleet in service, rolled up: how many devices in which state, by region, type, tenant and OS version."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, func, select

from db.figures import average, count_if, figure, percentage
from db.model import Figure, Kind
from db.paymentlinker.health import ANY, FINDINGS, IN_SERVICE, WORST
from db.paymentlinker.tables import devices, tenants

_d = devices.c
_many = func.count().label("devices")
_STATUSES = ("online", "busy", "offline", "maintenance", "error", "quarantined")
_GRAVE = ("compromised", "lost")
_SUMS = (
    _many,
    *(count_if(_d.status == status).label(status) for status in _STATUSES),
    count_if(ANY).label("attention"),
    *(count_if(finding.rule).label(finding.column) for finding in FINDINGS if finding.name in _GRAVE),
    average(_d.battery_level).label("avg_battery"),
    percentage(func.sum(_d.failed_tasks), func.sum(_d.total_tasks_processed)).label("failed_percent"),
)
_WITH_TENANT = devices.outerjoin(tenants, tenants.c.id == _d.tenant_id)
_KINDS = {"avg_battery": Kind.PERCENT, "failed_percent": Kind.PERCENT}


def _rollup(name: str, by: str, *columns: ColumnElement[str], source: FromClause = devices) -> Figure:
    return figure(
        name,
        f"Devices in service by {by}: their states, what needs attention, batteries and failed tasks.",
        select(*columns, *_SUMS)
        .select_from(source)
        .where(IN_SERVICE)
        .group_by(*columns)
        .order_by(_many.desc(), *columns),
        kinds=_KINDS,
    )


ROLLUPS = (
    _rollup("by-region", "region", _d.region),
    _rollup("by-type", "type", _d.device_type),
    _rollup("by-tenant", "tenant", tenants.c.slug.label("tenant"), _d.tenant_id, source=_WITH_TENANT),
    _rollup("by-os", "OS version", _d.os_version),
    _rollup("by-model", "model", _d.device_type, _d.model),
    figure(
        "by-status",
        "Devices that are not deleted, by status, and when one of them was last heard of.",
        select(_d.status, _many, func.max(_d.last_heartbeat).label("latest_heartbeat"))
        .where(_d.deleted_at.is_(None))
        .group_by(_d.status)
        .order_by(_many.desc(), _d.status),
    ),
    figure(
        "by-health",
        "Devices that are not deleted, each counted once, by their worst finding.",
        select(WORST.label("health"), _many)
        .where(_d.deleted_at.is_(None))
        .group_by(WORST)
        .order_by(_many.desc(), WORST),
        kinds={"health": Kind.STATUS},
    ),
    figure(
        "by-finding",
        "Devices in service with each finding; one with several is counted under each of them.",
        select(_many, *(count_if(finding.rule).label(finding.column) for finding in FINDINGS)).where(
            IN_SERVICE
        ),
    ),
)
