"""A number of the overview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from db.severity import Severity


@dataclass(frozen=True)
class Number:
    """One number, how bad it is, and where it leads."""

    group: str
    """``queues``, ``fleet``, ``work``, ``jobs``, ``audit``, ``ledger`` or ``pulse``."""
    name: str
    value: int | None
    """None where it cannot be told; ``text`` says why."""
    severity: Severity = Severity.GOOD
    text: str = ""
    """The rest of it in words: ``oldest 3h12, 12 late``."""
    at: datetime | None = None
    """When it was asked, aware UTC."""
    path: str = ""
    """The list behind it: ``entity/view``; or ``fleet``, ``database``, ``ledger``."""
    filter: str = ""
    """What narrows that list, as it is typed."""
    more: bool = False
    """Whether there are more than so many."""
    about: bool = False
    """Whether it is an estimate."""

    @property
    def shown(self) -> str:
        """The number with its sign: ``≈ 340``, ``10 000+``."""
        if self.value is None:
            return "–"
        text = f"{self.value:,}".replace(",", " ") if abs(self.value) > 9999 else str(self.value)
        return f"{'≈ ' * self.about}{text}{'+' * self.more}"


def unreachable(why: str) -> Number:
    """What stands for a system that cannot be asked."""
    return Number("pulse", "connection", None, Severity.CRITICAL, why, datetime.now(UTC))
