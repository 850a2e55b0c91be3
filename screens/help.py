"""The keys that work here and now, why the others do not, and how filters and commands are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from screens import keys
from screens.lines import Line
from screens.popup import Popup


@dataclass(frozen=True, slots=True)
class Hint:
    """A verb, and why it does not work now."""

    verb: str
    why_not: str | None = None


_GRAMMAR = (
    (
        "filters",
        (
            ("status=FROZEN", "equal; several by commas: status=FROZEN,CLOSED"),
            ("status!=FROZEN", "not equal; also < <= > >="),
            ("created_at>-7d", "times: -30m -2h -7d -4w, now, today, 2025-03-01, 2025-03-01T14:00+01:00"),
            ("amount=100..250", "a range; one end may be left out"),
            ("reference~AB12", "begins with"),
            ("closed_at=", "without a value; closed_at!= with one"),
            ("ann@example.org", "anything else is looked up in the columns that can be searched"),
        ),
    ),
    (
        "commands",
        (
            (":payments", "an entity or its short name; tab completes"),
            (":payments failed", "one of its views or figures"),
            (":payments /status=FAILED", "and a filter"),
        ),
    ),
)


class Help(Popup[None]):
    """What can be done, searchable."""

    TITLE_TEXT = "Help"

    def __init__(self, hints: Iterable[Hint]) -> None:
        super().__init__(list(_lines(list(hints))))


def _lines(hints: Sequence[Hint]) -> Iterable[Line]:
    groups = dict.fromkeys(keys.VERBS[hint.verb].group for hint in hints)
    for group in groups:
        yield Line(((group, "title"),))
        for hint in hints:
            if keys.VERBS[hint.verb].group == group:
                yield from _of_verb(hint)
        yield Line(())
    for title, rows in _GRAMMAR:
        yield Line(((title, "title"),))
        for form, meaning in rows:
            yield Line(((f" {form:<26}", "key"), (meaning, "")), form)
        yield Line(())


def _of_verb(hint: Hint) -> Iterable[Line]:
    verb = keys.VERBS[hint.verb]
    signs = " ".join(map(keys.sign, keys.keys_of(hint.verb)))
    works = hint.why_not is None
    yield Line(
        ((f" {signs:<14}", "key" if works else "off"), (verb.summary, "" if works else "faint")), hint.verb
    )
    if hint.why_not:
        yield Line(((" " * 15, ""), (hint.why_not, "wait")))
