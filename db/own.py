"""Quaestor's own tables, in the system's own database, so that a change and the record of it commit together.

``quaestor_tenants`` is made by the part ``rls``, which alone needs it. What the rules of these tables are is
enforced by the database where it can be (``migrations/ledger``): nothing is written into the ledger but by
``quaestor_append``; who proposes and who approves is set by the server where logins are personal.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    UniqueConstraint,
    event,
    func,
)
from sqlalchemy.types import VARBINARY, TypeEngine

from db.declare import entity, view
from db.types import Blob, Boolean, Id, Integer, Json, String, Text, Time

PAYLOAD = 65_536
"""Bytes of an entry's payload at most."""
PRINCIPAL = 128
"""Characters of ``db:<session user>`` or ``key:<key id>``."""

metadata = MetaData()


def _table(name: str, *parts: Any) -> Table:
    """Texts are compared byte by byte on every engine."""
    table = Table(
        name,
        metadata,
        *parts,
        implicit_returning=False,  # nobody may read back what the database fills in by itself while inserting
    )
    event.listen(table, "before_create", _byte_by_byte)
    return table


def _byte_by_byte(table: Table, connection: Connection, **_: Any) -> None:
    """MySQL's options, told when a table is made: told earlier, they import its dialect on every engine."""
    if connection.dialect.name in ("mysql", "mariadb"):
        table.kwargs.update(
            mysql_engine="InnoDB", mysql_default_charset="utf8mb4", mysql_collate="utf8mb4_bin"
        )


def _bytes(length: int) -> TypeEngine[bytes]:
    """Bytes that may stand in a key."""
    return LargeBinary().with_variant(VARBINARY(length), "mysql", "mariadb")


def _exactly(column: str, length: int) -> CheckConstraint:
    return CheckConstraint(func.length(Column(column, LargeBinary())) == length)


def _time(name: str) -> Column[Any]:
    """A moment, optional: what must be set is set by the database or by the program."""
    return Column(name, Time(zone=True), nullable=True)


def _signature() -> tuple[Any, ...]:
    """Whose key signed, and the signature over the canonical bytes."""
    return (
        Column("key_id", String(80), nullable=False),
        Column("signature", _bytes(64), nullable=False),
        _exactly("signature", 64),
    )


ledger = _table(
    "quaestor_ledger",
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("operation_id", Id, nullable=False),
    Column("payload", Blob(), nullable=False),
    *_signature(),
    Column("db_user", String(255), nullable=False),
    Column("db_time_us", BigInteger, nullable=False),
    Column("prev_hash", _bytes(32), nullable=False),
    Column("row_hash", _bytes(32), nullable=False),
    UniqueConstraint("operation_id", name="quaestor_ledger_once"),
    _exactly("prev_hash", 32),
    _exactly("row_hash", 32),
    CheckConstraint(func.length(Column("payload", LargeBinary())).between(2, PAYLOAD)),
)
"""The chain: one entry an operation."""

ledger_head = _table(
    "quaestor_ledger_head",
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("ledger", Id, nullable=False),
    Column("principals", String(3), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("row_hash", _bytes(32), nullable=False),
    CheckConstraint("id = 1"),
    CheckConstraint("principals IN ('db', 'key')"),
)
"""One row: where the chain ends, which ledger it is, and whether people are logins or keys."""

operator_keys = _table(
    "quaestor_operator_keys",
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("key_id", String(80), nullable=False),
    Column("event", String(6), nullable=False),
    Column("public_key", String(100), nullable=False),
    Column("name", String(200), nullable=False),
    CheckConstraint("event IN ('add', 'revoke')"),
    Index("quaestor_operator_keys_of", "key_id"),
)
"""What became of which key, by the entry that says so; a help to look up, while the entries are the proof."""

checkpoints = _table(
    "quaestor_checkpoints",
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text(), nullable=False),
    Column("frontier", LargeBinary(), nullable=False),
    *_signature(),
)
"""Signed tree heads, in the text form of a C2SP checkpoint; the frontier lets the next one be computed."""

