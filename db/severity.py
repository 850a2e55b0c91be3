"""How bad something is: one scale for findings, queues, jobs and databases."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """The worst first."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTICE = "notice"
    GOOD = "good"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


def worst(*severities: Severity) -> Severity:
    """The worst of these; good without any."""
    return min(severities, key=lambda severity: severity.rank, default=Severity.GOOD)
