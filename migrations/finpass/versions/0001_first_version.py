"""Users, credentials and their status: the first version."""

from alembic import op

from db.finpass.tables import FIRST_VERSION
from migrations.finpass.shapes import first

revision = "0001"
down_revision = None
TABLES = FIRST_VERSION


def upgrade() -> None:
    first().create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    first().drop_all(op.get_bind(), checkfirst=False)
