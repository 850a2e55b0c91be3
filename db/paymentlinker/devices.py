"""The fleet of cloud devices: by status, by what is wrong with them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_

from db.declare import entity, naive_now, view
from db.model import Column, Kind, Link, View
from db.paymentlinker.health import ANY, FINDINGS, IN_SERVICE, SERVING, STANDING, STATES, WORST
from db.paymentlinker.rollups import ROLLUPS
from db.paymentlinker.shared import TENANT, kept, tenant_slug
from db.paymentlinker.tables import devices

_d = devices.c
_kept = kept(devices)
_STATE = "device_id_external device_type region status health last_heartbeat"


def _of_status(status: str, summary: str) -> View:
    return view(status, summary, "-last_heartbeat", and_(_kept, _d.status == status))


def _in_service(name: str, summary: str, order: str, rule: ColumnElement[bool], more: str = "") -> View:
    return view(name, summary, order, and_(IN_SERVICE, rule), listed=f"{_STATE} {more} tenant")


_VIEWS = (
    view("all", "Every device, the latest heartbeat first, retired and deleted ones too.", "-last_heartbeat"),
    _in_service(
        "needs-attention", "In service, and something is wrong.", "last_heartbeat", ANY, "current_task"
    ),
    *(_in_service(f.name, f.summary, f.order, f.rule, f.listed) for f in FINDINGS),
    _in_service("well", "In service, and nothing is wrong.", "-last_heartbeat", WORST == "well"),
    _of_status("online", "Connected and free."),
    _of_status("busy", "At work on a task."),
    _of_status("offline", "Not connected."),
    _of_status("maintenance", "In maintenance."),
    _of_status("error", "Reporting an error."),
    _of_status("quarantined", "Kept away from work for its safety or ours."),
    view(
        "decommissioned",
        "Taken out of service, the latest first.",
        "-decommissioned_at",
        and_(_kept, _d.status == "decommissioned"),
        listed="decommissioned_at device_id_external device_type region decommissioned_by tenant",
    ),
    _in_service(
        "never-reported", "No heartbeat ever.", "created_at", _d.last_heartbeat.is_(None), "created_at"
    ),
    _in_service("never-scanned", "No security scan ever.", "created_at", _d.last_security_scan.is_(None)),
    _in_service(
        "idle",
        "Without a task for a day.",
        "last_task_at",
        and_(_d.current_task.is_(None), _d.last_task_at < naive_now(days=-1)),
        "last_task_at",
    ),
    _in_service(
        "maintenance-due",
        "Maintenance within the next 7 days.",
        "next_maintenance_due",
        _d.next_maintenance_due.between(naive_now(), naive_now(days=7)),
        "next_maintenance_due",
    ),
    view("deleted", "Deleted.", "-deleted_at", ~_kept),
)

DEVICES = entity(
    devices,
    listed="device_id_external device_type model region status health battery_level last_heartbeat tenant",
    views=_VIEWS,
    figures=ROLLUPS,
    groups={
        "Device": "id device_id_external device_type model os_version region",
        "State": "status current_task last_heartbeat last_seen uptime_seconds",
        "Measures": "battery_level temperature_celsius signal_strength data_usage_mb",
        "Connections": "wifi_connected cellular_connected bluetooth_enabled ip_address mac_address",
        "Tasks": "total_tasks_processed successful_tasks failed_tasks last_task_at",
        "Security": "compromised security_profile last_security_scan security_events",
        "Maintenance": "next_maintenance_due last_maintenance maintenance_notes",
        "Abilities": "capabilities installed_apps configuration automation_rules metadata",
        "Life": "provisioned_by provisioned_at decommissioned_by decommissioned_at created_at updated_at "
        "deleted_at",
        "Tenant": "tenant_id",
    },
    kinds={
        "battery_level": Kind.PERCENT,
        "temperature_celsius": Kind.AMOUNT,
        "data_usage_mb": Kind.AMOUNT,
    },
    labels={
        "device_id_external": "device",
        "temperature_celsius": "temperature °C",
        "signal_strength": "signal dBm",
        "battery_level": "battery",
        "data_usage_mb": "data MB",
    },
    computed=(
        Column(
            "standing",
            Kind.STATUS,
            STANDING,
            group="State",
            values=(SERVING, "quarantined", "decommissioned"),
        ),
        Column("health", Kind.STATUS, WORST, group="State", values=STATES),
        tenant_slug(devices),
    ),
    search="id device_id_external",
    links=(
        TENANT,
        Link("applications", "applications", (("device_id_external", "duoplus_device_id"),), many=True),
        Link("provisioner", "users", (("provisioned_by", "email"),)),
    ),
    aliases="device dev",
    title="device_id_external",
    tenant="tenant_id",
)
