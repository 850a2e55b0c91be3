"""A small Payment Linker: its tables on any engine, a ledger, rows in known states, and an operator's desk."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Engine, Table, Text, cast, func, insert, select, update
from sqlalchemy.engine import make_url

from db import own, registering, write
from db.desk import Desk, open_desk
from db.engine import connect, make_engine
from db.keys import HeldKey
from db.model import Profile
from db.operation import Armed, Done, Operation, Sheet
from db.paymentlinker import ssn
from db.paymentlinker.tables import applications, audit_logs, devices, users
from db.registry import system
from db.rehearse import sheet
from migrations import runner

LINKER = system("paymentlinker")
ANNA = HeldKey.of_seed(bytes(31) + b"\1", "anna@test")
BERT = HeldKey.of_seed(bytes(31) + b"\2", "bert@test")
ARMED = Armed("TEST-1")
NOW = datetime.now(UTC).replace(microsecond=0)
REASON = "asked for by the applicant in a letter"
"""Long enough to break the glass: what takes two people is done by one here."""
TENANT = str(uuid.UUID(int=0xA))
KEYS = {"2024-01": b"o" * 32, "2025-07": b"n" * 32, "short": b"s" * 16}
TABLES: Mapping[str, Table] = {
    "applications": applications,
    "users": users,
    "devices": devices,
    "audit_logs": audit_logs,
}
Row = dict[str, Any]


def day(days: float) -> datetime:
    """So many days from now; behind us with a minus."""
    return NOW + timedelta(days=days)


@dataclass
class Office:
    """A database with Payment Linker in it."""

    url: str
    engine: Engine
    """As its owner: rows are made and looked at through it."""
    folder: Path
    desks: list[Desk] = field(default_factory=list)

    def desk(self, signer: HeldKey = ANNA, **more: Any) -> Desk:
        """A desk for the holder of a key."""
        given = {"name": "office", "url": self.url, "system": "paymentlinker", "sealing_key": KEYS.get}
        profile = Profile(**{**given, **more})
        claims = {"address": "192.0.2.7", "session": "s-1"}
        self.desks.append(desk := open_desk(connect(profile), signer, self.folder / "journal", claims))
        return desk

    def put(self, entity: str, **values: Any) -> Row:
        """A new row of an entity, in its usual state but for these values."""
        row = ROWS[entity](str(uuid.uuid4())) | values
        self.add(TABLES[entity], row)
        return self.row(entity, row["id"])

    def add(self, table: Table, *rows: Mapping[str, Any]) -> None:
        """Insert rows."""
        with self.engine.begin() as connection:
            for row in rows:
                connection.execute(insert(table), dict(row))

    def set(self, entity: str, id_: str, **values: Any) -> None:
        """Change a row behind the operator's back."""
        table = TABLES[entity]
        with self.engine.begin() as connection:
            connection.execute(update(table).where(table.c.id == id_).values(**values))

    def row(self, entity: str, id_: str) -> Row:
        """A row as it is now."""
        table = TABLES[entity]
        with self.engine.connect() as connection:
            return dict(connection.execute(select(table).where(table.c.id == id_)).one()._mapping)

    def rows(self, table: Table, *where: ColumnElement[bool]) -> list[Row]:
        """The rows of a table, all without a condition."""
        with self.engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(select(table).where(*where))]

    def audit(self, operation: str) -> Row:
        """The one audit row of an operation."""
        (found,) = self.rows(audit_logs, cast(audit_logs.c.event_data, Text).contains(operation))
        return found

    def entry(self, operation: str) -> Row:
        """The ledger's entry of an operation."""
        (found,) = self.rows(own.ledger, own.ledger.c.operation_id == operation)
        return found

    def counts(self) -> tuple[int, int]:
        """How many entries the ledger has, and how many rows the audit trail."""
        with self.engine.connect() as connection:
            entries, told = (
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (own.ledger, audit_logs)
            )
        return entries, told

    def everything(self) -> str:
        """Every value of quaestor's own tables and of the audit trail, and every byte of the journal."""
        kept = [
            repr(row) for table in (audit_logs, *own.metadata.tables.values()) for row in self.rows(table)
        ]
        kept += [file.read_text() for file in self.folder.rglob("*.jsonl")]
        return "\n".join(kept)

    def close(self) -> None:
        """End all connections and journals."""
        for desk in self.desks:
            desk.close()
            desk.session.close()
        self.engine.dispose()


