"""``quaestor doctor``: what is wrong with a database, a role or a profile, and what to do about it."""

from __future__ import annotations

import click

from console import secrets
from console.cancelling import cancellable
from console.cli import options
from console.headless.output import columns, output
from console.sessions import session
from db.health import Check, State, examine
from db.model import Kind, Row
from db.session import Session


@click.command("doctor")
@options.target
@options.format_
def command(target: str, format_: str) -> int:
    """Check schema, indexes, rights, server and session; the exit code is 1 when a check failed."""
    with session(target) as opened:
        found = [*cancellable(lambda cancel: list(examine(opened, cancel))), *_secrets(opened)]
    shown = columns(area=Kind.TEXT, name=Kind.TEXT, state=Kind.STATUS, text=Kind.TEXT)
    out = output(format_, shown, ids=False)
    out.write([Row(c.name, (c.area, c.name, c.state.value, c.text), ()) for c in found])
    out.end(None)
    failed = sum(check.state is State.FAILED for check in found)
    warned = sum(check.state is State.WARNING for check in found)
    click.echo(f"{len(found)} checks, {failed} failed, {warned} warnings.", err=True)
    return 1 if failed else 0


def _secrets(opened: Session) -> list[Check]:
    """Where the password came from; the environment is the worst place that works."""
    chain = opened.profile.password
    source = chain.used if isinstance(chain, secrets.Chain) else ""
    if not source:
        return [Check("secrets", "password", State.GOOD, "None was needed.")]
    weak = source.startswith("$") or source == "the URL"
    state = State.WARNING if weak else State.GOOD
    return [Check("secrets", "password", state, f"It came from {source}.")]
