"""Events and reporting: what people were told, and what was reported."""

from __future__ import annotations

from sqlalchemy import Column, Table

from db.defaults import empty_list
from db.multipass.tables.columns import beginning, by, key, made, metadata, moment, notes, parent, status
from db.types import Status, String, Text, TextList

notifications = Table(
    "notifications",
    metadata,
    key(),
    parent("profile_id", "identity_profiles"),
    Column("channel", Status("email", "sms", "push", "in_app"), nullable=False),
    Column("subject", String(300)),
    Column("body", Text()),
    status("queued", "sent", "failed"),
    moment("read_at"),
    notes(),
    made(),
    moment("sent_at"),
    by("profile_id", "created_at"),
    by("created_at"),
    by("status", "created_at"),
    by("status", "sent_at"),
)

report_definitions = Table(
    "report_definitions",
    metadata,
    key(),
    Column("name", String(200), nullable=False, unique=True),
    Column("description", Text()),
    Column("query_template", Text(), nullable=False),
    Column("parameters", TextList(), nullable=False, server_default=empty_list()),
    status("active", "archived"),
    made(),
    made("updated_at"),
    beginning("name"),
    by("status", "name"),
)

generated_reports = Table(
    "generated_reports",
    metadata,
    key(),
    parent("definition_id", "report_definitions"),
    parent("profile_id", "identity_profiles", optional=True),
    notes("parameters"),
    status("queued", "running", "ready", "failed"),
    Column("location", Text()),
    Column("content_hash", String(128)),
    Column("chain_anchor", String(200)),
    Column("error", Text()),
    made(),
    moment("completed_at"),
    by("definition_id", "created_at"),
    by("profile_id", "created_at"),
    by("created_at"),
    by("status", "created_at"),
    by("status", "completed_at"),
)
