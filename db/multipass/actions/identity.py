"""Profiles, verifications of identity, attestations."""

from __future__ import annotations

from collections.abc import Mapping

from db.actions import RESTORE, dual, state, transition
from db.change import Change
from db.model import Action, Risk, Values
from db.multipass.actions.shared import REVOKE_DUAL_FROM, access_stays, revocation
from db.multipass.tables import identity_profiles

ACTIVATED = "profiles activated"
"""The words under which a profile is counted that an approval activates."""


def _suspend(change: Change) -> Values:
    access_stays(change, change.facts.key[0])
    return {}


PROFILES = (
    transition(
        "identity_profiles",
        "suspend",
        "active -> suspended",
        "Suspends the profile until it is reactivated.",
        also=_suspend,
        inverse="reactivate",
    ),
    transition(
        "identity_profiles",
        "reactivate",
        "suspended -> active",
        "Makes the suspended profile active again.",
        inverse="suspend",
    ),
    transition(
        "identity_profiles",
        "close",
        "active suspended -> closed",
        "Closes the profile for good.",
        also=_suspend,
        risk=dual,
        final="A closed profile is not opened again.",
        irreversible=True,
    ),
)


def _by_tier(row: Values, form: Values, settings: Mapping[str, str]) -> Risk:
    """Two people for the tier ``high``, and for one that is not known."""
    return Risk.NORMAL if row.get("risk_tier") in ("low", "medium") else Risk.DUAL


def _reviewed(change: Change) -> Values:
    return {"reviewed_at": change.now, "reviewed_by": change.facts.by or None}


def _approve(change: Change) -> None:
    id_ = change.row["profile_id"]
    found = change.lock(identity_profiles, [] if id_ is None else [id_], "email status")
    if not found:
        change.refuse(f"The profile {id_ or 'of it'} is not there; nobody would be verified.")
    (profile,) = found.values()
    if profile["status"] == "pending":
        called = f"profile {profile['email']}"
        change.dependent(identity_profiles, profile, ACTIVATED, called, status="active")
        change.remark("Taken back, the verification waits again, and the profile stays active.")
    elif profile["status"] != "active":
        change.remark(f"The profile is {profile['status']}, and stays so.")
    change.update(status="approved", **_reviewed(change))


_WAITING = ("pending", "in_review")
_DECIDES = ("status", "profile_id", "risk_tier")

VERIFICATIONS = (
    Action(
        "approve",
        "kyc_verifications",
        "Approves the verification, and activates its profile if that is pending.",
        state(*_WAITING),
        _approve,
        _DECIDES,
        risk=_by_tier,
        inverse=RESTORE,
        dependents=(ACTIVATED,),
    ),
    Action(
        "reject",
        "kyc_verifications",
        "Rejects the verification for the reason given; the profile stays as it is.",
        state(*_WAITING),
        lambda change: change.update(status="rejected", rejection_reason=change.reason, **_reviewed(change)),
        _DECIDES,
        risk=_by_tier,
        final="A rejected verification stays rejected; a new one takes its place.",
    ),
)

ATTESTATIONS = (
    transition(
        "attestations",
        "revoke",
        "active expired -> revoked",
        "Revokes the attestation for the reason given.",
        also=revocation,
        burst=REVOKE_DUAL_FROM,
        final="A revoked attestation stays revoked; a new one is issued.",
        irreversible=True,
    ),
)
