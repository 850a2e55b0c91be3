"""What each operation leaves in FinPass's own tables: the time of the change, and a row in ``audit_events``.

The subject is told as the SHA-256 of the DID. A DID that somebody typed into a reason is replaced by it as well.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, select

from db.canonical import dumps
from db.change import Change
from db.finpass.tables import audit_events, users
from db.model import Risk, Values

_RESOURCES = {"users": "USER", "credentials": "CREDENTIAL", "payments": "PAYMENT"}
_DIDS = {"users": ("did",), "credentials": ("subject_did",), "payments": ("payer_did", "payee_did")}
"""Where a record names people; the first one is its subject."""


def stamp(table: Table, change: Change) -> Values:
    """Every update says when."""
    return {"updated_at": change.now} if "updated_at" in table.c else {}


def audit(change: Change) -> None:
    """The console's own row; its correlation id is the operation's id."""
    facts, action, kept = change.facts, change.facts.action, change.recorded()
    hidden = {did: _hashed(did) for did in _dids(change)}
    change.tell(
        audit_events,
        id=str(uuid.uuid5(uuid.UUID(facts.operation), audit_events.name)),
        event_type=action.audit["event"],
        user_id_hash=next(iter(hidden.values()), None),
        session_id=facts.evidence.get("session"),
        ip_address=facts.evidence.get("address"),
        resource_id=facts.id,
        resource_type=_RESOURCES[facts.entity.name],
        action=action.name.upper().replace("-", "_"),
        outcome="SUCCESS",
        severity="WARNING" if facts.risk is Risk.DUAL else action.audit.get("severity", "INFO"),
        description=action.summary,
        details=_text(_why(change, kept), hidden),
        previous_values=_text(kept.get("before"), hidden),
        new_values=_text(kept.get("after"), hidden),
        performed_by=facts.by or None,
        source_system="quaestor",
        correlation_id=facts.operation,
        duration_ms=int((time.monotonic() - change.began) * 1000),
        compliance_flags=action.audit.get("flags"),
        created_at=change.now,
    )


def _why(change: Change, kept: Mapping[str, Any]) -> dict[str, Any]:
    """What the other columns have no place for."""
    facts = change.facts
    told = {
        "operation": facts.operation,
        "reason": facts.reason,
        "ticket": facts.ticket,
        "proposal": facts.proposal,
        "counted": kept.get("counted"),
        "moved": kept.get("moved"),
    }
    return {name: value for name, value in told.items() if value}


def _dids(change: Change) -> list[str]:
    """The DIDs of the people concerned, the subject first."""
    row, columns = change.row, _DIDS[change.facts.entity.name]
    found = [row.get(name) for name in columns]
    if "user_id" in row:  # an old credential names its holder only
        found += [
            user["did"] for user in change.read(select(users.c.did).where(users.c.id == row["user_id"]))
        ]
    return [did for did in found if did]


def _hashed(did: str) -> str:
    return hashlib.sha256(did.encode()).hexdigest()


def _text(told: Any, hidden: Mapping[str, str]) -> str | None:
    return dumps(_without(told, hidden)).decode() if told else None


def _without(told: Any, hidden: Mapping[str, str]) -> Any:
    """The same with each DID in a text replaced by its hash."""
    match told:
        case str():
            for did, digest in hidden.items():
                told = told.replace(did, f"sha256:{digest}") if did.startswith("did:") else told
        case list():
            return [_without(item, hidden) for item in told]
        case dict():
            return {name: _without(value, hidden) for name, value in told.items()}
    return told
