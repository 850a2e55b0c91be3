"""The demo's files: one SQLite database a system, and the keys of two operators who decide there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from console import private
from db.errors import Refused
from db.model import Profile
from db.names import NAMES

if TYPE_CHECKING:
    from db.keys import HeldKey

CAST = ("anna", "bert")
"""Who works in the demo; the first begins."""

REASONS: Mapping[str, str] = {
    "reasons": "Asked for by the customer; Advised by the fraud team; Found in a periodic check",
    "reasons.approve": "Documents complete and consistent; Known customer, usual amount; Called back and confirmed",
    "reasons.verify": "Documents complete and consistent; Seen in person",
    "reasons.decline": "Documents do not match; Not in line with income; Suspected fraud",
    "reasons.reject": "Documents do not match; Document expired; Suspected fraud",
    "reasons.unlock": "Identity confirmed by phone; Asked for by the customer",
}
"""What the demo's operators give as reasons; a profile of one's own has such settings too."""


SSN_KEYS: Mapping[str, bytes] = {"synthetic": hashlib.sha256(b"quaestor demo ssn").digest()}
"""What the invented social security numbers are sealed with: a secret of nobody's."""


def profiles(folder: Path) -> list[Profile]:
    """A profile for each of the demo's systems."""
    return [
        Profile(
            name=name,
            url=f"sqlite:///{file(folder, name)}",
            system=name,
            label="DEMO",
            colour="blue",
            settings=REASONS,
            sealing_key=SSN_KEYS.get,
        )
        for name in NAMES
    ]


def file(folder: Path, name: str) -> Path:
    """Where a system's rows are."""
    return folder / f"{name}.db"


def keys_file(folder: Path) -> Path:
    """Where the operators' keys are: in clear, for they open nothing but invented rows."""
    return folder / "operators.json"


def operators(folder: Path) -> dict[str, HeldKey]:
    """The keys of the demo's operators, made where there are none; raises Refused for a broken file."""
    from db.keys import HeldKey  # noqa: PLC0415 - 40 ms of cryptography that the first frame does not wait for

    path = keys_file(folder)
    try:
        held = json.loads(private.read(path))
        return {name: HeldKey.of_seed(bytes.fromhex(held[name]), f"{name}@demo") for name in CAST}
    except FileNotFoundError:
        made = {name: HeldKey.new(f"{name}@demo") for name in CAST}
        private.replace(path, json.dumps({name: key.seed.hex() for name, key in made.items()}).encode())
        return made
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(
            f"{path} cannot be read ({type(error).__name__}); 'quaestor demo --reset' makes all anew."
        ) from None


def missing(folder: Path) -> list[str]:
    """The systems that have no file yet."""
    return [name for name in NAMES if not file(folder, name).exists()]


def clear(folder: Path) -> None:
    """Remove the demo's files."""
    keys_file(folder).unlink(missing_ok=True)
    for name in NAMES:
        for found in folder.glob(f"{name}.db*"):
            found.unlink()
