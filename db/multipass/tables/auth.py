"""Sign-in: credentials and sessions."""

from __future__ import annotations

from sqlalchemy import Column, Table, false

from db.defaults import empty_list
from db.multipass.tables.columns import beginning, by, key, made, metadata, moment, notes, parent, status
from db.types import Boolean, Inet, Integer, String, Text, TextList

multipass_credentials = Table(
    "multipass_credentials",
    metadata,
    key(),
    parent("profile_id", "identity_profiles"),
    Column("username", String(100), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=False),
    Column("mfa_enabled", Boolean(), nullable=False, server_default=false()),
    Column("mfa_secret", String(255)),
    Column("backup_codes", TextList(), nullable=False, server_default=empty_list()),
    status("active", "locked", "disabled"),
    Column("failed_attempts", Integer(), nullable=False, server_default="0"),
    moment("locked_until"),
    moment("last_login_at"),
    made(),
    made("updated_at"),
    beginning("username"),
    by("profile_id", "created_at"),
    by("created_at"),
    by("updated_at"),
    by("failed_attempts"),
    by("status", "created_at"),
    by("status", "updated_at"),
    by("status", "last_login_at"),
    by("status", "locked_until"),
)

multipass_sessions = Table(
    "multipass_sessions",
    metadata,
    key(),
    parent("profile_id", "identity_profiles"),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("scopes", TextList(), nullable=False, server_default=empty_list()),
    notes("device_info"),
    Column("ip_address", Inet()),
    made(),
    moment("last_seen_at"),
    moment("expires_at", required=True),
    moment("revoked_at"),
    Column("revocation_reason", Text()),
    by("profile_id", "created_at"),
    by("ip_address", "created_at"),
    by("created_at"),
    by("last_seen_at"),
    by("expires_at"),
    by("revoked_at", "expires_at"),
)
