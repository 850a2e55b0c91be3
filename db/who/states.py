"""What a record is now, in one word that both its status and its times decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

LIVE, ENDED, EXPIRED, LOCKED = "live", "ended", "expired", "locked"


def state(entity: str, values: Mapping[str, Any], now: datetime) -> str:
    """The status, unless the times say more; empty where the record has none."""
    if entity == "multipass_sessions":
        return _session(values, now)
    base = str(values.get("status") or "")
    if "is_active" in values:
        base = "active" if values["is_active"] else "inactive"
    until = values.get("account_locked_until") or values.get("locked_until")
    if _after(until, now) and base.lower() in ("active", LOCKED):
        return LOCKED
    if entity in ("credentials", "attestations") and base in ("VALID", "SUSPENDED", "active"):
        return EXPIRED if _before(values.get("expires_at"), now) else base
    return base


def _session(values: Mapping[str, Any], now: datetime) -> str:
    if values.get("revoked_at") is not None:
        return ENDED
    return EXPIRED if _before(values.get("expires_at"), now) else LIVE


def _before(moment: Any, now: datetime) -> bool:
    if isinstance(moment, datetime):
        return moment <= now
    return moment is not None and str(moment).startswith("-")  # PostgreSQL's -infinity


def _after(moment: Any, now: datetime) -> bool:
    if isinstance(moment, datetime):
        return moment > now
    return moment is not None and not str(moment).startswith(("-", "0000"))  # infinity
