"""How an action is written: one value, a rule that says why not, and a small function that changes the record.

An action changes **one record of one entity**, and counts what else it changes. Write it in
``db/<system>/actions.py`` as an ``Action``, list it in ``ACTIONS``, and give the system
``actions=ACTIONS, audit=…, stamp=…, settings=…`` in its ``SYSTEM``. ``db/trustsphere/actions.py`` is the model.

* ``when(row, context)`` looks at the record alone and returns None or the sentence why not. What needs other
  rows (a balance, something pending) is checked in ``apply``, by ``change.refuse``.
* ``apply(change)`` is run twice: dry, for the sheet and for the entry that the operator signs, and live, in the
  transaction. So it only reads by ``change.read``, ``change.lock`` and ``change.secret`` (a masked column) and only
  writes by ``change.update`` (the record itself, exactly once), ``append`` (to a list that others add to as well),
  ``dependent``, ``each``, ``insert``, ``delete``; the time is ``change.now``.
  Both runs must come to the same: take nothing from a clock, a random number or another connection.
* ``hashed`` names the columns that the decision depends on and that must not have changed since it was shown:
  those of ``when``, ``risk`` and ``apply``; never a masked one, nor one that moves by itself.
* ``dependents`` are the words under which the rows of other tables are counted: shown, signed and held to.
* ``inverse`` names the action that takes it back, or ``RESTORE``; ``final`` says why there is none.

Most actions move a status: ``transition`` makes those from one line. Version, times and operator are set by the
system's ``stamp``; the audit row is written by the system's ``audit`` from ``change.facts`` and ``change.notes``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from db.change import Change
from db.errors import unknown
from db.model import Action, Context, Entity, Risk, Setting, System, Values

RESTORE = "restore"
"""The inverse of what has no paired action: it puts the values of before back."""

When = Callable[[Values, Context], str | None]
RiskOf = Callable[[Values, Values, Mapping[str, str]], Risk]


def always(row: Values, context: Context) -> None:
    """Nothing forbids it."""


def state(*allowed: str, column: str = "status") -> When:
    """Only in these states; an unknown one is refused as well."""

    def when(row: Values, context: Context) -> str | None:
        if row.get(column) in allowed:
            return None
        return f"Its {column.replace('_', ' ')} is {row.get(column) or 'empty'}; this needs {' or '.join(allowed)}."

    return when


def both(*rules: When) -> When:
    """The first rule that says no."""
    return lambda row, context: next((said for rule in rules if (said := rule(row, context))), None)


def normal(row: Values, form: Values, settings: Mapping[str, str]) -> Risk:
    """One person decides."""
    return Risk.NORMAL


def dual(row: Values, form: Values, settings: Mapping[str, str]) -> Risk:
    """Two people decide."""
    return Risk.DUAL


def dual_from(column: str, setting: Setting) -> RiskOf:
    """Two people from that value of a column on; without a value, two as well."""
    return lambda row, form, settings: (
        Risk.DUAL if row.get(column) is None or row[column] >= setting.of(settings) else Risk.NORMAL
    )


def setting(**values: Any) -> Callable[[Change], None]:
    """An ``apply`` that sets fixed values."""
    return lambda change: change.update(**values)


def transition(
    entity: str,
    name: str,
    states: str,
    summary: str,
    *,
    column: str = "status",
    also: Callable[[Change], Values] | None = None,
    hashed: str = "",
    risk: RiskOf = normal,
    **more: Any,
) -> Action:
    """A change of status, ``states`` as ``ACTIVE INACTIVE -> SUSPENDED``; ``also`` gives further values to set."""
    origins, _, target = (part.strip() for part in states.partition("->"))

    def apply(change: Change) -> None:
        change.update(**{column: target}, **(also(change) if also else {}))

    return Action(
        name,
        entity,
        summary,
        state(*origins.split(), column=column),
        apply,
        (column, *hashed.split()),
        risk=risk,
        **more,
    )


def restore(entity: Entity, risk: RiskOf = normal) -> Action:
    """Puts back what an operation changed; the risk is that of the action that is taken back."""

    def apply(change: Change) -> None:
        change.update(**change.facts.restored)

    return Action(
        RESTORE,
        entity.name,
        f"Puts the values of before back into this record of {entity.name}.",
        always,
        apply,
        (),
        risk=risk,
        final="A restored record is changed again by its own actions.",
    )


def find(system: System, entity: Entity, name: str) -> Action:
    """The action of that name; raises Usage with the nearest names."""
    actions = {action.name: action for action in system.actions_of(entity.name)}
    if name not in actions:
        raise unknown(f"action of {entity.name}", name, actions)
    return actions[name]
