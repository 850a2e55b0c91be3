"""A containment as lines: each system with how far it is, each operation with what it would end or what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from db import planned
from db.model import Kind
from screens import effects
from screens.bar import Part as Piece
from screens.cells import fit, safe, text_of
from screens.formats import PLAIN, short
from screens.lines import Line
from screens.whotree import singular

if TYPE_CHECKING:
    from db.model import Effect
    from screens.containing import Held, Seen
    from screens.desk import Link
    from screens.running import Run

VERB, NAME = 27, 20
"""Cells of the operation and of the record's name."""


@dataclass(frozen=True)
class Head:
    """The line of a system."""

    at: str


@dataclass(frozen=True)
class Deed:
    """The line of an operation."""

    at: str
    target: str


def lines(
    seen: Seen,
    links: Mapping[str, Link],
    said: Mapping[str, str],
    runs: Mapping[str, Run],
    me: Mapping[str, str],
    cells: int,
) -> Iterator[Line]:
    """All systems; ``me`` is whoever is at the keyboard, by system."""
    for number, (name, held) in enumerate(seen.held.items()):
        if number:
            yield Line(())
        run = runs.get(name)
        yield _head(name, held, links.get(name), run, me.get(name, ""))
        if why := held.part.error or said.get(name, ""):
            yield Line((("    ✕ ", "bad"), (why, "bad")))
        if held.proposal is not None:
            yield from _proposed(name, held, seen, run, cells)
        else:
            yield from _planned(name, held, cells)
        for note in held.part.notes:
            yield Line((("    ! ", "wait"), (note, "faint")))


def _head(name: str, held: Held, link: Link | None, run: Run | None, me: str) -> Line:
    sign, tone, told = _state(held, link, me)
    if run is not None:
        sign, tone, told = "…", "wait", f"{len(run.outcomes)} of {run.total}"
    parts: list[Piece] = [(f" {sign} ", tone), (f"{name:<14} ", "title"), (told, tone)]
    over = held.part.over
    right = f"{over} need nothing any more " if over and held.proposal is None else ""
    return Line(tuple(parts), Head(name), ((right, "faint"),))


def _state(held: Held, link: Link | None, me: str) -> tuple[str, str, str]:
    """A sign, its tone, and how far it is in words."""
    proposal = held.proposal
    if proposal is None:
        count = len(held.part.possible)
        if held.part.error:
            return "✕", "bad", "not in the plan; it can be resumed for it alone"
        if not (held.part.steps or held.part.over):
            return "·", "faint", "this person has no access here"
        return (
            ("○", "wait", f"{count} to be proposed")
            if count
            else ("●", "good", "nothing is left to take away")
        )
    who = "you" if proposal.proposer == me else link.called(proposal.proposer) if link else proposal.proposer
    done, total = len(proposal.done), len(proposal.targets)
    return _proposal_state(held, who, done, total)


def _proposal_state(held: Held, who: str, done: int, total: int) -> tuple[str, str, str]:
    assert held.proposal is not None
    said = f"   “{safe(held.proposal.reason)}”"
    match held.state:
        case "open":
            waits = "waits for another person" if who == "you" else "waits for your word: v"
            return "2", "wait", f"{total} proposed by {who}, {waits}{said}"
        case "approved":
            return "◐", "wait", f"approved, {done} of {total} done: v goes on"
        case "done" | "contained" if more := len(held.part.possible):
            return "◐", "wait", f"{done} of {total} done; {more} more can be proposed"
        case "done":
            return "●", "good", f"{done} of {total} done, reported in the ledger"
        case "contained":
            return "◐", "wait", f"{done} of {total} done, reported in the ledger with what was not"
    return "✕", "bad", f"{held.state}; {total} were proposed by {who}"


def _planned(name: str, held: Held, cells: int) -> Iterator[Line]:
    for step in held.part.steps:
        operation = step.operation
        target = planned.target(operation.entity, operation.action, operation.id)
        if step.refused:
            yield _deed(name, target, step.name, "✕", "bad", step.refused, cells)
        else:
            final = "   for good" if step.final else ""
            yield _deed(name, target, step.name, "·", "", ended(step.effects) + final, cells)


