"""Audit tables of several systems with rows at few moments, so that most of them are at the same one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, Table, insert
from sqlalchemy.engine import make_url

from db import engine as engines
from db import ledger, registry
from db.entry import derived, sign
from db.model import Profile
from db.session import Session
from db.timeline import Timeline
from migrations import runner
from tests.write.bank import ANNA

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

Time = datetime | None


def _trustsphere(random: Random, at: Time) -> dict[str, Any]:
    return {
        "action": random.choice(["LOGIN", "LOGIN_FAILED", "BALANCE_CHANGED"]),
        "resource_type": "ACCOUNT",
        "resource_id": f"account-{random.randrange(5)}",
        "severity": random.choice(["INFO", "WARNING", "ERROR"]),
        "ip_address": f"192.0.2.{random.randrange(4)}",
        "timestamp": at or NOW,  # it cannot be NULL
        "created_at": NOW,
        "version": 1,
    }


def _paymentlinker(random: Random, at: Time) -> dict[str, Any]:
    return {
        "tenant_id": str(uuid.UUID(int=1)),
        "event_type": random.choice(["APPLICATION_APPROVED", "LOGIN"]),
        "event_category": "ACCESS",
        "service_name": "api",
        "user_id": f"user-{random.randrange(4)}",
        "event_timestamp": at,
        "created_at": NOW,
        "updated_at": NOW,
    }


def _finpass(random: Random, at: Time) -> dict[str, Any]:
    return {
        "event_type": random.choice(["USER_LOGIN", "CREDENTIAL_REVOKED"]),
        "severity": random.choice(["INFO", "CRITICAL"]),
        "outcome": random.choice(["SUCCESS", "FAILURE"]),
        "performed_by": f"user-{random.randrange(4)}",
        "created_at": at or NOW,
    }


def _multipass(random: Random, at: Time) -> dict[str, Any]:
    return {
        "module_id": str(uuid.UUID(int=7)),
        "event_type": random.choice(["login", "console.profiles.suspend"]),
        "severity": random.choice(["info", "error"]),
        "payload": "{}",
        "created_at": at or NOW,
    }


Make = Callable[[Random, Time], dict[str, Any]]
ROWS: dict[str, tuple[str, Make]] = {
    "trustsphere": ("audit_logs", _trustsphere),
    "paymentlinker": ("audit_logs", _paymentlinker),
    "finpass": ("audit_events", _finpass),
    "multipass": ("application_events", _multipass),
}


@dataclass
class Source:
    """One database and the way to put rows into its audit table."""

    engine: Engine
    session: Session
    table: Table
    make: Make

    def add(self, random: Random, count: int) -> None:
        """Some rows at a few moments; some have none where that is allowed."""
        rows = []
        for _ in range(count):
            at = None if random.random() < 0.1 else NOW - timedelta(seconds=random.randrange(20))
            rows.append({"id": str(uuid.UUID(int=random.getrandbits(128))), **self.make(random, at)})
        with self.engine.begin() as connection:
            connection.execute(insert(self.table), rows)

    def enter(self, number: int, **more: Any) -> None:
        """An entry of the ledger."""
        head = ledger.head
        with self.engine.begin() as connection:
            name = head(connection).ledger
            operation = derived(name, "test", str(number))
            told: dict[str, Any] = {
                "ledger": name,
                "operation": operation,
                "action": "freeze",
                "entity": "accounts",
            }
            told |= {"id": f"account-{number % 5}", "operator": {"name": "Anna"}, **more}
            ledger.append(connection, operation, sign(ANNA, told))


@dataclass
class Line:
    """Several sources."""

    sources: list[Source] = field(default_factory=list)

    def open(self, system: str, url: str, *, with_ledger: bool = False) -> Source:
        """Make a system's tables in an empty database."""
        if url.startswith("sqlite"):
            Path(str(make_url(url).database)).touch()
        declared = registry.system(system)
        engine = engines.make_engine(Profile("owner", url), read_only=False)
        declared.metadata.create_all(engine)
        if system == "multipass":
            modules = declared.metadata.tables["application_modules"]
            first = {"id": str(uuid.UUID(int=7)), "name": "core", "status": "enabled", "required_scopes": ()}
            with engine.begin() as connection:
                connection.execute(insert(modules), [{**first, "created_at": NOW, "updated_at": NOW}])
        if with_ledger:
            runner.up(engine, declared, "ledger", options={"signer": ANNA, "principals": "key"})
        session = engines.connect(Profile(system, url, system=system))
        table, make = ROWS[system]
        self.sources.append(Source(engine, session, declared.metadata.tables[table], make))
        return self.sources[-1]

    def timeline(self, **options: Any) -> Timeline:
        """All of them on one line."""
        return Timeline((source.session for source in self.sources), **options)

    def close(self) -> None:
        """Let go."""
        for source in self.sources:
            source.session.close()
            source.engine.dispose()
