"""Which of the four roles the login has, and every right that it has beyond them or lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import text

from db.cancel import Cancel
from db.health.check import Check, State
from db.roles import ROLES, rights, role
from db.run import execute
from db.session import Session

Held = set[tuple[str, str, str]]
"""(table, privilege, column)."""

_MEMBER = text("SELECT rolname FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER')")
_POSTGRESQL = text("""
SELECT c.relname, p.privilege, a.attname
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
CROSS JOIN (VALUES ('SELECT'), ('UPDATE'), ('INSERT')) AS p(privilege)
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND pg_table_is_visible(c.oid)
    AND c.relnamespace <> 'pg_catalog'::regnamespace AND has_column_privilege(c.oid, a.attnum, p.privilege)
""")
_MYSQL = text("""
SELECT table_name, privileges, column_name FROM information_schema.columns WHERE table_schema = database()
""")
_PRIVILEGES = frozenset({"SELECT", "UPDATE", "INSERT"})


def look(session: Session, cancel: Cancel) -> Iterator[Check]:
    """A line for the roles, and one for each table with too many or too few rights."""
    if session.server.dialect == "sqlite":
        return
    names = _names(session, cancel)
    if not names:
        told = "This login has none of quaestor's roles; 'migrate up --part roles' makes them."
        yield Check("rights", "roles", State.NOTE, told)
        return
    yield Check("rights", "roles", State.GOOD, f"This login is {', '.join(names)}.")
    columns = {table.name: table.columns for table in session.schema.tables.values()}
    wanted: Held = {
        (right.table, right.privilege, column)
        for name in names
        for right in rights(session.system, name, columns)
        if right.privilege in _PRIVILEGES
        for column in right.columns or columns[right.table]
    }
    held = _held(session, cancel)
    held = {one for one in held if one[0] in session.system.metadata.tables or one[0].startswith("quaestor_")}
    held = {
        one for one in held if one[0] != "quaestor_tenants" and not one[0].startswith("quaestor_version_")
    }
    yield from _told(wanted - held, "too few", State.WARNING)
    yield from _told(held - wanted, "too many", State.WARNING)


def _told(rights_: Iterable[tuple[str, str, str]], what: str, state: State) -> Iterator[Check]:
    tables: dict[str, dict[str, list[str]]] = {}
    for table, privilege, column in sorted(rights_):
        tables.setdefault(table, {}).setdefault(privilege, []).append(column)
    for table, privileges in tables.items():
        parts = [f"{privilege} ({', '.join(columns)})" for privilege, columns in privileges.items()]
        yield Check("rights", table, state, f"{what.capitalize()} for its roles: {'; '.join(parts)}.")


def _names(session: Session, cancel: Cancel) -> list[str]:
    mine = {name: role(session.system.name, name) for name in ROLES}
    if session.server.dialect == "postgresql":
        has = {str(row[0]) for row in execute(session, _MEMBER, {}, cancel)}
        return [name for name, own in mine.items() if own in has]
    grants = " ".join(str(row[0]) for row in execute(session, text("SHOW GRANTS"), {}, cancel))
    return [name for name, own in mine.items() if f"`{own}`" in grants]


def _held(session: Session, cancel: Cancel) -> Held:
    if session.server.dialect == "postgresql":
        return {(t, p, c) for t, p, c in execute(session, _POSTGRESQL, {}, cancel)}
    return {
        (str(table), privilege.upper(), str(column))
        for table, privileges, column in execute(session, _MYSQL, {}, cancel)
        for privilege in str(privileges).split(",")
        if privilege.upper() in _PRIVILEGES
    }
