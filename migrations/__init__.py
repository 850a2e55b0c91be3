"""Alembic's histories: one for each system and one for each part of quaestor's own tables."""
