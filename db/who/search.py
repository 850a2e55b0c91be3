"""Searching all systems at once: each in a thread of its own and within its own deadline, answers as they come.

First the text is looked up; then what it led to says more of the person (an email, a DID), and that is looked up
in all the others, until nothing new is said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass, field, replace

from db.cancel import Cancel
from db.errors import Cancelled, QuaestorError, TooSlow, Usage
from db.session import Session
from db.who.model import Found, Part, Who
from db.who.people import Identity, identities_of, is_subject, merged, people
from db.who.places import MOST, identities, places
from db.who.reading import Reader
from db.who.ties import DOWN, UP

PATIENCE = 5.0
"""Seconds that a system has for each round."""
ROUNDS = 3
STEPS = 3
"""From any record to the person's own."""
LONGEST = 400
"""Characters of what is looked for."""


@dataclass(frozen=True)
class Source:
    """A system to be asked; opening it may take a connection, which counts against its deadline."""

    name: str
    open: Callable[[], Session]
    """Raises QuaestorError, which is told as the system's answer."""

    @classmethod
    def of(cls, session: Session) -> Source:
        """A session that is open."""
        return cls(session.name, lambda: session)


def nobody(part: Part) -> None:
    """Nobody is told."""


def search(
    sources: Iterable[Source],
    text: str,
    *,
    patience: float = PATIENCE,
    most: int = MOST,
    cancel: Cancel | None = None,
    told: Callable[[Part], None] = nobody,
) -> Who:
    """Everything that belongs to whom the text leads to; ``told`` hears each system's answer as it comes, in this thread.

    A system that cannot be asked is part of the answer. Raises Usage for a text that can be nowhere, and Cancelled.
    """
    text, began = _clean(text), time.perf_counter()
    asked = [_Asked(source, most) for source in sources]
    course = _Course(asked, patience, cancel or Cancel(), told)
    pool = ThreadPoolExecutor(max(1, len(asked)), thread_name_prefix="who")
    try:
        course.round(pool, lambda one: one.first(text))
        known: dict[Identity, None] = {}
        for _ in range(ROUNDS):
            new = [one for one in course.identities() if one not in known]
            if not new:
                break
            known.update(dict.fromkeys(new))
            course.round(pool, _asking(new))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    found, loose = people(one.part for one in asked)
    return Who(
        text,
        found,
        loose,
        {one.part.source: one.part.notes for one in asked if one.part.notes},
        {one.part.source: one.part.error for one in asked if one.part.error},
        time.perf_counter() - began,
    )


def _clean(text: str) -> str:
    """What is looked for, as typed but for the space around it; raises Usage."""
    text = text.strip()
    if not text or len(text) > LONGEST or not text.isprintable():
        raise Usage(
            f"Look for 1 to {LONGEST} printable characters: an email, phone, DID, name, number or id."
        )
    return text


def _asking(new: Sequence[Identity]) -> Callable[[_Asked], Part]:
    return lambda one: one.more(new)


@dataclass
class _Course:
    """The rounds of a search."""

    asked: list[_Asked]
    patience: float
    cancel: Cancel
    told: Callable[[Part], None]

    def round(self, pool: ThreadPoolExecutor, work: Callable[[_Asked], Part]) -> None:
        """Have every system that still answers do a piece of work."""
        futures = {pool.submit(one.answer, work): one for one in self.asked if not one.part.error}
        with self.cancel.running(self._stop):
            try:
                for future in as_completed(futures, self.patience):
                    self._take(futures[future], future)
            except Late:
                self._give_up(futures)
        if self.cancel.cancelled:
            raise Cancelled("Cancelled; the servers have stopped the statements.")

    def _stop(self) -> None:
        for one in self.asked:
            one.cancel.cancel()

    def _take(self, one: _Asked, future: Future[Part]) -> None:
        one.part = future.result()
        self.told(one.part)

    def _give_up(self, futures: Mapping[Future[Part], _Asked]) -> None:
        for future, one in futures.items():
            if not future.done():
                one.cancel.cancel()
                late = TooSlow(f"It does not answer within {self.patience:g} s.")
                one.part = replace(one.part, error=str(late))
                self.told(one.part)

    def identities(self) -> list[Identity]:
        """What the sure records say of who they are about."""
        subjects = [
            found for one in self.asked for found in one.part.found if is_subject(found) and found.sure
        ]
        return list(dict.fromkeys(identity for subject in subjects for identity in identities_of(subject)))


