"""Payment Linker as the console sees it: its five entities."""

from __future__ import annotations

from db.model import System
from db.paymentlinker.actions import ACTIONS, SETTINGS
from db.paymentlinker.applications import APPLICATIONS
from db.paymentlinker.audit import AUDIT_LOGS
from db.paymentlinker.audit_row import audit, stamp
from db.paymentlinker.devices import DEVICES
from db.paymentlinker.tables import metadata
from db.paymentlinker.tenancy import TENANTS
from db.paymentlinker.users import USERS

SYSTEM = System(
    name="paymentlinker",
    title="Payment Linker",
    dialect="postgresql",
    metadata=metadata,
    entities=(APPLICATIONS, DEVICES, USERS, TENANTS, AUDIT_LOGS),
    marks=("applications.ssn_encrypted", "devices.device_id_external"),
    areas={
        "accounts": ("applications", "users", "tenants"),
        "reviews": ("applications/review", "applications/review-by-age"),
        "credentials": ("users/locked", "users/without-mfa", "users/privileged", "users"),
        "audit": ("audit_logs",),
        "fleet": ("devices", "devices/needs-attention"),
    },
    actions=ACTIONS,
    settings=SETTINGS,
    stamp=stamp,
    audit=audit,
)
