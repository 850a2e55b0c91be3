"""What belongs to nobody in particular, modules and assets; and what can be tried again."""

from __future__ import annotations

from db.actions import RESTORE, dual, transition

MODULES = (
    transition(
        "application_modules",
        "enable",
        "disabled deprecated -> enabled",
        "Enables the module.",
        inverse="disable",
    ),
    transition(
        "application_modules",
        "disable",
        "enabled deprecated -> disabled",
        "Disables the module for everybody.",
        risk=dual,
        inverse="enable",
    ),
)

ASSETS = (
    transition(
        "asset_definitions",
        "halt",
        "active -> halted",
        "Halts the asset: nothing is traded in it.",
        risk=dual,
        inverse="resume",
    ),
    transition(
        "asset_definitions",
        "resume",
        "halted -> active",
        "Lets the asset be traded again.",
        risk=dual,
        inverse="halt",
    ),
)

NOTIFICATIONS = (
    transition(
        "notifications",
        "retry",
        "failed -> queued",
        "Puts the notification back in the queue to be sent.",
        inverse=RESTORE,
    ),
)

REPORTS = (
    transition(
        "generated_reports",
        "retry",
        "failed -> queued",
        "Puts the report back in the queue to be made.",
        inverse=RESTORE,
    ),
)
