"""One device in full: every finding that holds, its measures, what happened to it, and since when."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from db.errors import Missing, Usage
from db.fleet import Portrait, portrait, spread
from db.model import Raw
from db.multipass.tables import hardware_challenges, hardware_passes, identity_profiles
from db.paymentlinker.tables import audit_logs
from db.paymentlinker.tables import devices as table
from tests.fleet.conftest import Field, Lay

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ID, TENANT = str(uuid.UUID(int=1)), str(uuid.UUID(int=7))


def device(**changed: Any) -> dict[str, Any]:
    usual = {"id": ID, "device_id_external": "d-1", "tenant_id": TENANT, "device_type": "phone",
             "region": "eu-west", "status": "online", "last_heartbeat": NOW - MINUTE,
             "created_at": NOW - 100 * DAY}  # fmt: skip
    return usual | changed


def seen(field: Field, row: dict[str, Any]) -> Portrait:
    field.fill(table, [row])
    return portrait(field.session, field.fleet, ID, at=NOW)


def field_of(lay: Lay, engine: str) -> Field:
    made = lay("paymentlinker", engine)
    made.fill(audit_logs, [])
    return made


def test_all_that_is_wrong_is_told_with_since_when(lay: Lay, engine: str) -> None:
    field = field_of(lay, engine)
    events = [
        {"type": "ROOT_DETECTED", "severity": "CRITICAL", "at": "2026-02-27T12:00:00+00:00", "by": "agent"}
    ]
    row = device(
        compromised=True, security_events=json.dumps(events), last_heartbeat=NOW - 40 * MINUTE,
        battery_level=Decimal("9.00"), next_maintenance_due=NOW - 3 * DAY,
    )  # fmt: skip
    found = seen(field, row)
    assert found.state == "compromised"
    told = {held.finding.name: (held.since, held.exact) for held in found.findings}
    assert told == {
        "compromised": (NOW - 2 * DAY, True),
        "lost": (NOW - 40 * MINUTE, True),
        "low-battery": (NOW - 40 * MINUTE, False),
        "stale": (NOW - 40 * MINUTE, True),
        "maintenance-overdue": (NOW - 3 * DAY, True),
    }
    assert [(event.what, event.text) for event in found.events] == [
        ("last heartbeat", ""), ("ROOT_DETECTED", "by agent"), ("maintenance due", ""), ("made known", ""),
    ]  # fmt: skip


def test_measures_stand_against_their_limits_and_say_where_there_is_none(lay: Lay, engine: str) -> None:
    field = field_of(lay, engine)
    row = device(battery_level=Decimal("14.50"), temperature_celsius=Decimal("30.00"),
                 total_tasks_processed=200, failed_tasks=50)  # fmt: skip
    found = {m.gauge.name: (m.value, m.limit, m.bad) for m in seen(field, row).measures}
    assert found == {
        "battery": (Decimal("14.5"), Decimal(15), True),
        "signal": (None, Decimal(-110), False),
        "temperature": (Decimal(30), Decimal(45), False),
        "tasks failed": (Decimal("25.0"), Decimal(20), True),
    }


def test_the_trail_tells_of_it_and_of_no_other(lay: Lay, engine: str) -> None:
    field = field_of(lay, engine)
    field.add(audit_logs, [
        trail(1, "DEVICE_COMPROMISED", NOW - 5 * DAY, {"device": "d-1"}),
        trail(2, "DEVICE_LOST", NOW - 4 * DAY, {"device": "d-10"}),
        trail(3, "DEVICE_HEALTH_CHECKED", NOW - 3 * DAY, {"note": "d-1"}),
    ])  # fmt: skip
    found = seen(field, device(compromised=True))
    audited = [(event.what, event.entity, event.id) for event in found.events if event.entity]
    assert audited == [("DEVICE_COMPROMISED", "audit_logs", str(uuid.UUID(int=1)))]
    assert (found.findings[0].since, found.findings[0].exact) == (NOW - 5 * DAY, True)


def trail(number: int, what: str, at: datetime, data: dict[str, str]) -> dict[str, Any]:
    told = {
        "event_type": what,
        "event_category": "FLEET",
        "service_name": "s",
        "event_data": json.dumps(data),
    }
    return {"id": str(uuid.UUID(int=number)), "tenant_id": TENANT, "event_timestamp": at, **told}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('["plain"]', ["plain"]),
        ('{"event": "ALONE", "at": "not a time"}', ["ALONE"]),
        ('[{"type": ["odd"]}, 7, null]', ["7", "None", "['odd']"]),
        ("[]", []),
        (None, []),
    ],
)
def test_security_events_of_any_form_are_told(
    lay: Lay, engine: str, written: str | None, told: list[str]
) -> None:
    found = seen(field_of(lay, engine), device(security_events=written))
    assert sorted(event.what for event in found.events if event.at is None) == told


def test_a_device_of_the_future_and_one_that_is_not_there(lay: Lay, engine: str) -> None:
    field = field_of(lay, engine)
    found = seen(field, device(last_heartbeat=NOW + 2 * DAY, status="zombie"))
    assert (found.state, found.findings) == ("well", ())
    assert found.events[0].at == NOW + 2 * DAY
    with pytest.raises(Missing):
        portrait(field.session, field.fleet, str(uuid.UUID(int=9)), at=NOW)


def test_a_pass_tells_its_challenges(lay: Lay, engine: str) -> None:
    field = lay("multipass", engine)
    field.fill(hardware_challenges, [])
    field.fill(hardware_passes, [])
    field.fill(identity_profiles, [{"id": TENANT, "email": "a@example.org", "status": "active"}])
    field.fill(hardware_passes, [
        {"id": ID, "profile_id": TENANT, "serial": "s", "model": "m", "status": "active", "battery_level": 10,
         "created_at": NOW - 9 * DAY, "last_seen_at": NOW - DAY, "updated_at": NOW - 2 * DAY}])  # fmt: skip
    field.fill(hardware_challenges, [
        {"id": str(uuid.UUID(int=n)), "pass_id": ID, "challenge_hash": "x", "status": "failed",
         "created_at": NOW - n * MINUTE, "expires_at": NOW} for n in range(1, 4)])  # fmt: skip
    found = portrait(field.session, field.fleet, ID, at=NOW)
    assert [held.finding.name for held in found.findings] == ["failing", "low-battery", "never-attested"]
    assert [event.what for event in found.events][:4] == [*["challenge failed"] * 3, "last seen"]
    assert found.measures[0].value == Decimal(10)
    assert not isinstance(found.record.value("battery_level"), Raw)


def test_batteries_are_spread_as_counted_by_hand(lay: Lay, engine: str) -> None:
    field = field_of(lay, engine)
    levels = [None, Decimal("0.00"), Decimal("9.99"), Decimal("10.00"), Decimal("55.50"), Decimal("100.00")]
    rows = [
        device(id=str(uuid.UUID(int=n + 1)), device_id_external=f"d{n}", battery_level=level)
        for n, level in enumerate(levels)
    ]
    gone = device(
        id=str(uuid.UUID(int=90)),
        device_id_external="gone",
        status="decommissioned",
        battery_level=Decimal(50),
    )
    field.fill(table, [*rows, gone])
    found = spread(field.session, field.fleet, field.fleet.gauges[0])
    assert found.edges == (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
    assert (found.counts, found.silent) == ((2, 1, 0, 0, 0, 1, 0, 0, 0, 1), 1)
    with pytest.raises(Usage):
        spread(field.session, field.fleet, field.fleet.gauges[3])
