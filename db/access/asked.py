"""Which lists tell of access that wants attention, by system. Imports no SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from db.severity import Severity


@dataclass(frozen=True)
class Section:
    """A question that is put to all systems."""

    name: str
    title: str
    severity: Severity
    """How bad one of them is."""


@dataclass(frozen=True)
class Ask:
    """Where one system answers it."""

    section: str
    entity: str
    view: str
    column: str = ""
    """The time that narrows the view, where one does."""
    days: int = 0
    """It is at most so many days ahead."""


SECTIONS = (
    Section("lost", "Lost, and not revoked", Severity.CRITICAL),
    Section("inactive", "Left to people who are suspended or gone", Severity.CRITICAL),
    Section("locked", "Locked or suspended", Severity.WARNING),
    Section("expiring-7d", "Expiring within 7 days", Severity.WARNING),
    Section("expiring-30d", "Expiring within 30 days", Severity.NOTICE),
    Section("never-used", "Never used", Severity.NOTICE),
    Section("one-factor", "Without a second factor", Severity.NOTICE),
    Section("live", "Live now", Severity.GOOD),
    Section("granted", "Granted", Severity.GOOD),
)
"""The worst first."""


def _of(section: str, *paths: str) -> Iterator[Ask]:
    for path in paths:
        where, _, narrowed = path.partition(" ")
        entity, _, view = where.partition("/")
        column, _, days = narrowed.partition(" ")
        yield Ask(section, entity, view, column, int(days or 0))


ASKED: Mapping[str, tuple[Ask, ...]] = {
    "trustsphere": (
        *_of("locked", "users/locked"),
        *_of("expiring-7d", "users/password-expiring password_expires_at 7"),
        *_of("expiring-30d", "users/all password_expires_at 30"),
        *_of("never-used", "users/never-signed-in"),
        *_of("live", "users/signed-in"),
        *_of("granted", "user_roles/recent"),
    ),
    "paymentlinker": (
        *_of("locked", "users/locked"),
        *_of("never-used", "users/never-signed-in"),
        *_of("one-factor", "users/privileged-without-mfa", "users/without-mfa"),
        *_of("granted", "users/privileged"),
    ),
    "finpass": (
        *_of("inactive", "credentials/holder-inactive"),
        *_of("locked", "credentials/suspended"),
        *_of("expiring-7d", "credentials/expiring-7d"),
        *_of("expiring-30d", "credentials/expiring"),
        *_of("live", "credentials/valid"),
    ),
    "multipass": (
        *_of("lost", "hardware_passes/lost-not-revoked"),
        *_of("inactive", "multipass_sessions/of-inactive", "multipass_credentials/of-inactive", "hardware_passes/of-inactive"),
        *_of("locked", "multipass_credentials/locked", "hardware_passes/suspended"),
        *_of("expiring-7d", "attestations/expiring expires_at 7"),
        *_of("expiring-30d", "attestations/expiring"),
        *_of("never-used", "multipass_credentials/never-used", "hardware_passes/issued"),
        *_of("one-factor", "multipass_credentials/without-mfa"),
        *_of("live", "multipass_sessions/live", "hardware_passes/active", "attestations/active"),
    ),
}  # fmt: skip
"""By system."""
