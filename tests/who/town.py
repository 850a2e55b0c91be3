"""Four systems in which the same people are known: Ann in all of them, Bob with her telephone, Cleo beside them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, insert, select, text
from sqlalchemy.engine import make_url

from db import engine as engines
from db import registry
from db.desk import Desk, open_desk
from db.finpass import tables as fp
from db.keys import HeldKey, Signer
from db.model import Profile
from db.multipass import tables as mp
from db.names import NAMES
from db.operation import Armed
from db.paymentlinker import tables as pl
from db.registering import register
from db.session import Session
from db.trustsphere import tables as ts
from db.who import Source
from migrations import runner

ANNA = HeldKey.of_seed(bytes(31) + b"\1", "anna@test")
BERT = HeldKey.of_seed(bytes(31) + b"\2", "bert@test")
ARMED = Armed("TEST-1")
NOW = datetime.now(UTC).replace(microsecond=0)
TENANT = str(uuid.uuid5(uuid.NAMESPACE_OID, "tenant"))


def id_of(name: str) -> str:
    """The id of a row that the tests call by a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def did_of(name: str) -> str:
    """Somebody's DID."""
    return f"did:key:z{name}"


def ago(days: float) -> datetime:
    """So many days before now."""
    return NOW - timedelta(days=days)


@dataclass
class Town:
    """The four databases."""

    urls: Mapping[str, str]
    engines: Mapping[str, Engine]
    """As their owner."""
    folder: Path
    opened: list[Session | Desk] = field(default_factory=list)

    def profile(self, name: str, **more: Any) -> Profile:
        """The owner's profile of one system."""
        return Profile(**{"name": name, "url": self.urls[name], "system": name, **more})

    def session(self, name: str, **more: Any) -> Session:
        """One system, open."""
        self.opened.append(session := engines.connect(self.profile(name, **more)))
        return session

    def sources(self, *names: str) -> list[Source]:
        """Systems to be searched, all without names."""
        return [Source.of(self.session(name)) for name in names or NAMES]

    def desk(self, name: str, signer: Signer = ANNA, journal: str = "journal") -> Desk:
        """A desk for the holder of a key."""
        desk = open_desk(self.session(name), signer, self.folder / journal, {"address": "192.0.2.7"})
        self.opened.append(desk)
        return desk

    def add(self, system: str, table: Table, *rows: Mapping[str, Any]) -> None:
        """Insert rows."""
        with self.engines[system].begin() as connection:
            for row in rows:
                connection.execute(insert(table), dict(row))

    def rows(self, system: str, table: Table) -> list[dict[str, Any]]:
        """All rows of a table."""
        with self.engines[system].connect() as connection:
            return [dict(row._mapping) for row in connection.execute(select(table))]

    def run(self, system: str, statement: str, **values: Any) -> None:
        """Run one statement as the owner."""
        with self.engines[system].begin() as connection:
            connection.execute(text(statement), values)

    def go_home(self) -> None:
        """End all sessions and desks."""
        while self.opened:
            self.opened.pop().close()

    def close(self) -> None:
        """End everything."""
        self.go_home()
        for engine in self.engines.values():
            engine.dispose()


def make(urls: Mapping[str, str], folder: Path, parts: Sequence[str] = ("indexes", "ledger")) -> Town:
    """The tables with what quaestor adds to them, no rows."""
    made = {}
    for name, url in urls.items():
        if url.startswith("sqlite"):
            Path(str(make_url(url).database)).touch()
        made[name] = engine = engines.make_engine(Profile("owner", url), read_only=False)
        system = registry.system(name)
        with engine.begin() as connection:
            system.metadata.create_all(connection)
        for part in parts:
            runner.up(
                engine,
                system,
                part,
                options={"signer": ANNA, "principals": "key"} if part == "ledger" else None,
            )
    return Town(urls, made, folder)


def second_person(town: Town) -> None:
    """Let Bert work in all four systems."""
    for name in NAMES:
        register(town.desk(name), ARMED, BERT.public_key)
    town.go_home()


def settle(town: Town, sessions: int = 4, credentials: int = 3, accounts: int = 2, passes: int = 2) -> None:
    """Ann with so many records, Bob with her telephone number in Multipass, Cleo with records of her own."""
    bank(town, "ann", accounts)
    bank(town, "cleo", 1)
    linker(town, "ann")
    linker(town, "cleo", device="dp-2")
    issuer(town, "ann", credentials, "+41 44 555 01 01")
    issuer(town, "cleo", 1, "+41 44 555 09 09")
    office(town, "ann", sessions, passes, "+41445550101")
    office(town, "bob", 1, 0, "+41 44 555 01 01")
    trails(town)


def bank(town: Town, name: str, accounts: int) -> None:
    """Somebody at TrustSphere."""
    town.add("trustsphere", ts.users, {
        "id": id_of(name), "email": f"{name}@example.org", "password_hash": "x", "full_name": name.title(),
        "status": "ACTIVE", "password_expires_at": NOW + timedelta(days=30), "created_at": ago(90), "updated_at": ago(9),
    })  # fmt: skip
    numbers = [f"TS{name.upper()}{n:04}" for n in range(accounts)]
    town.add("trustsphere", ts.accounts, *(
        {"id": id_of(number), "account_number": number, "user_id": id_of(name), "account_type": "SAVINGS",
         "balance": Decimal("100.00"), "status": "ACTIVE", "created_at": ago(80), "updated_at": ago(8)}
        for number in numbers
    ))  # fmt: skip