policy = _table(
    "quaestor_policy",
    Column("name", String(100), primary_key=True),
    Column("value", String(200), nullable=False),
    Column("proposal_id", Id),
    _time("changed_at"),
)
"""Thresholds by name; changed by an approved proposal only."""

proposals = _table(
    "quaestor_proposals",
    Column("id", Id, primary_key=True),
    Column("entity", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("targets", Json, nullable=False),
    Column("form", Json, nullable=False),
    Column("row_hashes", Json, nullable=False),
    Column("reason", Text(), nullable=False),
    Column("ticket", String(100), nullable=False),
    Column("plan_id", Id),
    Column("payload_hash", _bytes(32), nullable=False),
    Column("proposer", String(PRINCIPAL), nullable=False, server_default=""),
    *_signature(),
    _time("created_at"),
    _time("expires_at"),
    Column("quorum", Integer, nullable=False, server_default="1"),
    UniqueConstraint("id", "proposer", "payload_hash", name="quaestor_proposals_whole"),
    _exactly("payload_hash", 32),
    CheckConstraint("quorum >= 1"),
    Index("quaestor_proposals_open", "expires_at"),
)
"""What somebody wants a second person to approve."""

approvals = _table(
    "quaestor_approvals",
    Column("proposal_id", Id, primary_key=True),
    Column("approver", String(PRINCIPAL), primary_key=True, server_default=""),
    Column("proposer", String(PRINCIPAL), nullable=False),
    Column("payload_hash", _bytes(32), nullable=False),
    Column("decision", String(7), nullable=False),
    Column("reason", Text(), nullable=False),
    *_signature(),
    _time("created_at"),
    ForeignKeyConstraint(
        ["proposal_id", "proposer", "payload_hash"],
        ["quaestor_proposals.id", "quaestor_proposals.proposer", "quaestor_proposals.payload_hash"],
        name="quaestor_approvals_of",
    ),
    CheckConstraint("approver <> proposer", name="quaestor_approvals_second_person"),
    CheckConstraint("decision IN ('approve', 'reject')", name="quaestor_approvals_decision"),
)
"""What the others said: one word each, of exactly that proposal, by another person."""

claims = _table(
    "quaestor_claims",
    Column("entity", String(64), primary_key=True),
    Column("record_id", String(200), primary_key=True),
    Column("holder", String(PRINCIPAL), nullable=False),
    Column("name", String(200), nullable=False),
    _time("claimed_at"),
    _time("until"),
    Column("reason", Text(), nullable=False),
    _time("snoozed_until"),
    Column("snooze_reason", Text(), nullable=False),
)
"""Who works on what, until when; and what is put off until when."""

notes = _table(
    "quaestor_notes",
    Column("id", Id, primary_key=True),
    Column("entity", String(64), nullable=False),
    Column("record_id", String(200), nullable=False),
    Column("author", String(PRINCIPAL), nullable=False),
    Column("name", String(200), nullable=False),
    Column("note", Text(), nullable=False),
    _time("created_at"),
    Index("quaestor_notes_of", "entity", "record_id", "created_at"),
)
"""What people wrote beside records."""

status_indexes = _table(
    "quaestor_status_indexes",
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("credential_id", Id, nullable=False),
    _time("created_at"),
    UniqueConstraint("credential_id", name="quaestor_status_indexes_once"),
)
"""Which place of the status list belongs to which credential, so that none is given twice."""

jobs = _table(
    "quaestor_jobs",
    Column("id", Id, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("state", String(10), nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("parameters", Json, nullable=False),
    Column("position", Text()),
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("total", BigInteger),
    Column("started_by", String(PRINCIPAL), nullable=False),
    _time("started_at"),
    _time("updated_at"),
    _time("finished_at"),
    Column("report", Json),
    Column("error", Text()),
    CheckConstraint("state IN ('running', 'paused', 'done', 'failed', 'cancelled')"),
    Index("quaestor_jobs_latest", "started_at"),
)
"""Long work: how far it is, and what came of it."""

POLICY = entity(
    policy,
    name="policy",
    listed="name value changed_at",
    views=(view("all", "Every threshold, by name.", "name"),),
    title="name",
)
"""The thresholds, so that they are changed like any record: by two people, in the ledger."""
