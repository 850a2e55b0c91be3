"""``quaestor status-list``: a W3C Bitstring Status List of all credentials, as its credential subject."""

from __future__ import annotations

import click

from console.cancelling import cancellable
from console.cli import options
from console.headless.text import whole
from console.sessions import session
from db import statuslist
from db.cancel import Cancel
from db.errors import Usage
from db.finpass.listing import listing
from db.session import Session
from db.statuslist import Listing, Purpose


@click.command("status-list")
@options.target
@click.option(
    "--purpose", type=click.Choice([p.value for p in Purpose]), required=True, help="What a set bit means."
)
@click.option("--id", "id_", default="", metavar="URL", help="The id of the credential subject.")
@click.option(
    "--entries",
    type=click.IntRange(min=1),
    help=f"Exactly so many entries, at least {statuslist.LEAST}; without it as many as the indexes take.",
)
def command(target: str, purpose: str, id_: str, entries: int | None) -> int:
    """Write a status list of every credential, as the JSON of the credential subject; you sign and publish it.

    It is read back before it is written. The exit code is 1 where a handle is no index, or two credentials share one.
    """
    wanted = Purpose(purpose)
    with session(target) as opened:
        if opened.system.name != "finpass":
            raise Usage(f"{opened.name}: only FinPass's credentials have places on a status list.")
        found, encoded = cancellable(lambda cancel: _made(opened, wanted, entries, cancel))
    click.echo(statuslist.subject(wanted, encoded, id_))
    for sentence in _told(found, wanted):
        click.echo(sentence, err=True)
    return 0 if found.sound else 1


def _made(opened: Session, purpose: Purpose, entries: int | None, cancel: Cancel) -> tuple[Listing, str]:
    """The list, and its text, read back."""
    found = listing(opened, purpose, cancel)
    if entries is not None:
        found.fix(entries)
    encoded = statuslist.encode(found.bits)
    statuslist.check(encoded, found.bits)
    return found, encoded


def _told(found: Listing, purpose: Purpose) -> list[str]:
    """What it holds, and what it cannot show."""
    done = {Purpose.REVOCATION: "revoked", Purpose.SUSPENSION: "suspended"}[purpose]
    told = [
        f"{found.entries} entries from {found.rows} credentials, {found.withdrawn} of them {done}; read back."
    ]
    if found.placeless:
        told.append(
            f"{found.placeless} {done} credentials have no place on the list: no verifier can see it."
        )
    if found.unreadable:
        told.append(
            f"{found.unreadable} {done} credentials have a handle that is no index: the list lacks them."
        )
    if found.shared:
        told.append(
            f"{found.shared} credentials share their place with another one: a set bit there means both."
        )
    if found.examples:
        told.append(f"For example: {', '.join(whole(handle) for handle in found.examples)}.")
    return told
