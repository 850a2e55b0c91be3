"""``quaestor overview``: what needs somebody now, in all systems; exit 1 where something is critical."""

from __future__ import annotations

from collections.abc import Iterator

import click

from console import profiles
from console.cancelling import cancellable
from console.cli import options
from console.headless.output import columns, output
from console.headless.text import whole
from console.sessions import session
from db.errors import QuaestorError, Unreachable, Usage
from db.model import Kind, Row
from db.overview import Meter, Number, questions, unreachable
from db.severity import Severity


@click.command("overview")
@click.argument("targets", metavar="[TARGET]…", nargs=-1)
@options.format_
def command(targets: tuple[str, ...], format_: str) -> int:
    """Queues, fleet, proposals, audit, ledger and pulse of these systems, or of all profiles; exit 1 when critical."""
    named = targets or tuple(profiles.load())
    if not named:
        raise Usage("There are no profiles: name a TARGET, or add one ('quaestor profiles add').")
    shown = columns(
        system=Kind.TEXT,
        group=Kind.TEXT,
        name=Kind.TEXT,
        value=Kind.INTEGER,
        sign=Kind.TEXT,
        severity=Kind.STATUS,
        text=Kind.TEXT,
        path=Kind.TEXT,
        at=Kind.TIME,
    )
    out, critical, total = output(format_, shown, ids=False), 0, 0
    rows = []
    for target in named:
        for name, number in _numbers(target):
            sign = "≈" if number.about else "+" if number.more else ""
            path = " ".join(filter(None, (number.path, number.filter)))
            values = (name, number.group, number.name, number.value, sign, number.severity.value)
            rows.append(Row(name, (*values, number.text, path, number.at), ()))
            critical += number.severity is Severity.CRITICAL
            total += 1
    out.write(rows)
    out.end(None)
    click.echo(f"{total} numbers of {len(named)} systems, {critical} critical.", err=True)
    return 1 if critical else 0


def _numbers(target: str) -> Iterator[tuple[str, Number]]:
    """A system that cannot be reached is the worst that there is, and the others are told all the same."""
    try:
        with session(target) as opened:
            meter = Meter(questions(opened))
            for number in cancellable(lambda cancel: meter.refresh(cancel, everything=True)):
                yield opened.name, number
    except (Unreachable, QuaestorError) as error:
        if isinstance(error, Usage) or error.exit_code == 130:
            raise
        yield whole(target), unreachable(str(error))
