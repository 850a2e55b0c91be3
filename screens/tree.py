"""JSON as a tree that folds: numbers as they are written, keys in their order, nothing that is not shown."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from screens.bar import Part

LIMIT = 262_144
"""Characters beyond which a text is not taken apart."""
OPEN = 12
"""Members beyond which a branch below the first level begins folded."""


class Number(str):
    """A JSON number as it is written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of a tree."""

    path: tuple[str, ...]
    depth: int
    parts: tuple[Part, ...]
    folds: bool
    """Whether it has members that can be hidden."""
    value: str
    """The value as JSON, for the clipboard."""


def parse(text: str) -> Any:
    """The value of a JSON text, objects as lists of pairs, so that no key is lost; raises ValueError."""
    if len(text) > LIMIT:
        raise ValueError("too long")
    try:
        return json.loads(
            text, parse_float=Number, parse_int=Number, parse_constant=Number, object_pairs_hook=_Pairs
        )
    except RecursionError:
        raise ValueError("too deep") from None


class _Pairs(list[tuple[str, Any]]):
    """An object: its pairs, in order, repeated keys included."""


def members(value: Any) -> list[tuple[str, Any]]:
    """What a value is made of, by key or by number; nothing for one that is no object or array."""
    if isinstance(value, _Pairs):
        return list(value)
    return [(str(n), item) for n, item in enumerate(value)] if isinstance(value, list) else []


def written(value: Any) -> str:
    """A value as JSON, numbers as they were."""
    if isinstance(value, _Pairs):
        return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {written(v)}" for k, v in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return str(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)


def branches(value: Any, turned: Collection[tuple[str, ...]], path: tuple[str, ...] = ()) -> Iterator[Branch]:
    """The lines below a value; ``turned`` are those that were folded or unfolded by hand."""
    for n, (name, member) in enumerate(members(value)):
        here = (*path, f"{n}:{name}")
        inner = members(member)
        folded = ((len(path) > 0 and len(inner) > OPEN) or len(path) > 2) != (here in turned)
        yield Branch(
            here, len(path), tuple(_parts(name, member, len(inner), folded)), bool(inner), written(member)
        )
        if inner and not folded:
            yield from branches(member, turned, here)


def _parts(name: str, value: Any, count: int, folded: bool) -> Iterator[Part]:
    yield (("▸ " if folded else "▾ ") if count else "  "), "accent"
    yield f"{name}  ", "head"
    if count:
        yield (f"{{{count}}}" if isinstance(value, _Pairs) else f"[{count}]"), "faint"
        if folded:
            yield "  " + written(value)[:200], "faint"
    elif isinstance(value, Number):
        yield str(value), "number"
    elif isinstance(value, str):
        yield value, ""
    else:
        yield written(value), "faint"
