"""Quaestor's own tables, and the first entry of the ledger, signed by whoever makes it."""

import uuid
from types import ModuleType

import sqlalchemy as sa
from alembic import op

from db import ledger, own, policy
from db.errors import Usage
from migrations import option, system
from migrations.ledger import mysql, postgresql
from migrations.said import say

revision = "0001"
down_revision = None

RULES: dict[str, ModuleType] = {"postgresql": postgresql, "mysql": mysql, "mariadb": mysql}


def upgrade() -> None:
    context, connection = op.get_context(), op.get_bind()
    signer, people = option("signer"), _people(context.dialect.name)
    if signer is None and not context.as_sql:
        raise Usage(
            "The first entry is signed: make a key with 'quaestor keys create', or name one of your ssh-agent."
        )
    name = str(uuid.uuid4())
    own.metadata.create_all(connection, checkfirst=False)
    op.bulk_insert(own.policy, [{"name": n, "value": v} for n, v in policy.defaults(system()).items()])
    rules = RULES.get(context.dialect.name)
    for statement in rules.up() if rules else ():
        op.execute(statement)
    if context.as_sql:
        say("The first entry of the ledger follows, signed with your key.")
        return
    connection.execute(
        sa.insert(own.ledger_head).values(id=1, ledger=name, principals=people, seq=0, row_hash=bytes(32))
    )
    ledger.begin(connection, signer, name, system().name, people)


def _people(dialect: str) -> str:
    """Whether people are logins or keys; SQLite has no logins."""
    chosen = str(option("principals", "key" if dialect == "sqlite" else "db"))
    if chosen not in ("db", "key") or (chosen == "db" and dialect == "sqlite"):
        raise Usage(
            "--set principals=db where logins are personal, principals=key where one is shared or on SQLite."
        )
    return chosen


def downgrade() -> None:
    context = op.get_context()
    own.metadata.drop_all(op.get_bind(), checkfirst=False)
    rules = RULES.get(context.dialect.name)
    for statement in rules.down() if rules else ():
        op.execute(statement)
