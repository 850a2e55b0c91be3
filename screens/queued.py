"""The inbox as lines: how long each item has waited, where and what it is, who, how much, how risky."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from db.model import Kind
from screens.bar import Part
from screens.cells import fit, safe
from screens.evidence import singular
from screens.formats import NULL, age, number, tone
from screens.inbox import SHOWS, Item
from screens.lines import Line

AGE, SYSTEM, WHAT, AMOUNT, RISK = 5, 3, 12, 11, 6
GAP = 1


def heading(cells: int, order: str) -> list[Part]:
    """The names of the columns; that of the order is marked."""
    marks = {"age": "age", "lateness": "late", "amount": "amount", "risk": "risk"}
    names = {name: f"{name} ▲" if name == marks[order] else name for name in marks.values()}
    first = names["late"] if order == "lateness" else names["age"]
    who = _room(cells)
    texts = (
        fit(first, AGE + 2, True), "  ", fit("sys", SYSTEM), " ", fit("what", WHAT), " ", fit("who", who), " ",
        fit(names["amount"], AMOUNT, True), fit(names["risk"], RISK + GAP, True),
    )  # fmt: skip
    return [(f" {''.join(texts)}", "head")]


def line(item: Item, now: datetime, flag: Part, cells: int) -> Line:
    """One item."""
    late = item.late(now)
    since = age(item.since, now) if item.since is not None else NULL
    risk = item.value(item.source.queue.risk) if item.source.queue.risk else None
    amount = number(item.amount, 2) if item.amount.is_finite() else NULL
    return Line(
        (
            ("●" if late else " ", "bad"),
            flag,
            (fit(since, AGE, True) + "  ", "bad" if late else ""),
            (fit(initials(item), SYSTEM) + " ", "accent"),
            (fit(safe(singular(item.source.entity.name)), WHAT) + " ", ""),
            (fit(safe(item.who), _room(cells)) + " ", ""),
            (fit(amount, AMOUNT, True), ""),
            (fit(safe(NULL if risk is None else risk), RISK + GAP, True), _mood(risk)),
        ),
        item.key,
    )


def _room(cells: int) -> int:
    return max(6, cells - (2 + AGE + 2 + SYSTEM + 1 + WHAT + 1 + 1 + AMOUNT + RISK + GAP) - 1)


def _mood(risk: object) -> str:
    if isinstance(risk, int | Decimal):
        return "bad" if risk >= 800 else "wait" if risk >= 600 else ""
    return tone(risk, Kind.STATUS) if risk is not None else "faint"


def initials(item: Item) -> str:
    """The system in two letters."""
    words = item.source.link.name
    return _LETTERS.get(words) or "".join(c for c in words.title() if c.isupper())[:2] or words[:2]


_LETTERS: Mapping[str, str] = {"trustsphere": "TS", "paymentlinker": "PL", "finpass": "FP", "multipass": "MP"}


def summary(show: str, counts: Mapping[str, str]) -> list[Part]:
    """Which part of the inbox is shown, and how much is in the others."""
    parts: list[Part] = [(" Reviews ", "title")]
    for name in SHOWS:
        here = name == show
        number_ = counts.get(name, "")
        parts.append((f" {name} " if here else f" {name}", "tab-here" if here else "tab"))
        parts.append((f" {number_} " if number_ else " ", "title" if here else "faint"))
    return parts


def flags(item: Item, holder: str, *, mine: bool, marked: bool) -> Part:
    """One sign: marked, held by oneself or by another, waiting."""
    if marked:
        return "✓", "mark"
    if item.proposal is not None:
        return "2", "wait"
    if item.claim is not None and item.claim.snoozed_until is not None:
        return "z", "faint"
    if mine:
        return "◆", "good"
    return ("◇", "bad") if holder else (" ", "")
