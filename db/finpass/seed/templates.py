"""The kinds of invented audit events: what does not depend on whom or when, made once and chosen by weight."""

from __future__ import annotations

from typing import Any

from db.finpass.seed.chance import Chance
from db.finpass.seed.words import NOT_JSON

COLUMNS = (
    "event_type", "resource_type", "action", "outcome", "severity", "source_system", "api_version", "description",
    "details", "error_code", "error_message", "stack_trace", "compliance_flags", "retention_days", "performed_by_role",
)  # fmt: skip
Template = tuple[Any, ...]

_STEPS = """
USER_LOGIN - LOGIN SUCCESS INFO A holder logged in
USER_REGISTERED USER CREATE SUCCESS INFO A holder registered
KYC_VERIFIED USER VERIFY SUCCESS INFO KYC verified
USER_SUSPENDED USER SUSPEND SUCCESS WARNING The holder was suspended
USER_TERMINATED USER TERMINATE SUCCESS WARNING The holder was terminated
CREDENTIAL_ISSUED CREDENTIAL ISSUE SUCCESS INFO A credential was issued
CREDENTIAL_SUSPENDED CREDENTIAL SUSPEND SUCCESS WARNING A credential was suspended
CREDENTIAL_REVOKED CREDENTIAL REVOKE SUCCESS WARNING A credential was revoked
PAYMENT_INITIATED PAYMENT CREATE SUCCESS INFO A payment was initiated
PAYMENT_AUTHORIZED PAYMENT AUTHORIZE SUCCESS INFO A payment was authorized
PAYMENT_CAPTURED PAYMENT CAPTURE SUCCESS INFO A payment was captured
PAYMENT_FAILED PAYMENT FAIL FAILURE ERROR A payment failed
PAYMENT_REFUNDED PAYMENT REFUND SUCCESS INFO A payment was refunded
PAYMENT_CANCELLED PAYMENT CANCEL SUCCESS INFO A payment was cancelled
AUTHENTICATION_FAILED - AUTHENTICATE FAILURE WARNING Authentication failed
SECURITY_ALERT - ALERT DENIED CRITICAL Credential stuffing suspected
SYSTEM_ERROR - CALL FAILURE ERROR A request failed
"""
_DAILY = """
400 USER_LOGIN - LOGIN SUCCESS INFO A holder logged in
120 USER_LOGOUT - LOGOUT SUCCESS INFO A holder logged out
30 AUTHENTICATION_FAILED - AUTHENTICATE FAILURE WARNING Authentication failed
110 CREDENTIAL_PRESENTED - PRESENT SUCCESS INFO A credential was presented to a verifier
100 CREDENTIAL_VERIFIED - VERIFY SUCCESS INFO A presentation was verified
12 CREDENTIAL_VERIFICATION_FAILED - VERIFY FAILURE WARNING A presentation could not be verified
60 DATA_ACCESSED - READ SUCCESS INFO Personal data was read
25 PROFILE_UPDATED - UPDATE SUCCESS INFO Contact data changed
30 CONSENT_GRANTED - CONSENT SUCCESS INFO Consent was given to a verifier
8 CONSENT_REVOKED - CONSENT SUCCESS INFO Consent was withdrawn
25 RISK_ASSESSED - ASSESS SUCCESS INFO The risk of a payment was assessed
8 KYC_REJECTED - VERIFY DENIED WARNING Documents were not accepted
6 RATE_LIMITED - CALL DENIED WARNING Too many requests
5 ACCESS_DENIED - READ DENIED WARNING A scope was missing
5 DATA_EXPORTED - EXPORT SUCCESS INFO Personal data was exported to its subject
4 SYSTEM_ERROR - CALL FAILURE ERROR A request failed
2 SCREENING_HIT - SCREEN SUCCESS WARNING A name is on a watch list
1 SECURITY_ALERT - ALERT DENIED CRITICAL A device was seen in two countries at once
"""
_SYSTEM = """
5 KEY_ROTATED - ROTATE SUCCESS INFO A signing key was rotated
6 CONFIG_CHANGED - UPDATE SUCCESS WARNING A setting was changed
8 STATUS_LIST_PUBLISHED - PUBLISH SUCCESS INFO The status list was published
3 RETENTION_RUN - DELETE SUCCESS INFO Old rows were removed
1 SYSTEM_ERROR - CALL FAILURE ERROR A nightly job failed
"""
_ERRORS = {
    "AUTHENTICATION_FAILED": (("AUTH-401", "signature does not match"), ("AUTH-403", "device not enrolled")),
    "PAYMENT_FAILED": (("PAY-402", "declined by the processor"), ("PAY-504", "the processor did not answer")),
    "CREDENTIAL_VERIFICATION_FAILED": (("VC-410", "the credential is revoked"), ("VC-422", "wrong nonce")),
    "SYSTEM_ERROR": (("SYS-500", "java.sql.SQLTransientConnectionException: timed out after 30000 ms"),),
    "RATE_LIMITED": (("API-429", "more than 100 requests in a minute"),),
    "ACCESS_DENIED": (("API-403", "scope payments:read is missing"),),
}
_KEPT = {"USER_LOGIN": (90, 365), "USER_LOGOUT": (90, 365), "DATA_ACCESSED": (730,), "RATE_LIMITED": (30,)}
_FLAGS = {
    "KYC_VERIFIED": ("KYC",), "KYC_REJECTED": ("KYC",), "SCREENING_HIT": ("AML", "AML,SANCTIONS"),
    "DATA_EXPORTED": ("GDPR",), "CONSENT_GRANTED": ("GDPR",), "CONSENT_REVOKED": ("GDPR",),
    "USER_TERMINATED": ("GDPR",), "SECURITY_ALERT": ("PSD2", None), "PAYMENT_REFUNDED": ("PSD2", None),
}  # fmt: skip
_SOURCES = ("issuer-service", "wallet-gateway", "payment-service", "risk-engine")
_STAFF_ACTS = frozenset(
    {"USER_SUSPENDED", "USER_TERMINATED", "CREDENTIAL_SUSPENDED", "CREDENTIAL_REVOKED", "KYC_VERIFIED"}
)
_VARIANTS = 3


