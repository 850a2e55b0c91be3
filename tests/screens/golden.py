"""Pictures of screens, kept as text; ``GOLDEN=write`` writes those that are wrong anew, to be looked at."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def check(name: str, text: str) -> None:
    """Compare with the picture of that name; raises AssertionError with the difference."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    kept = _still(path.read_text(encoding="utf-8")) if path.exists() else ""
    text = _still(text)
    if kept != text:
        lines = difflib.unified_diff(kept.splitlines(), text.splitlines(), "kept", "shown", lineterm="")
        raise AssertionError("\n".join([f"{path.name} is another:", *lines]))


def _still(text: str) -> str:
    """The text with every moment's digits as 0, and no wider for an age: what was taken yesterday is the same today."""
    text = re.sub(r"20\d\d-[-\d:.+T ]*\d", lambda moment: re.sub(r"\d", "0", moment[0]), text)
    return re.sub(r" {2,}(?=‹)|(?<=›) {2,}", "  ", text)
