"""``quaestor migrate``: make tables and the parts that quaestor can add, each shown before it runs."""

from __future__ import annotations

import logging

import click

from console import asking, sessions, signing
from console.account import account
from console.cli import options
from console.files import make_database
from console.headless.output import columns, output
from console.headless.text import lines, whole
from console.profiles import of_target
from db.errors import Refused, Usage
from db.model import Kind, Row
from db.translate import translated
from migrations import runner
from migrations.parts import PARTS, parts_of
from migrations.runner import Status

DEEDS = ("status", "up", "down", "stamp")


@click.command("migrate")
@options.target
@click.argument("deed", type=click.Choice(DEEDS), default="status")
@click.option("--part", default="", metavar="|".join(PARTS), help="Which part; 'system' where none is named.")
@click.option(
    "--to", default="", metavar="REV", help="Up, down or stamp to this revision; 'base' is before the first."
)
@click.option("--set", "given", metavar="NAME=VALUE", multiple=True, help="A choice that a revision offers.")
@click.option("--dry-run", is_flag=True, help="Print the SQL and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.format_
def command(
    target: str, deed: str, part: str, to: str, given: tuple[str, ...], dry_run: bool, yes: bool, format_: str
) -> None:
    """Show or change which revisions a database has.

    Parts: system (the system's own tables), triggers, ledger, roles, rls, hardening, indexes. On a database that
    others made only what you ask for by name is added; 'stamp' records that its tables are there.
    """
    logging.getLogger("quaestor.migrations").addHandler(_Narration())
    if deed == "status":
        _status(target, part, format_)
        return
    if deed == "down" and not to:
        raise Usage("down wants --to REV; 'base' undoes the part altogether.")
    part, to = part or "system", to or "head"
    choices = dict(_choice(text) for text in given)
    if deed == "up" and not dry_run:
        make_database(account(of_target(target).url))
    with sessions.owner(target) as (profile, system, engine):
        if deed == "stamp":
            _tell(runner.stamp(engine, system, part, to))
            return
        undo = deed == "down"
        sql = runner.preview(engine, system, part, to, undo=undo, options=choices)
        if dry_run:
            for line in lines(sql):
                click.echo(line)
            return
        if undo or part != "system":
            _confirm(sql, yes)
        if part == "ledger" and not undo and runner.status(engine, system, part).pending:
            choices["signer"] = signing.of_profile(profile)  # the first entry names its key
        run = runner.down if undo else runner.up
        _tell(run(engine, system, part, to, options=choices))


class _Narration(logging.Handler):
    """What revisions say to the operator, on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        """One sentence, clean."""
        click.echo(whole(record.getMessage()), err=True)


def _choice(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise Usage(f"--set wants NAME=VALUE, not '{text}'.")
    return name, {"true": True, "yes": True, "false": False, "no": False}.get(value.lower(), value)


def _confirm(sql: str, yes: bool) -> None:
    """Show what will run, and go on only with a yes."""
    if yes:
        return
    for line in lines(sql):
        click.echo(line, err=True)
    if not asking.interactive():
        raise Refused("Nothing was done: look at it with --dry-run, then say --yes.")
    click.confirm("Run this?", abort=True, err=True)


def _tell(status: Status) -> None:
    where = f"at revision {status.current}" if status.current else "before its first revision"
    theirs = ", made by others" if status.stamped else ""
    click.echo(f"{status.part}: {where}{theirs}.", err=True)


def _status(target: str, part: str, format_: str) -> None:
    with sessions.owner(target, read_only=True) as (profile, system, engine), translated(profile):
        parts = (part,) if part else parts_of(system.name)
        found = [runner.status(engine, system, name) for name in parts]
    shown = columns(part=Kind.TEXT, revision=Kind.TEXT, done=Kind.BOOLEAN, what=Kind.TEXT, note=Kind.TEXT)
    out = output(format_, shown, ids=False)
    out.write(
        [
            Row(r.id, (s.part, r.id, r.done, r.summary.rstrip("."), _note(s)), ())
            for s in found
            for r in s.revisions
        ]
    )
    out.end(None)


def _note(status: Status) -> str:
    if status.stamped:
        return "made by others"
    return f"{len(status.foreign)} tables are there, made by others" if status.foreign else ""
