"""What happened to a device: its own times, its security events, and what the audit trail tells of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Text, cast, select

from db.cancel import Cancel
from db.errors import QuaestorError
from db.fleet.declared import Event, Gauge
from db.fleet.portrait import moments, number, of
from db.model import Record
from db.paymentlinker import incidents
from db.paymentlinker.tables import audit_logs
from db.presence import lacking
from db.run import execute
from db.session import Session
from db.severity import Severity

NEWEST = 5_000
"""Rows of the audit trail, the newest, among which those of a device are looked for: no index leads to them."""
_MOMENTS = {
    "created_at": "made known",
    "provisioned_at": "provisioned",
    "last_heartbeat": "last heartbeat",
    "last_task_at": "last task",
    "last_security_scan": "security scan",
    "last_maintenance": "maintenance",
    "next_maintenance_due": "maintenance due",
    "decommissioned_at": "decommissioned",
    "deleted_at": "deleted",
}
_GRAVE = {
    "DEVICE_COMPROMISED": Severity.CRITICAL,
    "DEVICE_LOST": Severity.CRITICAL,
    "DEVICE_FAILED": Severity.WARNING,
    "DEVICE_QUARANTINED": Severity.WARNING,
}
_WEIGHTS = {"CRITICAL": Severity.CRITICAL, "ERROR": Severity.CRITICAL, "WARNING": Severity.WARNING}


def life(session: Session, record: Record, cancel: Cancel | None) -> list[Event]:
    """Everything that is known to have happened; where the trail may not be read, an event says so."""
    found = [*moments(record, _MOMENTS), *_incidents(record)]
    try:
        return [*found, *_audited(session, record, cancel)]
    except QuaestorError as error:
        return [*found, Event(None, "the audit trail was not read", str(error), Severity.NOTICE)]


def _incidents(record: Record) -> list[Event]:
    return [
        Event(when, told, source, _WEIGHTS.get(weight.upper(), Severity.NOTICE))
        for when, told, weight, source in incidents.listed(record.value("security_events"))
    ]


def _audited(session: Session, record: Record, cancel: Cancel | None) -> list[Event]:
    """The fleet's rows about it among the newest of the trail; its work is not told one by one."""
    c = audit_logs.c
    columns = (
        c.id,
        c.event_timestamp,
        c.event_type,
        c.event_category,
        c.user_id,
        c.event_description,
        c.event_data,
    )
    name = record.value("device_id_external")
    if not isinstance(name, str) or lacking(session.schema, list(columns)):
        return []
    newest = select(*columns).order_by(c.event_timestamp.desc()).limit(NEWEST).subquery("newest")
    n = newest.c
    about = cast(n.event_data, Text).contains(json.dumps(name)[1:-1], autoescape=True)
    wanted = select(
        n.id, n.event_timestamp, n.event_type, n.user_id, n.event_description, n.event_data
    ).where(n.event_category == "FLEET", about)
    rows = execute(session, wanted, {}, cancel)
    return [_event(row) for row in rows if _is_about(row.event_data, name)]


def _event(row: Any) -> Event:
    text = " · ".join(filter(None, (row.event_description, row.user_id)))
    weight = _GRAVE.get(str(row.event_type), Severity.GOOD)
    return Event(row.event_timestamp, str(row.event_type), text, weight, "audit_logs", str(row.id))


def _is_about(data: Any, name: str) -> bool:
    try:
        told = json.loads(data)
    except (ValueError, TypeError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("device") == name


def begun(record: Record, finding: str, events: Sequence[Event]) -> datetime | None:
    """When it was compromised, by the audit trail or by the security events."""
    if finding != "compromised":
        return None
    told = (event.at for event in events if event.what == "DEVICE_COMPROMISED" and event.at is not None)
    return next(told, None) or incidents.last(record.value("security_events"))


def _failed(record: Record) -> Decimal | None:
    """Percent of the tasks that failed."""
    total, failed = number(record, "total_tasks_processed"), number(record, "failed_tasks")
    if not total or failed is None:
        return None
    return (100 * failed / total).quantize(Decimal("0.1"))


GAUGES = (
    Gauge(
        "battery",
        "%",
        0,
        100,
        of("battery_level"),
        "low-battery",
        ("battery_percent", "15"),
        column="battery_level",
    ),
    Gauge(
        "signal",
        "dBm",
        -130,
        -50,
        of("signal_strength"),
        "weak-signal",
        ("signal_dbm", "-110"),
        column="signal_strength",
    ),
    Gauge(
        "temperature",
        "°C",
        0,
        70,
        of("temperature_celsius"),
        "hot",
        ("hot_celsius", "45"),
        above=True,
        column="temperature_celsius",
    ),
    Gauge("tasks failed", "%", 0, 100, _failed, "failing", ("failing_percent", "20"), above=True),
)
