"""What each operation leaves in Multipass's own tables: the time of the change, and a row in ``application_events``."""

from __future__ import annotations

import hashlib
import uuid
from ipaddress import ip_address
from typing import Any

from sqlalchemy import Table, select

from db.canonical import dumps
from db.change import Change
from db.model import Risk, Values
from db.multipass.tables import application_events, application_modules, wallet_accounts

MODULE = "quaestor"
"""The module under which the console's own events stand; its first operation makes it."""
DESCRIPTION = "Operators' work with quaestor."
_FIRST = (
    f"The first operation here also makes the application module '{MODULE}', under which its events stand."
)


def stamp(table: Table, change: Change) -> Values:
    """Every update says when; the triggers of the document, where they are there, say the same."""
    return {"updated_at": change.now} if "updated_at" in table.c else {}


def audit(change: Change) -> None:
    """The console's own event: the operation, its reason, both states; columns that others left out are left out."""
    facts = change.facts
    _tell(
        change,
        severity="warning" if facts.risk is Risk.DUAL or facts.action.irreversible else "info",
        profile_id=_profile(change),
        ip_address=_address(facts.evidence.get("address", "")),
        needed={
            "id": _id(change, application_events),
            "module_id": _module(change),
            "event_type": f"console.{facts.entity.name}.{facts.action.name}",
            "payload": _payload(change),
            "created_at": change.now,
        },
    )


def _tell(change: Change, *, needed: Values, **more: Any) -> None:
    there = _columns(change, application_events)
    change.tell(application_events, **needed, **{n: value for n, value in more.items() if n in there})


def _payload(change: Change) -> str:
    facts = change.facts
    told = {
        "operation": facts.operation,
        "operator": facts.by,
        "record": facts.id,
        "reason": facts.reason,
        "ticket": facts.ticket,
        "proposal": facts.proposal,
        **change.recorded(),
    }
    return dumps({name: value for name, value in told.items() if value}).decode()


def _module(change: Change) -> str:
    """The id of the console's module; somebody else's first operation may make it at the same moment."""
    wanted = select(application_modules.c.id).where(application_modules.c.name == MODULE)
    if found := change.read(wanted):
        return str(found[0]["id"])
    change.remark(_FIRST)
    made = {
        "id": _id(change, application_modules),
        "name": MODULE,
        "description": DESCRIPTION,
        "required_scopes": (),
        "status": "enabled",
        "created_at": change.now,
        "updated_at": change.now,
    }
    there = _columns(change, application_modules)
    change.ensure(application_modules, **{name: value for name, value in made.items() if name in there})
    return str(next(iter(change.read(wanted)), made)["id"])


def _profile(change: Change) -> Any:
    """The profile that the record belongs to; None where it belongs to nobody."""
    row, facts = change.row, change.facts
    if facts.entity.name == "identity_profiles":
        return facts.key[0]
    if "profile_id" in row or row.get("wallet_id") is None:
        return row.get("profile_id")
    if "profile_id" not in _columns(change, wallet_accounts):
        return None
    w = wallet_accounts.c
    found = change.read(select(w.profile_id).where(w.id == row["wallet_id"]))
    return found[0]["profile_id"] if found else None


def _address(text: str) -> str | None:
    """The operator's address where it is one: it is a claim, and the column takes nothing else."""
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return None


def _columns(change: Change, table: Table) -> tuple[str, ...]:
    found = change.facts.schema.table(table.name)
    return found.columns if found else ()


def _id(change: Change, table: Table) -> str:
    """A key in the form of the others, the same each time the operation is run."""
    made = hashlib.sha256(f"{change.facts.operation}/{table.name}".encode()).digest()
    return str(uuid.UUID(bytes=made[:16], version=4))
