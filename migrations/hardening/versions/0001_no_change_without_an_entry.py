"""No change without an entry: checked at COMMIT for members of the operator roles, from psql as well. PostgreSQL only."""

from alembic import op

from db.errors import Missing
from db.roles import ROLES, role, updates
from migrations import schema, system
from migrations.said import say

revision = "0001"
down_revision = None

_FUNCTION = """
CREATE FUNCTION quaestor_must_enter() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$must_enter$
BEGIN
    IF EXISTS (SELECT FROM pg_roles r WHERE r.rolname IN ({roles}) AND pg_has_role(session_user, r.oid, 'MEMBER'))
        AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = session_user)
        AND NOT EXISTS (
            SELECT FROM {schema}.quaestor_ledger_head h JOIN {schema}.quaestor_ledger l ON l.seq = h.seq
            WHERE l.xmin = pg_current_xact_id()::xid)
    THEN
        RAISE insufficient_privilege USING
            MESSAGE = 'A change of ' || TG_TABLE_NAME || ' needs its entry in the ledger, in the same transaction';
    END IF;
    RETURN NULL;
END
$must_enter$"""
_PLACE = """
DO $place$ BEGIN EXECUTE replace($body${body}$body$, '{{schema}}', quote_ident(current_schema())); END $place$"""


def upgrade() -> None:
    if op.get_context().dialect.name != "postgresql":
        say(
            "Only PostgreSQL can check this at COMMIT: here the roles' grants are all that the database enforces."
        )
        return
    if "quaestor_ledger" not in schema():
        raise Missing(
            "There is no ledger to ask: 'quaestor migrate TARGET up --part ledger' makes one first."
        )
    roles = ", ".join(f"'{role(system().name, name)}'" for name in ROLES)
    body = _FUNCTION.replace("{roles}", roles).strip()
    op.execute(_PLACE.replace("{body}", body).replace("{{schema}}", "{schema}"))
    op.execute("REVOKE ALL ON FUNCTION quaestor_must_enter() FROM PUBLIC")
    for table in _tables():
        op.execute(
            f"CREATE CONSTRAINT TRIGGER quaestor_must_enter AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION quaestor_must_enter()"
        )


def _tables() -> list[str]:
    """What operators change."""
    return [table for table in sorted(updates(system().name, "admin")) if table in schema()]


def downgrade() -> None:
    if op.get_context().dialect.name != "postgresql":
        return
    for table in _tables():
        op.execute(f"DROP TRIGGER IF EXISTS quaestor_must_enter ON {table}")
    op.execute("DROP FUNCTION quaestor_must_enter()")
