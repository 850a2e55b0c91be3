"""What may come next on the command line and in a filter, from what can be named here and now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from db.model import Column, Entity, Kind
from screens import keys, themes
from screens.commands import COMMANDS
from screens.desk import Desk, Link
from screens.prompt import Choice, Choices


@dataclass(frozen=True)
class Known:
    """What there is to be named."""

    commands: Mapping[str, str] = field(default_factory=dict)
    """Commands and their summaries."""
    entities: Sequence[Entity] = ()
    entity: Entity | None = None
    """The one on screen."""
    systems: Sequence[str] = ()
    tenants: Sequence[Choice] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    themes: Sequence[str] = ()
    saved: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Saved views by entity and name."""
    seen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Values of columns that are on screen."""


def known_of(desk: Desk, link: Link | None) -> Known:
    """What there is to be named while one looks at a system, or at none."""
    entities = link.session.system.entities if link is not None and link.session is not None else ()
    return Known(
        commands={command.name: command.summary for command in COMMANDS},
        entities=entities,
        systems=[other.name for other in desk.links],
        settings=desk.settings.texts(),
        themes=themes.names(*desk.theme_folders),
        saved={e.name: desk.saved_views(link, e.name) for e in entities} if link is not None else {},
    )


def complete(known: Known, text: str) -> Choices:
    """What may stand where the cursor is, behind ``:``; nothing before something is typed."""
    if not text:
        return Choices()
    name, space, rest = text.partition(" ")
    entity = next((e for e in known.entities if name in (e.name, *e.aliases)), None)
    if not space:
        return Choices(0, _fitting(_first_words(known), name))
    if entity is not None:
        return _of_entity(known, entity, rest, len(name) + 1)
    start = len(text) - len(text.rpartition(" ")[2])
    return Choices(start, _fitting(_arguments(known, name, rest), text[start:]))


def _fitting(choices: Iterable[Choice], typed: str) -> list[Choice]:
    """Those that begin so, then those that have the letters in that order."""
    listed, typed = list(choices), typed.lower()
    begin = [choice for choice in listed if choice.text.lower().startswith(typed)]
    loose = [choice for choice in listed if choice not in begin and _has(choice.text.lower(), typed)]
    return begin + (loose if typed else [])


def _has(text: str, letters: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


def _first_words(known: Known) -> Iterable[Choice]:
    for entity in known.entities:
        also = ", ".join(entity.aliases)
        yield Choice(entity.name, f"{len(entity.views)} views{f', {also}' if also else ''}")
    for entity in known.entities:
        for alias in entity.aliases:
            yield Choice(alias, entity.name)
    for name, summary in known.commands.items():
        yield Choice(name, summary)


def palette(known: Known, verbs: Iterable[str], text: str) -> Choices:
    """The same, and what the keys do; before anything is typed, everything."""
    if " " in text:
        return complete(known, text)
    named = [
        Choice(verb.name, verb.summary, " ".join(map(keys.sign, keys.keys_of(verb.name))))
        for verb in map(keys.VERBS.__getitem__, verbs)
    ]
    taken = {choice.text for choice in named}
    words = [choice for choice in _first_words(known) if choice.text not in taken]
    return Choices(0, _fitting([*words, *named], text))


def _arguments(known: Known, name: str, rest: str) -> Iterable[Choice]:
    argument = _ARGUMENTS.get(name)
    return argument(known, rest.split(" ")) if argument is not None else ()


def _of_set(known: Known, words: Sequence[str]) -> Iterable[Choice]:
    if len(words) < 2:
        return [Choice(setting, value) for setting, value in known.settings.items()]
    if words[0] == "theme":
        return map(Choice, known.themes)
    return map(Choice, ("on", "off") if known.settings.get(words[0]) in ("on", "off") else ())


def _of_view(known: Known, words: Sequence[str]) -> Iterable[Choice]:
    if len(words) < 2:
        return Choice("save", "keep this filter"), Choice("drop", "forget a saved view")
    saved = known.saved.get(known.entity.name, {}) if known.entity is not None else {}
    return (Choice(view, text) for view, text in saved.items())


def _of_columns(known: Known, words: Sequence[str]) -> Iterable[Choice]:
    columns = known.entity.columns if known.entity is not None else ()
    return (Choice(column.name, column.heading) for column in columns if column.name not in words[:-1])


def _of_export(known: Known, words: Sequence[str]) -> Iterable[Choice]:
    formats = Choice("csv", "for spreadsheets"), Choice("jsonl", "one JSON object a line")
    return formats if len(words) < 2 else ()


_ARGUMENTS: Mapping[str, Callable[[Known, Sequence[str]], Iterable[Choice]]] = {
    "at": lambda known, words: map(Choice, known.systems),
    "tenant": lambda known, words: known.tenants,
    "set": _of_set,
    "view": _of_view,
    "columns": _of_columns,
    "export": _of_export,
}


def _of_entity(known: Known, entity: Entity, rest: str, start: int) -> Choices:
    slash = rest.find("/")
    if slash >= 0:
        inner = complete_filter(entity, rest[slash + 1 :], known.seen if entity is known.entity else {})
        return Choices(start + slash + 1 + inner.start, inner.among)
    views = [Choice(view.name, view.summary) for view in entity.views]
    views += [Choice(name, f"saved: {text}") for name, text in known.saved.get(entity.name, {}).items()]
    views += [Choice(figure.name, figure.summary) for figure in entity.figures]
    return Choices(start, _fitting([*views, Choice("/", "a filter")], rest))


# Filters

_CLOSED = (Kind.MASKED, Kind.JSON, Kind.LIST, Kind.BYTES)
_NEXT = {
    Kind.TIME: (">-1h", ">-24h", ">-7d", ">-30d", ">=today", "<now"),
    Kind.BOOLEAN: ("=yes", "=no"),
    Kind.MONEY: (">=", "<=", "="),
    Kind.AMOUNT: (">=", "<=", "="),
    Kind.INTEGER: ("=", ">=", "<="),
    Kind.PERCENT: (">=", "<=", "="),
}


def complete_filter(entity: Entity, text: str, seen: Mapping[str, Sequence[str]]) -> Choices:
    """What may stand where the cursor is, behind ``/``: columns, then comparisons and values that are known."""
    word = text.rpartition(" ")[2]
    start = len(text) - len(word)
    name = "".join(_name_of(word))
    column = entity.by_name.get(name)
    if column is None or column.kind in _CLOSED:
        usable = (c for c in entity.columns if c.kind not in _CLOSED)
        return Choices(start, _fitting((Choice(c.name, _says(c)) for c in usable), word))
    return Choices(start, [choice for choice in _comparisons(column, seen) if choice.text.startswith(word)])


def _name_of(word: str) -> Iterable[str]:
    for char in word:
        if not (char.isalnum() or char == "_"):
            return
        yield char


def _says(column: Column) -> str:
    return ", ".join(column.values) if column.values else str(column.kind)


def _comparisons(column: Column, seen: Mapping[str, Sequence[str]]) -> Iterable[Choice]:
    for ending in _NEXT.get(column.kind, ()):
        yield Choice(column.name + ending)
    values = dict.fromkeys((*column.values, *seen.get(column.name, ())))
    for value in values:
        if value and '"' not in value:
            yield Choice(f'{column.name}="{value}"' if " " in value else f"{column.name}={value}")
    for value in column.values:
        yield Choice(f"{column.name}!={value}")
    if not values and column.kind not in _NEXT:
        yield Choice(f"{column.name}=")
        yield Choice(f"{column.name}~", "begins with")
