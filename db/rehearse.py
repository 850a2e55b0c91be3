"""What an operation would do: the action run dry, through the reader, changing nothing.

The same run gives the sheet that is shown, the entry that is signed, and the rights that it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Delete, Insert, Select, Update, func, select

from db import faults
from db.actions import RESTORE, find, restore
from db.cancel import Cancel
from db.canonical import plain, revived, row_hash
from db.change import NONE, Change, Facts, Notes
from db.cursor import key_of
from db.errors import Missing, Refused, Stale, Usage
from db.forms import filled
from db.model import Action, Context, Entity, Risk, System, Values
from db.operation import Operation, Sheet, Who
from db.own_actions import ACTIONS, ENTITIES
from db.recent import by_operator, entry_of
from db.rights import APPEND, missing
from db.row import entity_of, read_row
from db.run import execute
from db.session import Session

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Rehearsed:
    """A dry run that came to its end: everything that is signed."""

    facts: Facts
    notes: Notes
    recorded: Mapping[str, Any]
    row_hash: bytes


class Dry(Change):
    """A change that only reads."""

    dry = True

    def __init__(self, facts: Facts, session: Session, cancel: Cancel | None) -> None:
        super().__init__(facts)
        self._session = session
        self._cancel = cancel

    def _rows(
        self, statement: Select[Any], parameters: Mapping[str, Any] = NONE, *, lock: bool
    ) -> Sequence[Any]:
        return execute(self._session, statement, parameters, self._cancel)

    def _run(
        self,
        statement: Callable[[], Update | Insert | Delete],
        parameters: Mapping[str, Any] = NONE,
        counting: Callable[[], Select[Any]] | None = None,
    ) -> int:
        if counting is None:
            return 1
        return int(self._rows(select(func.count()).select_from(counting().subquery()), lock=False)[0][0])


def sheet(
    session: Session, operation: Operation, who: Who | None = None, cancel: Cancel | None = None
) -> Sheet:
    """What it would do, or why it cannot; raises Missing, Usage, and what a read raises."""
    entity = entity_of(session, operation.entity)
    facts = facts_of(session, entity, operation, who or Who(), cancel)
    dry = Dry(facts, session, cancel)
    refused = ""
    try:
        rehearsed = run(dry)
    except Refused as error:
        refused, rehearsed = str(error), _as_far(dry)
    shown = replace(operation, row_hash=rehearsed.row_hash.hex(), counted=dict(dry.notes.counted))
    lacking = () if refused else missing(session, {*dry.notes.grants, APPEND})
    return Sheet(
        shown, entity, facts.action, facts.row, tuple(dry.notes.effects), facts.risk, refused, lacking
    )


def rehearse(session: Session, operation: Operation, who: Who, cancel: Cancel | None = None) -> Rehearsed:
    """The same for the writer; raises Refused, and Stale where the record is no longer as it was shown."""
    entity = entity_of(session, operation.entity)
    facts = facts_of(session, entity, operation, who, cancel)
    check_shown(operation, facts)
    rehearsed = run(Dry(facts, session, cancel))
    if operation.counted is not None and dict(operation.counted) != dict(rehearsed.notes.counted):
        raise Stale(_other_counts(operation.counted, rehearsed.notes.counted))
    return rehearsed


def run(change: Change) -> Rehearsed:
    """Check the rule, apply, write the system's audit row; the notes of it."""
    facts = change.facts
    if said := facts.action.when(facts.row, facts.context):
        raise Refused(said)
    change.result = facts.action.apply(change)
    if not change.dry:
        faults.point("after-apply")
    if change.notes.touched != facts.action.touches:
        raise ValueError(f"{facts.action.name} changed its record {change.notes.touched} times")
    recorded = change.recorded()
    if facts.entity.name not in ENTITIES:
        facts.system.audit(change)
    if not change.dry:
        faults.point("after-audit")
    return Rehearsed(facts, change.notes, recorded, hash_of(facts))


def _as_far(change: Change) -> Rehearsed:
    return Rehearsed(change.facts, change.notes, {}, hash_of(change.facts))


def hash_of(facts: Facts) -> bytes:
    """The hash of the record's columns that must not change between showing and doing."""
    return row_hash(facts.entity.name, facts.id, facts.row, hashed(facts))


