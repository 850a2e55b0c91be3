"""``quaestor audit``: the audit sources of one or more systems and their ledgers on one line of time."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import click

from console import operator
from console.cancelling import cancellable
from console.cli import options
from console.headless import checks
from console.headless.output import output
from console.headless.text import whole
from console.sessions import session
from db import evidence
from db.cancel import Cancel
from db.errors import Missing, QuaestorError, Refused, Unreachable, Usage
from db.filters import term
from db.keys import Signer
from db.model import Filter, Operator, Position, Query
from db.read import decode, encode
from db.session import Session
from db.timeline import TIMELINE, Follow, Merged, Timeline, parse
from db.timeline.columns import query as asked_for
from db.timeline.columns import zoned
from db.timeline.patterns import PATTERNS

EVERY = 1.0
"""Seconds between two looks for new rows."""
PIECE = 500
_COLUMNS = tuple(c.name for c in TIMELINE.columns if c.name not in ("id", "order"))
"""What evidence holds: everything that is common, and each source's own row."""


@click.command("audit")
@click.argument("targets", nargs=-1, required=True, metavar="TARGET…")
@click.option("--from", "from_", default="", metavar="T", help="-2h, 2026-03-01, 2026-03-01T14:00+01:00.")
@click.option("--to", default="", metavar="T", help="The end, included.")
@click.option("--filter", "terms", multiple=True, metavar="NAME=VALUE", help="Also != < <= > >= ~PREFIX.")
@click.option("--pattern", default="", metavar="NAME", help="What is suspicious, by a rule; ? lists them.")
@click.option("--search", default="", metavar="TEXT", help="Look the text up in the indexed columns.")
@click.option("--local", is_flag=True, help="Read times without an offset as this machine's, not as UTC.")
@click.option("--oldest-first", is_flag=True, help="In place of the newest first.")
@click.option("--limit", type=click.IntRange(0), default=50, show_default=True, help="Rows; 0 for all.")
@click.option("--after", default="", metavar="CURSOR", help="Go on where an earlier answer ended.")
@click.option("--follow", is_flag=True, help="Write new rows as they come, until ctrl-c.")
@click.option("--evidence", "file", default="", metavar="FILE", help="Write all rows and a signed manifest.")
@click.option(
    "--check", is_flag=True, help="Hold the trail against ledger and retention rules; exit 1 if wrong."
)
@options.format_
def command(
    targets: tuple[str, ...],
    from_: str,
    to: str,
    terms: tuple[str, ...],
    pattern: str,
    search: str,
    local: bool,
    oldest_first: bool,
    limit: int,
    after: str,
    follow: bool,
    file: str,
    check: bool,
    format_: str,
) -> int:
    """Merge what the audit trails of systems tell, in time order."""
    if pattern == "?":
        click.echo("\n".join(f"{one.name:<16} {one.summary}" for one in PATTERNS))
        return 0
    if check:
        with ExitStack() as stack:
            sessions = _numbered([stack.enter_context(session(target)) for target in targets])
            return (
                0 if checks.tell((one for each in sessions for one in checks.findings(each)), format_) else 1
            )
    query = _query(
        from_, to, terms, search, local=local, view=pattern or ("oldest" if oldest_first else "all")
    )
    with ExitStack() as stack:
        sessions = _numbered([stack.enter_context(session(target)) for target in targets])
        line = Timeline(sessions, whole=bool(file))
        stack.callback(line.close)
        for sentence in (line.served(query), *line.measure()):
            if sentence:
                click.echo(whole(sentence), err=True)
        if file:
            _evidence(line, replace(query, columns=_COLUMNS), Path(file), _signer(sessions[0]))
        elif follow:
            _follow(line, query, from_, format_)
        else:
            _list(line, query, limit, decode(after) if after else None, format_)
    return 0


def _query(from_: str, to: str, terms: Sequence[str], search: str, *, local: bool, view: str) -> Query:
    zone = None if local else UTC
    filters: list[Filter] = []
    if from_ or to:
        filters.append(zoned(Filter("time", Operator.RANGE, from_, to), zone))
        parse(f"time={from_ or '1970-01-01'}..{to}")  # raises Usage for what is no time
    filters += [zoned(term(TIMELINE, text), zone) for text in terms]
    return replace(asked_for(name=view), filters=tuple(filters), search=search)


def _numbered(sessions: Sequence[Session]) -> list[Session]:
    """Two targets of the same name must not be taken for one another."""
    seen: dict[str, int] = {}
    found = []
    for one in sessions:
        seen[one.name] = seen.get(one.name, 0) + 1
        name = one.name if seen[one.name] == 1 else f"{one.name}#{seen[one.name]}"
        found.append(replace(one, profile=replace(one.profile, name=name)))
    return found


def _list(line: Timeline, query: Query, limit: int, after: Position | None, format_: str) -> None:
    out, cursor, told = None, None, set[str]()
    for page in _pages(line, query, limit, after):
        out = out or output(format_, page.columns)
        _remark(page, told)
        out.write(page.rows)
        cursor = encode(page.rows[-1].position) if page.more_after else None
    if out is not None:
        out.end(cursor)
    if any(text.startswith("GAP") for text in told):
        raise Missing("Not every source is in this answer; what is missing is told above.")


def _pages(line: Timeline, query: Query, limit: int, after: Position | None) -> Iterator[Merged]:
    left = limit or sys.maxsize
    while True:
        page = cancellable(_reading(line, query, after, min(left, PIECE)))
        yield page
        left -= len(page.rows)
        if not page.more_after or left == 0:
            return
        after = page.rows[-1].position


def _reading(line: Timeline, query: Query, after: Position | None, limit: int) -> Callable[..., Merged]:
    return lambda cancel: line.page(query, after=after, limit=limit, cancel=cancel)


def _remark(page: Merged, told: set[str]) -> None:
    """Notes and gaps, each once."""
    for text in (*page.notes, *(f"GAP {gap.source}: {gap.why}" for gap in page.gaps)):
        if text not in told:
            told.add(text)
            click.echo(whole(text), err=True)


def _follow(line: Timeline, query: Query, from_: str, format_: str) -> None:
    if format_ == "json":
        raise Usage("--follow has no end, and JSON needs one: take jsonl, csv or table.")
    follow = Follow(line, query, from_) if from_ else Follow(line, query)
    columns = tuple(TIMELINE.by_name[name] for name in query.shown)
    out, wait = output(format_, columns), threading.Event()
    while True:
        if rows := cancellable(follow.look):
            out.write(rows)
        wait.wait(EVERY)


def _signer(opened: Session) -> Signer | None:
    """The operator's key where there is one; evidence without a signature is said to have none."""
    try:
        return operator.of_agent(opened.profile)
    except (Missing, Unreachable) as error:
        click.echo(f"Not signed: {whole(str(error))}", err=True)
        return None


def _evidence(line: Timeline, query: Query, file: Path, signer: Signer | None) -> None:
    """A new file of mode 0600, whole or not there."""
    asked = " ".join([*(str(one) for one in query.filters), query.search]).strip()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as out:

        def work(cancel: Cancel) -> evidence.Written:
            who = operator.evidence()
            return evidence.write(
                line, query, out.write, asked=asked, operator=who, signer=signer, cancel=cancel
            )

        try:
            written = cancellable(work)
        except QuaestorError:
            file.unlink()
            raise
    by = f", signed by {written.signed_by}" if written.signed_by else ", not signed"
    click.echo(f"{written.rows} rows and a manifest are in {whole(str(file))}{by}.", err=True)
