"""Hardware passes and the challenges that they answer."""

from __future__ import annotations

from sqlalchemy import Column, Table

from db.defaults import empty_list
from db.multipass.tables.columns import beginning, by, key, made, metadata, moment, parent, status
from db.types import Integer, String, Text, TextList

hardware_passes = Table(
    "hardware_passes",
    metadata,
    key(),
    parent("profile_id", "identity_profiles"),
    Column("serial", String(64), nullable=False, unique=True),
    Column("model", String(100), nullable=False),
    Column("firmware_version", String(50)),
    Column("public_key", Text()),
    Column("capabilities", TextList(), nullable=False, server_default=empty_list()),
    status("issued", "active", "suspended", "lost", "revoked"),
    Column("battery_level", Integer()),
    moment("last_seen_at"),
    moment("attested_at"),
    moment("revoked_at"),
    Column("revocation_reason", Text()),
    made(),
    made("updated_at"),
    beginning("serial"),
    by("profile_id", "created_at"),
    by("model", "firmware_version"),
    by("status", "updated_at"),
    by("battery_level"),
    by("last_seen_at"),
    by("attested_at"),
    by("status", "revoked_at"),
    by("created_at"),
    by("updated_at"),
)

hardware_challenges = Table(
    "hardware_challenges",
    metadata,
    key(),
    parent("pass_id", "hardware_passes"),
    Column("challenge_hash", String(64), nullable=False),
    status("pending", "passed", "failed", "expired"),
    made(),
    moment("expires_at", required=True),
    moment("responded_at"),
    by("pass_id", "created_at"),
    by("created_at"),
    by("status", "created_at"),
    by("status", "expires_at"),
)
