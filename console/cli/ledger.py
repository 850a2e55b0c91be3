"""``quaestor ledger``: verify it, sign how it stands, hand it out with the program that verifies it anywhere."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from console import marks
from console.cancelling import cancellable
from console.cli import anchoring, deciding, options
from console.headless.text import whole
from console.sessions import session
from db import chain, entries
from db.chain import Mark
from db.errors import Cancelled, Missing, Refused, Usage
from db.session import Session
from db.verifier import key_id

DEEDS = ("show", "verify", "checkpoint", "anchor", "export")
VERIFIER = "verify_quaestor_ledger.py"


@click.command("ledger")
@options.target
@click.argument("deed", type=click.Choice(DEEDS), default="show")
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Receipts or checkpoints kept elsewhere.",
)
@click.option(
    "--in",
    "others",
    metavar="SYSTEM",
    multiple=True,
    help="Another system whose ledger keeps, or kept, a checkpoint of this one.",
)
@click.option("--syslog", "log", is_flag=True, help="Anchor it in the system's log.")
@click.option("--keys", "trusted", type=click.Path(path_type=Path), help="The public keys that you trust.")
@click.option(
    "--whole", "anew", is_flag=True, help="From the first entry, not from where it was verified to."
)
@click.option("--chain-only", is_flag=True, help="Leave the signatures out: faster, and less.")
@click.option("--to", type=click.Path(path_type=Path), help="The file to write to, in place of stdout.")
@deciding.ticket
@deciding.yes
def command(
    target: str,
    deed: str,
    against: tuple[Path, ...],
    others: tuple[str, ...],
    log: bool,
    trusted: Path | None,
    anew: bool,
    chain_only: bool,
    to: Path | None,
    ticket: str,
    yes: bool,
) -> int:
    """Show how the ledger stands; verify it (exit 1 where anything is wrong), sign a checkpoint, anchor it, export it.

    A checkpoint or a receipt that is kept elsewhere shows when a ledger was cut or rewritten as a whole: the receipts
    of this host are always asked.
    """
    with session(target) as opened:
        match deed:
            case "show":
                state = entries.state(opened)
                click.echo(
                    f"ledger {state.ledger}: {state.size} entries, checkpoints at {_sizes(state.checkpoints)}"
                )
            case "verify":
                return _verify(opened, against, others, trusted, anew, chain_only)
            case "checkpoint":
                _checkpoint(opened, to)
            case "anchor":
                anchoring.anchor(opened, others, ticket, log=log, sure=yes)
            case "export":
                _export(opened, to)
    return 0


def _sizes(sizes: tuple[int, ...]) -> str:
    return ", ".join(map(str, sizes)) or "none"


def _verify(
    opened: Session,
    against: tuple[Path, ...],
    others: tuple[str, ...],
    trusted: Path | None,
    anew: bool,
    chain_only: bool,
) -> int:
    state = entries.state(opened)
    kept: list[Mapping[str, Any]] = [*marks.receipts(state.ledger)]
    kept += [told for path in against for told in _told(path)]
    kept += anchoring.kept(others, state.ledger)
    keys = {key_id(line) for line in _lines(trusted)} if trusted else None
    marked = None if anew or against or others or keys is not None else marks.mark(state.ledger)
    whole_checks = keys is None and not chain_only
    places_ = list[Mark]()
    try:
        found = cancellable(
            lambda cancel: chain.verify(
                opened,
                kept,
                cancel,
                _progress,
                keep=lambda mark: places_.__setitem__(slice(None), [mark]),
                since=marked,
                trusted=keys,
                signatures=not chain_only,
            )
        )
    except Cancelled:
        if places_ and whole_checks:
            marks.keep(places_[0])
            click.echo(f"verified to {places_[0].size}; the next run goes on from there", err=True)
        raise
    for seq, why in found.wrong:
        click.echo(f"entry {seq} {whole(why)}")
    if found.count > len(found.wrong):
        click.echo(f"and {found.count - len(found.wrong)} more")
    since = f" (since {marked.size})" if marked else ""
    click.echo(f"ledger {state.ledger}: {found.told}{since}; {found.count} wrong")
    if found.mark is not None and not chain_only:
        marks.keep(found.mark)
    return 1 if found.count else 0


def _progress(seq: int) -> None:
    if seq % 100_000 == 0:
        click.echo(f"{seq} …", err=True)


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise Missing(f"{whole(str(path))} cannot be read: {error.strerror}.") from None


def _told(path: Path) -> Iterable[Mapping[str, Any]]:
    try:
        return [json.loads(line) for line in _lines(path)]
    except ValueError:
        raise Usage(f"{whole(str(path))} holds no receipts or checkpoints, one JSON object a line.") from None


def _checkpoint(opened: Session, to: Path | None) -> None:
    made = anchoring.sign(opened)
    line = json.dumps(made.told(), sort_keys=True)
    if to is None:
        click.echo(line)
        return
    _write(to, [line], add=True)
    click.echo(f"The checkpoint of {made.size} entries is in {whole(str(to))}.", err=True)


def _export(opened: Session, to: Path | None) -> None:
    if to is None:
        for line in chain.export(opened):
            click.echo(line)
        return
    _write(to, chain.export(opened))
    _write(to.with_name(VERIFIER), chain.verifier_source().splitlines())
    click.echo(f"{whole(str(to))}; verify it anywhere: python {VERIFIER} {whole(to.name)}", err=True)


def _write(path: Path, lines: Iterable[str], *, add: bool = False) -> None:
    """A file for its owner alone; raises Refused for a link, or one that cannot be written."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_APPEND if add else os.O_TRUNC)
    try:
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
            for line in lines:
                file.write(f"{line}\n")
    except OSError as error:
        raise Refused(f"{whole(str(path))} is not written: {error.strerror}.") from None
