"""``quaestor show``: one record with every column that this role may read."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from console.cancelling import cancellable
from console.cli import options
from console.headless import record as text
from console.headless.output import output
from console.headless.text import whole
from console.sessions import session
from db import read
from db.model import Query, Record, Row
from db.session import Session


@click.command("show")
@options.target
@click.argument("entity")
@click.argument("id_", metavar="ID")
@options.format_
def command(target: str, entity: str, id_: str, format_: str) -> None:
    """Show one record by its id."""
    with session(target) as opened:
        found = opened.entity(entity)
        record = cancellable(lambda cancel: read.record(opened, found, id_, cancel))
        click.echo(f"{found.name} {whole(id_)}, read {datetime.now(UTC).isoformat(' ', 'seconds')}", err=True)
        if format_ == "table":
            text.write(record, list(_links(opened, record)))
            return
        out = output(format_, record.columns)
        out.write([Row(record.id, record.values, ())])
        out.end(None)


def _links(opened: Session, record: Record) -> list[tuple[str, Query]]:
    """Where its links lead, as far as the tables are there."""
    found = []
    for link in record.entity.links:
        if opened.schema.table(opened.entity(link.entity).table.name) is None:
            continue
        if (query := read.follow(opened, record, link)) is not None:
            found.append((link.name, query))
    return found
