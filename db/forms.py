"""What an operator filled in, as Python values by the action's fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import literal_column

from db.errors import Usage, unknown
from db.filters import value_of
from db.model import Action, Column, Field, Values


def filled(action: Action, given: Mapping[str, str]) -> Values:
    """The values of every field; raises Usage for one that is unknown, missing or does not fit."""
    names = {field.name for field in action.fields}
    for name in given:
        if name not in names:
            raise unknown(f"field of {action.name}", name, names)
    return {
        field.name: _value(action, field, given.get(field.name, field.default).strip())
        for field in action.fields
    }


def _value(action: Action, field: Field, text: str) -> Any:
    label = field.label or field.name
    if not text:
        if field.required:
            raise Usage(f"'{action.heading}' needs {label}: --set {field.name}=…")
        return None
    if field.choices and text not in field.choices:
        raise unknown(label, text, field.choices)
    return value_of(Column(label, field.kind, literal_column("0")), text)
