"""Quaestor's own tables, and the functions and triggers that keep their rules."""
