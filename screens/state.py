"""What survives a restart: what is open and where, saved views, chosen columns; in a private file, without data."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from db.errors import Usage
from screens.places import Place


@dataclass
class State:
    """What is kept."""

    places: dict[str, Place] = field(default_factory=dict)
    """Where one was in each profile."""
    current: str = ""
    """The profile that was looked at."""
    views: dict[str, dict[str, str]] = field(default_factory=dict)
    """``system/entity`` → name of a saved view → what was typed: ``view /filter`` or ``/filter``."""
    columns: dict[str, list[str]] = field(default_factory=dict)
    """``system/entity/view`` → the columns chosen, in order."""
    detail: bool = False
    """Whether the record is shown beside the list."""

    def as_json(self) -> dict[str, Any]:
        """The form in the file."""
        return {
            "version": 1,
            "current": self.current,
            "detail": self.detail,
            "views": self.views,
            "columns": self.columns,
            "places": {name: place.kept() for name, place in self.places.items()},
        }


def load(path: Path) -> State:
    """The state in a file, an empty one without a file; raises Usage for a broken one."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return _read(held)
    except FileNotFoundError:
        return State()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Usage(f"The state file {path} cannot be read ({type(error).__name__}).") from None


def _read(held: Mapping[str, Any]) -> State:
    if held["version"] != 1:
        raise ValueError("another version")
    return State(
        places={str(name): Place.read(place) for name, place in held["places"].items()},
        current=str(held["current"]),
        views={str(k): {str(n): str(v) for n, v in views.items()} for k, views in held["views"].items()},
        columns={str(k): [str(name) for name in names] for k, names in held["columns"].items()},
        detail=held["detail"] is True,
    )


def set_aside(path: Path) -> Path:
    """Move a broken file out of the way, so that it can be looked at; gives where it is."""
    aside = path.with_name(path.name + ".broken")
    path.replace(aside)
    return aside


def save(path: Path, state: State) -> None:
    """Write it whole or not at all, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(state.as_json(), out, indent=1)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
