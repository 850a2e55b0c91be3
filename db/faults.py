"""The points of a write at which tests stop the program, the server or the line; they do nothing otherwise."""

from __future__ import annotations

from collections.abc import Callable

POINTS = (
    "after-intent",
    "after-begin",
    "after-look-up",
    "after-lock",
    "after-apply",
    "after-audit",
    "after-append",
    "before-commit",
    "after-commit",
    "after-receipt",
)
"""In the order of a write."""

_reached: list[Callable[[str], None]] = []


def point(name: str) -> None:
    """Tell that a write has come this far."""
    for call in _reached:
        call(name)


def watch(call: Callable[[str], None]) -> Callable[[], None]:
    """Have ``call`` told of each point; the result ends that."""
    _reached.append(call)
    return lambda: _reached.remove(call)
