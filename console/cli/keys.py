"""``quaestor keys``: the keys that you hold, and which of them sign in a system."""

from __future__ import annotations

import getpass
import socket
from pathlib import Path

import click

from console import private, signing
from console.cli import deciding, options
from console.headless.output import columns, output
from console.sessions import session
from db.errors import Missing, Usage
from db.keys import agent
from db.model import Kind, Row
from db.recent import keys_of
from db.registering import register, revoke
from db.verifier import key_id

DEEDS = ("create", "list", "register", "revoke")


@click.command("keys")
@click.argument("deed", type=click.Choice(DEEDS), default="list")
@click.argument("subject", metavar="[NAME|TARGET]", default="")
@click.option("--key", "which", default="", metavar="FILE|ID", help="A public key's file, or a fingerprint.")
@deciding.reason
@deciding.ticket
@deciding.yes
@options.format_
def command(deed: str, subject: str, which: str, reason: str, ticket: str, yes: bool, format_: str) -> int:
    """Create a key; list yours, or a system's; let a key sign in a system, or no more.

    create [NAME] makes one in an encrypted file; an ssh-agent's Ed25519 key needs none. list [TARGET]. register TARGET
    --key FILE is said by the holder of a key that signs there already, and so is revoke TARGET --key ID --reason TEXT.
    """
    if deed == "create":
        click.echo(signing.create(subject or f"{getpass.getuser()}@{socket.gethostname()}"))
        return 0
    if deed == "list":
        _list(subject, format_)
        return 0
    if not subject or not which:
        raise Usage(f"{deed} wants a TARGET and --key.")
    with session(subject) as opened, deciding.desk(opened) as desk:
        armed = deciding.armed(ticket, yes, f"{deed.capitalize()} this key in {opened.name}?")
        found = (
            register(desk, armed, _line(which)) if deed == "register" else revoke(desk, armed, which, reason)
        )
        click.echo(f"{deed} {found.told['key']}: entry {found.receipt.seq}", err=True)
    return 0


def _line(which: str) -> str:
    """The public line of a file, or of one of one's own keys by its fingerprint."""
    for line in [key.public_key for key in agent()] + list(signing.files().values()):
        if which == key_id(line):
            return line
    try:
        return private.read(Path(which), secret=False).decode(errors="replace").strip()
    except FileNotFoundError:
        raise Missing(
            f"'{which}' is neither the file of a public key nor the fingerprint of one of yours."
        ) from None


def _list(target: str, format_: str) -> None:
    out = output(format_, columns(id=Kind.ID, name=Kind.TEXT, where=Kind.TEXT))
    if target:
        with session(target) as opened:
            found = [
                (key, name, "signs" if event == "add" else "revoked")
                for key, (event, _, name) in keys_of(opened).items()
            ]
    else:
        mine = [(key.public_key, "ssh-agent") for key in agent()]
        mine += [(line, str(path)) for path, line in signing.files().items()]
        found = [(key_id(line), " ".join(line.split()[2:]), where) for line, where in mine]
    out.write([Row(row[0], row, ()) for row in found])
    out.end(None)