@dataclass
class _Asked:
    """One system in a search."""

    source: Source
    most: int
    cancel: Cancel = field(default_factory=Cancel)
    part: Part = field(init=False)
    _reader: Reader | None = None
    _found: list[Found] = field(default_factory=list)
    _hung: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.part = Part(self.source.name)

    def answer(self, work: Callable[[_Asked], Part]) -> Part:
        """The work's answer, or the sentence why there is none."""
        began = time.perf_counter()
        try:
            made = work(self)
        except QuaestorError as error:
            made = replace(self.part, error=str(error))
        return replace(made, seconds=self.part.seconds + time.perf_counter() - began)

    @property
    def reader(self) -> Reader:
        """Reads the system, opened now if it was not yet."""
        if self._reader is None:
            self._reader = Reader(self.source.open(), self.cancel, self.most)
        return self._reader

    def first(self, text: str) -> Part:
        """Look the text up wherever it can stand."""
        reader = self.reader
        for place in places(reader.session.system.name):
            values = place.values(text)
            if values:
                why = f"its {place.label} is {text}"
                self._take(reader.look_up(place.entity, place.column, values, why), place.column)
        return self._told()

    def more(self, new: Sequence[Identity]) -> Part:
        """Look up what else is known of the person."""
        reader = self.reader
        for identity in new:
            for place in identities(reader.session.system.name):
                if place.kind is identity.kind:
                    values = place.values(identity.typed)
                    why = f"same {place.label} {identity.typed}"
                    found = reader.look_up(place.entity, place.column, values, why, sure=identity.sure)
                    self._take(one for one in found if not self._is_known(one))
        return self._told()

    def _is_known(self, found: Found) -> bool:
        """Whether the record is believed to be theirs already: it would be tied to itself."""
        return any(one.ref == found.ref and one.sure for one in self._found)

    def _take(self, found: Iterable[Found], by: str = "") -> None:
        """Keep what was found by a column, whom it leads to, and what hangs on them."""
        for one in found:
            owners = list(self._owners(one, STEPS, by))
            if is_subject(one):
                self._found.append(one)
            elif owners:
                self._found += [replace(one, of=owner.ref) for owner in owners]
                self._found += [owner for owner in owners if not self._is_known(owner)]
            else:
                self._found.append(one)
            for subject in [*owners, one] if is_subject(one) else owners:
                self._hang(subject)

    def _owners(self, found: Found, steps: int, by: str = "") -> Iterator[Found]:
        """The persons' records that a record leads to: of a payment found by its payer, the payer alone."""
        if is_subject(found) or not steps:
            return
        own = [tie for tie in UP.get(found.system, ()) if tie.entity == found.entity]
        for tie in [tie for tie in own if tie.mine == by] or own:
            if tie.when[0] and found.values.get(tie.when[0]) != tie.when[1]:
                continue
            value = found.values.get(tie.mine)
            for above in self.reader.look_up(tie.target, tie.theirs, [value], tie.why, sure=tie.sure):
                if is_subject(above):
                    yield above
                else:
                    yield from self._owners(above, steps - 1)

    def _hang(self, subject: Found) -> None:
        """What hangs on a person's record, once."""
        if subject.ref in self._hung:
            return
        self._hung.add(subject.ref)
        for tie in DOWN.get(subject.system, ()):
            if tie.entity == subject.entity:
                value = subject.values.get(tie.mine)
                found = self.reader.look_up(
                    tie.target, tie.theirs, [value], tie.why, order=tie.order, sure=tie.sure
                )
                self._found += [replace(one, of=subject.ref) for one in found]

    def _told(self) -> Part:
        reader = self.reader
        return Part(
            self.source.name,
            reader.session.system.name,
            tuple(merged(self._found)),
            tuple(reader.notes),
            seconds=self.part.seconds,
        )
