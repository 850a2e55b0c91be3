"""What may be done to Multipass's records in which state, and what it does: written by hand from the system's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.multipass.office import REASON, id_of

NOW = "the time of the operation"
BY = "anna@test"
TIMED = {
    "identity_profiles",
    "wallet_accounts",
    "wallet_balances",
    "multipass_credentials",
    "application_modules",
    "asset_definitions",
    "market_orders",
    "hardware_passes",
}
"""The tables that say when a row was changed, of those that operations change."""
REVOKED = {"revoked_at": NOW, "revocation_reason": REASON}


@dataclass(frozen=True)
class Rule:
    """An action in every state of its record."""

    entity: str
    name: str
    """The row of the office's world."""
    action: str
    allowed: Mapping[str, Mapping[str, Any]]
    """By state, what becomes of the record's columns."""
    refused: str
    """The other states."""
    dual: bool = False
    back: str = ""
    """The action that takes it back; none where it is final."""
    grave: bool = False
    """Whether it cannot be undone in any way, so that its id has to be typed."""
    profile: str = "p1"
    """Whose record it is; nobody's where empty."""
    given: Mapping[str, str] = field(default_factory=dict)
    """What the record is like besides, in SQL."""
    states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """A state in SQL, where it is not the status of that name."""
    form: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    """What becomes of other rows."""
    counted: Mapping[str, int] = field(default_factory=dict)
    moved: tuple[Mapping[str, Any], ...] = ()
    title: str = ""
    moves: tuple[str, str] = ("status", "'elsewhere'")
    """A column, and a value in SQL, that must not change between showing and doing."""

    def state(self, label: str) -> dict[str, str]:
        """The columns of the record in a state, in SQL."""
        return {**self.given, **self.states.get(label, {"status": f"'{label}'"})}

    def __str__(self) -> str:
        return f"{self.entity}-{self.title or self.action}"


def to(status: str, *states: str) -> dict[str, dict[str, Any]]:
    """From each of these states to that status."""
    return {state: {"status": status} for state in states}


_P2 = ("profile_id", f"'{id_of('p2')}'")
_LIVE: dict[str, dict[str, str]] = {
    "live": {},
    "without-end": {"expires_at": "[200000 days]"},
    "revoked": {"revoked_at": "[-1 hours]"},
    "expired": {"expires_at": "[-1 minutes]"},
    "revoked-and-expired": {"revoked_at": "[-1 hours]", "expires_at": "[-1 minutes]"},
}
_REVIEWED = {"reviewed_at": NOW, "reviewed_by": BY}
_APPROVED = {state: {"status": "approved", **_REVIEWED} for state in ("pending", "in_review")}
_REJECTED = {
    state: {"status": "rejected", "rejection_reason": REASON, **_REVIEWED}
    for state in ("pending", "in_review")
}
_KINDS = ("withdrawal", "deposit", "transfer", "fee", "odd")
_WITHDRAWALS = {
    f"{kind}-{status}": {"kind": f"'{kind}'", "status": f"'{status}'"}
    for kind in _KINDS
    for status in ("pending", "confirmed", "failed", "rejected", "odd")
}
_RELEASED = {"locked": Decimal("19.5"), "available": Decimal("130.5"), "updated_at": NOW}
_CHALLENGES = {
    ("hardware_challenges", "g1"): {"status": "expired"},
    ("hardware_challenges", "g2"): {"status": "expired"},
}
_S1, _S2 = ("multipass_sessions", "s1"), ("multipass_sessions", "s2")
_LOCKS = {
    "active": {"status": "'active'"},
    "failing": {"failed_attempts": "4"},
    "until-later": {"failed_attempts": "5", "locked_until": "[1 hours]"},
    "until-past": {"locked_until": "[-1 hours]"},
    "locked": {"status": "'locked'"},
    "locked-until": {"status": "'locked'", "failed_attempts": "7", "locked_until": "[1 hours]"},
    "disabled-failing": {"status": "'disabled'", "failed_attempts": "7", "locked_until": "[1 hours]"},
}

