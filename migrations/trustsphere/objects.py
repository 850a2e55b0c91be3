"""Triggers, views, functions, events and checks in a database that may be others': which are ours, and what we replaced.

What stands under a name already is left as it is, unless it is broken in the way that the documents are:
then its definition is kept in ``quaestor_made`` and put back by the way down.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from migrations.said import say

MADE = sa.Table(
    "quaestor_made",
    sa.MetaData(),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("replaced", sa.Text),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
)
"""What this part made, with the definition of what stood there before."""

_LISTED = {
    "trigger": "SELECT 1 FROM information_schema.triggers WHERE trigger_schema = database() AND trigger_name = :name",
    "view": "SELECT 1 FROM information_schema.views WHERE table_schema = database() AND table_name = :name",
    "function": "SELECT 1 FROM information_schema.routines WHERE routine_schema = database() "
    "AND routine_type = 'FUNCTION' AND routine_name = :name",
    "event": "SELECT 1 FROM information_schema.events WHERE event_schema = database() AND event_name = :name",
    "check": "SELECT 1 FROM information_schema.table_constraints WHERE constraint_schema = database() "
    "AND constraint_type = 'CHECK' AND constraint_name = :name",
}
_SHOWN = {"trigger": 2, "view": 1, "function": 2, "event": 3}
"""The column of SHOW CREATE that has the statement."""

Broken = Callable[[str], bool]
"""Whether a definition is broken, so that it may be replaced."""


def database() -> sa.Connection:
    """The connection to look through; in a preview as well."""
    found: sa.Connection = op.get_context().opts["database"]
    return found


def sqlite() -> bool:
    """Whether the database is the embedded one."""
    return op.get_context().dialect.name == "sqlite"


def exists(kind: str, name: str) -> bool:
    """Whether something of that kind stands under the name."""
    if sqlite():
        return _in_master(kind, name) is not None
    return database().execute(sa.text(_LISTED[kind]), {"name": name}).first() is not None


def definition(kind: str, name: str) -> str:
    """The statement that made it; empty where this role may not see it."""
    if sqlite():
        return _in_master(kind, name) or ""
    return str(database().exec_driver_sql(f"SHOW CREATE {kind.upper()} {name}").one()[_SHOWN[kind]] or "")


def _in_master(kind: str, name: str) -> str | None:
    found = sa.text("SELECT sql FROM sqlite_master WHERE type = :kind AND name = :name")
    return database().execute(found, {"kind": kind, "name": name}).scalar()


def plain(statement: str) -> sa.TextClause:
    """A statement without parameters, whatever colons it holds."""
    return sa.text(statement.replace(":", "\\:"))


def put(kind: str, name: str, statement: str, broken: Broken = lambda _: False) -> None:
    """Make it, unless others have it already; replace theirs if it is broken.

    The note comes first: where each statement commits by itself, nothing of ours is ever without one.
    """
    there = exists(kind, name)
    if (kind, name) in _made():
        if not there:
            op.execute(plain(statement))
        return
    before = definition(kind, name) if there else ""
    if there and not broken(before):
        say(f"The {kind} {name} is there already, made by others: it stays as it is.")
        return
    op.execute(MADE.insert().values(kind=kind, name=name, replaced=before or None))
    if there:
        say(f"The {kind} {name} is broken and gets replaced; the way down puts it back.")
        op.execute(f"DROP {kind.upper()} {name}")
    op.execute(plain(statement))


def take_away(kind: str, name: str) -> None:
    """Remove it if we made it, and put back what stood there."""
    if (kind, name) not in (made := _made()):
        return
    op.execute(f"DROP {kind.upper()} IF EXISTS {name}")
    if before := made[kind, name]:
        op.execute(plain(before))
    forget(kind, name)


def note(kind: str, name: str) -> None:
    """Remember that something is ours."""
    if (kind, name) not in _made():
        op.execute(MADE.insert().values(kind=kind, name=name))


def ours(kind: str, name: str) -> bool:
    """Whether we made it."""
    return (kind, name) in _made()


def forget(kind: str, name: str) -> None:
    """Remember it no longer."""
    op.execute(MADE.delete().where(MADE.c.kind == kind, MADE.c.name == name))


def _made() -> dict[tuple[str, str], str | None]:
    if not sa.inspect(database()).has_table(MADE.name):
        return {}
    return {(kind, name): replaced for kind, name, replaced in database().execute(sa.select(MADE))}
