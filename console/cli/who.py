"""``quaestor who``: one person's records in all systems, with why each is believed to be theirs; or their audit rows."""

from __future__ import annotations

from collections.abc import Iterator

import click

from console.cancelling import cancellable
from console.cli import options
from console.headless.output import columns, output
from console.headless.text import whole
from console.searching import Opened, sources
from db.errors import Missing, Unreachable
from db.model import Kind, Row
from db.who import Found, Part, Who, search, trail
from db.who.search import PATIENCE

NOBODY = "–"
"""In place of a person's number, for what belongs to nobody who is known."""


@click.command("who")
@click.argument("text")
@click.argument("targets", metavar="[TARGET]…", nargs=-1)
@click.option(
    "--trail", "line", is_flag=True, help="Their audit rows, the newest first, in place of records."
)
@click.option(
    "--patience",
    type=float,
    default=PATIENCE,
    show_default=True,
    metavar="S",
    help="Seconds for each system.",
)
@options.format_
def command(text: str, targets: tuple[str, ...], line: bool, patience: float, format_: str) -> int:
    """Find a person by email, phone, DID, username, account, reference or serial number, or any id.

    All systems are asked at once, of all profiles without a TARGET. Exit 1 when nobody is found, 3 when a system
    did not answer.
    """
    with sources(targets) as (opened, asked):
        who = cancellable(lambda cancel: search(asked, text, patience=patience, cancel=cancel, told=_hear))
        if line:
            _write_trail(opened, who, format_)
        else:
            _write(who, format_)
        _tell(who)
    if who.errors:
        raise Unreachable(f"Not every system is in this answer: {', '.join(map(whole, who.errors))}.")
    if not who.people and not who.loose:
        raise Missing(f"Nobody was found by '{whole(text)}'.")
    return 0


def _hear(part: Part) -> None:
    """Each answer is narrated as it comes."""
    told = part.error or f"{len(part.found)} records in {part.seconds * 1e3:.0f} ms"
    click.echo(f"{whole(part.source)}: {whole(told)}", err=True)


def _write(who: Who, format_: str) -> None:
    shown = columns(
        person=Kind.TEXT, sure=Kind.BOOLEAN, system=Kind.TEXT, entity=Kind.TEXT, record=Kind.ID, state=Kind.STATUS,
        name=Kind.TEXT, why=Kind.TEXT, of=Kind.TEXT,
    )  # fmt: skip
    out = output(format_, shown, ids=False)
    out.write(list(_rows(who)))
    out.end(None)


def _rows(who: Who) -> Iterator[Row]:
    for number, person in enumerate(who.people, 1):
        for found in person.records:
            yield _row(str(number), person.sure and found.sure, found)
    for found in who.loose:
        yield _row(NOBODY, False, found)


def _row(person: str, sure: bool, found: Found) -> Row:
    values = (
        person, sure, found.source, found.entity, found.id, found.state, found.name, "; ".join(found.why), found.of,
    )  # fmt: skip
    return Row(found.ref, values, ())


def _write_trail(opened: Opened, who: Who, format_: str) -> None:
    for person in who.sure:
        click.echo(f"{whole(person.name)}:", err=True)
        found = cancellable(lambda cancel, one=person: trail(opened.sessions.values(), one, cancel=cancel))  # type: ignore[misc] # the default binds it
        out = output(format_, found.columns)
        out.write(found.rows)
        out.end(None)
        for note in found.notes:
            click.echo(whole(note), err=True)


def _tell(who: Who) -> None:
    for source, notes in who.notes.items():
        for note in notes:
            click.echo(f"{whole(source)}: {whole(note)}", err=True)
    unsure = sum(not person.sure for person in who.people)
    told = f"{len(who.sure)} people in {who.seconds * 1e3:.0f} ms"
    click.echo(told + (f", and {unsure} with the same telephone number only." if unsure else "."), err=True)
