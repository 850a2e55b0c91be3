"""Multipass's fleet: its hardware passes, by the rules of their health."""

from __future__ import annotations

from db.fleet.declared import By, Finding, Fleet
from db.multipass.entities.hardware import FINDINGS, IN_FLEET
from db.multipass.life import GAUGES, life
from db.multipass.tables import hardware_passes
from db.severity import Severity

_h = hardware_passes.c
_SEVERITY = {
    "lost-not-revoked": Severity.CRITICAL,
    "failing": Severity.CRITICAL,
    "not-seen": Severity.WARNING,
    "low-battery": Severity.WARNING,
    "never-attested": Severity.NOTICE,
    "outdated-firmware": Severity.NOTICE,
}
_SINCE = {
    "lost-not-revoked": _h.updated_at,
    "not-seen": _h.last_seen_at,
    "never-attested": _h.created_at,
}

FLEET = Fleet(
    entity="hardware_passes",
    noun="pass",
    service=IN_FLEET,
    findings=tuple(
        Finding(name, summary, rule, _SEVERITY[name], _SINCE.get(name))
        for name, (summary, rule) in FINDINGS.items()
    ),
    ways=(By("model", "model"), By("firmware", "firmware_version"), By("status", "status")),
    beat="last_seen_at",
    told=("updated_at",),
    steps=(("pass_unseen_seconds", 30 * 86_400),),
    gauges=GAUGES,
    life=life,
)
