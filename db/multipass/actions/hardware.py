"""Hardware passes: a revoked one takes its open challenges and its profile's sessions with it."""

from __future__ import annotations

from db.actions import state, transition
from db.change import Change
from db.model import Action
from db.multipass.actions.shared import REVOKE_DUAL_FROM, is_there, live_sessions, revocation
from db.multipass.tables import hardware_challenges, multipass_sessions

EXPIRED = "challenges expired"
"""The words under which the pass's open challenges are counted."""
ENDED = "sessions ended"
"""The words under which the sessions of its profile are counted."""


def _revoke(change: Change) -> None:
    change.update(status="revoked", **revocation(change))
    profile, c = change.row["profile_id"], hardware_challenges.c
    if is_there(change, hardware_challenges):
        waiting = (c.pass_id == change.facts.key[0]) & (c.status == "pending")
        change.each(hardware_challenges, waiting, EXPIRED, status="expired")
    if profile is not None and is_there(change, multipass_sessions):
        change.each(multipass_sessions, live_sessions(change, profile), ENDED, **revocation(change))


PASSES = (
    transition(
        "hardware_passes",
        "suspend",
        "active -> suspended",
        "Suspends the pass until it is reinstated.",
        inverse="reinstate",
    ),
    transition(
        "hardware_passes",
        "reinstate",
        "suspended lost -> active",
        "Makes the suspended or lost pass active again.",
        inverse="suspend",
    ),
    transition(
        "hardware_passes",
        "report-lost",
        "active suspended -> lost",
        "Notes that the pass is lost; it can be revoked, or reinstated when it is found.",
        inverse="reinstate",
    ),
    Action(
        "revoke",
        "hardware_passes",
        "Revokes the pass for good, expires its open challenges and ends its profile's sessions.",
        state("issued", "active", "suspended", "lost"),
        _revoke,
        ("status", "profile_id"),
        burst=REVOKE_DUAL_FROM,
        final="A revoked pass stays revoked; the holder gets another one.",
        irreversible=True,
        dependents=(EXPIRED, ENDED),
    ),
)
