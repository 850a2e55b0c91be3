"""Payments, audit events, KYC and the life of a credential: the second version."""

from alembic import op

from db.finpass.tables import metadata
from migrations.finpass.shapes import NEW_TABLES, WIDENED, added, first, indexes, second

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in WIDENED:
        with op.batch_alter_table(name, copy_from=first().tables[name]) as table:
            for column in added(name):
                table.add_column(column)
            if name == "credentials":
                table.create_unique_constraint("credentials_credential_hash_key", ["credential_hash"])
        for index, columns in indexes(name):
            op.create_index(index, name, columns)
    metadata.create_all(op.get_bind(), tables=NEW_TABLES, checkfirst=False)
    op.execute("UPDATE credentials SET created_at = issued_at")
    # The document says VALID here; both tables must agree.
    op.execute(
        "INSERT INTO credential_status (credential_id, status, created_at) "
        "SELECT id, status, issued_at FROM credentials c "
        "WHERE NOT EXISTS (SELECT 1 FROM credential_status s WHERE s.credential_id = c.id)"
    )


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), tables=NEW_TABLES, checkfirst=False)
    for name in reversed(WIDENED):
        for index, _columns in indexes(name):
            op.drop_index(index, name)
        with op.batch_alter_table(name, copy_from=second(name)) as table:
            for column in added(name):
                table.drop_column(column.name)
