"""The data of one person as a file: the record, and what the audit trail tells of it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from db.canonical import text_of
from db.change import Change
from db.declare import words
from db.document import Document
from db.model import MASK, Column, Kind, Values
from db.paymentlinker.audit import AUDIT_LOGS

MOST = 10_000
"""Audit rows in one file; where there are more, the file says so and has the newest."""
_BY = {"applications": "application_id", "users": "user_id"}
"""The column of the audit trail that names the person."""
_TOLD = words(
    "event_timestamp event_type event_category event_description decision risk_score confidence event_data "
    "previous_state new_state regulation retention_until"
)
_PLACE = ("ip_address", "user_agent")
"""Where the person was; in a row that somebody else is named in, it is that one's."""


def document(change: Change) -> Document | None:
    """The file; none while run dry. What is masked stays masked."""
    facts, why = change.facts, _left_out(change)
    change.remark(
        f"You say where the file is kept; you alone can read it, and no copy stays here.{why and ' ' + why}"
    )
    if change.dry:
        return None
    rows = [] if why else _trail(change)
    told = {
        "system": facts.system.name,
        "entity": facts.entity.name,
        "id": facts.id,
        "exported_at": text_of(change.now),
        "operation": facts.operation,
        "record": _record(change),
        "audit_logs": rows[:MOST],
        "audit_logs_left_out": why or (f"Only the newest {MOST} are here." if len(rows) > MOST else ""),
    }
    name = f"{facts.system.name}-{facts.entity.name}-{facts.key[0]}.json"
    return Document(name, json.dumps(told, indent=1).encode())  # ASCII: no terminal obeys it


def _record(change: Change) -> dict[str, Any]:
    columns = change.facts.entity.columns
    return {
        c.name: MASK if c.kind is Kind.MASKED else _value(c, change.row[c.name])
        for c in columns
        if c.kind is Kind.MASKED or c.name in change.row
    }


def _left_out(change: Change) -> str:
    """Why the audit trail is left out; empty where it is not."""
    table, by = change.facts.schema.table(AUDIT_LOGS.table.name), _BY[change.facts.entity.name]
    if table is None or not {by, "event_timestamp"} <= table.readable:
        return "The audit trail is left out: it is not there, or your role may not read it."
    if not table.leads((by,)):
        return f"The audit trail is left out: no index on audit_logs ({by}) leads to it."
    return ""


def _trail(change: Change) -> list[Values]:
    columns = [c for c in AUDIT_LOGS.columns if c.name in (*_TOLD, *_PLACE, "user_id")]
    known = [c for c in columns if change.facts.schema.readable(AUDIT_LOGS.table.name, c.name)]
    by = AUDIT_LOGS.table.c[_BY[change.facts.entity.name]]
    wanted = select(*(c.expression for c in known)).where(by == change.facts.key[0])
    newest = wanted.order_by(AUDIT_LOGS.table.c.event_timestamp.desc()).limit(MOST + 1)
    return [_event(change, known, row) for row in change.read(newest)]


def _event(change: Change, columns: list[Column], row: Values) -> Values:
    others = row.get("user_id") not in (None, change.facts.key[0])
    return {
        c.name: _value(c, row[c.name])
        for c in columns
        if c.name != "user_id" and not (others and c.name in _PLACE)
    }


def _value(column: Column, value: Any) -> Any:
    """As everywhere in JSON: decimals, ids and times are texts; what a column keeps as JSON is JSON."""
    if value is None or isinstance(value, bool | int):
        return value
    if column.kind is not Kind.JSON:
        return text_of(value)
    try:
        return json.loads(value, parse_float=str, parse_constant=str)
    except (ValueError, TypeError, RecursionError):
        return text_of(value)
