"""Identity and attestation: who somebody is, what was checked, what was attested."""

from __future__ import annotations

from sqlalchemy import Column, Table

from db.multipass.tables.columns import beginning, by, key, made, metadata, moment, notes, parent, status
from db.types import Money, String, Text

RISK_TIERS = ("low", "medium", "high")

identity_profiles = Table(
    "identity_profiles",
    metadata,
    key(),
    Column("email", String(320), nullable=False, unique=True),
    Column("display_name", String(200)),
    Column("legal_name", String(200)),
    Column("phone", String(32)),
    Column("country", String(2)),
    status("pending", "active", "suspended", "closed"),
    status(*RISK_TIERS, name="risk_tier"),
    notes(),
    made(),
    made("updated_at"),
    beginning("email"),
    beginning("legal_name"),
    beginning("phone"),
    by("created_at"),
    by("updated_at"),
    by("status", "created_at"),
    by("status", "updated_at"),
    by("risk_tier", "created_at"),
    by("country", "created_at"),
)

kyc_verifications = Table(
    "kyc_verifications",
    metadata,
    key(),
    parent("profile_id", "identity_profiles"),
    Column("provider", String(100)),
    status("basic", "enhanced", name="level"),
    Column("document_type", String(50)),
    Column("document_country", String(2)),
    status("pending", "in_review", "approved", "rejected", "expired"),
    Column("score", Money(5, 2)),
    Column("rejection_reason", Text()),
    made("submitted_at"),
    moment("reviewed_at"),
    Column("reviewed_by", String(200)),
    moment("expires_at"),
    notes(),
    by("profile_id", "submitted_at"),
    by("submitted_at"),
    by("status", "submitted_at"),
    by("status", "reviewed_at"),
    by("status", "expires_at"),
    by("level", "submitted_at"),
    by("reviewed_at"),
)

attestations = Table(
    "attestations",
    metadata,
    key(),
    parent("profile_id", "identity_profiles"),
    Column("kind", String(50), nullable=False),
    Column("issuer", String(200)),
    Column("claim_hash", String(128), nullable=False),
    Column("chain_anchor", String(200)),
    status("active", "revoked", "expired"),
    made("issued_at"),
    moment("expires_at"),
    moment("revoked_at"),
    Column("revocation_reason", Text()),
    notes(),
    beginning("claim_hash"),
    by("profile_id", "issued_at"),
    by("issued_at"),
    by("status", "issued_at"),
    by("status", "expires_at"),
    by("status", "revoked_at"),
)
