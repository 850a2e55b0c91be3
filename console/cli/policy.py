"""``quaestor policy``: the thresholds that hold in a system, and the proposal of another one."""

from __future__ import annotations

import click

from console.cli import deciding, options
from console.cli.deciding import Outcome
from console.headless.output import columns, output
from console.sessions import session
from db import policy, proposals
from db.errors import Usage
from db.model import Kind, Row
from db.operation import Operation
from db.session import Session

DEEDS = ("show", "propose")


@click.command("policy")
@options.target
@click.argument("deed", type=click.Choice(DEEDS), default="show")
@click.argument("change", metavar="[NAME=VALUE]", default="")
@deciding.reason
@deciding.ticket
@deciding.yes
@options.format_
def command(target: str, deed: str, change: str, reason: str, ticket: str, yes: bool, format_: str) -> int:
    """Show the thresholds, or propose another value: a second person approves it by 'quaestor proposals'."""
    with session(target) as opened:
        if deed == "show":
            _show(opened, format_)
            return 0
        name, equals, value = change.partition("=")
        if not equals:
            raise Usage("propose wants NAME=VALUE.")
        with deciding.desk(opened) as desk:
            armed = deciding.armed(ticket, yes, f"Propose {name} = {value} for everybody?")
            wanted = Operation("policy", name, "set", {"value": value}, reason.strip(), ticket.strip())
            made = proposals.propose(desk, armed, [wanted])
        return deciding.report([Outcome(name, "proposed", made.id)], format_)


def _show(opened: Session, format_: str) -> None:
    shown = columns(name=Kind.TEXT, policy=Kind.TEXT, here=Kind.TEXT, tighter=Kind.TEXT, what=Kind.TEXT)
    out = output(format_, shown, ids=False)
    out.write(
        [
            Row(s.name, (s.name, value, opened.settings.get(s.name, value), s.tighter.value, s.summary), ())
            for s, value in policy.lines(opened.system, policy.load(opened))
        ]
    )
    out.end(None)
