"""What the commands that write share: the desk, the arming of one command, what became of it and the exit code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import click

from console import asking, signing
from console.headless.output import columns, output
from console.headless.text import whole
from console.operator import opened
from db.desk import Desk
from db.errors import Denied, QuaestorError, Refused, Usage
from db.model import Effect, Kind, Mode, Row
from db.operation import Armed, Sheet
from db.resolve import resolve
from db.session import Session
from screens.cells import text_of

yes = click.option("--yes", is_flag=True, help="Do not ask.")
ticket = click.option("--ticket", default="", metavar="T", help="The ticket that it is done for.")
reason = click.option("--reason", default="", metavar="TEXT", help="Why; the ledger tells it.")


@dataclass(frozen=True)
class Outcome:
    """What became of one record."""

    id: str
    status: str
    """``done``, ``earlier``, ``proposed``, ``refused`` or ``unknown``."""
    operation: str = ""
    seq: int | None = None
    text: str = ""
    code: int = 0


@contextmanager
def desk(session: Session) -> Iterator[Desk]:
    """A desk for the operator's key; what an earlier run left undecided is decided first."""
    if session.mode is Mode.AUDIT:
        raise Denied(f"{session.name} is open in audit mode: nothing can be written.")
    made = opened(session, signing.of_profile(session.profile))
    try:
        for found in resolve(made):
            told = "was done" if found.done else "was not done, and never will be"
            click.echo(f"An earlier run ended at {found.operation.operation_id}: it {told}.", err=True)
        yield made
    finally:
        made.close()


def armed(ticket_: str, sure: bool, question: str) -> Armed:
    """The arming of this command: a ticket, and a yes given before or asked for now. Raises Usage, Refused."""
    if not ticket_.strip():
        raise Usage("To write takes a ticket: --ticket OPS-7.")
    if not sure:
        if not asking.interactive():
            raise Refused("Nothing was done: look at it with --dry-run, then say --yes.")
        click.confirm(question, default=False, abort=True, err=True)
    return Armed.for_seconds(600, ticket_.strip())


def show(sheets: Sequence[Sheet], format_: str, *, aside: bool = False) -> None:
    """What would happen to each record: as rows, or as narration."""
    if aside:
        for sheet in sheets:
            for line in _lines(sheet):
                click.echo(whole(line), err=True)
        return
    shown = columns(record=Kind.TEXT, what=Kind.TEXT, before=Kind.TEXT, after=Kind.TEXT, people=Kind.TEXT)
    out = output(format_, shown, ids=False)
    for sheet in sheets:
        people = "two" if sheet.risk == "dual" else "one"
        rows = [(sheet.operation.id, *_words(effect), people) for effect in sheet.effects]
        rows += [(sheet.operation.id, why, None, None, people) for why in _against(sheet)]
        out.write([Row(sheet.operation.id, row, ()) for row in rows])
    out.end(None)


def _words(effect: Effect) -> tuple[str, str | None, str | None]:
    if effect.remark:
        return effect.what, None, None
    return effect.what, _word(effect, effect.before), _word(effect, effect.after)


def said(effect: Effect) -> str:
    """An effect on one line."""
    what, before, after = _words(effect)
    return what if before is None else f"{what}: {before} → {after}"


def _word(effect: Effect, value: object) -> str:
    return "–" if value is None else text_of(value, effect.kind)


def _against(sheet: Sheet) -> list[str]:
    lacking = [f"Your role lacks {', '.join(sheet.lacking)}."] if sheet.lacking else []
    return [f"Refused: {sheet.refused}"] * bool(sheet.refused) + lacking


def _lines(sheet: Sheet) -> Iterator[str]:
    yield f"{sheet.action.heading} {sheet.entity.name} {sheet.operation.id}"
    for effect in sheet.effects:
        what, before, after = _words(effect)
        yield f"  {what}" if before is None else f"  {what}: {before} → {after}"
    yield from (f"  {why}" for why in _against(sheet))
    if sheet.action.final:
        yield f"  {sheet.action.final}"
    if sheet.risk == "dual":
        yield "  It takes two people: this proposes it."


def failed(id_: str, operation: str, error: QuaestorError) -> Outcome:
    """What became of a record that was not changed."""
    status = "unknown" if type(error).__name__ == "Unknown" else "refused"
    return Outcome(id_, status, operation, None, str(error), error.exit_code)


def report(outcomes: Sequence[Outcome], format_: str) -> int:
    """Write what became of each; the exit code of the worst."""
    shown = columns(
        record=Kind.TEXT, status=Kind.TEXT, operation=Kind.TEXT, entry=Kind.INTEGER, text=Kind.TEXT
    )
    out = output(format_, shown, ids=False)
    out.write([Row(o.id, (o.id, o.status, o.operation, o.seq, o.text), ()) for o in outcomes])
    out.end(None)
    codes = [outcome.code for outcome in outcomes]
    return max(codes, default=0)
