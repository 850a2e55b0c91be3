"""What may be done to FinPass's records in which state, and what it changes: by hand from the system's rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from db.model import Risk
from tests.finpass.office import NOW

WHEN, WHY, WHO = "the moment", "the reason", "the operator"
"""What stands in the rules below for values that are known when the test runs."""
EARLIER = NOW - timedelta(days=3)


@dataclass(frozen=True)
class Rule:
    """An action: in which states it is allowed, and what it changes then."""

    entity: str
    action: str
    risk: Risk
    event: str
    severity: str
    allowed: Mapping[str, Mapping[str, Any]]
    """State → the columns that it changes, beside ``updated_at``."""
    form: Mapping[str, str] = field(default_factory=dict)
    inverse: str = ""

    def __str__(self) -> str:
        return f"{self.entity}-{self.action}"


STATES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "users": {
        "ACTIVE": {"status": "ACTIVE"},
        "ACTIVE, verified": {"status": "ACTIVE", "kyc_verified": True, "kyc_verified_at": EARLIER},
        "SUSPENDED": {"status": "SUSPENDED"},
        "SUSPENDED, verified": {"status": "SUSPENDED", "kyc_verified": True, "kyc_verified_at": EARLIER},
        "TERMINATED": {"status": "TERMINATED"},
        "TERMINATED, verified": {"status": "TERMINATED", "kyc_verified": True, "kyc_verified_at": EARLIER},
        "unknown": {"status": "ON LEAVE"},
        "unknown, verified": {"status": "ON LEAVE", "kyc_verified": True},
    },
    "credentials": {
        "VALID": {"status": "VALID", "revocation_handle": "4711"},
        "VALID, expired": {"status": "VALID", "revocation_handle": "9", "expires_at": EARLIER},
        "SUSPENDED": {"status": "SUSPENDED", "revocation_handle": "0"},
        "REVOKED": {"status": "REVOKED", "revoked_at": EARLIER, "revocation_reason": "superseded"},
        "unknown": {"status": "LOST"},
    },
    "payments": {
        "PENDING": {"status": "PENDING"},
        "AUTHORIZED": {"status": "AUTHORIZED", "authorized_at": EARLIER},
        "CAPTURED": {"status": "CAPTURED", "captured_at": EARLIER},
        "REFUNDED": {"status": "REFUNDED", "refunded_at": EARLIER},
        "CANCELLED": {"status": "CANCELLED"},
        "FAILED": {"status": "FAILED", "failed_at": EARLIER},
        "unknown": {"status": "ON_HOLD"},
    },
}
_VERIFIED = {"kyc_verified": True, "kyc_verified_at": WHEN}
_WITHDRAWN = {"kyc_verified": False, "kyc_verified_at": None}
_ERASED = {"email": None, "phone": None, "metadata": None}
_REVOKED = {"status": "REVOKED", "revoked_at": WHEN, "revoked_by": WHO, "revocation_reason": "keyCompromise"}
_FAILED = {"status": "FAILED", "failed_at": WHEN, "failure_reason": WHY}
NORMAL, DUAL = Risk.NORMAL, Risk.DUAL
RULES = (
    Rule("users", "verify-kyc", NORMAL, "KYC_VERIFIED", "INFO",
         {"ACTIVE": _VERIFIED, "SUSPENDED": _VERIFIED, "TERMINATED": _VERIFIED}, inverse="withdraw-kyc"),
    Rule("users", "withdraw-kyc", NORMAL, "KYC_WITHDRAWN", "WARNING",
         {"ACTIVE, verified": _WITHDRAWN, "SUSPENDED, verified": _WITHDRAWN, "TERMINATED, verified": _WITHDRAWN},
         inverse="verify-kyc"),
    Rule("users", "suspend", NORMAL, "USER_SUSPENDED", "WARNING",
         {"ACTIVE": {"status": "SUSPENDED"}, "ACTIVE, verified": {"status": "SUSPENDED"}}, inverse="reactivate"),
    Rule("users", "reactivate", NORMAL, "USER_REACTIVATED", "INFO",
         {"SUSPENDED": {"status": "ACTIVE"}, "SUSPENDED, verified": {"status": "ACTIVE"}}, inverse="suspend"),
    Rule("users", "terminate", DUAL, "USER_TERMINATED", "WARNING",
         {state: {"status": "TERMINATED"}
          for state in ("ACTIVE", "ACTIVE, verified", "SUSPENDED", "SUSPENDED, verified")}),
    Rule("users", "erase", DUAL, "USER_ERASED", "WARNING",
         {"TERMINATED": _ERASED, "TERMINATED, verified": _ERASED}),
    Rule("credentials", "suspend", NORMAL, "CREDENTIAL_SUSPENDED", "WARNING",
         {"VALID": {"status": "SUSPENDED"}, "VALID, expired": {"status": "SUSPENDED"}}, inverse="reinstate"),
    Rule("credentials", "reinstate", NORMAL, "CREDENTIAL_REINSTATED", "INFO",
         {"SUSPENDED": {"status": "VALID"}}, inverse="suspend"),
    Rule("credentials", "revoke", NORMAL, "CREDENTIAL_REVOKED", "WARNING",
         {"VALID": _REVOKED, "VALID, expired": _REVOKED, "SUSPENDED": _REVOKED},
         form={"revocation_reason": "keyCompromise"}),
    Rule("payments", "cancel", NORMAL, "PAYMENT_CANCELLED", "INFO",
         {"PENDING": {"status": "CANCELLED"}, "AUTHORIZED": {"status": "CANCELLED"}}),
    Rule("payments", "mark-failed", NORMAL, "PAYMENT_FAILED", "WARNING",
         {"PENDING": _FAILED, "AUTHORIZED": _FAILED}),
    Rule("payments", "refund", DUAL, "PAYMENT_REFUNDED", "WARNING",
         {"CAPTURED": {"status": "REFUNDED", "refunded_at": WHEN, "refund_reason": WHY}}),
)  # fmt: skip
