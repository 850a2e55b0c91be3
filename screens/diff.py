"""Before → after: which fields of two JSON texts differ, and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from screens import tree

PAIRS = (
    ("previous_values", "new_values"),
    ("before_state", "after_state"),
    ("previous_state", "new_state"),
    ("state_before", "state_after"),
    ("old_values", "new_values"),
    ("before", "after"),
    ("old", "new"),
)
"""Names under which systems keep what was and what is."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field, and what it was and is; None where it was not there."""

    field: str
    before: str | None
    after: str | None


def changes(before: str | None, after: str | None) -> list[Change] | None:
    """The fields that differ between two JSON texts; None where one of them is no JSON."""
    try:
        was = dict(_flat(tree.parse(before))) if before else {}
        now = dict(_flat(tree.parse(after))) if after else {}
    except ValueError:
        return None
    return [
        Change(name, was.get(name), now.get(name))
        for name in {**was, **now}
        if was.get(name) != now.get(name)
    ]


def inside(text: str | None) -> list[Change] | None:
    """The same for one JSON object that holds both sides."""
    try:
        held: dict[str, Any] = dict(tree.members(tree.parse(text))) if text else {}
    except ValueError:
        return None
    pair = pair_of(list(held))
    return changes(tree.written(held[pair[0]]), tree.written(held[pair[1]])) if pair else None


def pair_of(names: Sequence[str]) -> tuple[str, str] | None:
    """Which two of the names hold what was and what is."""
    return next((pair for pair in PAIRS if pair[0] in names and pair[1] in names), None)


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    inner = tree.members(value)
    if not inner:
        if name or not isinstance(value, list):
            yield name or "value", value if type(value) is str else tree.written(value)
        return
    for key, member in inner:
        yield from _flat(member, f"{name}.{key}" if name else key)
