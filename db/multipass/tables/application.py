"""Application modules, and the events that they report: the audit source of Multipass."""

from __future__ import annotations

from sqlalchemy import Column, Table

from db.defaults import empty_list
from db.multipass.tables.columns import beginning, by, key, made, metadata, notes, parent, status
from db.types import Inet, String, Text, TextList

application_modules = Table(
    "application_modules",
    metadata,
    key(),
    Column("name", String(100), nullable=False, unique=True),
    Column("description", Text()),
    Column("version", String(50)),
    Column("required_scopes", TextList(), nullable=False, server_default=empty_list()),
    status("enabled", "disabled", "deprecated"),
    made(),
    made("updated_at"),
    beginning("name"),
    by("status", "name"),
    by("status", "updated_at"),
)

application_events = Table(
    "application_events",
    metadata,
    key(),
    parent("module_id", "application_modules"),
    parent("profile_id", "identity_profiles", optional=True),
    Column("event_type", String(100), nullable=False),
    status("info", "warning", "error", "critical", name="severity"),
    notes("payload"),
    Column("ip_address", Inet()),
    made(),
    by("created_at"),
    by("module_id", "created_at"),
    by("profile_id", "created_at"),
    beginning("event_type", "created_at"),
    by("severity", "created_at"),
)
