"""One person's records as lines: the tree of who is found where and why, one record in full, the line of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from db.errors import Unreachable
from db.model import Kind
from screens import formats, later
from screens.bar import Part
from screens.cells import fit, safe, text_of
from screens.formats import Look, age, moment
from screens.lines import Line

if TYPE_CHECKING:
    from db.model import Entity
    from db.session import Session
    from db.who import Found, Person, Source, Trail
    from screens.desk import Link


ROOMY = 60
"""Cells from which the line of time has whole dates."""


@dataclass(frozen=True)
class Heading:
    """The line of a person."""

    number: int


@dataclass(frozen=True)
class Leaf:
    """The line of a record, beneath a person."""

    number: int
    ref: str


@dataclass(frozen=True)
class Answers:
    """How far the systems are."""

    waiting: Sequence[str]
    errors: Sequence[tuple[str, str]]
    notes: Sequence[tuple[str, str]]


def tree(people: Sequence[Person], loose: Sequence[Found], answers: Answers, cells: int) -> Iterator[Line]:
    """Everybody who was found, the sure ones first; what is not answered yet, or cannot be, behind them."""
    for number, person in enumerate(people):
        yield from _person(number, person, cells)
    if loose:
        yield Line(())
        yield Line(((" belongs to nobody who is known", "faint"),))
        for found in loose:
            yield _record(-1, found, 0, cells)
    if answers.waiting or answers.errors or answers.notes:
        yield Line(())
    for name in answers.waiting:
        yield Line(((f" … {name:<15} ", "wait"), ("is being asked", "faint")))
    for name, why in answers.errors:
        yield Line(((f" ✕ {name:<15} ", "bad"), (why, "bad")))
    for name, why in answers.notes:
        yield Line(((f" ! {name:<15} ", "wait"), (why, "faint")))


def _person(number: int, person: Person, cells: int) -> Iterator[Line]:
    if number:
        yield Line(())
    sure = person.sure
    count = len(person.records)
    told = f"{count} records" if sure else f"{count} records · the telephone alone is the same"
    yield Line(
        ((" ● " if sure else " ○ ", "good" if sure else "wait"), (f"{person.name}   ", "title"), (told, "faint" if sure else "wait")),
        Heading(number),
    )  # fmt: skip
    for subject in person.subjects:
        yield _record(number, subject, 1, cells)
        for found in person.hanging.get(subject.ref, ()):
            yield _record(number, found, 2, cells)


def _record(number: int, found: Found, depth: int, cells: int) -> Line:
    indent = "  " * depth
    place = found.source if depth == 1 else ""
    name = fit(safe(found.name or found.id), 18 if cells < 90 else 34)
    return Line(
        (
            (f" {indent}", ""), (f"{place:<14}" if depth == 1 else "", "accent"),
            (fit(singular(found.entity), 20 if depth != 1 else 12) + " ", "label"),
            (name + " ", "" if found.sure else "faint"),
            (fit(safe(found.state), 10) + " ", formats.tone(found.state, Kind.STATUS)),
            ("; ".join(found.why), "faint" if found.sure else "wait"),
        ),
        Leaf(number, found.ref),
    )  # fmt: skip


def singular(entity: str) -> str:
    """One of many, in words: ``hardware_passes`` → ``hardware pass``."""
    words = entity.removeprefix("multipass_").replace("_", " ")
    if words.endswith("ies"):
        return words[:-3] + "y"
    return words.removesuffix("es") if words.endswith("sses") else words.removesuffix("s")


def full(found: Found, entity: Entity | None, zone: tzinfo | None) -> Iterator[Line]:
    """One record: why it is believed to be theirs, and what was read of it."""
    yield Line(((f" {found.source}  ", "accent"), (singular(found.entity), "title")))
    yield Line(((f" {found.id}", "faint"),))
    for why in found.why:
        yield Line(((" because ", "label"), (why, "" if found.sure else "wait")))
    yield Line(())
    look = Look(None, zone, True)
    size = max((len(name) for name in found.values), default=0)
    for name, value in found.values.items():
        kind = entity.by_name[name].kind if entity is not None and name in entity.by_name else Kind.TEXT
        if value not in (None, ""):
            text: Part = (text_of(value, kind, look), formats.tone(value, kind))
            yield Line(((f" {name.replace('_', ' '):<{size}}  ", "label"), text))


def person_told(person: Person) -> Iterator[Line]:
    """Who somebody is, in each system."""
    yield Line(((f" {person.name}", "title"),))
    for subject in person.subjects:
        yield Line(
            ((f" {subject.source:<14}", "accent"), (f"{subject.name}  ", ""), (subject.state, "faint"))
        )
    counts: dict[str, int] = {}
    for found in person.records:
        counts[singular(found.entity)] = counts.get(singular(found.entity), 0) + 1
    yield Line(((" " + "  ".join(f"{number} {name}" for name, number in counts.items()), "faint"),))


def time_line(found: Trail | None, zone: tzinfo | None, cells: int) -> Iterator[Line]:
    """Their audit rows, the newest first."""
    if found is None:
        yield Line(((" reading …", "faint"),))
        return
    now, size = datetime.now(UTC), 16 if cells >= ROOMY else 11
    for row in found.rows:
        value = dict(zip((column.name for column in found.columns), row.values, strict=True))
        time = value["time"]
        old = age(time, now) if isinstance(time, datetime) else ""
        when = moment(time, zone, offset=False)[16 - size : 16] if isinstance(time, datetime) else safe(time)
        severity = str(value.get("severity") or "")
        bad = "bad" if severity in ("ERROR", "CRITICAL") else "wait" if severity == "WARNING" else ""
        yield Line(
            (
                (f" {fit(when, size)} ", "faint"), (f"{value['system']:<14}", "accent"),
                (fit(safe(value.get("action") or ""), 24) + " ", bad), (str(value.get("outcome") or ""), "faint"),
            ),
            row.id,
            ((f"{old} ", "faint"),),
        )  # fmt: skip
    if not found.rows:
        yield Line(((" no audit row names them", "faint"),))
    for note in found.notes:
        yield Line(((" ! ", "wait"), (note, "faint")))


def system_of(links: Sequence[Link], source: str) -> Link | None:
    """The link of that name."""
    return next((link for link in links if link.name == source), None)


def source_of(link: Link) -> Source:
    """A link as a source to be asked; one that is not open says so."""

    def open_() -> Session:
        if link.session is None:
            raise Unreachable(f"It is not open ({link.standing}). {link.sentence}".rstrip())
        return link.session

    made: Source = later.who.Source(link.name, open_)
    return made
