"""What a search for a person gives, as values. Imports no SQLAlchemy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Found:
    """A record of somebody, and why it is believed to be theirs."""

    source: str
    """The session's name."""
    system: str
    entity: str
    id: str
    """The record id."""
    name: str
    """What names it to a person."""
    state: str
    """What it is now, in one word: ``ACTIVE``, ``live``, ``expired``; empty where it has none."""
    values: Mapping[str, Any] = field(repr=False)
    """The columns that were read."""
    why: tuple[str, ...]
    """Each a clause: ``the email is ann@example.org``, ``account of that user``."""
    of: str = ""
    """The ``ref`` of the person's record that it hangs on; empty for a person's record itself."""
    sure: bool = True
    """False where only a telephone number or a device says so."""

    @property
    def ref(self) -> str:
        """Which record in which system: unique among all that is found."""
        return f"{self.source}:{self.entity}/{self.id}"


@dataclass(frozen=True)
class Part:
    """What one system answered, in one round of the search."""

    source: str
    system: str = ""
    found: tuple[Found, ...] = ()
    notes: tuple[str, ...] = ()
    """What was not looked up, and why; what was cut."""
    error: str = ""
    """The sentence why it did not answer."""
    seconds: float = 0.0


@dataclass(frozen=True)
class Person:
    """The records that belong to one person: their own, and what hangs on them."""

    subjects: tuple[Found, ...]
    sure: bool = True
    """False where only a telephone number ties them to what was looked for."""
    hanging: Mapping[str, tuple[Found, ...]] = field(default_factory=dict)
    """By the ``ref`` of the record that they hang on."""

    @property
    def name(self) -> str:
        """The first name that there is."""
        return next((one.name for one in self.subjects if one.name), self.subjects[0].id)

    @property
    def records(self) -> tuple[Found, ...]:
        """All of them, each person's record before what hangs on it."""
        return tuple(
            one for subject in self.subjects for one in (subject, *self.hanging.get(subject.ref, ()))
        )


@dataclass(frozen=True)
class Who:
    """The whole answer."""

    text: str
    people: tuple[Person, ...]
    """Those that are sure first."""
    loose: tuple[Found, ...]
    """What was found and belongs to nobody who is known."""
    notes: Mapping[str, tuple[str, ...]]
    """By source."""
    errors: Mapping[str, str]
    """By source: why it did not answer."""
    seconds: float = 0.0

    @property
    def sure(self) -> tuple[Person, ...]:
        """The people whom the text itself leads to."""
        return tuple(person for person in self.people if person.sure)
