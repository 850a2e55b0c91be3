"""What an operation would do, as lines: before → after, what hangs on it, who decides, whether it can be taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from db.model import Action, Effect, Risk, Values
from screens.bar import Part
from screens.cells import safe, text_of, width
from screens.formats import PLAIN, tone
from screens.lines import Line

if TYPE_CHECKING:
    from db.model import Entity
    from db.operation import Sheet

REASON = "⟨your reason⟩"
"""Stands in a sheet for the reason that is not typed yet."""
LABEL = 30
"""The widest that a label gets."""
FEW = 3
"""Effects that a line of a bulk sheet shows."""
_BROKEN = (
    "   The glass is broken: you do alone what takes two, at once. The ledger tells it in red, and another "
    "person looks at it. ctrl+g takes that back."
)


class People(Enum):
    """Who decides what takes two."""

    TWO = "the first of two"
    EITHER = "the first of two, or one who breaks the glass"
    ALONE = "one who breaks the glass"
    SECOND = "the second of two"


def lines(sheets: Sequence[Sheet], people: People = People.TWO) -> list[Line]:
    """Everything that there is to be known before it is confirmed, by the first or by the second person."""
    if len(sheets) == 1:
        return [*_one(sheets[0]), *_closing(sheets, people)]
    made = [_counts(sheets), Line(())]
    made += [line for n, sheet in enumerate(sheets) for line in _short(n, sheet)]
    return [*made, Line(()), *_closing(sheets, people)]


def brief(sheet: Sheet, room: int, people: People = People.TWO) -> list[Line]:
    """The same in so few lines that the queue stays in sight."""
    effects = list(_effects(sheet))
    closing = _closing([sheet], people)
    rest = max(1, room - len(closing))
    if len(effects) > rest:
        more = len(effects) - rest + 1
        effects = [*effects[: rest - 1], Line(((f"   and {more} more; ! shows all", "faint"),))]
    return [*effects, *closing]


def named(entity: Entity, row: Values, id_: str) -> str:
    """A record as a person calls it."""
    said = [str(row[name]) for name in entity.title if row.get(name) is not None]
    return "  ".join(said) or id_


def can(sheet: Sheet) -> bool:
    """Whether it could be done by this role, by one person or two."""
    return not sheet.refused and not sheet.lacking


def why_not(sheet: Sheet) -> str:
    """Why it cannot be done; empty where it can."""
    return sheet.refused or (f"Your role lacks {', '.join(sheet.lacking)}." if sheet.lacking else "")


def _one(sheet: Sheet) -> Iterator[Line]:
    yield Line(
        (
            (f" {sheet.entity.name}", "accent"),
            ("   " + named(sheet.entity, sheet.row, sheet.operation.id), "title"),
        )
    )
    yield Line(((f" {sheet.operation.id}", "faint"),))
    yield Line(())
    yield from _effects(sheet)


def _effects(sheet: Sheet) -> Iterator[Line]:
    changed = [effect for effect in sheet.effects if not effect.remark]
    size = min(LABEL, max((width(safe(effect.what)) for effect in changed), default=0))
    for effect in changed:
        yield Line(tuple(_effect(effect, size)))
    for effect in sheet.effects:
        if effect.remark:
            yield Line((("   ! ", "wait"), (effect.what, "wait")))
    if not sheet.effects and not why_not(sheet):
        yield Line((("   Nothing of the record changes.", "faint"),))


def _effect(effect: Effect, size: int) -> Iterator[Part]:
    what = safe(effect.what)
    yield f"   {what}{' ' * (size - width(what))}  ", "label"
    before = text_of(effect.before, effect.kind, PLAIN, effect.currency)
    after = text_of(effect.after, effect.kind, PLAIN, effect.currency)
    yield before, tone(effect.before, effect.kind) or "faint"
    yield "  →  ", "faint"
    yield after, tone(effect.after, effect.kind) or "title"


def _counts(sheets: Sequence[Sheet]) -> Line:
    able = sum(can(sheet) for sheet in sheets)
    refused = len(sheets) - able
    said = f"   {refused} would be refused and stay as they are" if refused else ""
    return Line(((f" {able} of {len(sheets)} {sheets[0].entity.name}", "title"), (said, "bad")))


def _short(number: int, sheet: Sheet) -> Iterator[Line]:
    """One record of many, with what would be done to it."""
    name: list[Part] = [
        (f" {number + 1:>3}  ", "faint"),
        (named(sheet.entity, sheet.row, sheet.operation.id), "title"),
    ]
    if said := why_not(sheet):
        yield Line((*name, ("   ✕ ", "bad"), (said, "bad")), number)
        return
    for effect in [e for e in sheet.effects if not e.remark][:FEW]:
        name.append(("   ", ""))
        name += [(text, look) for text, look in _effect(replace(effect, what=""), -2)][1:]
    if sheet.risk is Risk.DUAL:
        name.append(("   two people", "wait"))
    yield Line(tuple(name), number)


def _closing(sheets: Sequence[Sheet], people: People) -> list[Line]:
    """Who decides, and whether it can be taken back."""
    if len(sheets) == 1 and (said := why_not(sheets[0])):
        return [Line((("   ✕ ", "bad"), (said, "bad")))]
    dual = sum(sheet.risk is Risk.DUAL and can(sheet) for sheet in sheets)
    made = _two(dual, len(sheets), people) if dual else []
    return [*made, Line((_back(sheets[0].action),))]


def _two(dual: int, many: int, people: People) -> list[Line]:
    if people is People.SECOND:
        return []
    if people is People.ALONE:
        return [Line(((_BROKEN, "bad"),))]
    which = "" if many == 1 else f" {dual} of them"
    told = f"   Two people decide{which}: this makes a proposal, and another one approves it."
    made = [Line(((told, "wait"),))]
    if people is People.EITHER:
        made.append(Line((("   Nobody else there, and no time? ctrl+g breaks the glass.", "faint"),)))
    return made


def _back(action: Action) -> Part:
    if action.inverse:
        return f"   Can be taken back: U, by '{action.inverse.replace('-', ' ')}'.", "faint"
    return f"   Cannot be taken back. {action.final}", "bad" if action.irreversible else "wait"
