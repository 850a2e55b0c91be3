"""A small fleet of Payment Linker with a ledger, each device in a state that the tests know."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select

from console.app import Console
from console.operator import Cast
from db import registry
from db.engine import make_engine
from db.keys import HeldKey
from db.model import Profile
from db.paymentlinker.tables import audit_logs, devices, tenants
from migrations import runner
from screens.desk import Desk
from screens.places import Place
from screens.settings import Settings
from screens.state import State
from tests.write.bank import ANNA, BERT

NOW = datetime.now(UTC).replace(microsecond=0)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TENANT = str(uuid.UUID(int=7))
KEYS: dict[str, HeldKey] = {"anna": ANNA, "bert": BERT}


@dataclass
class Field:
    """The fleet and its owner."""

    url: str
    engine: Engine

    def open(self, place: Place, **settings: Any) -> Console:
        """The console on it, with Anna at the keyboard; nothing is kept on disk."""
        desk = Desk(
            [Profile("linker", self.url, "paymentlinker")],
            Settings(bastion=True, refresh=0, **settings),
            State(),
            None,
        )
        cast = Cast(lambda: KEYS, ("anna", "bert"))
        cast.become("anna")
        desk.operators = cast
        return Console(desk, place)

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """More devices."""
        with self.engine.begin() as connection:
            for same in _alike(rows):
                connection.execute(insert(devices), same)

    def statuses(self) -> dict[str, str]:
        """Each device's status."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(devices.c.device_id_external, devices.c.status))
            return {row.device_id_external: row.status for row in rows}


def _alike(rows: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows by which columns they have, as one statement inserts only such."""
    for names in dict.fromkeys(tuple(row) for row in rows):
        yield [row for row in rows if tuple(row) == names]


def id_of(number: int) -> str:
    """The id of a device."""
    return str(uuid.UUID(int=1000 + number))


def device(number: int, **changed: Any) -> dict[str, Any]:
    """A device that is well, but for what is changed."""
    usual = {
        "id": id_of(number), "device_id_external": f"dev-{number:03}", "tenant_id": TENANT, "device_type": "phone",
        "model": "Pixel 8", "os_version": "Android 14", "region": "eu-west", "status": "online",
        "last_heartbeat": datetime.now(UTC).replace(microsecond=0), "battery_level": Decimal("80.00"), "signal_strength": -70,
        "temperature_celsius": Decimal("31.50"), "total_tasks_processed": 200, "failed_tasks": 4,
        "successful_tasks": 196, "last_security_scan": NOW - 3 * DAY, "next_maintenance_due": NOW + 40 * DAY,
        "compromised": False, "created_at": NOW - 300 * DAY, "updated_at": NOW - DAY,
    }  # fmt: skip
    return {**usual, **changed}


def make(folder: Path) -> Field:
    """Twelve devices: well ones, a compromised one, lost ones, one that reports nothing."""
    file = folder / "linker.db"
    file.touch()
    url = f"sqlite:///{file}"
    engine = make_engine(Profile("owner", url), read_only=False)
    system = registry.system("paymentlinker")
    runner.up(engine, system, "system")
    runner.up(engine, system, "ledger", options={"signer": ANNA})
    with engine.begin() as connection:
        connection.execute(
            insert(tenants).values(id=TENANT, name="Acme", slug="acme", created_at=NOW, updated_at=NOW)
        )
    field = Field(url, engine)
    field.add([device(n, region=("eu-west", "us-east")[n % 2]) for n in range(8)])
    event = {"type": "ROOT_DETECTED", "severity": "CRITICAL", "at": (NOW - 5 * DAY).isoformat()}
    ill = {"compromised": True, "security_events": json.dumps([event]), "battery_level": Decimal("9.00"),
           "failed_tasks": 60, "current_task": "link-account-7", "last_maintenance": NOW - 20 * DAY,
           "configuration": '{"proxy": "pool-1"}'}  # fmt: skip
    silent = {"id": id_of(11), "device_id_external": "dev-011", "tenant_id": TENANT, "device_type": "tablet",
              "region": "us-east", "status": "zombie", "created_at": NOW - DAY, "updated_at": NOW - DAY}  # fmt: skip
    field.add(
        [
            device(8, **ill),
            device(9, last_heartbeat=NOW - 2 * HOUR, status="offline"),
            device(10, last_heartbeat=NOW - 3 * HOUR, status="offline"),
            silent,
        ]
    )
    told = {"event_type": "DEVICE_COMPROMISED", "event_category": "FLEET", "service_name": "agent",
            "event_data": '{"device": "dev-008"}', "event_description": "Root was detected"}  # fmt: skip
    with engine.begin() as connection:
        row = {"id": id_of(99), "tenant_id": TENANT, "event_timestamp": NOW - 4 * DAY, **told}
        connection.execute(insert(audit_logs), [row])
    return field