def _proposed(name: str, held: Held, seen: Seen, run: Run | None, cells: int) -> Iterator[Line]:
    proposal = held.proposal
    assert proposal is not None
    became = {proposal.target_of(o.operation): o for o in run.outcomes} if run is not None else {}
    for target in proposal.targets:
        entity, _, id_ = planned.parts(target)
        record = seen.names.get((name, entity, id_)) or id_
        outcome, sheet = became.get(target), held.sheets.get(target)
        seq = held.report.done.get(target) if held.report is not None else None
        if (outcome is not None and not outcome.why) or target in proposal.done:
            yield _deed(name, target, record, "✓", "good", f"done, entry {seq}" if seq else "done", cells)
        elif why := (outcome.why if outcome else "") or (
            held.report.not_done.get(target, "") if held.report else ""
        ):
            yield _deed(name, target, record, "✕", "bad", why, cells)
        elif sheet is not None and sheet.refused:
            yield _deed(name, target, record, "✕", "bad", sheet.refused, cells)
        else:
            would = ended(sheet.effects) if sheet is not None else "not done yet"
            yield _deed(name, target, record, "·", "", would, cells)


def _deed(name: str, target: str, record: str, sign: str, tone: str, told: str, cells: int) -> Line:
    entity, action, _ = planned.parts(target)
    verb = f"{action.replace('-', ' ')} {singular(entity)}"
    size = NAME if cells < 100 else NAME + 14
    return Line(
        (
            (f"    {sign} ", tone), (fit(safe(verb), VERB) + " ", "label"), (fit(safe(record), size) + " ", ""),
            (told, tone if tone == "bad" else "faint"),
        ),
        Deed(name, target),
    )  # fmt: skip


def ended(found: Sequence[Effect]) -> str:
    """What an operation would change, on one line: first what it would be, then what hangs on it, its times last."""
    remarks = [effect.what for effect in found if effect.remark]
    changes = [effect for effect in found if not effect.remark]
    times = [f"{effect.what} now" for effect in changes if effect.kind is Kind.TIME]
    first = sorted((e for e in changes if e.kind is not Kind.TIME), key=lambda e: e.kind is not Kind.STATUS)
    told_ = [
        f"{e.what} {text_of(e.before, e.kind, PLAIN)} → {text_of(e.after, e.kind, PLAIN)}"
        for e in first
        if e.after != effects.REASON
    ]
    return "; ".join([*told_, *remarks, *times] if told_ else [*times, *remarks])


def told(seen: Seen, name: str) -> Line:
    """A part on one line, for the sheet: how many operations, and which."""
    held = seen.held[name]
    targets = (
        held.proposal.targets
        if held.proposal is not None and held.state in ("open", "approved")
        else [planned.target(o.entity, o.action, o.id) for o in held.part.possible]
    )
    counts: dict[str, int] = {}
    for entity, action, _ in map(planned.parts, targets):
        verb = f"{action.replace('-', ' ')} {singular(entity)}"
        counts[verb] = counts.get(verb, 0) + 1
    what = ", ".join(f"{verb} ×{count}" if count > 1 else verb for verb, count in counts.items())
    return Line(((f"   {name:<14} ", "accent"), (f"{len(targets):>3}   ", "title"), (what, "")))


def summary(seen: Seen) -> tuple[list[Piece], list[Piece]]:
    """Who, how many, where; and which plan it is."""
    systems = [name for name, held in seen.held.items() if held.proposal is not None or held.part.possible]
    total = sum(
        len(held.proposal.targets) if held.proposal is not None else len(held.part.possible)
        for held in seen.held.values()
    )
    left: list[Piece] = [(" Contain ", "title"), (seen.plan.person.name, "accent")]
    right: list[Piece] = [
        (f"{total} operations in {len(systems)} system{'s' * (len(systems) != 1)}   ", ""), (f"plan {short(seen.plan.id)} ", "faint"),
    ]  # fmt: skip
    missing = sum(bool(held.part.error) for held in seen.held.values())
    if missing:
        right.insert(0, (f"{missing} not reached   ", "bad"))
    return left, right
