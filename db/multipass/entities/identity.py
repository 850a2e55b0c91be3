"""Identity: profiles and their attestations."""

from __future__ import annotations

from sqlalchemy import and_, func, select

from db.declare import entity, now, view
from db.figures import day, figure
from db.multipass.entities.shared import PERIOD, any_of, holder, of_same_profile, tally, within
from db.multipass.tables import (
    attestations,
    hardware_passes,
    identity_profiles,
    kyc_verifications,
    multipass_credentials,
)

_p = identity_profiles.c
_a = attestations.c
_k = kyc_verifications.c

_VERIFIED = any_of(
    _k.profile_id == _p.id,
    _k.status == "approved",
    _k.expires_at.is_(None) | (_k.expires_at > now()),
)
_OPEN_KYC = any_of(_k.profile_id == _p.id, _k.status.in_(("pending", "in_review")))

_PROFILE_VIEWS = (
    view("all", "Every profile, the newest first.", "-created_at"),
    view("pending", "Not active yet, the longest wait first.", "created_at", _p.status == "pending"),
    view("active", "In use, the newest first.", "-created_at", _p.status == "active"),
    view("suspended", "Suspended, the latest change first.", "-updated_at", _p.status == "suspended"),
    view("closed", "Closed for good, the latest first.", "-updated_at", _p.status == "closed"),
    view(
        "high-risk",
        "Of the highest risk tier and not closed, the newest first.",
        "-created_at",
        and_(_p.risk_tier == "high", _p.status != "closed"),
    ),
    view("recent", "Made in the last 7 days.", "-created_at", _p.created_at > now(days=-7)),
    view(
        "unverified",
        "Active without an approved verification that still holds, the oldest first.",
        "created_at",
        and_(_p.status == "active", ~_VERIFIED),
    ),
    view(
        "without-kyc",
        "Pending, and no verification of it is open: nothing will activate it.",
        "created_at",
        and_(_p.status == "pending", ~_OPEN_KYC),
    ),
    view(
        "without-credential",
        "Active with no credential to sign in with.",
        "created_at",
        and_(_p.status == "active", ~any_of(multipass_credentials.c.profile_id == _p.id)),
    ),
    view(
        "closed-with-access",
        "Closed or suspended, yet a credential of theirs is active or a pass is issued or active.",
        "-updated_at",
        and_(
            _p.status.in_(("suspended", "closed")),
            any_of(multipass_credentials.c.profile_id == _p.id, multipass_credentials.c.status == "active")
            | any_of(
                hardware_passes.c.profile_id == _p.id, hardware_passes.c.status.in_(("issued", "active"))
            ),
        ),
    ),
)

_PROFILE_FIGURES = (
    tally("by-status", "Profiles by status and risk tier.", identity_profiles, "status", "risk_tier"),
    tally("by-country", "Profiles by country and status.", identity_profiles, "country", "status"),
    figure(
        "new-by-day",
        "Profiles made on each day of the period, by their status now.",
        select(day(_p.created_at).label("day"), _p.status, func.count().label("records"))
        .where(within(_p.created_at))
        .group_by("day", _p.status)
        .order_by("day", _p.status),
        *PERIOD,
    ),
)

PROFILES = entity(
    identity_profiles,
    listed="created_at email display_name country status risk_tier updated_at",
    groups={
        "Person": "email display_name legal_name phone country",
        "State": "status risk_tier created_at updated_at",
        "Details": "id metadata",
    },
    views=_PROFILE_VIEWS,
    figures=_PROFILE_FIGURES,
    search="id email legal_name phone",
    aliases="profiles identities people",
    title="display_name email",
)

_REVOKED = _a.status == "revoked"

_ATTESTATION_VIEWS = (
    view("all", "Every attestation, the newest first.", "-issued_at"),
    view("active", "Holding, the newest first.", "-issued_at", _a.status == "active"),
    view(
        "expiring",
        "Active, and expiring within 30 days, the next first.",
        "expires_at",
        and_(_a.status == "active", _a.expires_at > now(), _a.expires_at <= now(days=30)),
    ),
    view(
        "overdue",
        "Called active, though the time of expiry has passed.",
        "expires_at",
        and_(_a.status == "active", _a.expires_at <= now()),
    ),
    view("expired", "Expired, the latest first.", "-expires_at", _a.status == "expired"),
    view(
        "revoked",
        "Revoked, the latest first.",
        "-revoked_at",
        _REVOKED,
        listed="revoked_at holder kind issuer issued_at revocation_reason",
    ),
    view(
        "unlimited",
        "Active without an expiry.",
        "-issued_at",
        and_(_a.status == "active", _a.expires_at.is_(None)),
    ),
    view(
        "anchored",
        "With a hash on a chain, which is not verified here.",
        "-issued_at",
        _a.chain_anchor.is_not(None),
        listed="issued_at holder kind claim_hash chain_anchor status",
    ),
    view(
        "unanchored",
        "Active, and on no chain.",
        "-issued_at",
        and_(_a.status == "active", _a.chain_anchor.is_(None)),
    ),
)

_ATTESTATION_FIGURES = (
    tally("by-kind", "Attestations by kind and status.", attestations, "kind", "status"),
    tally("by-issuer", "Attestations by issuer and status.", attestations, "issuer", "status"),
    tally(
        "revocations",
        "Attestations revoked in the period, by reason.",
        attestations,
        "revocation_reason",
        where=and_(_REVOKED, within(_a.revoked_at)),
        oldest="revoked_at",
        parameters=PERIOD,
    ),
)

ATTESTATIONS = entity(
    attestations,
    listed="issued_at holder kind issuer status expires_at",
    groups={
        "Attestation": "kind issuer claim_hash chain_anchor",
        "State": "status issued_at expires_at revoked_at revocation_reason",
        "Details": "id profile_id metadata",
    },
    labels={"chain_anchor": "chain anchor (not verified here)"},
    computed=(holder(attestations),),
    views=_ATTESTATION_VIEWS,
    figures=_ATTESTATION_FIGURES,
    search="id claim_hash profile_id",
    aliases="claims",
    title="kind holder",
    links=of_same_profile("multipass_sessions", "hardware_passes"),
)
