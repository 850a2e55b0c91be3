"""Opening what an operator named: target → profile → session, with the vault and the prompt where they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Engine

from console import asking, profiles, secrets
from db import engine as engines
from db import registry
from db.errors import Denied, Missing, QuaestorError, Usage
from db.model import Mode, Profile, System
from db.session import Session

PATIENT = 6 * 3600.0
"""Seconds that a migration or a seeding may take: its statements are not an operator's."""


def connected(profile: Profile) -> Session:
    """The profile's database, opened; a password that only a person knows is asked for when the server wants it."""
    asking.unlock(profile)
    try:
        return engines.connect(profile)
    except QuaestorError as error:
        if not _asks(profile, error):
            raise
    return engines.connect(profile)


def _asks(profile: Profile, error: QuaestorError) -> bool:
    """Whether the server wanted a password, and somebody typed one."""
    if not (secrets.wanted(error) and asking.lacks(profile)):
        return False
    asking.prompt(profile)
    return True


@contextmanager
def session(target: str) -> Iterator[Session]:
    """The target's session, closed at the end."""
    opened = connected(profiles.of_target(target))
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def owner(target: str, *, read_only: bool = False) -> Iterator[tuple[Profile, System, Engine]]:
    """What migrations and seeding need: the system by name or tables, and an engine that may change tables.

    Drivers' errors come through: whoever uses the engine translates them.
    """
    profile = replace(profiles.of_target(target), statement_timeout=PATIENT)
    if profile.mode is Mode.AUDIT and not read_only:
        raise Denied(f"{profile.name}: the profile is for looking only (mode = audit).")
    system = _system(profile)
    engine = engines.make_engine(profile, read_only=read_only)
    try:
        yield profile, system, engine
    finally:
        engine.dispose()


def _system(profile: Profile) -> System:
    """The system that the profile names, else the one that its tables show; the connection is tried either way."""
    asking.unlock(profile)
    if not profile.system:
        try:
            opened = connected(profile)
        except Missing:
            raise Usage(
                f"{profile.name}: the database has no tables; say which system it is for: SYSTEM+{profile.url}"
            ) from None
        opened.close()
        return opened.system
    system = registry.system(profile.system)
    try:
        engines.reachable(profile)
    except QuaestorError as error:
        if not _asks(profile, error):
            raise
    return system