RULES = (
    Rule("identity_profiles", "p1", "suspend", to("suspended", "active"), "pending suspended closed odd", back="reactivate"),
    Rule("identity_profiles", "p1", "reactivate", to("active", "suspended"), "pending active closed odd", back="suspend"),
    Rule("identity_profiles", "p1", "close", to("closed", "active", "suspended"), "pending closed odd", dual=True, grave=True),
    Rule("kyc_verifications", "k1", "approve", _APPROVED, "approved rejected expired odd", back="restore", moves=_P2),
    Rule("kyc_verifications", "k1", "reject", _REJECTED, "approved rejected expired odd", moves=_P2),
    Rule(
        "kyc_verifications", "k2", "approve", _APPROVED, "approved rejected expired odd", profile="p2",
        others={("identity_profiles", "p2"): {"status": "active", "updated_at": NOW}},
        counted={"profiles activated": 1},
        moved=({"table": "identity_profiles", "id": id_of("p2"), "status": "active"},),
        back="restore", title="approve-of-pending-profile",
    ),
    Rule("kyc_verifications", "k2", "reject", _REJECTED, "approved rejected expired odd", profile="p2", title="reject-of-pending-profile"),
    Rule(
        "attestations", "a1", "revoke",
        {state: {"status": "revoked", **REVOKED} for state in ("active", "expired")}, "revoked odd", grave=True,
    ),
    Rule("wallet_accounts", "w1", "freeze", to("frozen", "active"), "frozen closed odd", back="unfreeze"),
    Rule("wallet_accounts", "w1", "unfreeze", to("active", "frozen"), "active closed odd", back="freeze"),
    Rule(
        "wallet_transactions", "t1", "reject", to("rejected", "withdrawal-pending"),
        " ".join(label for label in _WITHDRAWALS if label != "withdrawal-pending"), dual=True,
        states=_WITHDRAWALS, moves=("amount", "#'30'#"),
        others={("wallet_balances", "b1"): _RELEASED},
        counted={"balances released": 1},
        moved=(
            {
                "table": "wallet_balances",
                "id": id_of("b1"),
                "locked": "-30.500000000000000000",
                "available": "+30.500000000000000000",
            },
        ),
    ),
    Rule("multipass_credentials", "c1", "lock", to("locked", "active"), "locked disabled odd", back="unlock"),
    Rule(
        "multipass_credentials", "c1", "lock",
        {"active": {"status": "locked", "locked_until": datetime.fromisoformat("2999-01-02T03:04:05+00:00")}}, "",
        back="unlock", given={"failed_attempts": "2"}, form={"until": "2999-01-02T03:04:05+00:00"}, title="lock-until",
    ),
    Rule(
        "multipass_credentials", "c1", "unlock",
        {
            "failing": {"failed_attempts": 0},
            "until-later": {"failed_attempts": 0, "locked_until": None},
            "locked": {"status": "active"},
            "locked-until": {"status": "active", "failed_attempts": 0, "locked_until": None},
        },
        "active until-past disabled disabled-failing odd", back="restore", states=_LOCKS, moves=("failed_attempts", "9"),
    ),
    Rule("multipass_credentials", "c1", "disable", to("disabled", "active", "locked"), "disabled odd", dual=True, back="restore"),
    Rule(
        "multipass_credentials", "c1", "reset-mfa",
        {state: {"mfa_enabled": False, "mfa_secret": None, "backup_codes": ()} for state in ("active", "locked", "disabled")},
        "odd",
    ),
    Rule(
        "multipass_sessions", "s1", "revoke", {"live": REVOKED, "without-end": REVOKED},
        "revoked expired revoked-and-expired", states=_LIVE, moves=("revoked_at", "[now]"),
    ),
    Rule(
        "multipass_sessions", "s1", "revoke-all", {"live": REVOKED, "without-end": REVOKED},
        "revoked expired revoked-and-expired", states=_LIVE, moves=("expires_at", "[3 days]"),
        others={_S2: REVOKED}, counted={"other sessions ended": 1},
    ),
    Rule("application_modules", "m1", "enable", to("enabled", "disabled", "deprecated"), "enabled odd", back="disable", profile=""),
    Rule("application_modules", "m1", "disable", to("disabled", "enabled", "deprecated"), "disabled odd", dual=True, back="enable", profile=""),
    Rule("asset_definitions", "e1", "halt", to("halted", "active"), "halted delisted odd", dual=True, back="resume", profile=""),
    Rule("asset_definitions", "e1", "resume", to("active", "halted"), "active delisted odd", dual=True, back="halt", profile=""),
    Rule("market_orders", "o1", "cancel", to("cancelled", "open", "partial"), "filled cancelled rejected odd", back="restore"),
    Rule("notifications", "n1", "retry", to("queued", "failed"), "queued sent odd", back="restore"),
    Rule("generated_reports", "r1", "retry", to("queued", "failed"), "queued running ready odd", back="restore", profile=""),
    Rule("hardware_passes", "h1", "suspend", to("suspended", "active"), "issued suspended lost revoked odd", back="reinstate"),
    Rule("hardware_passes", "h1", "reinstate", to("active", "suspended", "lost"), "issued active revoked odd", back="suspend"),
    Rule("hardware_passes", "h1", "report-lost", to("lost", "active", "suspended"), "issued lost revoked odd", back="reinstate"),
    Rule(
        "hardware_passes", "h1", "revoke",
        {state: {"status": "revoked", **REVOKED} for state in ("issued", "active", "suspended", "lost")}, "revoked odd", grave=True,
        others={**_CHALLENGES, _S1: REVOKED, _S2: REVOKED},
        counted={"challenges expired": 2, "sessions ended": 2},
    ),
)  # fmt: skip
