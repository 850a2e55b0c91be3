"""Maps of coloured cells, and lines drawn with blocks: shares, one cell a device, trends. Every state has a sign of its own weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db.severity import Severity
from screens.bar import Part

SIGNS: Mapping[Severity, tuple[str, str]] = {
    Severity.CRITICAL: ("✕", "bad"),
    Severity.WARNING: ("▲", "wait"),
    Severity.NOTICE: ("○", "accent"),
    Severity.GOOD: ("■", "good"),
}
"""A severity's sign and tone: it is never told by colour alone."""
_BLOCKS = "▁▂▃▄▅▆▇█"


def cells(counts: Mapping[Severity, int], room: int) -> list[Part]:
    """One cell for each where they fit, else shares; what there is at all has one cell at least, the worst first."""
    total = sum(counts.values())
    if total == 0 or room <= 0:
        return []
    sizes = {severity: counts.get(severity, 0) for severity in Severity if counts.get(severity, 0)}
    if total > room:
        sizes = _shares(sizes, total, room)
    return [(SIGNS[severity][0] * size, SIGNS[severity][1]) for severity, size in sizes.items()]


def _shares(sizes: Mapping[Severity, int], total: int, room: int) -> dict[Severity, int]:
    found = {severity: max(1, size * room // total) for severity, size in sizes.items()}
    largest = max(found, key=lambda severity: sizes[severity])
    found[largest] = max(1, found[largest] + room - sum(found.values()))
    return found


def spark(values: Sequence[int], room: int = 12) -> str:
    """The last values as a line of blocks; nothing of fewer than two."""
    shown = list(values)[-room:]
    if len(shown) < 2:
        return ""
    low, high = min(shown), max(shown)
    if low == high:
        return _BLOCKS[0] * len(shown)
    return "".join(_BLOCKS[(value - low) * (len(_BLOCKS) - 1) // (high - low)] for value in shown)