def linker(town: Town, name: str, device: str = "dp-1") -> None:
    """Somebody at Payment Linker: a user, an application, its device."""
    town.add("paymentlinker", pl.users, {
        "id": id_of(name), "tenant_id": TENANT, "email": f"{name}@example.org", "password_hash": "x", "is_active": True,
        "created_at": ago(70), "updated_at": ago(7),
    })  # fmt: skip
    town.add("paymentlinker", pl.applications, {
        "id": id_of(f"{name} applies"), "tenant_id": TENANT, "full_legal_name": name.title(), "ssn_encrypted": "x",
        "annual_income": Decimal(1), "employment_status": "employed", "email": f"{name}@example.org",
        "duoplus_device_id": device, "status": "approved", "created_at": ago(60), "updated_at": ago(6),
    })  # fmt: skip
    town.add("paymentlinker", pl.devices, {
        "id": id_of(device), "device_id_external": device, "tenant_id": TENANT, "device_type": "phone", "region": "eu",
        "status": "online", "created_at": ago(60), "updated_at": ago(6),
    })  # fmt: skip


def issuer(town: Town, name: str, credentials: int, phone: str) -> None:
    """Somebody at FinPass."""
    town.add("finpass", fp.users, {
        "id": id_of(name), "did": did_of(name), "email": f"{name}@example.org", "phone": phone, "status": "ACTIVE",
        "created_at": ago(50), "updated_at": ago(5),
    })  # fmt: skip
    rows = [credential(name, n) for n in range(credentials)]
    town.add("finpass", fp.credentials, *rows)
    town.add("finpass", fp.credential_status, *(
        {"credential_id": row["id"], "status": row["status"], "created_at": ago(40), "updated_at": ago(40)}
        for row in rows
    ))  # fmt: skip
    town.add("finpass", fp.payments, {
        "id": id_of(f"{name} pays"), "payer_did": did_of(name), "payee_did": did_of("shop"), "amount": Decimal("9.50"),
        "status": "CAPTURED", "transaction_id": f"TX-{name}", "created_at": ago(3), "updated_at": ago(3),
    })  # fmt: skip


def credential(name: str, n: int) -> dict[str, Any]:
    """A credential's row."""
    return {
        "id": id_of(f"{name} credential {n}"), "user_id": id_of(name), "issuer_id": "did:web:issuer.example",
        "credential_type": "KycCredential", "credential_jwt": "a.b.c", "issued_at": ago(40), "status": "VALID",
        "expires_at": NOW + timedelta(days=400), "subject_did": did_of(name), "revocation_handle": None,
        "created_at": ago(40), "updated_at": ago(40),
    }  # fmt: skip


def office(town: Town, name: str, sessions: int, passes: int, phone: str) -> None:
    """Somebody at Multipass."""
    town.add("multipass", mp.identity_profiles, {
        "id": id_of(name), "email": f"{name}@{'Example' if name == 'ann' else 'example'}.org".lower(),
        "display_name": name.title(), "phone": phone, "status": "active", "created_at": ago(30), "updated_at": ago(3),
    })  # fmt: skip
    town.add("multipass", mp.multipass_credentials, {
        "id": id_of(f"{name} signs in"), "profile_id": id_of(name), "username": f"{name}.the.user", "password_hash": "x",
        "status": "active", "created_at": ago(30), "updated_at": ago(3),
    })  # fmt: skip
    town.add("multipass", mp.multipass_sessions, *(
        {"id": id_of(f"{name} session {n}"), "profile_id": id_of(name), "token_hash": f"{name} {n}",
         "created_at": ago(1 + n / 100), "expires_at": NOW + timedelta(days=2)}
        for n in range(sessions)
    ))  # fmt: skip
    if passes:
        town.add("multipass", mp.hardware_passes, *(
            {"id": id_of(f"{name} pass {n}"), "profile_id": id_of(name), "serial": f"SER-{name}-{n}", "model": "A",
             "status": "active", "created_at": ago(20 + n), "updated_at": ago(2)}
            for n in range(passes)
        ))  # fmt: skip
    town.add("multipass", mp.wallet_accounts, {
        "id": id_of(f"{name} wallet"), "profile_id": id_of(name), "name": "Main", "status": "active",
        "created_at": ago(30), "updated_at": ago(3),
    })  # fmt: skip


def trails(town: Town) -> None:
    """Audit rows about Ann in every system, an hour apart."""
    digest = hashlib.sha256(did_of("ann").encode()).hexdigest()
    town.add("trustsphere", ts.audit_logs, {
        "id": id_of("a1"), "action": "LOGIN", "resource_type": "USER", "resource_id": id_of("ann"),
        "timestamp": NOW - timedelta(hours=1), "created_at": NOW,
    }, {
        "id": id_of("a2"), "action": "SIGNED", "resource_type": "ROLE", "resource_id": "x", "actor_user_id": id_of("ann"),
        "timestamp": NOW - timedelta(hours=5), "created_at": NOW,
    })  # fmt: skip
    town.add("paymentlinker", pl.audit_logs, {
        "id": id_of("a3"), "application_id": id_of("ann applies"), "tenant_id": TENANT, "event_type": "SUBMITTED",
        "event_category": "REVIEW", "service_name": "x", "event_timestamp": NOW - timedelta(hours=2),
    })  # fmt: skip
    town.add("finpass", fp.audit_events, {
        "id": id_of("a4"), "event_type": "ISSUED", "user_id_hash": digest, "created_at": NOW - timedelta(hours=3),
    })  # fmt: skip
    town.add("multipass", mp.application_modules, {
        "id": id_of("m"), "name": "app", "status": "enabled", "created_at": ago(9), "updated_at": ago(9),
    })  # fmt: skip
    town.add("multipass", mp.application_events, {
        "id": id_of("a5"), "module_id": id_of("m"), "profile_id": id_of("ann"), "event_type": "opened",
        "severity": "info", "created_at": NOW - timedelta(hours=4),
    })  # fmt: skip
