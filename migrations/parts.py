"""Which parts there are, and where the revisions of one are for a system."""

from __future__ import annotations

from pathlib import Path

from alembic.script import ScriptDirectory

from db.errors import Usage, unknown

PARTS = ("system", "triggers", "ledger", "roles", "rls", "hardening", "indexes")
"""In the order in which they are usually wanted."""
FOLDER = Path(__file__).parent


def version_table(part: str) -> str:
    """The table that holds the part's revision."""
    return f"quaestor_version_{part}"


def locations(system: str, part: str) -> list[Path]:
    """The folders with the part's revisions for that system; none where it has no such part."""
    own = FOLDER / system / "versions"
    candidates = (
        [own] if part == "system" else [FOLDER / part / "versions", FOLDER / part / system / "versions"]
    )
    return [folder for folder in candidates if any(folder.glob("[0-9]*.py"))]


def parts_of(system: str) -> tuple[str, ...]:
    """The parts that the system has."""
    return tuple(part for part in PARTS if locations(system, part))


def history(system: str, part: str) -> ScriptDirectory:
    """The part's revisions; raises Usage with the names that there are."""
    if part not in PARTS:
        raise unknown("part", part, PARTS)
    found = locations(system, part)
    if not found:
        raise Usage(f"{system} has no part '{part}'; it has {', '.join(parts_of(system))}.")
    return ScriptDirectory(FOLDER, version_locations=found)
