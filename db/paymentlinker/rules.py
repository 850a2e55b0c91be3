"""What several of the actions need: the record is still there, and the operator by name."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from db.change import Change
from db.model import Context, Values
from db.paymentlinker.tables import users

THERE = ("deleted_at", "tenant_id")
"""What no action may find changed; the audit row names the tenant."""


def alive(row: Values, context: Context) -> str | None:
    """Deleted rows are kept, and nothing is done to them but what privacy asks for."""
    return f"It was deleted at {row['deleted_at']}." if row["deleted_at"] is not None else None


def operator(change: Change) -> tuple[str, str | None]:
    """The operator as the system's rows name people: by email address, with the role; else as the console does."""
    facts = change.facts
    try:
        own = str(uuid.UUID(facts.actor))
    except ValueError:
        return facts.by, None
    readable = all(facts.schema.readable(users.name, name) for name in ("id", "email", "role"))
    wanted = select(users.c.email, users.c.role).where(users.c.id == own)
    for user in change.read(wanted) if readable else ():
        return user["email"], user["role"]
    return facts.by, None
