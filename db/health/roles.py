"""Which of the four roles the login has, and every right that it has beyond them or lacks."""

from __future__ import annotations

import re
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
UNION ALL
SELECT c.relname, p.privilege, '' FROM pg_class c
CROSS JOIN (VALUES ('DELETE'), ('TRUNCATE'), ('TRIGGER'), ('REFERENCES')) AS p(privilege)
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND pg_table_is_visible(c.oid)
    AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    AND has_table_privilege(c.oid, p.privilege)
UNION ALL
SELECT p.proname, 'EXECUTE', '' FROM pg_proc p
WHERE p.proname = 'quaestor_append' AND pg_function_is_visible(p.oid) AND has_function_privilege(p.oid, 'EXECUTE')
UNION ALL
SELECT n.nspname, 'CREATE', '' FROM pg_namespace n
WHERE n.nspname = current_schema() AND has_schema_privilege(n.oid, 'CREATE')
""")
_TENANTS = text("SELECT tenant_id FROM quaestor_tenants WHERE login = session_user")
_MYSQL = text("""
SELECT table_name, privileges, column_name FROM information_schema.columns WHERE table_schema = database()
""")
_PRIVILEGES = frozenset({"SELECT", "UPDATE", "INSERT"})
"""What is granted by columns."""
_HARMLESS = frozenset({"USAGE", "SHOW VIEW", *_PRIVILEGES})
_GRANT = re.compile(r"GRANT (?P<what>.+?) ON (?:PROCEDURE |FUNCTION )?(?P<where>\S+) TO ")
_ROLE = re.compile(r"GRANT (?P<roles>[`'\"].+?) TO ")


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
        for column in ((right.columns or columns[right.table]) if right.privilege in _PRIVILEGES else ("",))
    }
    if names != ["auditor"] and "quaestor_ledger" in columns:
        wanted.add(("quaestor_append", "EXECUTE", ""))
    held = {one for one in _held(session, cancel) if _counts(session, *one)}
    yield from _told(wanted - held, "too few", State.WARNING)
    yield from _told(held - wanted, "too many", State.WARNING)


def tenants(session: Session, cancel: Cancel) -> Iterator[Check]:
    """Which tenants the login may see, where row-level security asks for that."""
    if session.server.dialect != "postgresql" or "quaestor_tenants" not in session.schema:
        return
    found = [row[0] for row in execute(session, _TENANTS, {}, cancel)]
    if not found:
        told = "This login may see no tenant: its owner names some in quaestor_tenants (login, tenant_id)."
        yield Check("rights", "tenants", State.WARNING, told)
    elif None in found:
        yield Check("rights", "tenants", State.NOTE, "This login may see whichever tenant it chooses.")
    else:
        listed = ", ".join(sorted(map(str, found)))
        yield Check("rights", "tenants", State.GOOD, f"This login may see {len(found)} tenants: {listed}.")


def _counts(session: Session, table: str, privilege: str, _column: str) -> bool:
    """Reading tables of others is nothing to be told; changing them is, and tables of the console that need no rights are not."""
    if table == "quaestor_tenants" or table.startswith("quaestor_version_"):
        return False
    ours = table in session.system.metadata.tables or table.startswith("quaestor_")
    return ours or privilege != "SELECT"


def _told(rights_: Iterable[tuple[str, str, str]], what: str, state: State) -> Iterator[Check]:
    tables: dict[str, dict[str, list[str]]] = {}
    for table, privilege, column in sorted(rights_):
        tables.setdefault(table, {}).setdefault(privilege, []).append(column)
    for table, privileges in tables.items():
        parts = [
            privilege + (f" ({', '.join(columns)})" if any(columns) else "")
            for privilege, columns in privileges.items()
        ]
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
    held = {
        (str(table), privilege.upper(), str(column))
        for table, privileges, column in execute(session, _MYSQL, {}, cancel)
        for privilege in str(privileges).split(",")
        if privilege.upper() in _PRIVILEGES
    }
    return held | set(_whole(session, cancel))


def _whole(session: Session, cancel: Cancel) -> Iterator[tuple[str, str, str]]:
    """What MySQL and MariaDB grant on whole tables, databases and routines, by the roles too."""
    grants = [str(row[0]) for row in execute(session, text("SHOW GRANTS"), {}, cancel)]
    roles = [found["roles"] for grant in grants if " ON " not in grant and (found := _ROLE.match(grant))]
    if roles and session.server.dialect == "mysql":
        wanted = [f"SHOW GRANTS FOR CURRENT_USER() USING {', '.join(roles)}"]
    else:
        wanted = [f"SHOW GRANTS FOR {role_}" for role_ in roles]
    grants += [str(row[0]) for one in wanted for row in execute(session, text(one), {}, cancel)]
    for grant in grants:
        if (found := _GRANT.match(grant)) is None:
            continue
        where = found["where"].replace("`", "")
        for privilege in re.sub(r"\([^)]*\)", "", found["what"]).split(","):
            if privilege.strip() not in _HARMLESS:
                yield where.rpartition(".")[2] if not where.endswith(".*") else where, privilege.strip(), ""
