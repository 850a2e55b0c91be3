"""Signed bars: what a model's score is made of, largest first, more to the right and less to the left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from screens.cells import safe, width
from screens.lines import Line

MOST = 12
"""Bars at most."""
LABEL = 20
"""The widest that a label gets."""
_NAMES = ("factor", "feature", "name", "code")
_NUMBERS = ("impact", "contribution", "value", "weight", "shap")


def contributions(text: str | None) -> list[tuple[str, Decimal]]:
    """Names and numbers of an explanation, the largest first; none where it is no such JSON."""
    try:
        held = json.loads(text, parse_float=Decimal, parse_int=Decimal) if text else None
    except ValueError:
        return []
    pairs = held.items() if isinstance(held, dict) else map(_pair, held) if isinstance(held, list) else ()
    found = [(str(name), number) for name, value in pairs if (number := _number(value)) is not None]
    return sorted(found, key=lambda pair: -abs(pair[1]))[:MOST]


def _pair(entry: Any) -> tuple[str, Any]:
    if not isinstance(entry, dict):
        return str(entry), None
    name = next((entry[key] for key in _NAMES if key in entry), "")
    return str(name), next((entry[key] for key in _NUMBERS if key in entry), None)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 9 else None


def words(text: str | None) -> list[str]:
    """The entries of a list that have no number."""
    try:
        held = json.loads(text) if text else None
    except ValueError:
        return []
    return (
        [name for name, value in map(_pair, held) if value is None and name] if isinstance(held, list) else []
    )


def lines(found: list[tuple[str, Decimal]], cells: int) -> Iterator[Line]:
    """A bar each: those that raise the score grow to the right of the middle, the others to the left."""
    if not found:
        return
    size = min(LABEL, max(width(safe(name)) for name, _ in found))
    most = max(abs(number) for _, number in found) or Decimal(1)
    room = max(4, cells - size - 16)
    left = room // 3 if any(number < 0 for _, number in found) else 0
    right = room - left
    for name, number in found:
        label = safe(name.replace("_", " "))[:size]
        length = (
            int((abs(number) / most) * (right if number > 0 else left) + Decimal("0.5"))
            if left or number > 0
            else 0
        )
        if number < 0:
            bar = " " * (left - min(length, left)) + "█" * min(length, left) + " " * right
        else:
            bar = " " * left + "█" * length + " " * (right - length)
        shown = f"{number:+.2f}".replace("-", "−")
        yield Line(
            (
                (f"   {label}{' ' * (size - width(label))}  ", "label"),
                (bar, "bad" if number > 0 else "good"),
                (f" {shown:>7}", "title"),
            )
        )
