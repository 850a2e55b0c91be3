"""A small history for the tests: two revisions of a system of one table, written where the runner looks."""

from pathlib import Path

import sqlalchemy as sa

from db.model import Entity, System

metadata = sa.MetaData()
things = sa.Table(
    "things", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20))
)
SYSTEM = System(
    "toy", "The Toy", "postgresql", metadata, (Entity("things", things, (), ("id",), (), ()),), ("things",)
)

FIRST = '''"""The table."""

from alembic import op

from migrations import system

revision = "0001"
down_revision = None


def upgrade() -> None:
    system().metadata.create_all(op.get_bind())


def downgrade() -> None:
    system().metadata.drop_all(op.get_bind())
'''
SECOND = '''"""A second table and a column; fails between the two where it is told to."""

import sqlalchemy as sa
from alembic import op

from migrations import option

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table("more", sa.Column("x", sa.Integer))
    op.add_column(option("into", "things"), sa.Column("extra", sa.Integer))


def downgrade() -> None:
    op.drop_column("things", "extra")
    op.drop_table("more")
'''


def write(folder: Path) -> None:
    """Put both revisions where ``migrations.parts.FOLDER`` has the system's."""
    versions = folder / "toy" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_table.py").write_text(FIRST)
    (versions / "0002_more.py").write_text(SECOND)
