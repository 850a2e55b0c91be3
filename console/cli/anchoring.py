"""``quaestor ledger anchor``: a checkpoint kept where whoever holds the database cannot reach it."""

from __future__ import annotations

import json
import syslog
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from console.cli import deciding
from console.headless.text import whole
from console.sessions import session
from db import anchors, checkpoints, entries
from db.checkpoints import Checkpoint
from db.errors import Missing, Usage
from db.operation import Armed
from db.session import Session


def sign(opened: Session) -> Checkpoint:
    """The ledger as it is now, signed; the last checkpoint where nothing was added. Raises Missing."""
    with deciding.desk(opened) as desk:
        made = checkpoints.make(desk) or checkpoints.newest(opened)
    if made is None:
        raise Missing("There is nothing to sign yet.")
    return made


def anchor(opened: Session, others: Sequence[str], ticket: str, *, log: bool, sure: bool) -> None:
    """Enter a checkpoint into other systems' ledgers, and tell the system's log; raises Usage where neither is wanted."""
    if not others and not log:
        raise Usage(
            "Anchor it where? --in SYSTEM enters it into that system's ledger, --syslog into the log."
        )
    armed = None
    if others:
        armed = deciding.armed(ticket, sure, f"Enter a checkpoint into {', '.join(others)}?")
    made, name = sign(opened), entries.state(opened).ledger
    for other in others:
        _enter(other, name, made, armed)
    if log:
        syslog.syslog(
            syslog.LOG_NOTICE | syslog.LOG_AUTH, f"quaestor {json.dumps(made.told(), sort_keys=True)}"
        )
        click.echo(f"{made.size} entries of {name} are anchored in the system's log.")


def _enter(other: str, name: str, made: Checkpoint, armed: Armed | None) -> None:
    with session(other) as theirs:
        if entries.state(theirs).ledger == name:
            raise Usage(f"{whole(other)} has that very ledger; anchor it in another one.")
        with deciding.desk(theirs) as desk:
            found = anchors.anchor(desk, armed, name, made)
    click.echo(f"{made.size} entries of {name} are anchored in {whole(other)}, entry {found.receipt.seq}.")


def kept(others: Sequence[str], ledger: str) -> Iterator[Mapping[str, Any]]:
    """What other systems' ledgers hold of this one; raises Missing where one holds nothing."""
    for other in others:
        with session(other) as theirs:
            found = anchors.anchors(theirs, ledger)
        if not found:
            raise Missing(f"{whole(other)} holds no anchor of the ledger {ledger}.")
        yield from found
