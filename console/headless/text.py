"""Text for a terminal or a file: cleaned as on the screens, but whole."""

from __future__ import annotations

from screens.cells import LIMIT, safe


def whole(value: object) -> str:
    """The value's text on one line, cleaned and uncut."""
    if not isinstance(value, str) or len(value) <= LIMIT:
        return safe(value)
    return "".join(safe(value[start : start + LIMIT]) for start in range(0, len(value), LIMIT))


def lines(value: str) -> list[str]:
    """The value's lines, each cleaned and uncut."""
    return [whole(line.expandtabs()) for line in value.replace("\r\n", "\n").split("\n")]
