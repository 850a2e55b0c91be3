"""A small bank: TrustSphere's tables on any engine, a ledger, a few rows in known states, and desks to work at."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, insert, select, text
from sqlalchemy.engine import make_url

from db import engine as engines
from db import registry
from db.desk import Desk, open_desk
from db.keys import HeldKey, Signer
from db.model import Profile
from db.operation import Armed, Operation
from db.session import Session
from db.trustsphere.tables import (
    accounts,
    metadata,
    notifications,
    roles,
    transactions,
    users,
)
from migrations import runner

ARMED = Armed("TEST-1")
ANNA = HeldKey.of_seed(bytes(31) + b"\1", "anna@test")
BERT = HeldKey.of_seed(bytes(31) + b"\2", "bert@test")
NOW = datetime.now(UTC).replace(microsecond=0)


def id_of(name: str) -> str:
    """The id of a row that the tests call by a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


@dataclass
class Bank:
    """A database with the bank in it."""

    url: str
    engine: Engine
    """As its owner: rows are made and looked at through it."""
    folder: Path
    opened: list[Session | Desk] = field(default_factory=list)

    def profile(self, **more: Any) -> Profile:
        """The owner's profile."""
        return Profile(
            **{"name": "bank", "url": self.url, "system": "trustsphere", "lock_timeout": 2.0, **more}
        )

    def session(self, **more: Any) -> Session:
        """The bank, open."""
        self.opened.append(session := engines.connect(self.profile(**more)))
        return session

    def desk(self, signer: Signer = ANNA, journal: str = "journal", **more: Any) -> Desk:
        """A desk for the holder of a key."""
        desk = open_desk(self.session(**more), signer, self.folder / journal, {"address": "192.0.2.7"})
        self.opened.append(desk)
        return desk

    def add(self, table: Table, *rows: Mapping[str, Any]) -> None:
        """Insert rows."""
        with self.engine.begin() as connection:
            connection.execute(insert(table), [dict(row) for row in rows])

    def row(self, table: Table, name: str) -> dict[str, Any]:
        """The row that the tests call so."""
        with self.engine.connect() as connection:
            key = next(iter(table.primary_key.columns))
            found = connection.execute(select(table).where(key == id_of(name))).one()
            return dict(found._mapping)

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """All rows of a table."""
        with self.engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(select(table))]

    def run(self, statement: str, **values: Any) -> None:
        """Run one statement as the owner."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def scalar(self, statement: str) -> Any:
        """The first value of a statement."""
        with self.engine.connect() as connection:
            return connection.execute(text(statement)).scalar()

    def close(self) -> None:
        """End all connections and journals."""
        for each in reversed(self.opened):
            each.close()
        self.engine.dispose()


def make(url: str, folder: Path, *, signer: Signer = ANNA, **options: Any) -> Bank:
    """The tables, the ledger, no rows."""
    if url.startswith("sqlite"):
        Path(str(make_url(url).database)).touch()
    engine = engines.make_engine(Profile("owner", url), read_only=False)
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")  # or each statement would go to the disk by itself
        metadata.create_all(connection)
    runner.up(engine, registry.system("trustsphere"), "ledger", options={"signer": signer, **options})
    return Bank(url, engine, folder)


def reopen(url: str, folder: Path) -> Bank:
    """A bank that is there."""
    return Bank(url, engines.make_engine(Profile("owner", url), read_only=False), folder)


def user(name: str, **more: Any) -> dict[str, Any]:
    """A user's row."""
    return {
        "id": id_of(name),
        "email": f"{name}@example.org",
        "password_hash": "canary-secret",
        "full_name": name.title(),
        "status": "ACTIVE",
        "failed_login_attempts": 0,
        "account_locked_until": None,
        "password_expires_at": NOW + timedelta(days=30),
        "created_at": NOW,
        "updated_at": NOW - timedelta(days=1),
        "version": 1,
        **more,
    }


def account(name: str, owner: str = "olga", balance: str = "1000.00", **more: Any) -> dict[str, Any]:
    """An account's row; names are numbers."""
    return {
        "id": id_of(name),
        "account_number": name,
        "user_id": id_of(owner),
        "account_type": "CHECKING",
        "balance": Decimal(balance),
        "status": "ACTIVE",
        "daily_transaction_limit": Decimal("10000.00"),
        "daily_transaction_amount": Decimal("0.00"),
        "minimum_balance": Decimal("0.00"),
        "overdraft_limit": Decimal("0.00"),
        "created_at": NOW,
        "updated_at": NOW - timedelta(days=1),
        "version": 1,
        **more,
    }


def transaction(
    name: str, source: str | None, target: str | None, amount: str = "100.00", **more: Any
) -> dict[str, Any]:
    """A transaction's row; its type follows from its sides."""
    type_ = "TRANSFER" if source and target else "WITHDRAWAL" if source else "DEPOSIT"
    return {
        "id": id_of(name),
        "source_account_id": id_of(source) if source else None,
        "target_account_id": id_of(target) if target else None,
        "amount": Decimal(amount),
        "type": type_,
        "status": "PENDING",
        "reference_number": name,
        "fee_amount": Decimal("0.00"),
        "exchange_rate": Decimal("1.000000"),
        "currency": "USD",
        "timestamp": NOW,
        "created_at": NOW,
        "updated_at": NOW - timedelta(days=1),
        "version": 1,
        **more,
    }


def notification(name: str, **more: Any) -> dict[str, Any]:
    """A notification's row."""
    return {
        "id": id_of(name),
        "user_id": id_of("olga"),
        "type": "EMAIL",
        "title": "Hello",
        "message": "A letter",
        "status": "FAILED",
        "read": False,
        "created_at": NOW,
        "updated_at": NOW,
        "version": 1,
        **more,
    }


def fill(bank: Bank) -> Bank:
    """Olga with two accounts and some work."""
    bank.add(users, user("olga"))
    bank.add(
        roles, {"id": id_of("TELLER"), "name": "TELLER", "version": 1, "created_at": NOW, "updated_at": NOW}
    )
    bank.add(accounts, account("A1"), account("A2"))
    bank.add(transactions, transaction("T1", "A1", "A2"))
    bank.add(notifications, notification("N1"))
    return bank


def operation(entity: str, name: str, action: str, **more: Any) -> Operation:
    """An operation on the row that the tests call so, with a reason."""
    return replace(Operation(entity, id_of(name), action, reason="because of the test"), **more)
