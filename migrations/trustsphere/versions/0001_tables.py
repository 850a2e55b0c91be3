"""The document's tables, the two archives, and the schema version that the document records."""

from __future__ import annotations

from alembic import op

from db.trustsphere.tables import metadata, schema_version

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind(), checkfirst=False)
    op.bulk_insert(schema_version, [{"version": "1.0.0", "description": "Initial schema creation"}])


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), checkfirst=False)
