"""The only place where a key is given a meaning: bindings, footer, help and palette are made from this table.

A verb has the same name, label and keys wherever it works. Where two verbs share a key, their scopes keep
them apart: no screen has both.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.binding import Binding

from db.errors import Usage, unknown


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that a key does."""

    name: str
    """The name by which keys are changed; the action is ``action_<name>``."""
    keys: tuple[str, ...]
    """As Textual names them; the first is shown."""
    label: str
    """One word for the footer."""
    summary: str
    """What it does, for the help."""
    group: str
    """The intent, a heading of the help."""
    scope: str = "everywhere"
    """``everywhere``, or where it works: ``list``, ``record``, ``review``."""
    danger: bool = False
    """Whether it changes something."""

    @property
    def action(self) -> str:
        """What Textual is to run."""
        return f"area('{self.name}')" if self.group == "screens" else self.name


def _verbs(group: str, scope: str, *rows: tuple[str, str, str, str]) -> Iterable[Verb]:
    return (
        Verb(name, tuple(keys.split()), label, summary, group, scope) for name, keys, label, summary in rows
    )


_ALL = (
    *_verbs(
        "move",
        "everywhere",
        ("down", "j down", "down", "next line"),
        ("up", "k up", "up", "line before"),
        ("half_down", "ctrl+d", "half down", "half a page down"),
        ("half_up", "ctrl+u", "half up", "half a page up"),
        ("page_down", "pagedown ctrl+f", "page", "page down"),
        ("page_up", "pageup ctrl+b", "page up", "page up"),
        ("first", "g home", "first", "to the first line"),
        ("last", "G end", "last", "to the last line"),
        ("left", "h left", "left", "column to the left; fold"),
        ("right", "l right", "right", "column to the right; unfold"),
    ),
    *_verbs(
        "open, back, leave",
        "everywhere",
        ("open", "enter", "open", "open what the cursor is on; follow a link"),
        ("back", "escape q", "back", "back to where this was opened from"),
        ("cancel", "ctrl+c", "cancel", "cancel the running query on the server; never quits"),
        ("quit", "ctrl+q", "quit", "leave the program"),
        ("suspend", "ctrl+z", "suspend", "back to the shell; fg returns"),
    ),
    *_verbs(
        "command",
        "everywhere",
        ("command", "colon", "command", "type a command: an entity, :at, :tenant, :set, :q"),
        ("palette", "ctrl+p", "commands", "choose from all commands"),
        ("systems", "at", "systems", "the open systems; enter goes there"),
        ("help", "question_mark", "help", "the keys that work here, and why the others do not"),
    ),
    *_verbs(
        "find",
        "everywhere",
        ("filter", "slash", "filter", "filter on the server: status=FROZEN amount>=100 created_at>-7d text"),
        ("next_match", "n", "next", "next marked row, or next line with the text looked for"),
        ("previous_match", "N", "previous", "the one before"),
    ),
    *_verbs(
        "history",
        "everywhere",
        ("go_back", "left_square_bracket", "earlier", "the place before this one, as it was left"),
        ("go_forward", "right_square_bracket", "later", "the place after this one"),
        ("go_last", "minus", "last", "the last place, and back again"),
    ),
    *_verbs(
        "mark",
        "list",
        ("mark", "space", "mark", "mark the row, or take the mark off"),
        ("mark_range", "V", "range", "begin a range; again: mark all up to here"),
        (
            "mark_pattern",
            "asterisk",
            "pattern",
            "mark the rows that fit a pattern; empty takes all marks off",
        ),
    ),
    *_verbs(
        "review",
        "review",
        ("approve", "v", "approve", "approve, verify, unlock or retry: what the queue is for"),
        ("decline", "x", "decline", "decline, reject, suspend or cancel: the queue's no"),
        ("wait", "w", "wait", "put it off for a while, with a reason"),
        ("claim", "a", "claim", "hold it, or take it over with a reason"),
        ("release", "A", "release", "hold it no longer"),
        ("comment", "c", "comment", "write a note beside it"),
    ),
    *_verbs(
        "change",
        "everywhere",
        ("act", "exclamation_mark", "more", "what can be done to this record, or to what is marked"),
        ("undo", "U", "undo", "take back what was done last to this record, by its inverse"),
    ),
    *_verbs(
        "look",
        "list",
        ("next_view", "tab", "next view", "the next view or figure of this entity"),
        ("previous_view", "shift+tab", "view before", "the view or figure before"),
        ("detail", "d", "detail", "the record beside the list, or not"),
        ("sort", "s", "sort", "sort by this column, ascending; again: as the view has it"),
        ("sort_back", "S", "sort back", "sort by this column, descending"),
        ("wide", "W", "wide", "every column as wide as its content, ids and times in full"),
        ("column_left", "less_than_sign", "column ←", "move this column to the left"),
        ("column_right", "greater_than_sign", "column →", "move this column to the right"),
        ("pause", "p", "pause", "stop reading anew by itself, or go on"),
        ("export", "E", "export", "write the whole view to a file"),
        ("plot", "P", "plot", "draw the number under the cursor over time, or how it is spread; again: not"),
        ("follow", "f", "follow", "show new rows as they come, or stop"),
        ("pivot", "b", "by", "all that has the same actor, record, session, address or operation"),
        ("verify", "v", "verify", "the ledgers, the audit rows against them, the retention rules"),
        ("rate", "t", "rate", "how many rows of each severity over time, or hide it"),
    ),
    *_verbs(
        "look",
        "everywhere",
        ("copy", "y", "copy", "copy this value"),
        ("copy_row", "Y", "copy all", "copy the whole row or record"),
        ("refresh", "R", "refresh", "read anew"),
        ("zone", "z", "zone", "times in UTC or local"),
        ("redraw", "ctrl+l", "redraw", "paint the screen anew"),
    ),
    *_verbs(
        "look",
        "record",
        ("fold", "space", "fold", "fold or unfold the JSON under the cursor"),
        ("reveal", "r", "reveal", "show what is masked for 20 s, with a reason; the ledger tells of it"),
    ),
    *_verbs(
        "screens",
        "everywhere",
        ("overview", "1", "overview", "all systems"),
        ("accounts", "2", "accounts", "people and accounts of this system"),
        ("reviews", "3", "reviews", "what waits for a decision"),
        ("credentials", "4", "credentials", "what gives access"),
        ("audit", "5", "audit", "what was done"),
        ("fleet", "6", "fleet", "devices or passes by state, as a map, with alerts"),
        ("database", "7", "database", "sessions, locks, slow statements, sizes of this system's server"),
        ("ledger", "9", "ledger", "proposals that wait, own operations, the state of the ledger"),
    ),
)

