"""Whether a system may be changed now: for a ticket, for a while, as long as somebody is there."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from db.errors import Usage

if TYPE_CHECKING:
    from db.operation import Armed

IDLE = 600.0
"""Seconds without a key after which nothing is armed any more."""
LONGEST = 8 * 3600
"""Seconds that may be asked for at once."""

_SPAN = re.compile(r"(\d{1,4})(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass
class Arming:
    """A system's arming; what ends it is told once."""

    armed: Armed | None = None
    touched: float = 0.0
    """When a key was pressed last, on the monotonic clock."""

    def arm(self, seconds: float, ticket: str) -> None:
        """From now on."""
        # Saves 6 ms of start: nothing is armed before the first frame.
        from db.operation import Armed  # noqa: PLC0415

        self.armed, self.touched = Armed.for_seconds(seconds, ticket), time.monotonic()

    def disarm(self) -> bool:
        """Whether it was armed."""
        was, self.armed = self.armed, None
        return was is not None

    @property
    def now(self) -> Armed | None:
        """The leave to write, if there is one at this moment."""
        return None if self.armed is None or self._over() else self.armed

    def touch(self) -> None:
        """Somebody is there; that comes too late where nobody was for too long."""
        if self.armed is not None and not self._over():
            self.touched = time.monotonic()

    def ended(self) -> str:
        """Why it has just ended; empty while it has not."""
        if self.armed is None or not (why := self._over()):
            return ""
        self.armed = None
        return why

    def _over(self) -> str:
        assert self.armed is not None
        if not self.armed.left:
            return "The time is over"
        if time.monotonic() - self.touched > IDLE:
            return f"Nobody was there for {IDLE / 60:g} minutes"
        return ""


def asked(text: str) -> tuple[float, str]:
    """``30m OPS-7`` as seconds and ticket; raises Usage."""
    span, _, ticket = text.strip().partition(" ")
    found = _SPAN.fullmatch(span)
    if found is None or not ticket.strip():
        raise Usage("arm TIME TICKET: for how long and for what, such as 'arm 30m OPS-7'.")
    seconds = int(found[1]) * _SECONDS[found[2]]
    if not 0 < seconds <= LONGEST:
        raise Usage(f"It is armed for at most {LONGEST // 3600} hours at once.")
    return float(seconds), ticket.strip()


def left(armed: Armed) -> str:
    """The countdown: ``27:41``, from an hour on ``1:27:41``."""
    minutes, seconds = divmod(int(armed.left), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
