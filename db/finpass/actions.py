"""What can be done to FinPass's users and payments; what is done to credentials stands in ``withdrawing``."""

from __future__ import annotations

from sqlalchemy import func, select

from db.actions import both, dual, state, transition
from db.change import Change
from db.finpass import withdrawing
from db.finpass.tables import USER_STATUSES, credentials
from db.model import Action, Context, Kind, Setting, Tighter, Values

HIGH_VALUE = Setting("high_value", "10000.00", "From this amount on a payment is of high value.")
RETENTION = Setting(
    "retention_days",
    "2557",
    "Audit events that say nothing else are kept for so many days.",
    Kind.INTEGER,
    Tighter.HIGHER,
)


def _unverified(row: Values, context: Context) -> str | None:
    return f"KYC is verified already, since {row['kyc_verified_at']}." if row["kyc_verified"] else None


def _verified(row: Values, context: Context) -> str | None:
    return None if row["kyc_verified"] else "KYC is not verified; there is nothing to withdraw."


def _terminate(change: Change) -> None:
    change.update(status="TERMINATED")
    c = credentials.c
    held = select(func.count().label("n")).where(c.user_id == change.facts.key[0], c.status != "REVOKED")
    if number := change.read(held)[0]["n"]:
        change.remark(f"{number} credentials of this user are not revoked, and stay as they are.")


USERS = (
    Action(
        "verify-kyc",
        "users",
        "Records that the user's identity was verified.",
        both(state(*USER_STATUSES), _unverified),
        lambda change: change.update(kyc_verified=True, kyc_verified_at=change.now),
        ("status", "kyc_verified", "kyc_verified_at"),
        label="verify KYC",
        inverse="withdraw-kyc",
        audit={"event": "KYC_VERIFIED", "flags": "KYC"},
    ),
    Action(
        "withdraw-kyc",
        "users",
        "Withdraws the verification of the user's identity.",
        both(state(*USER_STATUSES), _verified),
        lambda change: change.update(kyc_verified=False, kyc_verified_at=None),
        ("status", "kyc_verified", "kyc_verified_at"),
        label="withdraw KYC",
        inverse="verify-kyc",
        audit={"event": "KYC_WITHDRAWN", "severity": "WARNING", "flags": "KYC"},
    ),
    transition(
        "users",
        "suspend",
        "ACTIVE -> SUSPENDED",
        "Suspends the user until reactivated.",
        inverse="reactivate",
        audit={"event": "USER_SUSPENDED", "severity": "WARNING"},
    ),
    transition(
        "users",
        "reactivate",
        "SUSPENDED -> ACTIVE",
        "Makes a suspended user active again.",
        inverse="suspend",
        audit={"event": "USER_REACTIVATED"},
    ),
    Action(
        "terminate",
        "users",
        "Ends the user's account for good.",
        state("ACTIVE", "SUSPENDED"),
        _terminate,
        ("status",),
        risk=dual,
        final="A terminated user does not come back.",
        irreversible=True,
        audit={"event": "USER_TERMINATED", "flags": "GDPR"},
    ),
    Action(
        "erase",
        "users",
        "Erases the user's email, phone and metadata (GDPR); the DID stays.",
        state("TERMINATED"),
        lambda change: change.update(email=None, phone=None, metadata=None),
        ("status",),
        risk=dual,
        final="What is erased is kept nowhere, so that nothing can bring it back.",
        irreversible=True,
        erases=True,
        audit={"event": "USER_ERASED", "flags": "GDPR"},
    ),
)

PAYMENTS = (
    transition(
        "payments",
        "cancel",
        "PENDING AUTHORIZED -> CANCELLED",
        "Cancels the payment; nothing is captured.",
        final="A cancelled payment stays cancelled; a new one takes its place.",
        audit={"event": "PAYMENT_CANCELLED"},
    ),
    transition(
        "payments",
        "mark-failed",
        "PENDING AUTHORIZED -> FAILED",
        "Records that the payment failed, with the reason.",
        also=lambda change: {"failed_at": change.now, "failure_reason": change.reason},
        final="A failed payment stays failed; a new one takes its place.",
        audit={"event": "PAYMENT_FAILED", "severity": "WARNING"},
    ),
    transition(
        "payments",
        "refund",
        "CAPTURED -> REFUNDED",
        "Records that the whole amount was paid back, with the reason.",
        also=lambda change: {"refunded_at": change.now, "refund_reason": change.reason},
        hashed="amount currency payer_did payee_did",
        risk=dual,
        final="A refund is not taken back; a new payment collects the amount again.",
        irreversible=True,
        audit={"event": "PAYMENT_REFUNDED"},
    ),
)

ACTIONS = (*USERS, *withdrawing.ACTIONS, *PAYMENTS)
SETTINGS = (HIGH_VALUE, RETENTION, withdrawing.REVOKE_BURST)