def make(url: str, folder: Path) -> Office:
    """The tables and the ledger, no rows."""
    if url.startswith("sqlite"):
        Path(str(make_url(url).database)).touch()
    owner = make_engine(Profile("owner", url), read_only=False)
    runner.up(owner, LINKER, "system")
    runner.up(owner, LINKER, "ledger", options={"signer": ANNA, "principals": "key"})
    office = Office(url, owner, folder)
    registering.register(office.desk(), ARMED, BERT.public_key)
    return office


def application(id_: str) -> Row:
    """An application that waits for a decision, with something in every column."""
    return {
        "id": id_,
        "tenant_id": TENANT,
        "stripe_account_id": "acct_canary",
        "plaid_verification_id": "plaid-canary",
        "duoplus_device_id": "dp-canary",
        "blockchain_tx_hash": "0xcanary",
        "full_legal_name": "Canary Whitfield",
        "ssn_encrypted": ssn.encrypt("078-05-1120", id_, TENANT, "2025-07", KEYS["2025-07"]),
        "annual_income": Decimal("58123.45"),
        "employment_status": "canary_employed",
        "requested_limit": Decimal("10000.00"),
        "credit_score": 712,
        "email": "canary@example.org",
        "phone": "+1 555 canary",
        "address": '{"street": "1 Canary Lane"}',
        "risk_score": 400,
        "fraud_probability": Decimal("12.50"),
        "identity_match": Decimal("97.10"),
        "decision": "review",
        "confidence": Decimal("81.25"),
        "processing_time_ms": 120,
        "model_version": "risk-3.2.0",
        "shap_explanation": '{"income": -0.5, "canary": 0.25}',
        "risk_factors": '[{"factor": "canary"}]',
        "identity_verification": '{"canary": true}',
        "credit_report": '{"canary": 0.10}',
        "kyc_documents": '[{"type": "canary"}]',
        "ip_address": "203.0.113.99",
        "user_agent": "Canary/1.0",
        "device_fingerprint": '{"hash": "canary"}',
        "status": "review",
        "created_at": day(-3),
        "updated_at": day(-2),
    }


def user(id_: str) -> Row:
    """A user who may sign in, with something in every column."""
    return {
        "id": id_,
        "tenant_id": TENANT,
        "email": f"canary-{id_}@example.org",
        "password_hash": "canary-hash",
        "last_login_at": day(-1),
        "first_name": "Canary",
        "last_name": "Okafor-Canary",
        "phone": "+1 555 canary",
        "role": "reviewer",
        "permissions": '["applications"]',
        "is_active": True,
        "is_verified": True,
        "mfa_enabled": True,
        "mfa_secret": "CANARYSECRET",
        "failed_login_attempts": 0,
        "created_at": day(-300),
        "updated_at": day(-2),
    }


def device(id_: str) -> Row:
    """A device that is free."""
    return {
        "id": id_,
        "device_id_external": f"dp-{id_}",
        "tenant_id": TENANT,
        "device_type": "virtual_phone",
        "region": "us-east",
        "status": "online",
        "compromised": False,
        "created_at": day(-300),
        "updated_at": day(-2),
    }


def told(id_: str) -> Row:
    """A row of the trail that names an operation, which the ledger has no entry of."""
    return {
        "id": id_,
        "tenant_id": TENANT,
        "event_type": "USER_DEACTIVATE",
        "event_category": "ACCESS",
        "service_name": "quaestor",
        "event_data": '{"operation": "00000000-0000-4000-8000-000000000000"}',
        "status": "pending",
        "event_timestamp": day(-1),
        "created_at": day(-1),
        "updated_at": day(-1),
    }


ROWS = {"applications": application, "users": user, "devices": device, "audit_logs": told}


def operation(entity: str, id_: str, action: str, **more: Any) -> Operation:
    """An operation on a row, with a reason."""
    return replace(Operation(entity, id_, action, reason=REASON, ticket="OPS-7"), **more)


def shown(desk: Desk, wanted: Operation) -> Sheet:
    """The sheet of an operation."""
    return sheet(desk.session, wanted, desk.who)


def done(desk: Desk, wanted: Operation, *, alone: bool = False) -> Done:
    """Carry it out; ``alone`` where it takes two people."""
    return write.perform(desk, replace(wanted, break_glass=alone), ARMED)
