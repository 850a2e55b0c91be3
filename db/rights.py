"""Which rights the session's role has: the database is asked, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import text

from db.change import Grant
from db.run import execute
from db.session import Session

APPEND = Grant("EXECUTE", "quaestor_append")

_POSTGRESQL = text("""
SELECT g.n FROM unnest(CAST(:privileges AS text[]), CAST(:tables AS text[]), CAST(:columns AS text[]))
    WITH ORDINALITY AS g(privilege, tab, col, n)
WHERE NOT CASE
    WHEN g.privilege = 'EXECUTE' THEN EXISTS (SELECT FROM pg_proc p
        WHERE p.proname = g.tab AND pg_function_is_visible(p.oid) AND has_function_privilege(p.oid, 'EXECUTE'))
    WHEN g.col = '' THEN has_table_privilege(to_regclass(quote_ident(g.tab)), g.privilege)
    ELSE has_column_privilege(to_regclass(quote_ident(g.tab)), g.col, g.privilege) END
""")
_MYSQL = text("""
SELECT lower(table_name), lower(column_name), privileges FROM information_schema.columns
WHERE table_schema = database()
UNION ALL SELECT lower(routine_name), '', 'execute' FROM information_schema.routines
WHERE routine_schema = database()
""")
"""MariaDB lists a routine for whoever has a right on it; what is not told here the server itself refuses by its name."""


def missing(session: Session, grants: Iterable[Grant]) -> tuple[str, ...]:
    """The rights among these that the role has not, as they would be granted; asked once a session."""
    return _missing(session, tuple(sorted(grants)))


@lru_cache(maxsize=256)
def _missing(session: Session, grants: tuple[Grant, ...]) -> tuple[str, ...]:
    dialect = session.server.dialect
    if dialect == "sqlite":
        return ()
    if dialect == "postgresql":
        values = {
            "privileges": [grant.privilege for grant in grants],
            "tables": [grant.table for grant in grants],
            "columns": [grant.column for grant in grants],
        }
        lost = {int(n) - 1 for (n,) in execute(session, _POSTGRESQL, values, None)}
        return tuple(str(grant) for n, grant in enumerate(grants) if n in lost)
    has = {
        (table, column): set(privileges.split(","))
        for table, column, privileges in execute(session, _MYSQL, {}, None)
    }
    return tuple(
        str(grant)
        for grant in grants
        if (grant.column or (grant.privilege == "EXECUTE" and dialect == "mariadb"))
        and grant.privilege.lower() not in has.get((grant.table.lower(), grant.column.lower()), ())
    )
