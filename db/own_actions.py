"""What can be done to quaestor's own records: the policy is set, by two people."""

from __future__ import annotations

from collections.abc import Mapping

from db.actions import always, dual
from db.change import Change
from db.model import Action, Entity, Field
from db.own import POLICY
from db.policy import number

ENTITIES: Mapping[str, Entity] = {POLICY.name: POLICY}
"""By name, beside those of the system."""


def _set(change: Change) -> None:
    value = change.form["value"]
    number(change.facts.id, value)
    if value == change.row["value"]:
        change.refuse(f"{change.facts.id} is {value} already.")
    change.update(value=value, proposal_id=change.facts.proposal or None)


ACTIONS = (
    Action(
        "set",
        POLICY.name,
        "Sets a threshold of the policy for everybody who works on this database.",
        always,
        _set,
        ("value",),
        fields=(Field("value"),),
        risk=dual,
        inverse="set",
        back=lambda before, form: {"value": str(before["value"])},
    ),
)
