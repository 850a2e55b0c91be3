"""The rules of the fleets' health, device by device in plain Python: slow and obvious, written from the system's description."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

DAY = timedelta(days=1)
Row = Mapping[str, Any]


def first(*told: tuple[str, bool]) -> str:
    """The first that holds."""
    return next((name for name, holds in told if holds), "well")


def device_state(row: Row, now: datetime) -> str:
    """A device of Payment Linker: its worst finding."""
    far = timedelta(days=-9999)
    silent = now - row["last_heartbeat"] if row["last_heartbeat"] is not None else far
    scanned = now - row["last_security_scan"] if row["last_security_scan"] is not None else far
    due = now - row["next_maintenance_due"] if row["next_maintenance_due"] is not None else far
    total, failed = row["total_tasks_processed"] or 0, row["failed_tasks"] or 0
    return first(
        ("retired", row["deleted_at"] is not None or row["status"] == "decommissioned"),
        ("compromised", bool(row["compromised"])),
        ("lost", silent > timedelta(minutes=30)),
        ("hot", row["temperature_celsius"] is not None and row["temperature_celsius"] > 45),
        ("failing", total >= 20 and failed > total * 0.2),
        ("low-battery", row["battery_level"] is not None and row["battery_level"] < 15),
        ("weak-signal", row["signal_strength"] is not None and row["signal_strength"] < -110),
        ("stale", silent > timedelta(minutes=5)),
        ("scan-overdue", scanned > 30 * DAY),
        ("maintenance-overdue", due > timedelta(0)),
    )


def version(text: str | None) -> tuple[int, ...]:
    """A version's numbers."""
    return tuple(int(part) for part in text.split(".")) if text else ()


def pass_state(row: Row, passes: Iterable[Row], challenges: Iterable[Row], now: datetime) -> str:
    """A pass of Multipass: its worst finding."""
    mine = [c for c in challenges if c["pass_id"] == row["id"] and c["status"] == "failed"]
    same = [version(other["firmware_version"]) for other in passes if other["model"] == row["model"]]
    mine_version = row["firmware_version"]
    return first(
        ("retired", row["status"] == "revoked"),
        ("lost-not-revoked", row["status"] == "lost" and row["revoked_at"] is None),
        ("failing", sum(now - c["created_at"] < DAY for c in mine) >= 3),
        ("not-seen", now - (row["last_seen_at"] or row["created_at"]) > 30 * DAY),
        ("low-battery", row["battery_level"] is not None and row["battery_level"] < 15),
        ("never-attested", row["attested_at"] is None),
        ("outdated-firmware", mine_version is not None and version(mine_version) < max(same)),
    )


def counted(states: Iterable[tuple[str | None, str]]) -> dict[str | None, dict[str, int]]:
    """How many there are of each state in each part, those in service."""
    found: dict[str | None, Counter[str]] = defaultdict(Counter)
    for part, state in states:
        if state != "retired":
            found[part][state] += 1
    return {part: dict(counter) for part, counter in found.items()}
