"""A plan as one proposal: several actions on several entities, each target naming its own. Imports no SQLAlchemy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

PLAN = "contain"
"""The action of a proposal that is a plan."""
ENTITY = "containment"
"""What such a proposal calls its entity."""
SUBJECTS = "subjects"
"""The name in its form under which the person's records stand, as a JSON list of ``entity/id``."""
LOOKED_FOR = "who"
"""The name in its form of the text that led to the person."""


def target(entity: str, action: str, id_: str) -> str:
    """One operation of a plan as a text; ids are percent-encoded, so that no space is in them."""
    return f"{entity} {action} {id_}"


def parts(text: str) -> tuple[str, str, str]:
    """The entity, the action and the record id of a target."""
    entity, action, id_ = text.split(" ", 2)
    return entity, action, id_


def form_of(form: Mapping[str, str], entity: str, action: str) -> dict[str, str]:
    """What of a plan's form is filled in for one of its actions."""
    start = target(entity, action, "")
    return {name.removeprefix(start): value for name, value in form.items() if name.startswith(start)}


def form_for(
    forms: Mapping[tuple[str, str], Mapping[str, str]], looked_for: str, subjects: Iterable[str]
) -> dict[str, str]:
    """A plan's form: whom it is about, and each action's own form under its name."""
    told = {LOOKED_FOR: looked_for, SUBJECTS: json.dumps(sorted(subjects))}
    for (entity, action), form in forms.items():
        told |= {target(entity, action, name): value for name, value in form.items()}
    return told


def subjects_of(form: Mapping[str, str]) -> frozenset[str]:
    """The person's records that a plan is about."""
    try:
        found = json.loads(form.get(SUBJECTS, "[]"))
    except ValueError:
        return frozenset()
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset()
