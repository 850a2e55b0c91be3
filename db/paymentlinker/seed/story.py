"""What the audit trail tells: ten events, of an application and of its tenant's people and devices."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from db.paymentlinker.seed import devices
from db.paymentlinker.seed.world import DECISIONS, World

COLUMNS = (
    "event_type event_category event_description service_name application_id decision risk_score confidence "
    "user_id user_role regulation event_data previous_state new_state"
)
Told = tuple[Any, ...]
"""The tenant's number, then the values of ``COLUMNS``."""


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


def received(_: World, of: Subject, event: int) -> Told:
    """An application came."""
    return (
        of.tenant,
        "APPLICATION_CREATED",
        "APPLICATION",
        "Application received",
        "application-service",
        of.id,
        None,
        None,
        None,
        None,
        None,
        "GDPR",
        _CHANNELS[event // 10 % 3],
        None,
        '{"status": "created"}',
    )


def identified(_: World, of: Subject, event: int) -> Told:
    """The applicant's identity was looked up."""
    return (
        of.tenant,
        "IDENTITY_VERIFIED",
        "VERIFICATION",
        "Identity compared with the bureau's",
        "verification-service",
        of.id,
        None,
        None,
        None,
        None,
        None,
        "GDPR" if event % 20 < 10 else None,
        '{"provider": "plaid"}',
        '{"status": "created"}',
        '{"status": "processing"}',
    )


def scored(_: World, of: Subject, event: int) -> Told:
    """The model gave its score, or has not yet."""
    kind = "RISK_ASSESSMENT_QUEUED" if of.score is None else "RISK_ASSESSED"
    return (
        of.tenant,
        kind,
        "RISK",
        None,
        "risk-engine",
        of.id,
        None,
        of.score,
        of.confidence,
        None,
        None,
        "FCRA",
        f'{{"attempt": {event % 3 + 1}}}',
        None,
        None,
    )


def decided(_: World, of: Subject, event: int) -> Told:
    """The model decided, or left it open."""
    kind = "DECISION_MADE" if of.decision else "DECISION_POSTPONED"
    return (
        of.tenant,
        kind,
        "DECISION",
        "Decision of the model",
        "risk-engine",
        of.id,
        of.decision,
        of.score,
        of.confidence,
        None,
        None,
        "FCRA",
        None,
        '{"status": "processing"}',
        f'{{"decision": "{of.decision or ""}"}}',
    )


def reviewed(_: World, of: Subject, event: int) -> Told:
    """A person decided, or is asked to, or nobody needs to."""
    if of.reviewed:
        member = of.reviewer
        return (
            of.tenant,
            f"APPLICATION_{(of.decision or '').upper()}",
            "REVIEW",
            "Decided by hand",
            "review-service",
            of.id,
            of.decision,
            of.score,
            of.confidence,
            member.id,
            member.role,
            "FCRA",
            '{"source": "review-ui"}',
            '{"decision": "review"}',
            f'{{"decision": "{of.decision}"}}',
        )
    if of.decision in ("review", "manual_review", "refer"):
        return (
            of.tenant,
            "APPLICATION_REFERRED",
            "REVIEW",
            "Left to a person",
            "risk-engine",
            of.id,
            of.decision,
            of.score,
            of.confidence,
            None,
            None,
            "FCRA",
            None,
            None,
            '{"status": "review"}',
        )
    return (
        of.tenant,
        "APPLICANT_NOTIFIED",
        "NOTIFICATION",
        None,
        "notification-service",
        of.id,
        None,
        None,
        None,
        None,
        None,
        None,
        '{"template": "decision"}',
        None,
        None,
    )


def served(world: World, of: Subject, event: int) -> Told:
    """A device did its work; the last time that it is spoken of, what it is now."""
    device = event // 10 % world.devices
    last = event // 10 + world.devices >= world.events // 10
    kind, before, after = _BY_STATE.get(world.device_states[device], _WORK) if last else _WORK
    data = f'{{"device": "{world.external_id(device)}", "task": {event % 9973}}}'
    return (
        world.tenant_of(device),
        kind or _ROUTINE[event // 10 % 4],
        "FLEET",
        None,
        "device-service",
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        data,
        before,
        after,
    )


def signed_in(_: World, of: Subject, event: int) -> Told:
    """Somebody of the tenant signed in, or tried to."""
    return (
        of.tenant,
        _ACCESS[event // 10 % len(_ACCESS)],
        "ACCESS",
        None,
        "auth-service",
        None,
        None,
        None,
        None,
        of.member.id,
        of.member.role,
        None,
        None,
        None,
        None,
    )


def linked(_: World, of: Subject, event: int) -> Told:
    """The account with the payment provider was set up."""
    return (
        of.tenant,
        "PAYMENT_ACCOUNT_LINKED",
        "PAYMENT",
        "Connected account created",
        "payment-service",
        of.id,
        None,
        None,
        None,
        None,
        None,
        None,
        '{"provider": "stripe"}',
        None,
        None,
    )


def disclosed(_: World, of: Subject, event: int) -> Told:
    """Personal data was consented to, seen or handed out."""
    return (
        of.tenant,
        _PRIVACY[event // 10 % len(_PRIVACY)],
        "PRIVACY",
        "On request",
        "privacy-service",
        of.id,
        None,
        None,
        None,
        of.member.id,
        of.member.role,
        "GDPR",
        None,
        None,
        None,
    )


def delivered(_: World, of: Subject, event: int) -> Told:
    """The tenant's own system was told."""
    return (
        of.tenant,
        "WEBHOOK_DELIVERED",
        "SYSTEM",
        None,
        "webhook-service",
        of.id,
        None,
        None,
        None,
        None,
        None,
        None,
        f'{{"attempt": {event % 4 + 1}, "http_status": 200}}',
        None,
        None,
    )


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
