"""A small FinPass: its tables on any engine, a ledger, rows in known states, and an operator's desk."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, insert, select, text, update
from sqlalchemy.engine import make_url

from db import engine as engines
from db import own, registry, write
from db.desk import Desk, open_desk
from db.finpass.tables import audit_events, credential_status, credentials, metadata, payments, users
from db.keys import HeldKey, Signer
from db.model import Profile
from db.operation import Armed, Done, Operation, Sheet
from db.rehearse import sheet
from db.session import Session
from migrations import runner

ANNA = HeldKey.of_seed(bytes(31) + b"\1", "anna@test")
ARMED = Armed("TEST-1")
NOW = datetime.now(UTC).replace(microsecond=0)
REASON = "asked for by the holder in a letter"
TABLES = (users, credentials, credential_status, payments)
"""The tables that operators change, their dependents among them."""
Rows = dict[tuple[str, str], dict[str, Any]]


def id_of(name: str) -> str:
    """The id of a row that the tests call by a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


@dataclass
class Office:
    """A database with FinPass in it."""

    url: str
    engine: Engine
    """As its owner: rows are made and looked at through it."""
    folder: Path
    sessions: list[Session] = field(default_factory=list)
    """Those of the desks."""

    def desk(self, signer: Signer = ANNA, **more: Any) -> Desk:
        """A desk for the holder of a key."""
        profile = Profile(name="office", url=self.url, system="finpass", **more)
        claims = {"address": "192.0.2.7", "session": "s-1"}
        self.sessions.append(session := engines.connect(profile))
        return open_desk(session, signer, self.folder / "journal", claims)

    def add(self, table: Table, *rows: Mapping[str, Any]) -> None:
        """Insert rows."""
        with self.engine.begin() as connection:
            for row in rows:
                connection.execute(insert(table), dict(row))

    def set(self, table: Table, name: str, **values: Any) -> None:
        """Change a row behind the operator's back."""
        key = next(iter(table.primary_key.columns))
        with self.engine.begin() as connection:
            connection.execute(update(table).where(key == id_of(name)).values(**values))

    def run(self, statement: str) -> None:
        """Run one statement as the owner."""
        with self.engine.begin() as connection:
            connection.execute(text(statement))

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """All rows of a table."""
        with self.engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(select(table))]

    def row(self, table: Table, name: str) -> dict[str, Any]:
        """The row that the tests call so."""
        key = next(iter(table.primary_key.columns)).name
        (found,) = (row for row in self.rows(table) if row[key] == id_of(name))
        return found

    def all(self) -> Rows:
        """Every row that an operator may change, by table and key."""
        return {
            (table.name, row[next(iter(table.primary_key.columns)).name]): row
            for table in TABLES
            for row in self.rows(table)
        }

    def audit(self, operation: str) -> dict[str, Any]:
        """The one audit row of an operation."""
        (found,) = (row for row in self.rows(audit_events) if row["correlation_id"] == operation)
        return found

    def entries(self) -> int:
        """How many entries the ledger has."""
        return len(self.rows(own.ledger))

    def everything(self) -> str:
        """Every value of quaestor's own tables and of the audit, and every byte of the journal."""
        kept = [
            repr(row) for table in (audit_events, *own.metadata.tables.values()) for row in self.rows(table)
        ]
        kept += [
            file.read_text() for file in self.folder.rglob("*") if file.is_file() and file.suffix == ".jsonl"
        ]
        return "\n".join(kept)

    def close(self) -> None:
        """End the owner's connections, and those that desks read through."""
        for session in self.sessions:
            session.close()
        self.engine.dispose()


def make(url: str, folder: Path) -> Office:
    """The tables and the ledger, no rows."""
    if url.startswith("sqlite"):
        Path(str(make_url(url).database)).touch()
    engine = engines.make_engine(Profile("owner", url), read_only=False)
    metadata.create_all(engine)
    runner.up(engine, registry.system("finpass"), "ledger", options={"signer": ANNA})
    return Office(url, engine, folder)


def user(name: str, **more: Any) -> dict[str, Any]:
    """A user's row."""
    return {
        "id": id_of(name),
        "did": f"did:key:z{name}",
        "created_at": NOW - timedelta(days=9),
        "email": f"{name}@canary.example",
        "phone": f"+41 44 {name}",
        "kyc_verified": False,
        "status": "ACTIVE",
        "metadata": f'{{"note": "canary {name}"}}',
        "updated_at": NOW - timedelta(days=1),
        **more,
    }


def credential(name: str, holder: str, **more: Any) -> dict[str, Any]:
    """A credential's row."""
    return {
        "id": id_of(name),
        "user_id": id_of(holder),
        "issuer_id": "did:web:issuer.example",
        "credential_type": "KycCredential",
        "credential_jwt": "a.b.c",
        "issued_at": NOW - timedelta(days=5),
        "status": "VALID",
        "subject_did": f"did:key:z{holder}",
        "created_at": NOW - timedelta(days=5),
        "updated_at": NOW - timedelta(days=5),
        **more,
    }


def beside(name: str, status: str, **more: Any) -> dict[str, Any]:
    """A credential's row of the status table."""
    moment = NOW - timedelta(days=5)
    return {
        "credential_id": id_of(name),
        "status": status,
        "created_at": moment,
        "updated_at": moment,
        **more,
    }


def payment(name: str, payer: str, payee: str, **more: Any) -> dict[str, Any]:
    """A payment's row."""
    return {
        "id": id_of(name),
        "payer_did": f"did:key:z{payer}",
        "payee_did": f"did:key:z{payee}",
        "amount": Decimal("120.50"),
        "currency": "USD",
        "fee_amount": Decimal("1.50"),
        "status": "PENDING",
        "payment_type": "ONE_TIME",
        "created_at": NOW - timedelta(days=2),
        "updated_at": NOW - timedelta(days=2),
        **more,
    }


def put(office: Office, entity: str, state: Mapping[str, Any]) -> str:
    """A record in a state, with what hangs on it; the name that the tests call it by."""
    name = uuid.uuid4().hex
    if entity == "users":
        office.add(users, user(name, **state))
        office.add(credentials, credential(f"{name}'s", name))
    elif entity == "credentials":
        office.add(credentials, credential(name, "holder", **state))
        office.add(credential_status, beside(name, state["status"]))
    else:
        office.add(payments, payment(name, name, "holder", **state))
    return name


def operation(entity: str, name: str, action: str, **more: Any) -> Operation:
    """An operation on the row that the tests call so, with a reason."""
    return replace(Operation(entity, id_of(name), action, reason=REASON), **more)


def shown(desk: Desk, wanted: Operation) -> Sheet:
    """The sheet of an operation."""
    return sheet(desk.session, wanted, desk.who)


def done(desk: Desk, wanted: Operation, *, alone: bool = False) -> Done:
    """Carry it out; ``alone`` where it takes two people."""
    return write.perform(desk, replace(wanted, break_glass=alone), ARMED)
