"""The five tables; with the option ``partitioned`` the audit trail by month, on PostgreSQL."""

from datetime import UTC, datetime

from alembic import op

from db.paymentlinker.partitions import partitioned, statements
from db.paymentlinker.tables import audit_logs, metadata
from migrations.said import say

revision = "0001"
down_revision = None


def upgrade() -> None:
    options = op.get_context().opts.get("options", {})
    wanted = bool(options.get("partitioned"))
    able = op.get_context().dialect.name == "postgresql"
    if wanted and not able:
        say("This engine has no partitions: audit_logs is one table.")
    whole = [table for table in metadata.sorted_tables if not (wanted and able and table is audit_logs)]
    metadata.create_all(op.get_bind(), tables=whole, checkfirst=False)
    if wanted and able:
        by_month = partitioned()
        by_month.metadata.create_all(op.get_bind(), tables=[by_month], checkfirst=False)
        for statement in statements(options.get("now") or datetime.now(UTC)):
            op.execute(statement)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), checkfirst=False)
