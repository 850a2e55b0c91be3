"""What can be done to a record now: each action of its entity, and why not."""

from __future__ import annotations

from dataclasses import dataclass, replace

from db.cancel import Cancel
from db.cursor import key_of
from db.model import Action, Context
from db.row import entity_of, read_row
from db.session import Session


@dataclass(frozen=True)
class Offer:
    """An action, and the sentence why it cannot be done now; empty where it can, as far as the record tells."""

    action: Action
    why_not: str = ""


def offers(session: Session, entity: str, id_: str, cancel: Cancel | None = None) -> list[Offer]:
    """The actions on a record, freshly read, in their order; what other rows forbid, the sheet tells."""
    found = entity_of(session, entity)
    actions = session.system.actions_of(found.name)
    if not actions:
        return []
    every = replace(actions[0], hashed=tuple({name for action in actions for name in action.hashed}))
    row, now = read_row(session, found, every, key_of(found, id_), id_, cancel)
    context = Context(now, session.settings, {})
    made = []
    for action in actions:
        lost = sorted(set(action.hashed) - set(row))
        missing = f"It needs {', '.join(lost)}, which is not there or not readable."
        why = missing if lost else action.when(row, context)
        made.append(Offer(action, why or ""))
    return made
