"""``quaestor act``: do one action on records, under the same gates as the screens."""

from __future__ import annotations

import uuid
from dataclasses import replace

import click

from console import asking
from console.cancelling import cancellable
from console.cli import deciding, options
from console.cli.deciding import Outcome
from console.sessions import session
from db import proposals, write
from db.desk import Desk
from db.errors import QuaestorError, Refused, Usage
from db.model import Risk
from db.operation import Armed, Operation, Sheet
from db.rehearse import sheet
from db.session import Session


@click.command("act")
@options.target
@click.argument("entity")
@click.argument("action")
@click.argument("ids", metavar="ID…", nargs=-1, required=True)
@deciding.reason
@click.option("--set", "given", metavar="NAME=VALUE", multiple=True, help="A field of the action's form.")
@deciding.ticket
@click.option("--operation-id", default="", metavar="UUID", help="The same id is never done twice.")
@click.option("--undo", default="", metavar="UUID", help="The operation that this one takes back.")
@click.option(
    "--break-glass", is_flag=True, help="Alone what takes two: a longer reason, and an open review."
)
@click.option("--dry-run", is_flag=True, help="Show what it would do, and change nothing.")
@deciding.yes
@options.format_
def command(
    target: str,
    entity: str,
    action: str,
    ids: tuple[str, ...],
    reason: str,
    given: tuple[str, ...],
    ticket: str,
    operation_id: str,
    undo: str,
    break_glass: bool,
    dry_run: bool,
    yes: bool,
    format_: str,
) -> int:
    """Do an action on each record, in a transaction of its own; what takes two people is proposed.

    --ticket with --yes is the arming of this one command.
    """
    wanted = Operation(
        entity, "", action, _form(given), reason.strip(), ticket.strip(), undoes=undo, break_glass=break_glass
    )
    operations = [replace(wanted, id=id_, operation_id=str(uuid.uuid4())) for id_ in dict.fromkeys(ids)]
    if operation_id:
        if len(operations) > 1:
            raise Usage("--operation-id is for one record.")
        operations = [replace(operations[0], operation_id=_uuid(operation_id))]
    with session(target) as opened:
        if dry_run:
            sheets = _sheets(opened, operations)
            deciding.show(sheets, format_)
            return 1 if any(each.refused or each.lacking for each in sheets) else 0
        with deciding.desk(opened) as desk:
            return deciding.report(_decide(desk, operations, ticket, yes), format_)


def _decide(desk: Desk, operations: list[Operation], ticket: str, yes: bool) -> list[Outcome]:
    sheets = [] if yes else _sheets(desk.session, operations)
    deciding.show(sheets, "table", aside=True)
    armed = deciding.armed(ticket, yes, f"Do this to {len(operations)} records?")
    for each in sheets:
        if (
            each.action.irreversible
            and click.prompt("This is for good. Type the id", err=True) != each.operation.id
        ):
            raise Refused("That is not its id; nothing was done.")
    return _perform(desk, operations, armed)


def _perform(desk: Desk, operations: list[Operation], armed: Armed) -> list[Outcome]:
    outcomes, two = [], []
    for operation in operations:
        try:
            if _takes_two(desk, operation):
                two.append(operation)
            else:
                outcomes.append(_one(desk, operation, armed))
        except QuaestorError as error:
            outcomes.append(deciding.failed(operation.id, operation.operation_id, error))
    return outcomes + (_propose(desk, two, armed) if two else [])


def _one(desk: Desk, operation: Operation, armed: Armed) -> Outcome:
    done = cancellable(lambda cancel: write.perform(desk, operation, armed, cancel=cancel, tell=_tell))
    text = str(done.result) if done.result is not None else ""
    return Outcome(operation.id, "earlier" if done.earlier else "done", done.operation_id, done.seq, text)


def _takes_two(desk: Desk, operation: Operation) -> bool:
    if operation.break_glass or write.earlier(desk, operation):
        return False
    found = sheet(desk.session, operation, desk.who)
    return found.risk is Risk.DUAL and not found.refused


def _propose(desk: Desk, operations: list[Operation], armed: Armed) -> list[Outcome]:
    try:
        made = proposals.propose(desk, armed, operations)
    except QuaestorError as error:
        return [deciding.failed(operation.id, "", error) for operation in operations]
    until = f"another one approves by {made.expires_at:%Y-%m-%d %H:%M} UTC"
    return [Outcome(operation.id, "proposed", made.id, None, until) for operation in operations]


def _sheets(opened: Session, operations: list[Operation]) -> list[Sheet]:
    return cancellable(lambda cancel: [sheet(opened, each, cancel=cancel) for each in operations])


def _form(given: tuple[str, ...]) -> dict[str, str]:
    form = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise Usage(f"--set wants NAME=VALUE, not '{text}'.")
        form[name] = value
    return form


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise Usage(f"--operation-id wants a UUID, not '{text}'.") from None


def _tell(state: str) -> None:
    if asking.interactive() or state == "unknown":
        click.echo(
            {"unknown": "The line broke around COMMIT: asking whether it was done …"}.get(state, "…"),
            err=True,
        )
