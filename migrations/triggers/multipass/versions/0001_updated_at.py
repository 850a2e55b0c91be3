"""Keep ``updated_at`` of the eight tables that the document lists, whoever changes a row.

A table, or its ``updated_at``, that the database does not have is left out. Triggers of others stay as
they are: everything here is named ``quaestor_…``.
"""

from __future__ import annotations

from alembic import op

from db.multipass.tables import TOUCHED
from migrations import there

revision = "0001"
down_revision = None

_FUNCTION = """
CREATE FUNCTION quaestor_touch() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER quaestor_{table}_updated_at BEFORE UPDATE ON {table}
FOR EACH ROW EXECUTE FUNCTION quaestor_touch()
"""
# Its own update fires the trigger again where recursive triggers are on: the time of one statement does not
# move, so that WHEN ends it.
_SQLITE = """
CREATE TRIGGER quaestor_{table}_updated_at AFTER UPDATE ON {table}
FOR EACH ROW WHEN NEW.updated_at IS NOT strftime('%Y-%m-%d %H:%M:%f000', 'now')
BEGIN
    UPDATE {table} SET updated_at = strftime('%Y-%m-%d %H:%M:%f000', 'now') WHERE id = NEW.id;
END
"""


def upgrade() -> None:
    sqlite = op.get_context().dialect.name == "sqlite"
    if not sqlite:
        op.execute(_FUNCTION)
    for table in TOUCHED:
        if there(table.name, "id", "updated_at"):
            op.execute((_SQLITE if sqlite else _POSTGRESQL).format(table=table.name))


def downgrade() -> None:
    sqlite = op.get_context().dialect.name == "sqlite"
    for table in TOUCHED:
        of = "" if sqlite else f" ON {table.name}"
        op.execute(f"DROP TRIGGER IF EXISTS quaestor_{table.name}_updated_at{of}")
    if not sqlite:
        op.execute("DROP FUNCTION quaestor_touch()")
