"""What the actions of several services need: which sessions are live, revocations, what stays as it is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from db.change import Change
from db.model import Kind, Setting, Values
from db.multipass.tables import (
    hardware_passes,
    multipass_credentials,
    multipass_sessions,
    wallet_accounts,
)
from db.presence import lacking

REVOKE_DUAL_FROM = Setting(
    "revoke_dual_from",
    "25",
    "From so many attestations and passes revoked by one operator within an hour on, it takes two people.",
    Kind.INTEGER,
)
_s, _c, _h, _w = multipass_sessions.c, multipass_credentials.c, hardware_passes.c, wallet_accounts.c


def revocation(change: Change) -> Values:
    """The columns that tell of a revocation."""
    return {"revoked_at": change.now, "revocation_reason": change.reason}


def live_sessions(change: Change, profile: Any) -> ColumnElement[bool]:
    """The sessions of a profile that give access now; one without an expiry does."""
    return and_(
        _s.profile_id == profile,
        _s.revoked_at.is_(None),
        or_(_s.expires_at.is_(None), _s.expires_at > change.now),
    )


def is_there(change: Change, table: Table) -> bool:
    """Whether a database that others made has the table at all."""
    return change.facts.schema.table(table.name) is not None


def stays(change: Change, sentence: str, table: Table, *where: ColumnElement[bool]) -> None:
    """Say on the sheet how many rows hang on the record and stay as they are; nothing where they cannot be counted."""
    counted = select(func.count().label("n")).select_from(table).where(*where)
    if change.dry and not lacking(change.facts.schema, [counted]) and (n := change.read(counted)[0]["n"]):
        change.remark(sentence.format(n))


def access_stays(change: Change, profile: Any) -> None:
    """Say what a profile that is suspended or closed still has."""
    sessions_stay(change, profile)
    active = (_c.profile_id == profile, _c.status == "active")
    stays(change, "Credentials that stay active: {}.", multipass_credentials, *active)
    passes = (_h.profile_id == profile, _h.status.in_(("issued", "active")))
    stays(change, "Passes that stay issued or active: {}.", hardware_passes, *passes)
    wallets = (_w.profile_id == profile, _w.status == "active")
    stays(change, "Wallets that stay active: {}.", wallet_accounts, *wallets)


def sessions_stay(change: Change, profile: Any) -> None:
    """Say how many sessions are not ended by this."""
    sentence = "Live sessions that go on until they are revoked: {}."
    stays(change, sentence, multipass_sessions, live_sessions(change, profile))
