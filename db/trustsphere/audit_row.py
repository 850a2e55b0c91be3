"""What each operation leaves in the bank's own tables: versions, times, and a row in ``audit_logs``."""

from __future__ import annotations

import uuid
from functools import cache

from sqlalchemy import ColumnElement, Table

from db.canonical import dumps
from db.change import Change
from db.model import Risk, Values
from db.trustsphere.tables import audit_logs

_RESOURCES = {
    "users": "USER",
    "accounts": "ACCOUNT",
    "transactions": "TRANSACTION",
    "notifications": "NOTIFICATION",
}


def stamp(table: Table, change: Change) -> Values:
    """Every update raises the version and says when and, where the profile names the operator's user, by whom."""
    if "version" not in table.c:
        return {}
    return {
        "version": _raised(table),
        "updated_at": change.now,
        "updated_by": change.facts.actor or None,
    }


@cache
def _raised(table: Table) -> ColumnElement[int]:
    """The same expression each time, so that the statements around it are found at once."""
    return table.c.version + 1


def audit(change: Change) -> None:
    """The console's own row; it carries the operation's id, unlike those that the triggers write."""
    facts, action = change.facts, change.facts.action
    change.tell(
        audit_logs,
        id=str(uuid.uuid5(uuid.UUID(facts.operation), audit_logs.name)),
        actor_user_id=facts.actor or None,
        action=action.audit.get("action", action.name.upper().replace("-", "_")),
        resource_type=_RESOURCES.get(facts.entity.name, facts.entity.name.upper()),
        resource_id=facts.id,
        severity="WARNING" if facts.risk is Risk.DUAL or action.irreversible else "INFO",
        details=_details(change),
        ip_address=facts.evidence.get("address"),
        session_id=facts.evidence.get("session"),
        timestamp=change.now,
        created_at=change.now,
        created_by=facts.actor or None,
    )


def _details(change: Change) -> str:
    facts = change.facts
    told = {"operation": facts.operation, "reason": facts.reason, "ticket": facts.ticket, **change.recorded()}
    return dumps({name: value for name, value in told.items() if value}).decode()
