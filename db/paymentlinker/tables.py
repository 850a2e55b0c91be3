"""Payment Linker's five tables, as its document has them.

``idx_users_email`` is left out: the unique key on ``users.email`` is the same index. The tables name no
foreign key but one; what else belongs together is said by the links of the entities.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, MetaData, Table, false, true

from db.defaults import random_id, this_moment
from db.types import Boolean, Id, Inet, Integer, Json, Money, Status, String, Text, Time

DECISIONS = ("approved", "declined", "review", "manual_review", "refer")
"""What a decision may be; the last two are read as ``review``."""

STATUSES = ("created", "processing", "review", "approved", "declined", "withdrawn")
"""What an application may be."""

metadata = MetaData()


def _key() -> Column[str]:
    return Column("id", Id(), primary_key=True, server_default=random_id())


def _percent(name: str) -> Column[Any]:
    return Column(name, Money(5, 2))


def _lived() -> tuple[Column[Any], ...]:
    return (
        Column("created_at", Time(), server_default=this_moment()),
        Column("updated_at", Time(), server_default=this_moment()),
        Column("deleted_at", Time()),
    )


applications = Table(
    "applications",
    metadata,
    _key(),
    Column("tenant_id", Id(), nullable=False),
    Column("stripe_account_id", String(255)),
    Column("plaid_verification_id", String(255)),
    Column("duoplus_device_id", String(255)),
    Column("blockchain_tx_hash", String(255)),
    Column("full_legal_name", String(255), nullable=False),
    Column("ssn_encrypted", Text(), nullable=False),
    Column("annual_income", Money(12, 2), nullable=False),
    Column("employment_status", String(20), nullable=False),
    Column("requested_limit", Money(12, 2)),
    Column("credit_score", Integer()),
    Column("email", String(255)),
    Column("phone", String(20)),
    Column("address", Json()),
    Column("risk_score", Integer()),
    _percent("fraud_probability"),
    _percent("identity_match"),
    Column("decision", Status(*DECISIONS)),
    _percent("confidence"),
    Column("processing_time_ms", Integer()),
    Column("model_version", String(50)),
    Column("shap_explanation", Json()),
    Column("risk_factors", Json()),
    Column("identity_verification", Json()),
    Column("credit_report", Json()),
    Column("kyc_documents", Json()),
    Column("reviewed_by", String(255)),
    Column("review_reason", Text()),
    Column("reviewed_at", Time()),
    Column("ip_address", Inet()),
    Column("user_agent", Text()),
    Column("device_fingerprint", Json()),
    Column(
        "status",
        Status(*STATUSES),
        server_default="created",
    ),
    *_lived(),
)

devices = Table(
    "devices",
    metadata,
    _key(),
    Column("device_id_external", String(255), nullable=False, unique=True),
    Column("tenant_id", Id(), nullable=False),
    Column("device_type", String(50), nullable=False),
    Column("model", String(100)),
    Column("os_version", String(50)),
    Column("region", String(20), nullable=False),
    Column(
        "status",
        Status("online", "offline", "busy", "maintenance", "error", "quarantined", "decommissioned"),
        server_default="offline",
    ),
    Column("current_task", String(255)),
    Column("last_heartbeat", Time()),
    Column("last_seen", Time()),
    Column("capabilities", Json()),
    Column("installed_apps", Json()),
    _percent("battery_level"),
    Column("signal_strength", Integer()),
    Column("data_usage_mb", Money(10, 2)),
    Column("temperature_celsius", Money(5, 2)),
    Column("uptime_seconds", Integer()),
    Column("wifi_connected", Boolean(), server_default=false()),
    Column("cellular_connected", Boolean(), server_default=false()),
    Column("bluetooth_enabled", Boolean(), server_default=false()),
    Column("ip_address", Inet()),
    Column("mac_address", String(17)),
    Column("configuration", Json()),
    Column("automation_rules", Json()),
    Column("provisioned_by", String(255)),
    Column("provisioned_at", Time()),
    Column("decommissioned_by", String(255)),
    Column("decommissioned_at", Time()),
    Column("total_tasks_processed", Integer(), server_default="0"),
    Column("successful_tasks", Integer(), server_default="0"),
    Column("failed_tasks", Integer(), server_default="0"),
    Column("last_task_at", Time()),
    Column("security_profile", String(100)),
    Column("security_events", Json()),
    Column("compromised", Boolean(), server_default=false()),
    Column("last_security_scan", Time()),
    Column("last_maintenance", Time()),
    Column("maintenance_notes", Text()),
    Column("next_maintenance_due", Time()),
    Column("metadata", Json()),
    *_lived(),
)

audit_logs = Table(
    "audit_logs",
    metadata,
    _key(),
    Column("application_id", Id(), ForeignKey("applications.id", ondelete="CASCADE")),
    Column("tenant_id", Id(), nullable=False),
    Column("blockchain_tx_hash", String(255)),
    Column("block_number", String(50)),
    Column("merkle_root", String(255)),
    Column("block_timestamp", Time()),
    Column("event_type", String(100), nullable=False),
    Column("event_category", String(50), nullable=False),
    Column("event_description", Text()),
    Column("decision", Status(*DECISIONS)),
    Column("risk_score", Integer()),
    _percent("confidence"),
    Column("user_id", String(255)),
    Column("user_role", String(50)),
    Column("ip_address", Inet()),
    Column("user_agent", Text()),
    Column("service_name", String(100), nullable=False),
    Column("service_version", String(50)),
    Column("environment", String(20)),
    Column("event_data", Json()),
    Column("previous_state", Json()),
    Column("new_state", Json()),
    Column("metadata", Json()),
    Column("compliance_requirement", String(100)),
    Column("regulation", String(50)),
    Column("audit_required", Boolean(), server_default=true()),
    Column("retention_until", Time()),
    Column("verification_hash", String(255)),
    Column("signature", Text()),
    Column("signing_key_id", String(100)),
    Column("status", Status("pending", "verified", "failed"), server_default="pending"),
    Column("verification_notes", Text()),
    Column("verified_at", Time()),
    Column("verified_by", String(255)),
    Column("event_timestamp", Time(), server_default=this_moment()),
    *_lived(),
)

users = Table(
    "users",
    metadata,
    _key(),
    Column("tenant_id", Id(), nullable=False),
    Column("email", String(255), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=False),
    Column("last_login_at", Time()),
    Column("first_name", String(100)),
    Column("last_name", String(100)),
    Column("phone", String(20)),
    Column("role", String(50), server_default="user"),
    Column("permissions", Json()),
    Column("is_active", Boolean(), server_default=true()),
    Column("is_verified", Boolean(), server_default=false()),
    Column("mfa_enabled", Boolean(), server_default=false()),
    Column("mfa_secret", String(255)),
    Column("failed_login_attempts", Integer(), server_default="0"),
    Column("locked_until", Time()),
    Column("created_by", Id()),
    *_lived(),
)

tenants = Table(
    "tenants",
    metadata,
    _key(),
    Column("name", String(255), nullable=False),
    Column("slug", String(100), nullable=False, unique=True),
    Column("domain", String(255)),
    Column("settings", Json()),
    Column("feature_flags", Json()),
    Column("max_applications_per_month", Integer(), server_default="10000"),
    Column("max_devices", Integer(), server_default="100"),
    Column("max_users", Integer(), server_default="50"),
    Column("is_active", Boolean(), server_default=true()),
    Column("subscription_plan", String(50), server_default="basic"),
    Column("billing_email", String(255)),
    Column("billing_address", Json()),
    *_lived(),
)

INDEXED = {
    applications: "tenant_id status decision created_at risk_score stripe_account_id",
    devices: "tenant_id status device_type region last_heartbeat",
    audit_logs: "application_id tenant_id event_type event_timestamp blockchain_tx_hash",
    users: "tenant_id role is_active",
}
"""The documents' indexes, each on one column and named ``idx_<table>_<column>``."""

for _table, _columns in INDEXED.items():
    for _column in _columns.split():
        Index(f"idx_{_table.name}_{_column}", _table.c[_column])
