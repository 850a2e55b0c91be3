"""Credentials and sessions."""

from __future__ import annotations

from datetime import datetime

from db.actions import RESTORE, both, dual, state
from db.change import Change
from db.model import Action, Context, Field, Kind, Values
from db.multipass.actions.shared import live_sessions, revocation, sessions_stay
from db.multipass.tables import multipass_sessions

ENDED = "other sessions ended"
"""The words under which the other sessions of a profile are counted."""
_LOCK = ("status", "failed_attempts", "locked_until")


def _lock(change: Change) -> None:
    until = change.form["until"]
    if until is not None and until <= change.now:
        change.refuse(f"A lock ends later than now; {until} is over.")
    change.update(status="locked", locked_until=until)
    sessions_stay(change, change.row["profile_id"])


def _is_locked(row: Values, context: Context) -> str | None:
    until, attempts = row["locked_until"], row["failed_attempts"]
    if row["status"] == "locked" or attempts or (isinstance(until, datetime) and until > context.now):
        return None
    return f"It is not locked (until {until or 'never'}) and has {attempts} failed attempts; there is nothing to unlock."


def _disable(change: Change) -> None:
    change.update(status="disabled")
    sessions_stay(change, change.row["profile_id"])


CREDENTIALS = (
    Action(
        "lock",
        "multipass_credentials",
        "Locks the credential: no sign-in until the time given, or until it is unlocked.",
        state("active"),
        _lock,
        _LOCK,
        fields=(Field("until", Kind.TIME, "locked until", required=False),),
        inverse="unlock",
    ),
    Action(
        "unlock",
        "multipass_credentials",
        "Lifts the lock and sets the failed attempts to 0.",
        both(state("active", "locked"), _is_locked),
        lambda change: change.update(status="active", failed_attempts=0, locked_until=None),
        _LOCK,
        inverse=RESTORE,
    ),
    Action(
        "disable",
        "multipass_credentials",
        "Disables the credential: no sign-in with it any more.",
        state("active", "locked"),
        _disable,
        ("status",),
        risk=dual,
        inverse=RESTORE,
    ),
    Action(
        "reset-mfa",
        "multipass_credentials",
        "Removes the second factor and the backup codes; the holder enrols anew.",
        state("active", "locked", "disabled"),
        lambda change: change.update(mfa_enabled=False, mfa_secret=None, backup_codes=()),
        ("status", "mfa_enabled"),
        label="reset MFA",
        final="The secret and the codes are gone; the holder enrols a second factor anew.",
    ),
)


def _is_live(row: Values, context: Context) -> str | None:
    revoked, expires = row["revoked_at"], row["expires_at"]
    if revoked is not None:
        return f"It was revoked already: {revoked}."
    if expires == "-infinity" or (isinstance(expires, datetime) and expires <= context.now):
        return f"It has expired: {expires}."
    return None


def _revoke_all(change: Change) -> None:
    change.update(**revocation(change))
    if change.row["profile_id"] is None:
        return
    s = multipass_sessions.c
    others = live_sessions(change, change.row["profile_id"]) & (s.id != change.facts.key[0])
    change.each(multipass_sessions, others, ENDED, **revocation(change))


_GONE = "A revoked session stays revoked; the holder signs in again."
_LIVES = ("profile_id", "expires_at", "revoked_at")

SESSIONS = (
    Action(
        "revoke",
        "multipass_sessions",
        "Ends the session at once.",
        _is_live,
        lambda change: change.update(**revocation(change)),
        _LIVES,
        final=_GONE,
    ),
    Action(
        "revoke-all",
        "multipass_sessions",
        "Ends this session and every other live one of its profile.",
        _is_live,
        _revoke_all,
        _LIVES,
        label="revoke all of the profile",
        final=_GONE,
        dependents=(ENDED,),
    ),
)
