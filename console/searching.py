"""Opening several systems at once for a search: each in the thread that asks it, so that none waits for another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock

from console import asking, profiles
from db import engine as engines
from db.errors import Usage
from db.model import Profile
from db.session import Session
from db.who import Source


@dataclass
class Opened:
    """The sessions that answered, by name."""

    sessions: dict[str, Session] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def source(self, profile: Profile) -> Source:
        """A source that connects when it is first asked."""

        def open_() -> Session:
            session = engines.connect(profile)
            with self._lock:
                self.sessions[profile.name] = session
            return session

        return Source(profile.name, open_)

    def close(self) -> None:
        """End every connection."""
        with self._lock:
            for session in self.sessions.values():
                session.close()


@contextmanager
def sources(targets: Sequence[str]) -> Iterator[tuple[Opened, list[Source]]]:
    """The targets as sources, all profiles without targets; their sessions are closed at the end. Raises Usage."""
    named = targets or tuple(profiles.load())
    if not named:
        raise Usage("There are no profiles: name a TARGET, or add one ('quaestor profiles add').")
    opened, made = Opened(), []
    for profile in _numbered([profiles.of_target(target) for target in named]):
        asking.unlock(profile)  # a passphrase is asked for here, where somebody can answer
        made.append(opened.source(profile))
    try:
        yield opened, made
    finally:
        opened.close()


def _numbered(found: Sequence[Profile]) -> list[Profile]:
    """Two targets of the same name must not be taken for one another."""
    seen: dict[str, int] = {}
    told = []
    for profile in found:
        seen[profile.name] = seen.get(profile.name, 0) + 1
        name = profile.name if seen[profile.name] == 1 else f"{profile.name}#{seen[profile.name]}"
        told.append(replace(profile, name=name))
    return told
