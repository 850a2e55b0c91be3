"""A record as lines: its columns in groups, JSON as trees, changes as differences, links both ways, its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from db.model import Column, Entity, Kind, Link, Page, Raw, Record
from screens import diff, tree
from screens.bar import Part
from screens.cells import safe, text_of, width
from screens.formats import Look, age, tone
from screens.lines import Line

LABEL = 26
"""The widest that a label gets."""


@dataclass(frozen=True, slots=True)
class Value:
    """A line with a column's value, or a part of it."""

    column: Column
    value: Any
    path: tuple[str, ...] = ()
    """Where in a JSON tree."""
    folds: bool = False
    part: int = 0
    """Which line of a long text."""


@dataclass(frozen=True, slots=True)
class Way:
    """A line with a link."""

    link: Link


@dataclass(frozen=True, slots=True)
class Past:
    """A line with a row of the audit trail."""

    entity: str
    id: str


@dataclass(frozen=True, slots=True)
class Bared:
    """What a reveal gave, and for how long it is still shown; it is nowhere but on the screen."""

    text: str = field(repr=False)
    seconds: int


_NOTHING: Mapping[str, Bared] = {}


@dataclass
class Folding:
    """What was folded or unfolded by hand."""

    turned: set[tuple[str, ...]] = field(default_factory=set)

    def turn(self, column: str, path: tuple[str, ...]) -> None:
        """Fold what is open, open what is folded."""
        self.turned ^= {(column, *path)}


def lines(
    record: Record,
    look: Look,
    cells: int,
    folding: Folding,
    history: Sequence[tuple[Entity, Page]] = (),
    *,
    changes_first: bool = False,
    revealed: Mapping[str, Bared] = _NOTHING,
) -> list[Line]:
    """The record in so many cells."""
    made = [Line((*_title(record), ("  ", "")))]
    changes = list(_changes(record))
    made += changes if changes_first else ()
    size = min(LABEL, max((width(safe(c.heading)) for c in record.columns), default=0))
    for group in dict.fromkeys(column.group for column in record.columns):
        made.append(Line(((f" {group}", "title"),)) if group else Line(()))
        for column, value in zip(record.columns, record.values, strict=True):
            if column.group != group:
                continue
            if column.name in revealed:
                made.append(_bared(column, revealed[column.name], size))
            else:
                made += _field(record, column, value, look, size, cells, folding)
    made += () if changes_first else changes
    made += _links(record)
    for entity, page in history:
        made += _history(entity, page, look)
    return made


def _title(record: Record) -> Iterator[Part]:
    yield f" {record.entity.name}", "accent"
    named = [str(value) for name in record.entity.title if (value := record.value(name)) is not None]
    yield "   " + "   ".join(named), "title"


def _label(column: Column, size: int) -> Part:
    heading = safe(column.heading)
    return f"   {heading[:size]}{' ' * (size - width(heading[:size]))}  ", "label"


def _field(
    record: Record, column: Column, value: Any, look: Look, size: int, cells: int, folding: Folding
) -> Iterator[Line]:
    label = _label(column, size)
    if column.kind is Kind.JSON and isinstance(value, str) and not isinstance(value, Raw):
        try:
            parsed = tree.parse(value)
        except ValueError:
            parsed = None
        if tree.members(parsed):
            yield from _tree(column, value, parsed, label, size, folding)
            return
    currency = record.value(column.currency) if column.currency.islower() else column.currency
    text = text_of(value, column.kind, look, str(currency or ""))
    if isinstance(value, datetime):
        text += f"   {age(value, record.at)} ago" if value <= record.at else f"   {age(value, record.at)}"
    room, plain = max(10, cells - size - 7), column.kind is Kind.ID and value is not None
    for n, piece in enumerate(_wrapped(text, room)):
        first = label if n == 0 else (" " * (size + 5), "")
        yield Line((first, (piece, "" if plain else tone(value, column.kind))), Value(column, value, part=n))


def _bared(column: Column, bared: Bared, size: int) -> Line:
    """Its line stays the masked column's: copying it copies nothing."""
    left = (f"   hides itself in {bared.seconds} s", "wait")
    return Line((_label(column, size), (bared.text, "title"), left), Value(column, None))


