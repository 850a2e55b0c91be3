"""What the audit trail tells: ten events, of an application and of its tenant's people and devices."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from db.paymentlinker.seed import devices
from db.paymentlinker.seed.world import DECISIONS, Member, World

COLUMNS = (
    "event_type event_category service_name event_description application_id decision risk_score confidence "
    "user_id user_role regulation event_data previous_state new_state"
)
Told = list[Any]
"""The tenant's number, then the values of ``COLUMNS``."""
DESCRIPTION, REGULATION, DATA = 4, 11, 12
"""Where they stand in it."""


class Subject:
    """The application that events are about, as the world remembers it."""

    def __init__(self, world: World, number: int) -> None:
        self.number = number
        self.id = world.application_ids.at(number)
        self.tenant = world.application_tenants[number]
        self.moment = datetime.fromtimestamp(world.created[number], UTC)
        reviewed = world.reviewed[number]
        self.reviewed = datetime.fromtimestamp(reviewed, UTC) if reviewed else None
        self.decision = DECISIONS[world.decisions[number]] or None
        self.score = None if world.scores[number] < 0 else world.scores[number]
        confidence = world.confidences[number]
        self.confidence = None if confidence < 0 else Decimal(confidence).scaleb(-2)
        reviewers, staff = world.reviewers[self.tenant], world.staff[self.tenant]
        self.reviewer = reviewers[number % len(reviewers)]
        self.member = staff[number * 7 % len(staff)]

    @property
    def verdict(self) -> tuple[str | None, int | None, Decimal | None]:
        """The decision, the risk score and the confidence."""
        return self.decision, self.score, self.confidence


def tell(
    tenant: int,
    kind: str,
    category: str,
    service: str,
    text: str | None = None,
    application: str | None = None,
    verdict: tuple[str | None, int | None, Decimal | None] = (None, None, None),
    who: Member | None = None,
    regulation: str | None = None,
    data: str | None = None,
    before: str | None = None,
    after: str | None = None,
) -> Told:
    """One event."""
    user, role = (who.id, who.role) if who else (None, None)
    return [
        tenant,
        kind,
        category,
        service,
        text,
        application,
        *verdict,
        user,
        role,
        regulation,
        data,
        before,
        after,
    ]


