"""Payment Linker's fleet: its devices, by the rules of their health."""

from __future__ import annotations

from db.fleet.declared import By, Finding, Fleet
from db.paymentlinker.health import FINDINGS, IN_SERVICE
from db.paymentlinker.life import GAUGES, begun, life
from db.paymentlinker.tables import devices, tenants
from db.severity import Severity

_d = devices.c
_SEVERITY = {
    "compromised": Severity.CRITICAL,
    "lost": Severity.CRITICAL,
    "hot": Severity.WARNING,
    "failing": Severity.WARNING,
    "low-battery": Severity.WARNING,
    "weak-signal": Severity.WARNING,
    "stale": Severity.WARNING,
    "scan-overdue": Severity.NOTICE,
    "maintenance-overdue": Severity.NOTICE,
}
_SINCE = {
    "lost": _d.last_heartbeat,
    "stale": _d.last_heartbeat,
    "scan-overdue": _d.last_security_scan,
    "maintenance-overdue": _d.next_maintenance_due,
}

FLEET = Fleet(
    entity="devices",
    noun="device",
    service=IN_SERVICE,
    findings=tuple(
        Finding(f.name, f.summary, f.rule, _SEVERITY[f.name], _SINCE.get(f.name)) for f in FINDINGS
    ),
    ways=(
        By("region", "region"),
        By("type", "device_type"),
        By("tenant", "tenant_id", (tenants.c.id, tenants.c.slug)),
        By("os", "os_version"),
    ),
    beat="last_heartbeat",
    steps=(("stale_seconds", 300), ("lost_seconds", 1800)),
    gauges=GAUGES,
    life=life,
    begun=begun,
)
