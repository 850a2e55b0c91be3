"""Devices: every finding of the fleet's health alone and together, every status, then ordinary ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from db.invent import addresses
from db.paymentlinker.seed.world import Values, World, batched
from db.seed import Batch

PLAIN, COMPROMISED, QUARANTINED, DECOMMISSIONED, LOST, ERROR = range(6)
"""What the audit trail tells of a device."""

_COLUMNS = (
    "id device_id_external tenant_id device_type model os_version region status current_task last_heartbeat "
    "last_seen capabilities installed_apps battery_level signal_strength data_usage_mb temperature_celsius "
    "uptime_seconds wifi_connected cellular_connected bluetooth_enabled ip_address mac_address configuration "
    "automation_rules provisioned_by provisioned_at decommissioned_by decommissioned_at total_tasks_processed "
    "successful_tasks failed_tasks last_task_at security_profile security_events compromised "
    "last_security_scan last_maintenance maintenance_notes next_maintenance_due metadata created_at updated_at "
    "deleted_at"
)
_MODELS = (
    ("android_phone", "Pixel 8", "Android 14"),
    ("android_phone", "Galaxy S23", "Android 14"),
    ("android_phone", "Galaxy A54", "Android 13"),
    ("android_phone", "Redmi Note 12", "Android 13"),
    ("android_tablet", "Galaxy Tab S9", "Android 14"),
    ("android_tablet", "Lenovo Tab P11", "Android 12"),
    ("virtual_phone", "DuoPlus Cloud 12", "Android 12"),
    ("virtual_phone", "DuoPlus Cloud 10", "Android 10"),
    ("ios_phone", "iPhone 14", "iOS 17.5"),
    ("ios_phone", "iPhone SE", "iOS 16.7"),
)
_TASKS = ("link-account", "verify-identity", "collect-statement", "warm-up", "screenshot-proof")
_PROFILES = ("standard", "hardened", "isolated")
_STATES: tuple[dict[str, Any], ...] = (
    {"status": "online"},
    {"status": "busy", "task": True},
    {"silent": 12},
    {"silent": 200, "status": "offline"},
    {"battery": 9},
    {"heat": "48.50"},
    {"signal": -117},
    {"failed": 31},
    {"compromised": 5, "scan": 1, "status": "quarantined"},
    {"compromised": 2, "scan": 9},
    {"due": -6},
    {"scan": 44},
    {"status": "quarantined"},
    {"status": "error"},
    {"status": "maintenance", "due": 0.1},
    {"status": "decommissioned", "silent": 90_000},
    {"deleted": 14, "status": "decommissioned", "silent": 200_000},
    {"silent": None, "status": "offline"},
    {"scan": None},
    {"idle": 3},
    {"due": 4},
    {"silent": 3000, "battery": 3, "status": "offline"},
    {"heat": "61.25", "failed": 55, "status": "error"},
    {"bare": True},
    {"deleted": 3},
    {"failed": 90, "total": 12},
)
"""What a device may be in, each once: minutes of silence, days of the rest."""


def batches(world: World) -> Iterator[Batch]:
    """All of them; their states are remembered."""
    random = world.plan.random("devices")
    nets = addresses(random, 512)
    return batched("devices", _COLUMNS, (_device(world, random, nets, n) for n in range(world.devices)))


def _state(random: Random, number: int) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "status": random.choices(("online", "busy", "offline", "maintenance", "error"), (60, 25, 8, 4, 3))[0],
        "silent": random.random() * 4 if random.random() < 0.9 else random.expovariate(1 / 240),
        "battery": random.randrange(15, 101),
        "heat": f"{random.gauss(33, 3.5):.2f}",
        "signal": round(random.gauss(-82, 9)),
        "failed": min(19, int(random.expovariate(1 / 5))),
        "total": random.randrange(20, 4000),
        "scan": random.random() * 29,
        "due": random.random() * 80 + 8,
        "idle": random.random() * 0.9,
    }
    return (
        usual | {"status": "online", "silent": random.random()} | _STATES[number]
        if number < len(_STATES)
        else usual
    )


def _device(world: World, random: Random, nets: list[str], number: int) -> Values:
    state = _state(random, number)
    tenant = world.tenant_of(number)
    kind, model, system = _MODELS[random.randrange(len(_MODELS))]
    bare = state.get("bare", False)
    total, failed = _tasks(state)
    beat = _minutes(world, state["silent"])
    made = world.now - timedelta(days=random.random() * 700 + 150)
    if tenant == world.newest:
        made = world.joined
    retired = _days(world, 60.5) if state["status"] == "decommissioned" else None
    owner = world.staff[tenant][0].email
    compromised = state.get("compromised")
    world.device_states[number] = _told(state)
    working = state["status"] == "busy"
    return (
        world.device_ids.at(number),
        world.external_id(number),
        world.tenant_ids[tenant],
        kind,
        None if bare else model,
        None if bare else system,
        world.region_of(number),
        state["status"],
        f"{_TASKS[number % len(_TASKS)]}-{number:05}" if working else None,
        beat,
        beat,
        None if bare else _CAPABILITIES[number % len(_CAPABILITIES)],
        None if bare else _APPS[number % len(_APPS)],
        None if bare else Decimal(state["battery"]),
        None if bare else state["signal"],
        None if bare else Decimal(random.randrange(5_000_000)).scaleb(-2),
        None if bare else Decimal(state["heat"]),
        None if beat is None else random.randrange(5_000_000),
        None if bare else random.random() < 0.8,
        None if bare else random.random() < 0.5,
        random.random() < 0.2,
        nets[random.randrange(512)],
        ":".join(f"{octet:02x}" for octet in (2, *random.randbytes(5))),
        _CONFIGURATIONS[number % len(_CONFIGURATIONS)],
        '{"retry": 3, "backoff_seconds": 30}' if number % 3 else None,
        owner,
        made,
        owner if retired else None,
        retired,
        total,
        total - failed,
        failed,
        _days(world, state["idle"]) if total else None,
        _PROFILES[number % len(_PROFILES)],
        _events(world, compromised, state["status"]),
        compromised is not None,
        _days(world, state["scan"]),
        _days(world, 20 + number % 50),
        world.hostile(number, 7, 4, "battery replaced, cleaned" if number % 4 == 0 else "") or None,
        _days(world, -state["due"]),
        None if number % 5 else json.dumps({"rack": f"R{number % 40}", "slot": number % 16}),
        made,
        beat or made,
        _days(world, state["deleted"]) if "deleted" in state else None,
    )


_CAPABILITIES = tuple(
    json.dumps({"camera": n % 2 == 0, "nfc": n % 3 == 0, "esim": n % 4 == 0, "max_parallel_tasks": n % 3 + 1})
    for n in range(12)
)
_APPS = tuple(json.dumps([f"bank-{n % 4}", "authenticator", f"wallet-{n % 3}"]) for n in range(12))
_CONFIGURATIONS = tuple(
    json.dumps({"proxy": f"pool-{n}", "timezone": "America/New_York", "heartbeat_seconds": 60})
    for n in range(6)
)


def _tasks(state: dict[str, Any]) -> tuple[int, int]:
    """(all, failed): the usual percentage of failures, or the one wanted."""
    if state.get("bare"):
        return 0, 0
    total = state["total"]
    return total, -(-total * state["failed"] // 100)


def _told(state: dict[str, Any]) -> int:
    if "compromised" in state:
        return COMPROMISED
    if state["silent"] is None or state["silent"] > 30:
        return DECOMMISSIONED if state["status"] == "decommissioned" else LOST
    return {"quarantined": QUARANTINED, "error": ERROR}.get(state["status"], PLAIN)


def _events(world: World, compromised: float | None, status: str) -> str | None:
    found = []
    if compromised is not None:
        found.append(
            {"type": "ROOT_DETECTED", "severity": "CRITICAL", "at": _text(_days(world, compromised))}
        )
    if status == "quarantined":
        found.append({"type": "QUARANTINED", "severity": "WARNING", "at": _text(_days(world, 1.5))})
    return json.dumps(found) if found else None


def _text(when: datetime | None) -> str:
    return when.isoformat() if when else ""


def _minutes(world: World, ago: float | None) -> datetime | None:
    return None if ago is None else world.now - timedelta(minutes=ago)


def _days(world: World, ago: float | None) -> datetime | None:
    return None if ago is None else world.now - timedelta(days=ago)
