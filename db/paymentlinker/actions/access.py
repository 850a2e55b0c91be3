"""Who may sign in, and with what rights."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import literal, select

from db.actions import RESTORE, both, dual
from db.change import Change
from db.model import Action, Context, Field, Raw, Values
from db.paymentlinker.rules import THERE, alive
from db.paymentlinker.tables import users


def _is_active(row: Values, context: Context) -> str | None:
    return "It is deactivated already." if row["is_active"] is False else None


def _is_not_active(row: Values, context: Context) -> str | None:
    return "It is active already." if row["is_active"] is True else None


def _is_locked(row: Values, context: Context) -> str | None:
    until, attempts = row["locked_until"], row["failed_login_attempts"]
    if attempts or _ahead(until, context.now):
        return None
    return f"It is not locked (until {until or 'never'}) and has {attempts or 0} failed sign-ins; there is nothing to unlock."


def _ahead(until: Any, now: datetime) -> bool:
    """A time that no calendar has (``infinity``) is ahead too."""
    return isinstance(until, Raw) or (isinstance(until, datetime) and until > now)


def _has_mfa(row: Values, context: Context) -> str | None:
    return "It has no second factor; there is nothing to reset." if row["mfa_enabled"] is False else None


def _deactivate(change: Change) -> None:
    change.remark("Whoever is signed in stays so until that ends: this database keeps no sessions.")
    change.update(is_active=False)


def _change_role(change: Change) -> None:
    role = change.form["role"]
    if role == change.row["role"]:
        change.refuse(f"The role is {role} already.")
    known = select(literal(1).label("n")).where(users.c.role == role).limit(1)
    if not change.read(known):
        change.remark(f"No user has the role '{role}' yet: see that it is spelt right.")
    change.update(role=role)


ACTIONS = (
    Action(
        "deactivate",
        "users",
        "Deactivates the user: no sign-in until activated.",
        both(alive, _is_active),
        _deactivate,
        (*THERE, "is_active"),
        inverse="activate",
        audit={"event": "USER_DEACTIVATED", "category": "ACCESS"},
    ),
    Action(
        "activate",
        "users",
        "Lets the user sign in again.",
        both(alive, _is_not_active),
        lambda change: change.update(is_active=True),
        (*THERE, "is_active"),
        inverse="deactivate",
        audit={"event": "USER_ACTIVATED", "category": "ACCESS"},
    ),
    Action(
        "unlock",
        "users",
        "Lifts the lock and sets the failed sign-ins to 0.",
        both(alive, _is_locked),
        lambda change: change.update(failed_login_attempts=0, locked_until=None),
        (*THERE, "failed_login_attempts", "locked_until"),
        inverse=RESTORE,
        audit={"event": "USER_UNLOCKED", "category": "ACCESS"},
    ),
    Action(
        "reset-mfa",
        "users",
        "Takes the second factor away: the user signs in with the password alone and enrols a new one.",
        both(alive, _has_mfa),
        lambda change: change.update(mfa_enabled=False, mfa_secret=None),
        (*THERE, "mfa_enabled"),
        label="reset MFA",
        final="The secret of the second factor is gone; the user enrols a new one.",
        audit={"event": "MFA_RESET", "category": "ACCESS"},
    ),
    Action(
        "change-role",
        "users",
        "Gives the user another role, and with it other rights.",
        alive,
        _change_role,
        (*THERE, "role"),
        fields=(Field("role", source="users/role"),),
        risk=dual,
        inverse="change-role",
        back=lambda before, form: {"role": str(before["role"] or "user")},
        audit={"event": "USER_ROLE_CHANGED", "category": "ACCESS"},
    ),
)
