"""What happened to a hardware pass: its own times, and the challenges that it answered or did not."""

from __future__ import annotations

from db.cancel import Cancel
from db.errors import QuaestorError
from db.fleet.declared import Event, Gauge
from db.fleet.portrait import linked, moments, of
from db.model import Record
from db.session import Session
from db.severity import Severity

CHALLENGES = 40
"""The newest challenges that are told."""
_MOMENTS = {
    "created_at": "made",
    "attested_at": "attested",
    "last_seen_at": "last seen",
    "updated_at": "last change",
    "revoked_at": "revoked",
}
_GRAVE = {"failed": Severity.WARNING, "expired": Severity.NOTICE}


def life(session: Session, record: Record, cancel: Cancel | None) -> list[Event]:
    """Everything that is known to have happened; where challenges may not be read, an event says so."""
    found = list(moments(record, _MOMENTS))
    try:
        rows = linked(session, "hardware_challenges", "pass_id", record.id, CHALLENGES, cancel)
    except QuaestorError as error:
        return [*found, Event(None, "challenges were not read", str(error), Severity.NOTICE)]
    for row in rows:
        weight = _GRAVE.get(str(row["status"]), Severity.GOOD)
        what = f"challenge {row['status']}"
        found.append(Event(row["created_at"], what, "", weight, "hardware_challenges", row["id"]))
    return found


GAUGES = (
    Gauge(
        "battery",
        "%",
        0,
        100,
        of("battery_level"),
        "low-battery",
        ("pass_battery_percent", "15"),
        column="battery_level",
    ),
)
