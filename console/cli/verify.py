"""``quaestor verify``: a file of evidence or the export of a ledger, anywhere, without a database."""

from __future__ import annotations

from pathlib import Path

import click

from console.headless.text import whole
from db import evidence, verifier
from db.errors import Missing, Usage

_NEITHER = "{file} is neither evidence nor the export of a ledger."


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--keys", "trusted", type=click.Path(path_type=Path), help="The public keys that you trust.")
def command(file: Path, trusted: Path | None) -> int:
    """Check a file of evidence or an exported ledger; the exit code is 1 when anything is wrong."""
    try:
        keys = evidence.trusted_keys(trusted.read_text(encoding="utf-8").splitlines()) if trusted else None
        with file.open(encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
            first = lines.readline()
        if not first:
            raise Usage(f"{whole(str(file))} is empty.")
        return _evidence(file, keys) if evidence.is_evidence(first) else _ledger(file, keys)
    except OSError as error:
        raise Missing(f"{whole(str(error.filename))} cannot be read: {error.strerror}.") from None


def _evidence(file: Path, trusted: frozenset[str] | None) -> int:
    found, wrong = evidence.Verified(), 0
    with file.open(encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
        for finding in evidence.verify(lines, found, trusted):
            wrong += 1
            place = f"line {finding.line} " if finding.line else ""
            click.echo(f"{place}{whole(finding.why)}")
    told = found.manifest or {}
    listed = told.get("sources")
    sources = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    names = ", ".join(f"{one.get('name')} ({one.get('rows')})" for one in sources)
    by = f"signed by {found.signed_by}" if found.signed_by else "not signed"
    click.echo(whole(f"{found.rows} rows of {names or 'no source'}, {by}; {wrong} wrong"))
    return 1 if wrong else 0


def _ledger(file: Path, trusted: frozenset[str] | None) -> int:
    chain = verifier.Chain(set(trusted) if trusted is not None else None)
    wrong = 0
    try:
        for seq, why in verifier.findings(chain, file):
            wrong += 1
            click.echo(f"entry {seq} {whole(why)}")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Usage(_NEITHER.format(file=whole(str(file)))) from None
    if not chain.size:
        raise Usage(_NEITHER.format(file=whole(str(file))))
    click.echo(whole(f"ledger {chain.ledger}: {chain}; {wrong} wrong"))
    return 1 if wrong else 0
