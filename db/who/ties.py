"""What belongs to whom inside a system: downwards from a person's record, upwards to it from any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Tie:
    """From records of one entity to those of another that have the same value."""

    entity: str
    mine: str
    target: str
    theirs: str
    why: str
    """What the target is to the record that it is followed from: ``account of that user``."""
    order: str = ""
    """The column by which the newest come first, where an index on (theirs, order) serves it."""
    sure: bool = True
    """False where it may be another person's."""
    when: tuple[str, str] = ("", "")
    """(my column, value) that must hold."""


def _profile(entity: str, why: str, order: str = "created_at") -> Tie:
    return Tie("identity_profiles", "id", entity, "profile_id", f"{why} of that profile", order)


DOWN: Mapping[str, tuple[Tie, ...]] = {
    "trustsphere": (
        Tie("users", "id", "accounts", "user_id", "account of that user"),
        Tie("users", "id", "user_roles", "user_id", "role of that user"),
    ),
    "paymentlinker": (
        Tie(
            "applications",
            "duoplus_device_id",
            "devices",
            "device_id_external",
            "device of that application",
            sure=False,
        ),
    ),
    "finpass": (
        Tie("users", "id", "credentials", "user_id", "credential held by that user"),
        Tie("users", "did", "credentials", "subject_did", "credential about that DID"),
        Tie("users", "did", "payments", "payer_did", "payment by that DID"),
        Tie("users", "did", "payments", "payee_did", "payment to that DID"),
    ),
    "multipass": (
        _profile("multipass_credentials", "sign-in"),
        _profile("multipass_sessions", "session"),
        _profile("hardware_passes", "pass"),
        _profile("attestations", "attestation", "issued_at"),
        _profile("wallet_accounts", "wallet"),
        _profile("kyc_verifications", "verification", "submitted_at"),
    ),
}
"""From a person's record to what hangs on it."""


def _owner(entity: str, mine: str, why: str, target: str = "users", theirs: str = "id") -> Tie:
    return Tie(entity, mine, target, theirs, why)


def _holder(entity: str) -> Tie:
    return Tie(entity, "profile_id", "identity_profiles", "id", "whose profile it is")


UP: Mapping[str, tuple[Tie, ...]] = {
    "trustsphere": (
        _owner("accounts", "user_id", "who owns the account"),
        _owner("transactions", "source_account_id", "the account that pays", "accounts"),
        _owner("transactions", "target_account_id", "the account that is paid", "accounts"),
        _owner("transactions_archive", "source_account_id", "the account that paid", "accounts"),
        _owner("transactions_archive", "target_account_id", "the account that was paid", "accounts"),
        _owner("notifications", "user_id", "who was notified"),
        _owner("audit_logs", "actor_user_id", "who did it"),
    ),
    "paymentlinker": (
        Tie(
            "devices",
            "device_id_external",
            "applications",
            "duoplus_device_id",
            "applied with the device",
            sure=False,
        ),
        _owner("audit_logs", "application_id", "what it is about", "applications"),
    ),
    "finpass": (
        _owner("credentials", "user_id", "who holds the credential"),
        _owner("credentials", "subject_did", "whom the credential is about", theirs="did"),
        _owner("payments", "payer_did", "who pays", theirs="did"),
        _owner("payments", "payee_did", "who is paid", theirs="did"),
        Tie("audit_events", "resource_id", "users", "id", "what it is about", when=("resource_type", "USER")),
        Tie(
            "audit_events",
            "resource_id",
            "credentials",
            "id",
            "what it is about",
            when=("resource_type", "CREDENTIAL"),
        ),
    ),
    "multipass": (
        *map(
            _holder,
            (
                "multipass_credentials", "multipass_sessions", "hardware_passes", "attestations", "wallet_accounts",
                "kyc_verifications", "generated_reports", "notifications", "application_events",
            ),
        ),
        Tie("hardware_challenges", "pass_id", "hardware_passes", "id", "the pass that was asked"),
        Tie("wallet_transactions", "wallet_id", "wallet_accounts", "id", "the wallet of the transaction"),
        Tie("market_orders", "wallet_id", "wallet_accounts", "id", "the wallet of the order"),
    ),
}  # fmt: skip
"""From any other record towards the person's: one step, or two over what hangs on the person."""


def ties(system: str) -> tuple[Tie, ...]:
    """All of a system's."""
    return (*DOWN.get(system, ()), *UP.get(system, ()))
