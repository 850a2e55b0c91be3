"""TrustSphere's tables, as its document has them, with the two archives that its retention fills.

Left out are the documents' indexes that repeat a key: those on ``users.email``, ``roles.name``,
``accounts.account_number``, ``transactions.reference_number``, ``user_roles.user_id``. The archives have
the columns, the unique keys and the indexes of their sources, and no foreign keys: what they point to may
be gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, MetaData, Table, false, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement

from db.types import Boolean, Integer, Key, Money, Status, String, Text, Time

USER_STATUSES = ("ACTIVE", "INACTIVE", "SUSPENDED")
ACCOUNT_STATUSES = ("ACTIVE", "FROZEN", "CLOSED")
ACCOUNT_TYPES = ("SAVINGS", "CHECKING", "BUSINESS")
TRANSACTION_TYPES = ("TRANSFER", "DEPOSIT", "WITHDRAWAL")
TRANSACTION_STATUSES = ("PENDING", "COMPLETED", "FAILED", "CANCELLED")
SEVERITIES = ("INFO", "WARNING", "ERROR")
CHANNELS = ("EMAIL", "SMS", "PUSH")
DELIVERIES = ("PENDING", "SENT", "FAILED")

metadata = MetaData()


class Stamp(ColumnElement[Any]):
    """The server's time as a default, in the form that ``Time`` keeps."""

    inherit_cache = False

    def __init__(self, renewed: bool = False) -> None:
        self.renewed = renewed
        self.type = Time()


@compiles(Stamp)
def _stamp(element: Stamp, compiler: Any, **kw: Any) -> str:
    return "CURRENT_TIMESTAMP"


@compiles(Stamp, "mysql")
@compiles(Stamp, "mariadb")
def _stamp_mysql(element: Stamp, compiler: Any, **kw: Any) -> str:
    return "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP" if element.renewed else "CURRENT_TIMESTAMP"


@compiles(Stamp, "sqlite")
def _stamp_sqlite(element: Stamp, compiler: Any, **kw: Any) -> str:
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"


class Exact(ColumnElement[Any]):
    """A decimal as a default, in the form that ``Money`` keeps; quoted, or MySQL takes it for an expression."""

    inherit_cache = False

    def __init__(self, value: str, money: Money) -> None:
        self.value = Decimal(value)
        self.money = money
        self.type = money


@compiles(Exact)
def _exact(element: Exact, compiler: Any, **kw: Any) -> str:
    return f"'{element.value}'"


@compiles(Exact, "sqlite")
def _exact_sqlite(element: Exact, compiler: Any, **kw: Any) -> str:
    return str(element.money.process_bind_param(element.value, compiler.dialect))


def _table(name: str, *parts: Any) -> Table:
    """A table with the documents' engine and collation."""
    return Table(
        name,
        metadata,
        *parts,
        mysql_engine="InnoDB",
        mysql_default_charset="utf8mb4",
        mysql_collate="utf8mb4_unicode_ci",
    )


def _key() -> Column[str]:
    return Column("id", Key(), primary_key=True)


def _status(name: str, values: tuple[str, ...], default: str | None = None) -> Column[str]:
    return Column(name, Status(*values, enum=True), nullable=False, server_default=default)


def _money(name: str, default: str, precision: int = 15, scale: int = 2) -> Column[Decimal]:
    kind = Money(precision, scale)
    return Column(name, kind, nullable=False, server_default=Exact(default, kind))


def _count(name: str, default: str) -> Column[int]:
    return Column(name, Integer(), nullable=False, server_default=text(default))


def _stamp_column(name: str, renewed: bool = False) -> Column[Any]:
    return Column(name, Time(), nullable=False, server_default=Stamp(renewed))


def _kept() -> tuple[Column[Any], ...]:
    """When and by whom a row was made and last changed, and its version."""
    return (
        _stamp_column("created_at"),
        _stamp_column("updated_at", renewed=True),
        Column("created_by", Key()),
        Column("updated_by", Key()),
        _count("version", "1"),
    )


def _to(column: str, on_delete: str, *, archive: bool = False) -> tuple[ForeignKey, ...]:
    """A foreign key, except in an archive."""
    return () if archive else (ForeignKey(column, ondelete=on_delete),)


users = _table(
    "users",
    _key(),
    Column("email", String(255), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=False),
    Column("full_name", String(255), nullable=False),
    _status("status", USER_STATUSES, "ACTIVE"),
    _count("failed_login_attempts", "0"),
    Column("account_locked_until", Time()),
    Column("password_expires_at", Time(), nullable=False),
    Column("last_login_at", Time()),
    *_kept(),
)

roles = _table(
    "roles",
    _key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("description", Text()),
    *_kept(),
)

user_roles = _table(
    "user_roles",
    Column("user_id", Key(), *_to("users.id", "CASCADE"), primary_key=True),
    Column("role_id", Key(), *_to("roles.id", "CASCADE"), primary_key=True),
    _stamp_column("created_at"),
    Column("created_by", Key()),
)