def hashed(facts: Facts) -> tuple[str, ...]:
    """Those columns."""
    return tuple(sorted({*facts.action.hashed, *facts.restored}))


def check_shown(operation: Operation, facts: Facts) -> None:
    """Raise Stale where the record is not as the operator saw it."""
    if operation.row_hash and operation.row_hash != hash_of(facts).hex():
        raise Stale(
            f"{facts.entity.name} {facts.id} is no longer as it was shown{_by_whom(facts.row)}; look at it again."
        )


def _by_whom(row: Values) -> str:
    when, who = row.get("updated_at"), row.get("updated_by")
    at = f" (changed {plain(when)}" if when is not None else ""
    return f"{at}{f' by {who}' if who else ''})" if at else ""


def _other_counts(shown: Mapping[str, int], now: Mapping[str, int]) -> str:
    differing = [name for name in {**shown, **now} if shown.get(name, 0) != now.get(name, 0)]
    told = ", ".join(f"{name}: {shown.get(name, 0)} shown, {now.get(name, 0)} now" for name in differing)
    return f"What hangs on it has changed ({told}); look at it again."


def action_of(system: System, entity: Entity, name: str) -> Action:
    """An action of the system, or of quaestor's own tables."""
    return find(replace(system, actions=(*system.actions, *ACTIONS)), entity, name)


def facts_of(
    session: Session, entity: Entity, operation: Operation, who: Who, cancel: Cancel | None = None
) -> Facts:
    """Everything that is known before the change: the record as it is, the server's time, form, settings, risk."""
    key = key_of(entity, operation.id)
    restored, action = _taken_back(session, entity, operation, cancel)
    row, now = read_row(session, entity, action, key, operation.id, cancel)
    if lost := sorted(set(action.hashed) - set(row)):
        raise Missing(
            f"'{action.heading}' needs {', '.join(f'{entity.name}.{n}' for n in lost)}, which is not there or not readable."
        )
    if restored:
        _check_unmoved(entity, row, restored[1])
    context = Context(now, session.settings, filled(action, operation.form))
    risk = action.risk(row, context.form, session.settings)
    if action.burst is not None and risk is Risk.NORMAL and who.key_id:
        alike = {a.entity for a in session.system.actions if a.name == action.name and a.burst is not None}
        done = by_operator(session, action.name, alike, who.key_id, now - _HOUR, cancel)
        risk = Risk.DUAL if done + 1 >= action.burst.of(session.settings) else risk
    return Facts(
        system=session.system,
        schema=session.schema,
        entity=entity,
        action=action,
        id=operation.id,
        key=key,
        row=row,
        context=context,
        risk=risk,
        operation=operation.operation_id,
        reason=operation.reason,
        ticket=operation.ticket,
        actor=who.actor,
        by=who.actor or who.name or who.principal,
        evidence=who.evidence,
        proposal=operation.proposal,
        restored=restored[0] if restored else {},
        sealing_key=cache(session.profile.sealing_key),
    )


def _taken_back(
    session: Session, entity: Entity, operation: Operation, cancel: Cancel | None
) -> tuple[tuple[Values, Mapping[str, Any]] | None, Action]:
    """For an operation that takes another back: the values of before, those of after; and the action."""
    if not operation.undoes:
        if operation.action == RESTORE:
            raise Usage("'restore' takes back an operation: name it.")
        return None, action_of(session.system, entity, operation.action)
    told = entry_of(session, operation.undoes, cancel)
    if (told.get("entity"), told.get("id")) != (entity.name, operation.id):
        raise Refused(f"The operation {operation.undoes} was not about {entity.name} {operation.id}.")
    undone = action_of(session.system, entity, told["action"])
    if undone.inverse != operation.action:
        raise Refused(undone.final or f"'{undone.heading}' is taken back by '{undone.inverse}'.")
    inverse = (
        restore(entity, undone.risk)
        if undone.inverse == RESTORE
        else action_of(session.system, entity, undone.inverse)
    )
    columns = entity.by_name
    values = {name: revived(columns[name], value) for name, value in told.get("before", {}).items()}
    return (values, told.get("after", {})), inverse


def _check_unmoved(entity: Entity, row: Values, after: Mapping[str, Any]) -> None:
    for name, value in after.items():
        if name in row and plain(row[name]) != value:
            raise Stale(
                f"{entity.name} has moved on: {name} was {value} after that operation and is {plain(row[name])} now."
            )
