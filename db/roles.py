"""What each of the four roles may do, as values: the part ``roles`` grants it, doctor compares with it.

An auditor reads every column but the secrets. A reviewer decides what waits in the queues of money and people;
security blocks, revokes and lets in again; an admin does both and the rest. Nobody deletes but where an
action does; nobody writes into the ledger but through its function.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from db import own
from db.model import Kind, System

ROLES = ("auditor", "reviewer", "security", "admin")
STAMPS = "updated_at updated_by version"
"""Set by every update, where the table has them."""
AUDITS = {
    "trustsphere": "audit_logs",
    "paymentlinker": "audit_logs",
    "finpass": "audit_events",
    "multipass": "application_events",
}
_REVIEWER: Mapping[str, Mapping[str, str]] = {
    "trustsphere": {
        "transactions": "status processed_at failure_reason",
        "accounts": "balance daily_transaction_amount last_transaction_at",
        "notifications": "status",
    },
    "paymentlinker": {"applications": "decision status reviewed_by review_reason reviewed_at"},
    "finpass": {
        "users": "kyc_verified kyc_verified_at status",
        "payments": "status failed_at failure_reason",
    },
    "multipass": {
        "kyc_verifications": "status reviewed_at reviewed_by rejection_reason",
        "identity_profiles": "status",
        "generated_reports": "status error completed_at location content_hash",
        "notifications": "status sent_at",
    },
}
_SECURITY: Mapping[str, Mapping[str, str]] = {
    "trustsphere": {
        "users": "status failed_login_attempts account_locked_until password_expires_at",
        "accounts": "status",
    },
    "paymentlinker": {
        "users": "is_active locked_until failed_login_attempts mfa_enabled mfa_secret",
        "devices": "status next_maintenance_due notes security_events compromised decommissioned_by "
        "decommissioned_at maintenance_notes metadata",
        "audit_logs": "status verified_at verified_by verification_notes",
    },
    "finpass": {
        "users": "status",
        "credentials": "status revoked_at revoked_by revocation_reason revocation_handle",
        "credential_status": "status",
    },
    "multipass": {
        "multipass_credentials": "status failed_attempts locked_until mfa_enabled mfa_secret backup_codes",
        "multipass_sessions": "revoked_at revocation_reason",
        "attestations": "status revoked_at revocation_reason",
        "hardware_passes": "status revoked_at revocation_reason",
        "hardware_challenges": "status",
        "identity_profiles": "status",
        "wallet_accounts": "status",
    },
}
_ADMIN: Mapping[str, Mapping[str, str]] = {
    "trustsphere": {"accounts": "daily_transaction_limit"},
    "paymentlinker": {
        "applications": "deleted_at full_legal_name ssn_encrypted annual_income employment_status email phone address "
        "credit_score stripe_account_id plaid_verification_id duoplus_device_id blockchain_tx_hash shap_explanation "
        "risk_factors identity_verification credit_report kyc_documents ip_address user_agent device_fingerprint",
        "users": "role deleted_at email first_name last_name phone last_login_at password_hash",
    },
    "finpass": {"users": "email phone metadata", "payments": "refunded_at refund_reason"},
    "multipass": {
        "wallet_transactions": "status",
        "wallet_balances": "available locked",
        "application_modules": "status",
        "asset_definitions": "status",
        "market_orders": "status",
    },
}
_INSERTS = {
    "security": {"trustsphere": ("user_roles",), "finpass": ("credential_status",)},
    "admin": {"multipass": ("application_modules",)},
}
_DELETES = {"security": {"trustsphere": ("user_roles",)}}
_OWN_READ = tuple(own.metadata.tables)
_OWN_INSERT: Mapping[str, tuple[str, ...]] = {
    "quaestor_proposals": ("proposer", "created_at", "expires_at", "quorum"),
    "quaestor_approvals": ("approver", "created_at"),
    "quaestor_claims": (),
    "quaestor_notes": ("created_at",),
    "quaestor_checkpoints": (),
    "quaestor_status_indexes": (),
    "quaestor_jobs": (),
}
"""The tables that operators add to, and the columns that the database fills by itself."""
_OWN_UPDATE: Mapping[str, tuple[str, ...]] = {
    "quaestor_claims": ("holder", "name", "claimed_at", "until", "reason", "snoozed_until", "snooze_reason"),
    "quaestor_jobs": ("state", "position", "done", "total", "updated_at", "finished_at", "report", "error"),
}


@dataclass(frozen=True, order=True)
class Right:
    """One right on one table; no columns where it is on all of it."""

    table: str
    privilege: str
    columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.privilege + (f" ({', '.join(self.columns)})" if self.columns else "")


def role(system: str, name: str) -> str:
    """The role's name; PostgreSQL's belong to the whole cluster, so it ends in the system's."""
    return f"quaestor_{name}_{system}"


def rights(system: System, name: str, columns: Mapping[str, tuple[str, ...]]) -> Iterator[Right]:
    """The rights of one of the four roles on the tables and columns that are there."""
    hidden = secrets(system, name)
    for table in [*system.metadata.tables, *_OWN_READ]:
        if seen := tuple(
            c for c in columns.get(table, ()) if (table, c) not in hidden and _known(system, table, c)
        ):
            yield Right(table, "SELECT", seen)
    if name == "auditor":
        return
    for table, words in updates(system.name, name).items():
        if there := tuple(c for c in columns.get(table, ()) if c in words):
            yield Right(table, "UPDATE", there)
    yield from _rows(system.name, name, columns)
    yield from _own(name, columns)


def _known(system: System, table: str, column: str) -> bool:
    declared = system.metadata.tables.get(table)
    return declared is None or column in declared.columns


def secrets(system: System, name: str) -> set[tuple[str, str]]:
    """What the role may not even read: masked columns, but for an admin the sealed one that is revealed."""
    masked = {(e.table.name, c.name) for e in system.entities for c in e.columns if c.kind is Kind.MASKED}
    return masked - ({("applications", "ssn_encrypted")} if name == "admin" else set())


def updates(system: str, name: str) -> dict[str, frozenset[str]]:
    """The columns that a role may set, by table; an admin may what the others may."""
    parts = {"reviewer": [_REVIEWER], "security": [_SECURITY]}.get(name, [_REVIEWER, _SECURITY, _ADMIN])
    found: dict[str, frozenset[str]] = {}
    for table, words in (item for part in parts for item in part[system].items()):
        found[table] = found.get(table, frozenset(STAMPS.split())) | frozenset(words.split())
    return found


def _rows(system: str, name: str, columns: Mapping[str, tuple[str, ...]]) -> Iterator[Right]:
    names = ("security", "admin") if name == "admin" else (name,)
    inserts = {AUDITS[system]} | {t for n in names for t in _INSERTS.get(n, {}).get(system, ())}
    deletes = {t for n in names for t in _DELETES.get(n, {}).get(system, ())}
    for privilege, tables in (("INSERT", inserts), ("DELETE", deletes)):
        yield from (Right(table, privilege) for table in sorted(tables) if table in columns)


def _own(name: str, columns: Mapping[str, tuple[str, ...]]) -> Iterator[Right]:
    for table, filled in _OWN_INSERT.items():
        if table in columns:
            yield Right(table, "INSERT", tuple(c for c in columns[table] if c not in filled))
    for table, may in _OWN_UPDATE.items():
        if table in columns:
            yield Right(table, "UPDATE", may)
    if name == "admin" and "quaestor_policy" in columns:
        yield Right("quaestor_policy", "UPDATE", ("value", "proposal_id"))