VERBS: Mapping[str, Verb] = {verb.name: verb for verb in _ALL}
"""All verbs by name."""

MOVES = tuple(verb.name for verb in _ALL if verb.group == "move")
"""What moves a cursor."""

AREAS = tuple(verb.name for verb in _ALL if verb.group == "screens")
"""What leads to the areas of a system."""

_SIGNS = {
    "colon": ":", "slash": "/", "question_mark": "?", "at": "@", "left_square_bracket": "[", "minus": "-",
    "right_square_bracket": "]", "asterisk": "*", "less_than_sign": "<", "greater_than_sign": ">",
    "exclamation_mark": "!", "escape": "esc", "pagedown": "PgDn", "pageup": "PgUp", "up": "↑", "down": "↓",
    "left": "←", "right": "→", "home": "Home", "end": "End",
}  # fmt: skip
_NAMES = {sign: name for name, sign in _SIGNS.items() if len(sign) == 1}

_remapped: dict[str, tuple[str, ...]] = {}
_by_key: dict[str, list[str]] = {}


def keys_of(name: str) -> tuple[str, ...]:
    """The keys of a verb, as the operator wants them."""
    return _remapped.get(name) or VERBS[name].keys


def by_key(key: str) -> list[str]:
    """The verbs that a key may mean."""
    if not _by_key:
        for name in VERBS:
            for each in keys_of(name):
                _by_key.setdefault(each, []).append(name)
    return _by_key.get(key, [])


def sign(key: str) -> str:
    """A key as it is shown: ``:``, ``PgDn``, ``ctrl+d``."""
    return _SIGNS.get(key, key)


class Moving:
    """A widget in which the keys that move lead nowhere else."""


def bindings(*names: str) -> list[Binding]:
    """Textual's bindings for verbs; their ids are the verbs' names, so that keys can be changed.

    They have priority, which means that a key has done its work before the next one is looked at: what is
    typed behind ``:`` goes where it should, however fast it comes.
    """
    return [
        Binding(
            ",".join(VERBS[name].keys),
            VERBS[name].action,
            VERBS[name].label,
            show=False,
            priority=True,
            id=name,
        )
        for name in names
    ]


def remap(wanted: Mapping[str, str]) -> Mapping[str, str]:
    """Give verbs other keys (``wide = "w"``, several by spaces); gives Textual's keymap.

    Raises Usage for an unknown verb, a key that is never bound, and a key that two verbs would share.
    """
    changed = {}
    for name, keys in wanted.items():
        if name not in VERBS:
            raise unknown("key verb", name, VERBS)
        changed[name] = tuple(map(_named, keys.split()))
        for key in changed[name]:
            _check(name, key)
        if not changed[name]:
            raise Usage(f"The verb {name} needs a key.")
    _refuse_clashes(changed)
    _remapped.clear()
    _remapped.update(changed)
    _by_key.clear()
    return {name: ",".join(keys) for name, keys in changed.items()}


def _named(sign: str) -> str:
    """Textual's name of a key that is given by its sign."""
    if len(sign) != 1 or sign.isalnum():
        return sign
    return _NAMES.get(sign) or unicodedata.name(sign, sign).lower().replace("-", "_").replace(" ", "_")


def _check(name: str, key: str) -> None:
    if name == "cancel" or key == "ctrl+c":
        raise Usage(f"ctrl+c cancels what runs, and nothing else does ({name} = {key}).")
    if key.startswith("alt+") or key in ("ctrl+s", "ctrl+i", "ctrl+m", "ctrl+h"):
        raise Usage(f"{name} = {key}: terminals keep {key} for themselves, or send something else.")


def _refuse_clashes(changed: Mapping[str, tuple[str, ...]]) -> None:
    owner: dict[tuple[str, str], str] = {}
    for name, verb in VERBS.items():
        for key in changed.get(name, verb.keys):
            scopes = (
                ("everywhere", "list", "record", "review") if verb.scope == "everywhere" else (verb.scope,)
            )
            for scope in scopes:
                other = owner.setdefault((scope, key), name)
                if other != name:
                    raise Usage(f"The key {sign(key)} cannot be both '{other}' and '{name}'.")
