"""``quaestor proposals``: what waits for a second person, and the yes or no to it."""

from __future__ import annotations

import click

from console.cli import deciding, options
from console.cli.deciding import Outcome
from console.headless.output import columns, output
from console.sessions import session
from db import proposals
from db.errors import Usage
from db.model import Kind, Row
from db.session import Session

DEEDS = ("list", "show", "approve", "reject", "withdraw")


@click.command("proposals")
@options.target
@click.argument("deed", type=click.Choice(DEEDS), default="list")
@click.argument("id_", metavar="[ID]", default="")
@deciding.reason
@deciding.ticket
@click.option("--all", "every", is_flag=True, help="Also those that are decided or expired.")
@deciding.yes
@options.format_
def command(
    target: str, deed: str, id_: str, reason: str, ticket: str, every: bool, yes: bool, format_: str
) -> int:
    """List what waits for a second person; show, approve, reject or withdraw one.

    With the last yes that it takes it is carried out, under the same checks as any operation.
    """
    with session(target) as opened:
        if deed == "list":
            _list(opened, every, format_)
            return 0
        if not id_:
            raise Usage(f"{deed} wants the proposal's id.")
        if deed == "show":
            deciding.show(proposals.review(opened, proposals.load(opened, id_)), format_)
            return 0
        return _decide(opened, deed, id_, reason, ticket, yes, format_)


def _list(opened: Session, every: bool, format_: str) -> None:
    shown = columns(
        id=Kind.ID, state=Kind.STATUS, entity=Kind.TEXT, action=Kind.TEXT, records=Kind.INTEGER, done=Kind.INTEGER,
        reason=Kind.TEXT, proposer=Kind.TEXT, votes=Kind.INTEGER, quorum=Kind.INTEGER, expires_at=Kind.TIME,
    )  # fmt: skip
    out = output(format_, shown)
    out.write(
        [
            Row(
                p.id,
                (
                    p.id, p.state, p.entity, p.action, len(p.targets), len(p.done), p.reason, p.proposer,
                    len(p.votes), p.quorum, p.expires_at,
                ),
                (),
            )
            for p in proposals.listed(opened, current=not every)
        ]
    )  # fmt: skip
    out.end(None)


def _decide(opened: Session, deed: str, id_: str, reason: str, ticket: str, yes: bool, format_: str) -> int:
    with deciding.desk(opened) as desk:
        found = proposals.load(opened, id_)
        sheets = proposals.review(opened, found) if deed == "approve" else []
        deciding.show([] if yes else sheets, "table", aside=True)
        armed = deciding.armed(
            ticket, yes, f"{deed.capitalize()} {found.action} of {len(found.targets)} records?"
        )
        if deed == "approve":
            outcomes = [
                Outcome(o.target, "done", o.done.operation_id, o.done.seq)
                if o.done
                else Outcome(o.target, "refused", "", None, o.refused, 1)
                for o in proposals.approve(desk, armed, id_, reason, sheets)
            ]
            return deciding.report(outcomes or [Outcome(id_, proposals.load(opened, id_).state)], format_)
        change = proposals.reject if deed == "reject" else proposals.withdraw
        return deciding.report([Outcome(id_, change(desk, armed, id_, reason).state)], format_)
