"""The demo's files: one SQLite database a system."""

from __future__ import annotations

from pathlib import Path

from db.model import Profile
from db.names import NAMES


def profiles(folder: Path) -> list[Profile]:
    """A profile for each of the demo's systems."""
    return [
        Profile(name=name, url=f"sqlite:///{file(folder, name)}", system=name, label="DEMO", colour="blue")
        for name in NAMES
    ]


def file(folder: Path, name: str) -> Path:
    """Where a system's rows are."""
    return folder / f"{name}.db"


def missing(folder: Path) -> list[str]:
    """The systems that have no file yet."""
    return [name for name in NAMES if not file(folder, name).exists()]


def clear(folder: Path) -> None:
    """Remove the demo's files."""
    for name in NAMES:
        for found in folder.glob(f"{name}.db*"):
            found.unlink()