def _wrapped(text: str, room: int) -> Iterator[str]:
    """A text in lines of at most so many cells; words are kept whole where they are not longer than a line."""
    while width(text) > room:
        end, used = 0, 0
        while used + width(text[end]) <= room:
            used += width(text[end])
            end += 1
        space = text.rfind(" ", 1, end)
        end = space + 1 if space > room // 2 else max(1, end)
        yield text[:end]
        text = text[end:]
    yield text


def _tree(
    column: Column, value: str, parsed: Any, label: Part, size: int, folding: Folding
) -> Iterator[Line]:
    folded = (column.name,) in folding.turned
    inner = tree.members(parsed)
    sign = "▸ " if folded else "▾ "
    yield Line(
        (
            label,
            (sign, "accent"),
            (f"{len(inner)} member{'s' * (len(inner) != 1)}", "faint"),
            ("  " + value[:200] if folded else "", "faint"),
        ),
        Value(column, value, (), True),
    )
    if folded:
        return
    turned = {path[1:] for path in folding.turned if path[0] == column.name}
    for branch in tree.branches(parsed, turned):
        indent = " " * (size + 5 + 2 * branch.depth)
        yield Line(((indent, ""), *branch.parts), Value(column, branch.value, branch.path, branch.folds))


def _changes(record: Record) -> Iterator[Line]:
    """What a row of an audit trail changed, wherever it keeps that."""
    texts = {c.name: c for c in record.columns if c.kind in (Kind.JSON, Kind.TEXT)}
    if (pair := diff.pair_of(list(texts))) is not None:
        yield from _changed(diff.changes(*map(record.value, pair)) or (), texts[pair[1]])
        return
    for column, value in zip(record.columns, record.values, strict=True):
        if column.kind is Kind.JSON and isinstance(value, str) and (inner := diff.inside(value)):
            yield from _changed(inner, column)


def _changed(found: Sequence[diff.Change], column: Column) -> Iterator[Line]:
    if not found:
        return
    yield Line(((" Changes", "title"),))
    size = min(LABEL, max(width(safe(change.field)) for change in found))
    for n, change in enumerate(found):
        name = safe(change.field)
        before = ("not there", "faint") if change.before is None else (change.before, "bad")
        after = ("not there", "faint") if change.after is None else (change.after, "good")
        label = f"   {name}{' ' * max(0, size - width(name))}  "
        yield Line(
            ((label, "label"), before, ("  →  ", "faint"), after),
            Value(column, f"{change.before} → {change.after}", (f"change {n}",)),
        )


def _links(record: Record) -> Iterator[Line]:
    if not record.entity.links:
        return
    yield Line(((" Links", "title"),))
    size = max(len(link.name) for link in record.entity.links)
    for link in record.entity.links:
        values = [record.value(mine) for mine, _ in link.pairs]
        there = all(value is not None for value in values)
        sign = ("⇉ " if link.many else "→ ") if there else "  "
        what = link.entity if there else "nothing to follow"
        yield Line(
            (
                ("   ", ""),
                (sign, "accent"),
                (f"{link.name:<{size}}  ", "" if there else "faint"),
                (what, "faint"),
            ),
            Way(link) if there else None,
        )


def _history(entity: Entity, page: Page, look: Look) -> Iterator[Line]:
    """The newest rows of the audit trail, one a line."""
    more = " and more" if page.more_after else ""
    yield Line(
        (
            (f" History in {entity.name}", "title"),
            (f"   {len(page.rows)} newest{more}" if more else "", "faint"),
        )
    )
    if not page.rows:
        yield Line((("   nothing", "faint"),))
    for row in page.rows:
        parts: list[Part] = [("   ", "")]
        for column, value in zip(page.columns, row.values, strict=True):
            if value is not None and column.kind is not Kind.MASKED:
                text = text_of(value, column.kind, Look(page.at, look.zone, False))
                parts.append((f"{text:<8}" if column.kind is Kind.TIME else text, tone(value, column.kind)))
                parts.append(("  ", ""))
        yield Line(tuple(parts), Past(entity.name, row.id))


def history_links(entity: Entity, areas: Mapping[str, Sequence[str]]) -> list[Link]:
    """The links of an entity that lead to its rows in the audit trail."""
    sources = {path.partition("/")[0] for path in areas.get("audit", ())} - {entity.name}
    return [link for link in entity.links if link.many and link.entity in sources]
