"""What the role may do, as the server says: reading comes first, and anything beyond it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import text

from db.cancel import Cancel
from db.health.check import Check, State
from db.model import Mode
from db.run import execute
from db.session import Session

_POSTGRESQL = """
SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
       (SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user),
       (SELECT count(*) FROM pg_class c WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)
        AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
             OR has_any_column_privilege(c.oid, 'INSERT, UPDATE')))
"""
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|ALL PRIVILEGES|DROP|ALTER|CREATE)\b")


def look(session: Session, cancel: Cancel) -> Iterator[Check]:
    """Reading, writing, and rights that no operator should have."""
    tables = [t for t in session.schema.tables.values() if t.name in session.system.metadata.tables]
    closed = sorted(table.name for table in tables if not table.readable)
    if closed:
        yield Check("rights", "reading", State.WARNING, f"This role may not read: {', '.join(closed)}.")
    else:
        yield Check("rights", "reading", State.GOOD, f"This role may read all {len(tables)} tables.")
    match session.server.dialect:
        case "postgresql":
            yield from _postgresql(session, cancel)
        case "mysql" | "mariadb":
            yield from _mysql(session, cancel)


def _postgresql(session: Session, cancel: Cancel) -> Iterator[Check]:
    (found,) = execute(session, text(_POSTGRESQL), {}, cancel)
    superuser, bypasses, writable = found
    if superuser:
        yield Check(
            "rights", "superuser", State.WARNING, f"{session.server.user} is a superuser: no wall stands."
        )
    elif bypasses:
        yield Check(
            "rights", "row security", State.WARNING, f"{session.server.user} bypasses row-level security."
        )
    yield _writing(session, bool(writable), f"{writable} tables")


def _mysql(session: Session, cancel: Cancel) -> Iterator[Check]:
    grants = [str(row[0]) for row in execute(session, text("SHOW GRANTS"), {}, cancel)]
    everywhere = [grant for grant in grants if " ON *.* " in grant and "USAGE ON" not in grant]
    if any("SUPER" in grant or "ALL PRIVILEGES" in grant for grant in everywhere):
        yield Check(
            "rights", "superuser", State.WARNING, f"{session.server.user} may do everything: no wall stands."
        )
    writing = sum(bool(_WRITES.search(grant.partition(" ON ")[0])) for grant in grants)
    yield _writing(session, bool(writing), f"{writing} grants")


def _writing(session: Session, may: bool, where: str) -> Check:
    if not may:
        return Check("rights", "writing", State.GOOD, "This role may only read.")
    if session.mode is Mode.AUDIT:
        return Check(
            "rights", "writing", State.WARNING, f"This role may write ({where}): read-only by session alone."
        )
    return Check("rights", "writing", State.NOTE, f"This role may write ({where}).")
