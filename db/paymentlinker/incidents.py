"""A device's ``security_events``: a list in JSON that its agents and the console add to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from db.canonical import text_of
from db.change import Change

OURS = "quaestor"
QUARANTINED, RELEASED = "QUARANTINED", "RELEASED"
_TIMES = ("at", "timestamp", "time", "detected_at")
"""Where an event tells when; the first is what this system writes."""


def add(change: Change, type_: str, severity: str) -> None:
    """Add the console's own event with the update that follows."""
    change.append(
        "security_events",
        type=type_,
        severity=severity,
        at=text_of(change.now),
        source=OURS,
        operation=change.facts.operation,
    )


def last(written: Any) -> datetime | None:
    """When the last thing happened to the device, by the events of others; None where that cannot be told.

    Where one of them does not say when, what counts is the console's last quarantine, which came after it was known.
    """
    events = _events(written)
    theirs = [_moment(event) for event in events if not _ours(event)]
    known = [moment for moment in theirs if moment is not None]
    if known and len(known) == len(theirs):
        return max(known)
    own = [_moment(event) for event in events if _ours(event) and event["type"] == QUARANTINED]
    return max((moment for moment in own if moment is not None), default=None)


def listed(written: Any) -> list[tuple[datetime | None, str, str, str]]:
    """(when, what, severity, by whom or what else it says) of each event, however others wrote it."""
    return [_told(event) for event in _events(written)]


def _told(event: Any) -> tuple[datetime | None, str, str, str]:
    if not isinstance(event, dict):
        return None, str(event), "", ""
    what = next((str(event[name]) for name in ("type", "event", "name") if event.get(name)), "security event")
    known = {"type", "event", "name", "severity", *_TIMES}
    rest = ", ".join(f"{name} {value}" for name, value in event.items() if name not in known)
    return _moment(event), what, str(event.get("severity", "")), rest


def _events(written: Any) -> list[Any]:
    if written is None:
        return []
    try:
        found = json.loads(written)
    except (ValueError, TypeError, RecursionError):
        return [written]
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _ours(event: Any) -> bool:
    return isinstance(event, dict) and event.get("source") == OURS and "type" in event


def _moment(event: Any) -> datetime | None:
    said = next((event[name] for name in _TIMES if name in event), None) if isinstance(event, dict) else None
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
