"""Row-level security: a login sees the rows of the tenant that is set, where it may see that tenant.

Both are asked for: anybody who can run SQL can set the tenant. PostgreSQL only. It refuses tables that
have policies already, since policies of others would let through what this one stops.
"""

from alembic import op

from migrations.said import say

revision = "0001"
down_revision = None

TABLES = {
    "applications": "tenant_id",
    "devices": "tenant_id",
    "users": "tenant_id",
    "audit_logs": "tenant_id",
    "tenants": "id",
}
"""The column that holds the tenant."""

WHO_SEES_WHAT = (
    """
CREATE TABLE quaestor_tenants (
    login name NOT NULL,
    tenant_id uuid REFERENCES tenants (id) ON DELETE CASCADE,
    granted_at timestamptz NOT NULL DEFAULT now(),
    granted_by name NOT NULL DEFAULT session_user
)""",
    """
COMMENT ON TABLE quaestor_tenants IS
    'Which login may see which tenant; without a tenant_id whichever it chooses'""",
    """
CREATE UNIQUE INDEX quaestor_tenants_once
    ON quaestor_tenants (login, coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'))""",
    # Everybody may read the rows about themselves: the policies ask for them with the reader's rights.
    "CREATE POLICY quaestor_own_rows ON quaestor_tenants FOR SELECT USING (login = session_user)",
    "ALTER TABLE quaestor_tenants ENABLE ROW LEVEL SECURITY",
    "GRANT SELECT ON quaestor_tenants TO PUBLIC",
    # Owners could switch all this off; without a row the system itself, which often is one, would see nothing.
    """
INSERT INTO quaestor_tenants (login)
SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class
WHERE oid IN ('applications'::regclass, 'devices'::regclass, 'users'::regclass, 'audit_logs'::regclass,
    'tenants'::regclass)""",
)

ISOLATE = """
CREATE FUNCTION quaestor_isolate(relation regclass, tenant name) RETURNS void LANGUAGE plpgsql AS
$isolate$
BEGIN
    IF EXISTS (SELECT FROM pg_policy WHERE polrelid = relation) THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = 'The table ' || relation || ' has a policy that quaestor did not make; drop it first';
    END IF;
    EXECUTE 'CREATE POLICY quaestor_tenant ON ' || relation || ' USING (' || quote_ident(tenant) || $policy$
        = NULLIF(current_setting('app.current_tenant_id', true), '')::uuid
        AND EXISTS (
            SELECT FROM quaestor_tenants q
            WHERE q.login = session_user AND (
                q.tenant_id IS NULL
                OR q.tenant_id = NULLIF(current_setting('app.current_tenant_id', true), '')::uuid)))$policy$;
    EXECUTE 'ALTER TABLE ' || relation || ' ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY';
END
$isolate$"""
"""It stays: a partition that is made later needs it too, or reading that one by its name would show all."""

EXPOSE = """
CREATE FUNCTION pg_temp.expose(relation regclass) RETURNS void LANGUAGE plpgsql AS
$expose$
BEGIN
    EXECUTE 'DROP POLICY IF EXISTS quaestor_tenant ON ' || relation;
    EXECUTE 'ALTER TABLE ' || relation || ' NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY';
END
$expose$"""

PARTITIONS = "FROM pg_partition_tree('audit_logs') WHERE relid <> 'audit_logs'::regclass"


def upgrade() -> None:
    if op.get_context().dialect.name != "postgresql":
        say("This engine has no row-level security: the tenant is a condition of the console's own queries.")
        return
    for statement in (*WHO_SEES_WHAT, ISOLATE):
        op.execute(statement)
    for table, tenant in TABLES.items():
        op.execute(f"SELECT quaestor_isolate('{table}', '{tenant}')")
    op.execute(f"SELECT quaestor_isolate(relid, 'tenant_id') {PARTITIONS}")


def downgrade() -> None:
    if op.get_context().dialect.name != "postgresql":
        say("This engine has no row-level security: there is nothing to undo.")
        return
    op.execute(EXPOSE)
    for table in TABLES:
        op.execute(f"SELECT pg_temp.expose('{table}')")
    op.execute(f"SELECT pg_temp.expose(relid) {PARTITIONS}")
    op.execute("DROP FUNCTION pg_temp.expose")
    op.execute("DROP FUNCTION quaestor_isolate")
    op.execute("DROP TABLE quaestor_tenants")
