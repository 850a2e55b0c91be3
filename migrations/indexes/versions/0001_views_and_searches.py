"""Indexes for the views and searches that have none."""

from __future__ import annotations

from migrations.indexes import making

revision = "0001"
down_revision = None


def upgrade() -> None:
    making.make()


def downgrade() -> None:
    making.drop()
