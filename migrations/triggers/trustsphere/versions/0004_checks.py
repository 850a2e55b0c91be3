"""The document's four check constraints, on MySQL and MariaDB, where the tables do not have them.

Tables that quaestor made have them from the start. Rows that break one are counted before anything is changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.errors import Refused
from db.trustsphere.tables import CHECKS
from migrations import there
from migrations.said import say
from migrations.trustsphere.objects import database, exists, forget, note, ours, sqlite

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    if sqlite():
        say("SQLite adds no constraints to a table: the checks are there if quaestor made the tables.")
        return
    wanted = [name for name in CHECKS if _possible(name) and not exists("check", name)]
    for name in wanted:
        _refuse_breaches(name)
    for name in wanted:
        table, holds = CHECKS[name]
        note("check", name)
        op.create_check_constraint(name, table.name, holds)


def _possible(name: str) -> bool:
    table, holds = CHECKS[name]
    return there(table.name, *(c.name for c in sa.sql.visitors.iterate(holds) if isinstance(c, sa.Column)))


def _refuse_breaches(name: str) -> None:
    table, holds = CHECKS[name]
    count = database().execute(sa.select(sa.func.count()).select_from(table).where(sa.not_(holds))).scalar()
    if count:
        raise Refused(
            f"{count} rows of {table.name} break the check {name}: no check was added. Correct them first."
        )


def downgrade() -> None:
    if sqlite():
        return
    for name, (table, _) in CHECKS.items():
        if ours("check", name):
            if exists("check", name):
                op.drop_constraint(name, table.name, type_="check")
            forget("check", name)
