"""What each operation leaves in Payment Linker's own tables: the time of the change, and a row in ``audit_logs``."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from ipaddress import ip_address
from typing import Any

from sqlalchemy import Table

from db.canonical import dumps
from db.change import Change, Signed
from db.model import Values
from db.paymentlinker.rules import operator
from db.paymentlinker.shared import years_later
from db.paymentlinker.tables import audit_logs
from db.version import version

YEARS = {"GDPR": 7, "FCRA": 10}
"""How long each regulation wants a row kept."""
_CATEGORIES = {"applications": "REVIEW", "devices": "FLEET", "users": "ACCESS", "audit_logs": "VERIFICATION"}
_SUBJECTS = {"applications": "application", "devices": "device", "users": "user", "audit_logs": "audit"}
"""Of what takes another operation back."""


def stamp(table: Table, change: Change) -> Values:
    """Every update says when."""
    return {"updated_at": change.now} if "updated_at" in table.c else {}


def audit(change: Change) -> None:
    """The console's own row, with the proof that the ledger has of the same operation."""
    facts, action, kept = change.facts, change.facts.action, change.recorded()
    entity, told = facts.entity.name, action.audit
    category, regulation = told.get("category", _CATEGORIES[entity]), told.get("regulation")
    change.tell(
        audit_logs,
        id=str(uuid.uuid5(uuid.UUID(facts.operation), audit_logs.name)),
        application_id=facts.key[0] if entity == "applications" else None,
        tenant_id=change.row["tenant_id"],
        event_type=told.get("event", f"{_SUBJECTS[entity]}_{action.name}".upper()),
        event_category=category,
        event_description=action.summary,
        user_id=facts.by or None,
        user_role=operator(change)[1],
        ip_address=_address(facts.evidence.get("address", "")),
        service_name="quaestor",
        service_version=version(),
        event_data=_json(_data(change, kept)),
        previous_state=_json(kept.get("before")),
        new_state=_json(kept.get("after")),
        compliance_requirement=told.get("requirement"),
        regulation=regulation,
        audit_required=True,
        retention_until=years_later(change.now, YEARS[regulation]) if regulation else None,
        status="pending",
        event_timestamp=change.now,
        created_at=change.now,
        updated_at=change.now,
        **(_verdict(change) if category == "REVIEW" else {}),
        **_proof(facts.signed),
    )


def _data(change: Change, kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the other columns have no place for; devices by the name that the system's own rows have for them."""
    facts = change.facts
    told = {
        "entity": facts.entity.name,
        "id": facts.id,
        "device": change.row.get("device_id_external") if facts.entity.name == "devices" else None,
        "operation": facts.operation,
        "reason": facts.reason,
        "ticket": facts.ticket,
        "proposal": facts.proposal,
        "appended": kept.get("appended"),
    }
    return {name: value for name, value in told.items() if value}


def _verdict(change: Change) -> Values:
    """The decision as it is now, and the model's score and confidence."""
    row = {**change.row, **change.notes.after}
    score, confidence = row.get("risk_score"), row.get("confidence")
    return {
        "decision": row.get("decision"),
        "risk_score": score if isinstance(score, int) else None,
        "confidence": confidence if isinstance(confidence, Decimal) and confidence.is_finite() else None,
    }


def _proof(signed: Signed | None) -> Values:
    """What was signed is known only once it happens."""
    return {
        "verification_hash": sha256(signed.payload).hexdigest() if signed else None,
        "signature": signed.signature.hex() if signed else None,
        "signing_key_id": signed.key_id if signed else None,
    }


def _address(said: str) -> str | None:
    """A claim that is no address (or has a zone, which no column keeps) is left out."""
    try:
        return str(ip_address(said.partition("%")[0]))
    except ValueError:
        return None


def _json(told: Mapping[str, Any] | None) -> str | None:
    return dumps(told).decode() if told else None
