"""FinPass's five tables as its second schema version has them, and which columns the first one had.

``idx_users_did``, ``idx_credentials_credential_hash`` and ``idx_payments_transaction_id`` are left out:
the unique keys on these columns are the same indexes. The document uses ``credential_status`` but never
creates it; its columns are those that its statements name.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, MetaData, Table, false

from db.defaults import random_id, this_moment
from db.types import Boolean, Id, Integer, Money, Status, String, Text, Time

USER_STATUSES = ("ACTIVE", "SUSPENDED", "TERMINATED")
CREDENTIAL_STATUSES = ("VALID", "SUSPENDED", "REVOKED")
PAYMENT_STATUSES = ("PENDING", "AUTHORIZED", "CAPTURED", "FAILED", "REFUNDED", "CANCELLED")
PAYMENT_TYPES = ("ONE_TIME", "RECURRING", "SUBSCRIPTION")
SEVERITIES = ("INFO", "WARNING", "ERROR", "CRITICAL")
OUTCOMES = ("SUCCESS", "FAILURE", "DENIED")
REVOCATION_REASONS = (
    "unspecified",
    "keyCompromise",
    "cACompromise",
    "affiliationChanged",
    "superseded",
    "cessationOfOperation",
    "certificateHold",
    "removeFromCRL",
    "privilegeWithdrawn",
    "aACompromise",
)
"""The names of RFC 5280, 5.3.1."""

metadata = MetaData()


def _key() -> Column[str]:
    return Column("id", Id(), primary_key=True, server_default=random_id())


def _status(*values: str, name: str = "status") -> Column[str]:
    """The first value is the default one."""
    return Column(name, Status(*values), nullable=False, server_default=values[0])


def _made(name: str) -> Column[Any]:
    return Column(name, Time(), nullable=False, server_default=this_moment())


def _money(name: str, *, required: bool = False) -> Column[Any]:
    return Column(name, Money(18, 2), nullable=not required)


users = Table(
    "users",
    metadata,
    _key(),
    Column("did", Text(), nullable=False, unique=True),
    _made("created_at"),
    Column("last_seen", Time()),
    Column("email", String(255)),
    Column("phone", String(50)),
    Column("kyc_verified", Boolean(), nullable=False, server_default=false()),
    Column("kyc_verified_at", Time()),
    _status(*USER_STATUSES),
    Column("metadata", Text()),
    _made("updated_at"),
    Index("idx_users_status", "status"),
    Index("idx_users_kyc_verified", "kyc_verified"),
    Index("idx_users_last_seen", "last_seen"),
)

credentials = Table(
    "credentials",
    metadata,
    _key(),
    Column("user_id", Id(), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("issuer_id", Text(), nullable=False),
    Column("credential_type", Text(), nullable=False),
    Column("credential_jwt", Text(), nullable=False),
    _made("issued_at"),
    Column("expires_at", Time()),
    _status(*CREDENTIAL_STATUSES),
    Column("revoked_at", Time()),
    Column("revocation_handle", String(255)),
    Column("revocation_reason", String(100)),
    Column("revoked_by", String(255)),
    Column("credential_hash", String(255), unique=True),
    Column("nonce", String(255)),
    Column("subject_did", String(255)),
    Column("verification_method", String(100)),
    Column("proof_type", String(50)),
    Column("proof_created_at", Time()),
    Column("proof_purpose", String(50)),
    Column("metadata", Text()),
    _made("created_at"),
    _made("updated_at"),
    Index("idx_credentials_user_id", "user_id"),
    Index("idx_credentials_status", "status"),
    Index("idx_credentials_issuer_id", "issuer_id"),
    Index("idx_credentials_expires_at", "expires_at"),
    Index("idx_credentials_revocation_handle", "revocation_handle"),
)

credential_status = Table(
    "credential_status",
    metadata,
    Column("credential_id", Id(), ForeignKey("credentials.id", ondelete="CASCADE"), primary_key=True),
    _status(*CREDENTIAL_STATUSES),
    _made("created_at"),
    _made("updated_at"),
)

payments = Table(
    "payments",
    metadata,
    _key(),
    Column("payer_did", Text(), nullable=False),
    Column("payee_did", Text(), nullable=False),
    _money("amount", required=True),
    Column("currency", String(3), nullable=False, server_default="USD"),
    _status(*PAYMENT_STATUSES),
    _status(*PAYMENT_TYPES, name="payment_type"),
    Column("kyc_decision_token", String(500)),
    Column("payment_method", String(50)),
    Column("transaction_id", String(255), unique=True),
    Column("reference_id", String(255)),
    Column("description", String(500)),
    _money("fee_amount"),
    _money("tax_amount"),
    _money("total_amount"),
    Column("authorized_at", Time()),
    Column("captured_at", Time()),
    Column("failed_at", Time()),
    Column("refunded_at", Time()),
    Column("failure_reason", String(500)),
    Column("refund_reason", String(500)),
    Column("metadata", Text()),
    _made("created_at"),
    _made("updated_at"),
    Column("completed_at", Time()),
    Index("idx_payments_payer_did", "payer_did"),
    Index("idx_payments_payee_did", "payee_did"),
    Index("idx_payments_status", "status"),
    Index("idx_payments_created_at", "created_at"),
)

audit_events = Table(
    "audit_events",
    metadata,
    _key(),
    Column("event_type", String(50), nullable=False),
    Column("user_id_hash", String(64)),
    Column("session_id", String(255)),
    Column("ip_address", String(45)),
    Column("user_agent", String(500)),
    Column("tenant_id", String(255)),
    Column("resource_id", String(255)),
    Column("resource_type", String(100)),
    Column("action", String(100)),
    Column("outcome", Status(*OUTCOMES)),
    Column("severity", Status(*SEVERITIES), server_default="INFO"),
    Column("description", String(1000)),
    Column("details", Text()),
    Column("previous_values", Text()),
    Column("new_values", Text()),
    Column("performed_by", String(255)),
    Column("performed_by_role", String(100)),
    Column("source_system", String(100)),
    Column("correlation_id", String(255)),
    Column("request_id", String(255)),
    Column("duration_ms", BigInteger()),
    Column("error_code", String(100)),
    Column("error_message", String(1000)),
    Column("stack_trace", Text()),
    Column("client_version", String(50)),
    Column("api_version", String(50)),
    Column("geolocation", String(255)),
    Column("device_fingerprint", String(255)),
    Column("compliance_flags", String(255)),
    Column("retention_days", Integer()),
    _made("created_at"),
    Index("idx_audit_events_event_type", "event_type"),
    Index("idx_audit_events_created_at", "created_at"),
    Index("idx_audit_events_user_id_hash", "user_id_hash"),
    Index("idx_audit_events_severity", "severity"),
    Index("idx_audit_events_correlation_id", "correlation_id"),
)

FIRST_VERSION = {
    "users": ("id", "did", "created_at"),
    "credentials": (
        "id",
        "user_id",
        "issuer_id",
        "credential_type",
        "credential_jwt",
        "issued_at",
        "status",
    ),
    "credential_status": ("credential_id", "status", "created_at", "updated_at"),
}
"""The columns of each table of the first schema version."""
