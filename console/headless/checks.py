"""The audit trail against the ledger and the retention rules, as lines of text or of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from console.cancelling import cancellable
from console.headless.text import whole
from db import retention
from db.errors import Missing, Usage
from db.paymentlinker import attested
from db.session import Session

Finding = tuple[str, str, bool | None, str]
"""(target, check, whether it holds, the sentence); None where that is not known."""


def findings(opened: Session) -> Iterator[Finding]:
    """One system's."""
    if opened.system.name == "paymentlinker":
        yield from _trail(opened)
    for kept in cancellable(lambda cancel: list(retention.look(opened, cancel))):
        yield opened.name, "retention", kept.holds, str(kept)


def _trail(opened: Session) -> Iterator[Finding]:
    try:
        found = cancellable(lambda cancel: attested.attest(opened, cancel, _progress))
    except (Missing, Usage) as error:
        yield opened.name, "trail", None, str(error)
        return
    yield opened.name, "trail", not found.count, str(found)
    for wrong in found.wrong:
        yield opened.name, "trail", False, str(wrong)
    if found.count > len(found.wrong):
        yield opened.name, "trail", False, f"and {found.count - len(found.wrong)} more"


def tell(found: Iterator[Finding], format_: str) -> bool:
    """Write them down as they come; whether all of them hold."""
    good = True
    for target, check, holds, said in found:
        good = good and holds is not False
        if format_ in ("json", "jsonl"):
            click.echo(json.dumps({"target": target, "check": check, "holds": holds, "text": said}))
        else:
            sign = {True: "ok", False: "WRONG", None: "?"}[holds]
            click.echo(f"{whole(target)}  {check:<9}  {sign:<5}  {whole(said)}")
    return good


def _progress(seq: int) -> None:
    if seq % 100_000 == 0:
        click.echo(f"{seq} …", err=True)