accounts = _table(
    "accounts",
    _key(),
    Column("account_number", String(20), nullable=False, unique=True),
    Column("user_id", Key(), *_to("users.id", "CASCADE"), nullable=False),
    _status("account_type", ACCOUNT_TYPES),
    _money("balance", "0.00"),
    _status("status", ACCOUNT_STATUSES, "ACTIVE"),
    _money("interest_rate", "0.0000", 5, 4),
    _money("daily_transaction_limit", "10000.00"),
    _money("daily_transaction_amount", "0.00"),
    _money("minimum_balance", "0.00"),
    _money("overdraft_limit", "0.00"),
    Column("last_transaction_at", Time()),
    Column("last_interest_calculation", Time()),
    *_kept(),
)


def _transactions(name: str, *, archive: bool = False) -> Table:
    return _table(
        name,
        _key(),
        Column("source_account_id", Key(), *_to("accounts.id", "SET NULL", archive=archive)),
        Column("target_account_id", Key(), *_to("accounts.id", "SET NULL", archive=archive)),
        Column("amount", Money(15, 2), nullable=False),
        _status("type", TRANSACTION_TYPES),
        _status("status", TRANSACTION_STATUSES, "PENDING"),
        Column("description", String(500)),
        Column("reference_number", String(50), nullable=False, unique=True),
        _money("fee_amount", "0.00"),
        Column("currency", String(3), nullable=False, server_default="USD"),
        _money("exchange_rate", "1.000000", 10, 6),
        Column("ip_address", String(45)),
        Column("user_agent", Text()),
        Column("session_id", String(100)),
        Column("failure_reason", Text()),
        _stamp_column("timestamp"),
        Column("processed_at", Time()),
        *_kept(),
    )


def _audit_logs(name: str, *, archive: bool = False) -> Table:
    return _table(
        name,
        _key(),
        Column("actor_user_id", Key(), *_to("users.id", "SET NULL", archive=archive)),
        Column("action", String(100), nullable=False),
        Column("resource_type", String(50), nullable=False),
        Column("resource_id", Key()),
        _status("severity", SEVERITIES, "INFO"),
        Column("details", Text()),
        Column("ip_address", String(45)),
        Column("user_agent", Text()),
        Column("session_id", String(100)),
        _stamp_column("timestamp"),
        _stamp_column("created_at"),
        Column("created_by", Key()),
        _count("version", "1"),
    )


transactions = _transactions("transactions")
transactions_archive = _transactions("transactions_archive", archive=True)
audit_logs = _audit_logs("audit_logs")
audit_logs_archive = _audit_logs("audit_logs_archive", archive=True)

notifications = _table(
    "notifications",
    _key(),
    Column("user_id", Key(), *_to("users.id", "CASCADE"), nullable=False),
    _status("type", CHANNELS),
    Column("title", String(255), nullable=False),
    Column("message", Text(), nullable=False),
    _status("status", DELIVERIES, "PENDING"),
    Column("read", Boolean(), nullable=False, server_default=false()),
    Column("sent_at", Time()),
    *_kept(),
)

schema_version = _table(
    "schema_version",
    Column("version", String(20), primary_key=True),
    _stamp_column("applied_at"),
    Column("description", Text()),
)

_INDEXED = {
    users: "status created_at last_login:last_login_at",
    user_roles: "role_id",
    accounts: "user_id status type:account_type created_at last_transaction:last_transaction_at",
    transactions: "source_account:source_account_id target_account:target_account_id type status timestamp "
    "amount processed_at created_at",
    audit_logs: "actor_user:actor_user_id action resource_type resource_id severity timestamp created_at "
    "ip_address",
    notifications: "user_id type status read created_at sent_at",
}
"""The documents' indexes, each on one column: its name, or the index's own word and then the column."""


def _index(table: Table, entries: Iterable[str]) -> None:
    for entry in entries:
        word, _, column = entry.partition(":")
        Index(f"idx_{table.name}_{word}", table.c[column or word])


for _source, _entries in _INDEXED.items():
    _index(_source, _entries.split())
_index(transactions_archive, _INDEXED[transactions].split())
_index(audit_logs_archive, _INDEXED[audit_logs].split())

CHECKS = {
    "chk_account_balance": (accounts, accounts.c.balance >= -accounts.c.overdraft_limit),
    "chk_transaction_amount": (transactions, transactions.c.amount > Decimal("0.00")),
    "chk_interest_rate": (
        accounts,
        accounts.c.interest_rate.between(Decimal("0.0000"), Decimal("1.0000")),
    ),
    "chk_daily_limit": (accounts, accounts.c.daily_transaction_limit > Decimal("0.00")),
}
"""The documents' four check constraints by name: the table, and what must hold."""

for _name, (_table_of, _holds) in CHECKS.items():
    _table_of.append_constraint(CheckConstraint(_holds, name=_name))
