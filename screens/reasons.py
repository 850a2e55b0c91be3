"""Reasons to choose from: what a profile lists for an action, or for all of them; free text does as well."""

from __future__ import annotations

from db.model import Profile


def of(profile: Profile, action: str) -> tuple[str, ...]:
    """The setting ``reasons.ACTION``, else ``reasons``; reasons stand apart by semicolons."""
    listed = profile.settings.get(f"reasons.{action}") or profile.settings.get("reasons", "")
    return tuple(reason for part in listed.split(";") if (reason := part.strip()))
