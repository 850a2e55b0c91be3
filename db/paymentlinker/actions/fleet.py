"""Taking devices out of work and back, looking after them, and ending them."""

from __future__ import annotations

from datetime import datetime

from db.actions import RESTORE, When, both, dual, state
from db.change import Change
from db.model import Action, Context, Field, Kind, Values
from db.paymentlinker import incidents
from db.paymentlinker.health import SERVING
from db.paymentlinker.rules import THERE, alive, operator

_SEEN = (*THERE, "standing")


def _stands(*allowed: str) -> When:
    """By what does not move while a device works: ``online`` and ``busy`` come and go."""
    return both(alive, state(*allowed, column="standing"))


def _is_compromised(row: Values, context: Context) -> str | None:
    if row["compromised"] is not True:
        return "It is not marked as compromised."
    event, scan = incidents.last(row["security_events"]), row["last_security_scan"]
    if event is None:
        return "Its security events do not tell when it was compromised: quarantine it, have it scanned, then clear it."
    if not isinstance(scan, datetime) or scan <= event:
        return f"It needs a security scan after the event: the event was at {event}, the last scan at {scan or 'no time'}."
    return None


def _at_work(change: Change) -> None:
    if task := change.row.get("current_task"):
        change.remark(f"It is at work on {task}, which this does not end.")


def _quarantine(change: Change) -> None:
    _at_work(change)
    incidents.add(change, incidents.QUARANTINED, "WARNING")
    change.update(status="quarantined")


def _release(change: Change) -> None:
    incidents.add(change, incidents.RELEASED, "INFO")
    change.update(status="offline")


def _schedule(change: Change) -> None:
    due, notes = change.form["due"], change.form["notes"]
    if due <= change.now:
        change.refuse(f"Maintenance is scheduled ahead; {due} is past.")
    change.update(next_maintenance_due=due, **({"maintenance_notes": notes} if notes else {}))


def _decommission(change: Change) -> None:
    _at_work(change)
    change.update(
        status="decommissioned", decommissioned_by=operator(change)[0], decommissioned_at=change.now
    )


ACTIONS = (
    Action(
        "quarantine",
        "devices",
        "Keeps the device away from work until it is released.",
        _stands(SERVING),
        _quarantine,
        _SEEN,
        inverse="release",
        audit={"event": "DEVICE_QUARANTINED", "category": "FLEET"},
    ),
    Action(
        "release",
        "devices",
        "Lets the device work again; it counts as offline until it reports.",
        _stands("quarantined"),
        _release,
        _SEEN,
        inverse="quarantine",
        audit={"event": "DEVICE_RELEASED", "category": "FLEET"},
    ),
    Action(
        "schedule-maintenance",
        "devices",
        "Sets when the device is next looked after.",
        _stands(SERVING, "quarantined"),
        _schedule,
        (*_SEEN, "next_maintenance_due"),
        fields=(Field("due", Kind.TIME), Field("notes", required=False)),
        inverse=RESTORE,
        back=lambda before, form: {},
        audit={"event": "DEVICE_MAINTENANCE_SCHEDULED", "category": "FLEET"},
    ),
    Action(
        "clear-compromised",
        "devices",
        "Takes the mark of being compromised from the device.",
        both(alive, _is_compromised),
        lambda change: change.update(compromised=False),
        (*THERE, "compromised", "security_events", "last_security_scan"),
        risk=dual,
        inverse=RESTORE,
        audit={"event": "DEVICE_CLEARED", "category": "FLEET"},
    ),
    Action(
        "decommission",
        "devices",
        "Takes the device out of service for good.",
        _stands(SERVING, "quarantined"),
        _decommission,
        _SEEN,
        risk=dual,
        final="A decommissioned device does not come back; it is provisioned anew.",
        irreversible=True,
        audit={"event": "DEVICE_DECOMMISSIONED", "category": "FLEET"},
    ),
)
