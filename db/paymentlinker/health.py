"""The health of the fleet: what may be wrong with a device, each finding with its threshold in the settings."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, Integer, Text, and_, case, cast, literal_column, or_

from db.declare import naive_now, setting, since
from db.paymentlinker.shared import kept
from db.paymentlinker.tables import devices
from db.types import Money

_d = devices.c
_DAY = 86_400

IN_SERVICE = and_(kept(devices), or_(_d.status.is_(None), _d.status != "decommissioned"))
"""The fleet: neither deleted nor decommissioned."""


@dataclass(frozen=True, eq=False)
class Finding:
    """One thing that may be wrong with a device in service."""

    name: str
    summary: str
    rule: ColumnElement[bool]
    order: str
    """The worst first: a column, with ``-`` before it for the largest first."""
    listed: str
    """The columns that show it."""

    @property
    def column(self) -> str:
        """The name as a column of a figure."""
        return self.name.replace("-", "_")


FINDINGS = (
    Finding(
        "compromised",
        "Marked as compromised.",
        _d.compromised.is_(True),
        "-last_heartbeat",
        "security_profile last_security_scan",
    ),
    Finding(
        "lost",
        "No heartbeat for 30 minutes.",
        _d.last_heartbeat < since("lost_seconds", 1800),
        "last_heartbeat",
        "current_task",
    ),
    Finding(
        "hot",
        "Warmer than 45 °C.",
        _d.temperature_celsius > setting("hot_celsius", "45", Money(5, 2)),
        "-temperature_celsius",
        "temperature_celsius current_task",
    ),
    Finding(
        "failing",
        "More than 20 % of at least 20 tasks failed.",
        and_(
            _d.total_tasks_processed >= setting("failing_tasks", "20", Integer()),
            cast(_d.failed_tasks, BigInteger) * 100
            > cast(_d.total_tasks_processed, BigInteger) * setting("failing_percent", "20", Integer()),
        ),
        "-failed_tasks",
        "failed_tasks total_tasks_processed last_task_at",
    ),
    Finding(
        "low-battery",
        "A battery below 15 %.",
        _d.battery_level < setting("battery_percent", "15", Money(5, 2)),
        "battery_level",
        "battery_level",
    ),
    Finding(
        "weak-signal",
        "A signal below −110 dBm.",
        _d.signal_strength < setting("signal_dbm", "-110", Integer()),
        "signal_strength",
        "signal_strength cellular_connected wifi_connected",
    ),
    Finding(
        "stale",
        "No heartbeat for 5 minutes; after 30 it is lost as well.",
        _d.last_heartbeat < since("stale_seconds", 300),
        "last_heartbeat",
        "current_task",
    ),
    Finding(
        "scan-overdue",
        "The last security scan is older than 30 days.",
        _d.last_security_scan < since("scan_seconds", 30 * _DAY),
        "last_security_scan",
        "last_security_scan security_profile",
    ),
    Finding(
        "maintenance-overdue",
        "Maintenance was due.",
        _d.next_maintenance_due < naive_now(),
        "next_maintenance_due",
        "next_maintenance_due last_maintenance",
    ),
)
"""The worst first: a device's state is the first that holds."""

ANY = or_(*(finding.rule for finding in FINDINGS))
"""Something is wrong."""


def _word(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'", Text())


WORST = case(
    (~IN_SERVICE, _word("retired")),
    *((finding.rule, _word(finding.name)) for finding in FINDINGS),
    else_=_word("well"),
)
"""A device's state: its worst finding, ``well`` without one, ``retired`` out of service."""
STATES = (*(finding.name for finding in FINDINGS), "well", "retired")

SERVING = "in service"
STANDING = case(
    (_d.status.in_(("online", "offline", "busy", "maintenance", "error")), _word(SERVING)), else_=_d.status
)
"""What a device is to its operators: in service whatever it does at the moment, ``quarantined``, ``decommissioned``."""
