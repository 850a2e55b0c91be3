"""The four roles with column-level grants; a login becomes one by GRANT, which is the database administrator's word.

On PostgreSQL it also takes the functions that write large objects from PUBLIC: before version 16 any login could
make some even in a read-only transaction. SQLite has no roles.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

from db.multipass.audit_row import DESCRIPTION, MODULE
from db.roles import ROLES, rights, role
from migrations import schema, system, there
from migrations.said import say

if TYPE_CHECKING:
    from db.model import System

revision = "0001"
down_revision = None

LARGE_OBJECTS = (
    "lo_creat(integer)",
    "lo_create(oid)",
    "lo_from_bytea(oid, bytea)",
    "lo_put(oid, bigint, bytea)",
    "lo_unlink(oid)",
    "lo_truncate(integer, integer)",
    "lo_truncate64(integer, bigint)",
    "lowrite(integer, bytea)",
)
_APPEND = "quaestor_append"
_MAKE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
END $$"""
_DROP = """
DO $$ BEGIN
    DROP ROLE IF EXISTS {role};
EXCEPTION WHEN dependent_objects_still_exist THEN
    RAISE NOTICE 'The role {role} has rights in another database and stays';
END $$"""


def upgrade() -> None:
    dialect = op.get_context().dialect
    if dialect.name == "sqlite":
        say("SQLite has no roles: whoever may write the file may change everything.")
        return
    postgresql, of = dialect.name == "postgresql", system()
    columns = {table.name: table.columns for table in schema().tables.values()}
    if postgresql:
        for function in LARGE_OBJECTS:
            op.execute(f"REVOKE EXECUTE ON FUNCTION pg_catalog.{function} FROM PUBLIC")
    for name in ROLES:
        grantee = role(of.name, name)
        op.execute(_MAKE.format(role=grantee) if postgresql else f"CREATE ROLE IF NOT EXISTS {grantee}")
        if postgresql:
            op.execute(f"GRANT USAGE ON SCHEMA {_schema()} TO {grantee}")
        quote = dialect.identifier_preparer.quote
        for right in rights(of, name, columns):
            listed = f" ({', '.join(map(quote, right.columns))})" if right.columns else ""
            op.execute(f"GRANT {right.privilege}{listed} ON {quote(right.table)} TO {grantee}")
        if name != "auditor" and "quaestor_ledger" in columns:
            op.execute(_append(postgresql, grantee))
    _own_module(of)
    if "quaestor_ledger" not in columns:
        say("There is no ledger yet: run this part again ('down --to base', then 'up') once there is one.")


def _own_module(of: System) -> None:
    """Multipass's events stand under a module, and only an admin may add one: it is made before others need it."""
    needed = ("id", "name", "description", "required_scopes", "status", "created_at", "updated_at")
    if of.name != "multipass" or not there("application_modules", *needed):
        return
    modules = of.metadata.tables["application_modules"]
    database: sa.Connection = op.get_context().opts["database"]
    if database.execute(sa.select(modules.c.id).where(modules.c.name == MODULE)).first() is None:
        now = datetime.now(UTC)
        values = {"id": str(uuid.uuid4()), "name": MODULE, "description": DESCRIPTION, "required_scopes": ()}
        op.execute(sa.insert(modules).values(**values, status="enabled", created_at=now, updated_at=now))


def _schema() -> str:
    found: sa.Connection = op.get_context().opts["database"]
    return str(found.execute(sa.text("SELECT quote_ident(current_schema())")).scalar())


def _append(postgresql: bool, grantee: str) -> str:
    kind, arguments = ("FUNCTION", "(uuid, bytea, text, bytea)") if postgresql else ("PROCEDURE", "")
    return f"GRANT EXECUTE ON {kind} {_APPEND}{arguments} TO {grantee}"


def downgrade() -> None:
    dialect = op.get_context().dialect.name
    if dialect == "sqlite":
        return
    names: Mapping[str, str] = {name: role(system().name, name) for name in ROLES}
    if dialect == "postgresql":
        for function in LARGE_OBJECTS:
            op.execute(f"GRANT EXECUTE ON FUNCTION pg_catalog.{function} TO PUBLIC")
    for grantee in names.values():
        if dialect == "postgresql":
            op.execute(f"DROP OWNED BY {grantee}")
            op.execute(_DROP.format(role=grantee))
        else:
            op.execute(f"DROP ROLE IF EXISTS {grantee}")
