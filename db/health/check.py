"""One thing that was looked at, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it is."""

    GOOD = "good"
    NOTE = "note"
    """Nothing to do, but good to know."""
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One finding."""

    area: str
    """``schema``, ``indexes``, ``rights``, ``server``, ``session``, ``clock``."""
    name: str
    """The table, the setting."""
    state: State
    text: str
    """What was found, what it costs and what to do, in a sentence."""
