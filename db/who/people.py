"""Which records are one person's: those with the same email or DID; a telephone alone is told, and not believed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from db.who.model import Found, Part, Person
from db.who.places import SUBJECTS, Kind, identities


@dataclass(frozen=True)
class Identity:
    """What a person's record says of who it is about, in one spelling."""

    kind: Kind
    value: str
    typed: str
    """As it stands in the record."""

    @property
    def sure(self) -> bool:
        """Whether it is one person's alone."""
        return self.kind is not Kind.PHONE


def identities_of(found: Found) -> tuple[Identity, ...]:
    """Those of a person's record."""
    made = []
    for place in identities(found.system):
        value = found.values.get(place.column) if place.entity == found.entity else None
        if isinstance(value, str) and value:
            made.append(Identity(place.kind, _plain(place.kind, value), value))
    return tuple(made)


def _plain(kind: Kind, value: str) -> str:
    if kind is Kind.EMAIL:
        return value.strip().lower()
    return re.sub(r"\D", "", value).lstrip("0") if kind is Kind.PHONE else value


def is_subject(found: Found) -> bool:
    """Whether the record is a person's own."""
    return found.entity in SUBJECTS.get(found.system, ())


def people(parts: Iterable[Part]) -> tuple[tuple[Person, ...], tuple[Found, ...]]:
    """The people in what was found, the sure ones first, and the records of nobody."""
    everything = merged(found for part in parts for found in part.found)
    subjects = [one for one in everything if is_subject(one)]
    hanging: dict[str, list[Found]] = {}
    for one in everything:
        if one.of:
            hanging.setdefault(one.of, []).append(one)
    loose = tuple(one for one in everything if not one.of and not is_subject(one))
    made = [_person(group, hanging) for group in _groups(subjects)]
    return tuple(sorted(made, key=lambda person: not person.sure)), loose


def merged(found: Iterable[Found]) -> list[Found]:
    """Each record once beneath each person, with every reason for it."""
    by: dict[tuple[str, str], Found] = {}
    for one in found:
        key = one.ref, one.of
        earlier = by.get(key)
        if earlier is None:
            by[key] = one
        else:
            why = tuple(dict.fromkeys((*earlier.why, *one.why)))
            by[key] = replace(earlier, why=why, sure=earlier.sure or one.sure)
    return list(by.values())


def _person(group: list[Found], hanging: Mapping[str, list[Found]]) -> Person:
    sure = any(one.sure for one in group)
    subjects = tuple(replace(one, sure=sure) for one in group)
    return Person(subjects, sure, {one.ref: tuple(hanging[one.ref]) for one in group if one.ref in hanging})


def _groups(subjects: list[Found]) -> list[list[Found]]:
    """Subjects that a chain of same emails or DIDs ties together, in the order in which they were found."""
    groups: list[list[Found]] = []
    held: list[set[Any]] = []
    for subject in subjects:
        own = {(one.kind, one.value) for one in identities_of(subject) if one.sure}
        touching = [n for n, keys in enumerate(held) if keys & own]
        if not touching:
            groups.append([subject])
            held.append(own)
            continue
        first, *others = touching
        groups[first].append(subject)
        held[first] |= own
        for n in reversed(others):
            groups[first] += groups.pop(n)
            held[first] |= held.pop(n)
    return groups


__all__ = ["Identity", "identities_of", "is_subject", "merged", "people"]