class Templates:
    """All of them for one plan."""

    def __init__(self, chance: Chance) -> None:
        self.steps = {line.split()[0]: _variants(chance, line) for line in _STEPS.split("\n") if line}
        """By event type: those that the life of a record brings with it."""
        self.daily = _weighted(chance, _DAILY)
        """As often as they happen: those of a holder's days."""
        self.system = _weighted(chance, _SYSTEM)
        """Those that concern nobody."""


def _weighted(chance: Chance, text: str) -> list[Template]:
    found: list[Template] = []
    for line in text.strip().split("\n"):
        weight, rest = line.split(" ", 1)
        variants = _variants(chance, rest)
        found += [variants[n % len(variants)] for n in range(int(weight))]
    return found


def _variants(chance: Chance, line: str) -> list[Template]:
    kind, resource, action, outcome, severity, text = line.split(" ", 5)
    return [
        _template(chance, kind, None if resource == "-" else resource, action, outcome, severity, text)
        for _ in range(_VARIANTS)
    ]


def _template(
    chance: Chance, kind: str, resource: str | None, action: str, outcome: str, severity: str, text: str
) -> Template:
    code, message = chance.pick(_ERRORS[kind]) if kind in _ERRORS else (None, None)
    trace = f"{message}\n\tat com.finpass.issuer.Api.handle(Api.java:214)" if severity == "ERROR" else None
    draw = chance.random.random
    details: str | None = f'{{"attempt": {1 + int(draw() * 3)}, "node": "{chance.pick(("a", "b", "c"))}"}}'
    if chance.hostile and draw() < 0.05:
        text = f"{text}: {chance.attack(400)}"
    if draw() < 0.1:
        details = chance.pick((*NOT_JSON, None))
    role = "COMPLIANCE_OFFICER" if kind in _STAFF_ACTS else "HOLDER" if draw() < 0.5 else None
    return (
        kind, resource, action, outcome, severity, chance.pick(_SOURCES), chance.pick(("v1", "v2")), text, details,
        code, message, trace, chance.pick(_FLAGS.get(kind, (None,))), chance.pick(_KEPT.get(kind, (2557, None))), role,
    )  # fmt: skip
