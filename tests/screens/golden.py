"""Pictures of screens, kept as text; ``GOLDEN=write`` writes those that are wrong anew, to be looked at."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def check(name: str, text: str) -> None:
    """Compare with the picture of that name; raises AssertionError with the difference."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    if kept != text:
        lines = difflib.unified_diff(kept.splitlines(), text.splitlines(), "kept", "shown", lineterm="")
        raise AssertionError("\n".join([f"{path.name} is another:", *lines]))
