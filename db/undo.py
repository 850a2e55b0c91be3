"""Taking back: a new operation, the inverse of one in the ledger, with the values of before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db.cancel import Cancel
from db.canonical import revived
from db.errors import Refused
from db.forms import filled
from db.operation import Operation
from db.recent import entry_of
from db.rehearse import action_of
from db.row import entity_of
from db.session import Session


def inverse(session: Session, operation: str, cancel: Cancel | None = None) -> Operation:
    """The operation that takes that one back; raises Refused where nothing does, Missing where it is not there."""
    told = entry_of(session, operation, cancel)
    if not told.get("entity") or not told.get("id"):
        raise Refused(f"'{told.get('action')}' changed no record; there is nothing to take back.")
    entity = entity_of(session, str(told["entity"]))
    undone = action_of(session.system, entity, str(told["action"]))
    if not undone.inverse:
        raise Refused(undone.final or f"'{undone.heading}' has no inverse.")
    form: Mapping[str, str] = told.get("form", {})
    if undone.back is not None:
        form = undone.back(_before(entity.by_name, told), filled(undone, form))
    return Operation(entity.name, str(told["id"]), undone.inverse, form, undoes=operation)


def _before(columns: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: revived(columns[name], value)
        for name, value in told.get("before", {}).items()
        if name in columns
    }