def received(_: World, of: Subject, event: int) -> Told:
    """An application came."""
    return tell(
        of.tenant,
        "APPLICATION_CREATED",
        "APPLICATION",
        "application-service",
        "Application received",
        of.id,
        regulation="GDPR",
        data=_CHANNELS[event // 10 % 3],
        after='{"status": "created"}',
    )


def identified(_: World, of: Subject, event: int) -> Told:
    """The applicant's identity was looked up."""
    return tell(
        of.tenant,
        "IDENTITY_VERIFIED",
        "VERIFICATION",
        "verification-service",
        "Compared with the bureau's",
        of.id,
        regulation="GDPR" if event % 20 < 10 else None,
        data='{"provider": "plaid"}',
        before='{"status": "created"}',
        after='{"status": "processing"}',
    )


def scored(_: World, of: Subject, event: int) -> Told:
    """The model gave its score, or has not yet."""
    kind = "RISK_ASSESSMENT_QUEUED" if of.score is None else "RISK_ASSESSED"
    verdict = (None, of.score, of.confidence)
    data = f'{{"attempt": {event % 3 + 1}}}'
    return tell(of.tenant, kind, "RISK", "risk-engine", None, of.id, verdict, regulation="FCRA", data=data)


def decided(_: World, of: Subject, event: int) -> Told:
    """The model decided, or left it open."""
    kind = "DECISION_MADE" if of.decision else "DECISION_POSTPONED"
    return tell(
        of.tenant,
        kind,
        "DECISION",
        "risk-engine",
        "Decision of the model",
        of.id,
        of.verdict,
        regulation="FCRA",
        before='{"status": "processing"}',
        after=f'{{"decision": "{of.decision or ""}"}}',
    )


def reviewed(_: World, of: Subject, event: int) -> Told:
    """A person decided, or is asked to, or nobody needs to."""
    if of.reviewed and of.decision:
        return tell(
            of.tenant,
            f"APPLICATION_{of.decision.upper()}",
            "REVIEW",
            "review-service",
            "Decided by hand",
            of.id,
            of.verdict,
            of.reviewer,
            "FCRA",
            '{"source": "review-ui"}',
            before='{"decision": "review"}',
            after=f'{{"decision": "{of.decision}"}}',
        )
    if of.decision in ("review", "manual_review", "refer"):
        return tell(
            of.tenant,
            "APPLICATION_REFERRED",
            "REVIEW",
            "risk-engine",
            "Left to a person",
            of.id,
            of.verdict,
            regulation="FCRA",
            after='{"status": "review"}',
        )
    return tell(of.tenant, "APPLICANT_NOTIFIED", "NOTIFICATION", "notification-service", None, of.id)


def served(world: World, of: Subject, event: int) -> Told:
    """A device did its work; the last time that it is spoken of, what it is now."""
    device = event // 10 % world.devices
    last = event // 10 + world.devices >= world.events // 10
    kind, before, after = _BY_STATE.get(world.device_states[device], _WORK) if last else _WORK
    data = f'{{"device": "{world.external_id(device)}", "task": {event % 9973}}}'
    return tell(
        world.tenant_of(device),
        kind or _ROUTINE[event // 10 % 4],
        "FLEET",
        "device-service",
        data=data,
        before=before,
        after=after,
    )


def signed_in(_: World, of: Subject, event: int) -> Told:
    """Somebody of the tenant signed in, or tried to."""
    return tell(of.tenant, _ACCESS[event // 10 % len(_ACCESS)], "ACCESS", "auth-service", who=of.member)


def linked(_: World, of: Subject, event: int) -> Told:
    """The account with the payment provider was set up."""
    data = '{"provider": "stripe"}'
    return tell(of.tenant, "PAYMENT_ACCOUNT_LINKED", "PAYMENT", "payment-service", None, of.id, data=data)


def disclosed(_: World, of: Subject, event: int) -> Told:
    """Personal data was consented to, seen or handed out."""
    kind = _PRIVACY[event // 10 % len(_PRIVACY)]
    return tell(
        of.tenant, kind, "PRIVACY", "privacy-service", "On request", of.id, who=of.member, regulation="GDPR"
    )


def delivered(_: World, of: Subject, event: int) -> Told:
    """The tenant's own system was told."""
    data = f'{{"attempt": {event % 4 + 1}, "http_status": 200}}'
    return tell(of.tenant, "WEBHOOK_DELIVERED", "SYSTEM", "webhook-service", None, of.id, data=data)


STORY: tuple[tuple[Callable[[World, Subject, int], Told], int], ...] = (
    (received, 0),
    (identified, 20),
    (scored, 45),
    (decided, 60),
    (reviewed, 75),
    (served, 600),
    (signed_in, 900),
    (linked, 1200),
    (disclosed, 1500),
    (delivered, 1800),
)
"""The events of an application, each with its seconds after the first."""

_CHANNELS = tuple(json.dumps({"channel": channel}) for channel in ("web", "partner", "mobile"))
_ROUTINE = ("DEVICE_TASK_COMPLETED", "DEVICE_TASK_COMPLETED", "DEVICE_TASK_FAILED", "DEVICE_HEALTH_CHECKED")
_WORK: tuple[str, str | None, str | None] = ("", None, None)
_BY_STATE: dict[int, tuple[str, str | None, str | None]] = {
    devices.COMPROMISED: ("DEVICE_COMPROMISED", '{"compromised": false}', '{"compromised": true}'),
    devices.QUARANTINED: ("DEVICE_QUARANTINED", '{"status": "online"}', '{"status": "quarantined"}'),
    devices.DECOMMISSIONED: (
        "DEVICE_DECOMMISSIONED",
        '{"status": "offline"}',
        '{"status": "decommissioned"}',
    ),
    devices.LOST: ("DEVICE_LOST", '{"status": "online"}', '{"status": "offline"}'),
    devices.ERROR: ("DEVICE_FAILED", '{"status": "busy"}', '{"status": "error"}'),
}
_ACCESS = (
    "USER_SIGNED_IN",
    "USER_SIGNED_IN",
    "USER_SIGN_IN_FAILED",
    "USER_SIGNED_OUT",
    "USER_LOCKED",
    "MFA_ENABLED",
    "PASSWORD_CHANGED",
)
_PRIVACY = ("CONSENT_RECORDED", "SSN_ACCESSED", "DATA_EXPORTED", "CONSENT_RECORDED", "CONSENT_WITHDRAWN")
