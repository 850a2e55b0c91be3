"""The server's counts against the slow, obvious computation, over random devices, at once and followed by what changed."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.fleet import Following, Picture, dated, devices, picture
from db.multipass.tables import hardware_challenges, hardware_passes, identity_profiles
from db.paymentlinker.tables import devices as table
from tests.fleet.conftest import Field, Lay
from tests.fleet.slow import counted, device_state, pass_state

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = timedelta(seconds=20)
TENANT = str(uuid.UUID(int=7))

examples = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


def times(*edges: timedelta) -> st.SearchStrategy[datetime | None]:
    """Moments around some edges before now, far ones, future ones, none."""
    near = [NOW - edge + timedelta(seconds=s) for edge in edges for s in (-25, -21, -1, 0, 1, 15)]
    more = [NOW - timedelta(days=400), NOW, NOW - timedelta(seconds=1), NOW + timedelta(days=2), None]
    return st.sampled_from([*near, *more])


MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
device = st.fixed_dictionaries(
    {
        "region": st.sampled_from(["eu-west", "us-east", "zürich"]),
        "device_type": st.sampled_from(["phone", "tablet"]),
        "os_version": st.sampled_from(["14", "13", None]),
        "status": st.sampled_from(
            ["online", "busy", "error", "quarantined", "decommissioned", "zombie", None]
        ),
        "last_heartbeat": times(5 * MINUTE, 30 * MINUTE),
        "compromised": st.sampled_from([False, False, False, True, None]),
        "temperature_celsius": st.sampled_from([None, Decimal("45.00"), Decimal("45.01"), Decimal("30.00")]),
        "battery_level": st.sampled_from([None, Decimal("15.00"), Decimal("14.99"), Decimal("80.00")]),
        "signal_strength": st.sampled_from([None, -110, -111, -80]),
        "total_tasks_processed": st.sampled_from([None, 19, 20, 100, 2_147_483_647]),
        "failed_tasks": st.sampled_from([None, 0, 4, 5, 20, 21, 2_147_483_647]),
        "last_security_scan": times(30 * DAY),
        "next_maintenance_due": times(timedelta(0)),
        "deleted_at": st.sampled_from([None, None, None, NOW - DAY]),
    }
)


def whole(row: dict[str, Any], number: int, made: datetime = NOW - 2 * DAY) -> dict[str, Any]:
    id_ = str(uuid.UUID(int=number + 1))
    return {**row, "id": id_, "device_id_external": f"d{number}", "tenant_id": TENANT, "created_at": made}


def shown(found: Picture) -> dict[str | None, dict[str, int]]:
    return {group.value: dict(group.states) for group in found.groups}


def obvious(rows: list[dict[str, Any]], at: datetime, by: str = "region") -> dict[str | None, dict[str, int]]:
    return counted((row[by], device_state(row, at)) for row in rows)


SINCE = {"scan-overdue": "last_security_scan", "maintenance-overdue": "next_maintenance_due"}


def longest(rows: list[dict[str, Any]], by: str) -> dict[str | None, dict[str, datetime]]:
    """Since when the longest of each state has been so; where no column tells, the oldest last report."""
    found: dict[str | None, dict[str, datetime]] = {}
    for row in rows:
        state = device_state(row, NOW)
        if state != "retired":
            part = found.setdefault(row[by], {})
            moment = row[SINCE.get(state, "last_heartbeat")]
            if state != "well" and moment is not None:
                part[state] = min(moment, part.get(state, moment))
    return found


@given(st.lists(device, max_size=40), st.sampled_from(["region", "device_type", "os_version"]))
@examples
def test_counts_are_those_of_the_obvious_computation(
    lay: Lay, engine: str, found: list[dict[str, Any]], by: str
) -> None:
    field = lay("paymentlinker", engine)
    rows = [whole(row, n) for n, row in enumerate(found)]
    field.fill(table, rows)
    way = next(way for way in field.fleet.ways if way.column == by)
    seen = dated(field.session, picture(field.session, field.fleet, way, at=NOW))
    assert shown(seen) == obvious(rows, NOW, by)
    assert {group.value: dict(group.oldest) for group in seen.groups} == longest(rows, by)
    served = [row for row in rows if device_state(row, NOW) != "retired"]
    assert seen.silent == sum(row["last_heartbeat"] is None for row in served)
    assert seen.strange == sum(row["status"] in ("zombie", None) for row in served)
    assert seen.ahead == sum(row["last_heartbeat"] == NOW + timedelta(days=2) for row in served)
    single = devices(field.session, field.fleet, way, 100, at=NOW)
    assert single is not None
    assert {d.id: d.state for d in single} == {
        row["id"]: device_state(row, NOW) for row in rows if device_state(row, NOW) != "retired"
    }


@given(st.lists(st.tuples(device, device, st.booleans()), max_size=30), st.lists(device, max_size=5))
@examples
def test_following_what_changed_gives_the_counts_of_a_full_one(
    lay: Lay,
    engine: str,
    pairs: list[tuple[dict[str, Any], dict[str, Any], bool]],
    added: list[dict[str, Any]],
) -> None:
    """Devices report in another state or grow silent, others are new; none is counted again as a whole."""
    field = lay("paymentlinker", engine)
    before = [untimely(whole(row, n)) for n, (row, _, _) in enumerate(pairs)]
    field.fill(table, before)
    following = Following(field.session, field.fleet, field.fleet.way("region"))
    following.refresh(at=NOW)
    assert following.refresh(at=NOW).full
    after, changed = [], []
    for row, (_, other, reports) in zip(before, pairs, strict=True):
        if reports and row["deleted_at"] is None and row["status"] != "decommissioned":
            kept = {
                name: row[name] for name in ("id", "region", "device_id_external", "tenant_id", "created_at")
            }
            row = untimely({**other, **kept, "last_heartbeat": NOW + LATER / 2, "deleted_at": None})
            row["status"] = "online" if row["status"] == "decommissioned" else row["status"]
            changed.append(row)
        after.append(row)
    new = [
        untimely({**whole(row, 100 + n, NOW + LATER / 4), "last_heartbeat": NOW + LATER / 2})
        for n, row in enumerate(added)
    ]
    field.change(table, changed)
    field.add(table, new)
    change = following.refresh(at=NOW + LATER)
    assert not change.full
    assert shown(change.picture) == obvious([*after, *new], NOW + LATER)
    assert shown(following.refresh(at=NOW + LATER).picture) == obvious([*after, *new], NOW + LATER)


def untimely(row: dict[str, Any]) -> dict[str, Any]:
    """Maintenance and scans that no moment of the test makes due: those are found by the next full count."""
    return {**row, "last_security_scan": NOW - 40 * DAY if row["last_security_scan"] else None,
            "next_maintenance_due": NOW + DAY if row["next_maintenance_due"] else None}  # fmt: skip


passes = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["key-a", "key-b"]),
        "firmware_version": st.sampled_from(["1.9.0", "1.10.0", None]),
        "status": st.sampled_from(["issued", "active", "suspended", "lost", "revoked"]),
        "last_seen_at": times(30 * DAY),
        "created_at": st.sampled_from([NOW - 31 * DAY, NOW - 3 * DAY]),
        "battery_level": st.sampled_from([None, 14, 15, 99]),
        "attested_at": st.sampled_from([None, NOW - DAY]),
        "revoked_at": st.sampled_from([None, NOW - DAY]),
    }
)
challenge = st.tuples(
    st.integers(0, 4),
    st.sampled_from(["failed", "passed"]),
    st.sampled_from([NOW - DAY + timedelta(seconds=1), NOW - DAY, NOW - timedelta(hours=1)]),
)


@given(st.lists(passes, min_size=5, max_size=25), st.lists(challenge, max_size=25))
@examples
def test_passes_are_judged_as_obviously(
    lay: Lay, engine: str, found: list[dict[str, Any]], asked: list[tuple[int, str, datetime]]
) -> None:
    field = lay("multipass", engine)
    rows = [
        {**row, "id": str(uuid.UUID(int=n + 1)), "profile_id": TENANT, "serial": f"s{n}"}
        for n, row in enumerate(found)
    ]
    answers = [
        {"id": str(uuid.uuid4()), "pass_id": rows[n]["id"], "challenge_hash": "x", "status": status,
         "created_at": at, "expires_at": at}
        for n, status, at in asked
    ]  # fmt: skip
    _owner(field)
    field.fill(hardware_challenges, [])
    field.fill(hardware_passes, rows)
    field.fill(hardware_challenges, answers)
    expected = counted((row["model"], pass_state(row, rows, answers, NOW)) for row in rows)
    assert shown(picture(field.session, field.fleet, field.fleet.way("model"), at=NOW)) == expected


def _owner(field: Field) -> None:
    field.fill(hardware_challenges, [])
    field.fill(hardware_passes, [])
    field.fill(identity_profiles, [{"id": TENANT, "email": "a@example.org", "status": "active"}])
