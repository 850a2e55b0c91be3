"""``quaestor list``: an entity's view, or a figure, as the screens would show it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from console.cancelling import cancellable
from console.cli import options
from console.headless.output import output
from console.headless.text import whole
from console.sessions import session
from db import filters, read, registry
from db.errors import Usage, unknown
from db.model import Entity, Figure, Order, Page, Position, Query, View
from db.session import Session

PIECE = 1000
"""Rows of one read where more are asked for."""


@click.command("list")
@options.target
@click.argument("path", metavar="ENTITY[/VIEW]")
@click.option(
    "--filter", "terms", metavar="NAME=VALUE", multiple=True, help="Also != < <= > >= ~PREFIX LOW..HIGH."
)
@click.option("--search", default="", metavar="TEXT", help="Look the text up in the indexed columns.")
@click.option(
    "--order", default="", metavar="[-]COLUMN", help="In place of the view's order; - for downwards."
)
@click.option("--limit", type=click.IntRange(0), default=50, show_default=True, help="Rows; 0 for all.")
@click.option("--after", default="", metavar="CURSOR", help="Go on where an earlier answer ended.")
@click.option("--set", "given", metavar="NAME=VALUE", multiple=True, help="A parameter of a figure.")
@options.format_
def command(
    target: str,
    path: str,
    terms: tuple[str, ...],
    search: str,
    order: str,
    limit: int,
    after: str,
    given: tuple[str, ...],
    format_: str,
) -> None:
    """List the rows of an entity's view, or of a figure."""
    with session(target) as opened:
        entity, part = registry.resolve(opened.system, path)
        if isinstance(part, Figure):
            if terms or search or order or after:
                raise Usage(f"{path} is a figure: it takes --set NAME=VALUE, no filter, order or cursor.")
            _figure(opened, entity, part, given, format_)
            return
        if given:
            raise Usage(f"{path} is a view: it takes --filter NAME=VALUE, not --set.")
        _view(opened, _query(entity, part, terms, search, order), limit, after, format_)


def _query(entity: Entity, view: View, terms: tuple[str, ...], search: str, order: str) -> Query:
    wanted = Order.parse(order) if order else None
    if wanted and wanted.column not in entity.by_name:
        raise unknown(f"column of {entity.name}", wanted.column, entity.by_name)
    return Query(entity, view, tuple(filters.term(entity, term) for term in terms), search, wanted)


def _view(opened: Session, query: Query, limit: int, after: str, format_: str) -> None:
    click.echo(f"{query.entity.name}/{query.view.name}: {query.view.summary}", err=True)
    if sentence := read.served(opened, query):
        click.echo(whole(sentence), err=True)
    out, cursor = None, None
    for page in _pages(opened, query, limit, read.decode(after) if after else None):
        out = out or output(format_, page.columns)
        out.write(page.rows)
        cursor = read.encode(page.rows[-1].position) if page.more_after else None
    if out is not None:
        out.end(cursor)


def _pages(opened: Session, query: Query, limit: int, after: Position | None) -> Iterator[Page]:
    """The first so many rows behind a position, all without a limit, a piece at a time; one page at least."""
    left = limit or sys.maxsize
    while True:
        page = _page(opened, query, after, min(left, PIECE))
        yield page
        left -= len(page.rows)
        if not page.more_after or left == 0:
            return
        after = page.rows[-1].position


def _page(opened: Session, query: Query, after: Position | None, size: int) -> Page:
    return cancellable(lambda cancel: read.page(opened, query, after=after, limit=size, cancel=cancel))


def _figure(opened: Session, entity: Entity, figure: Figure, given: tuple[str, ...], format_: str) -> None:
    parameters = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise Usage(f"--set wants NAME=VALUE, not '{text}'.")
        parameters[name] = value
    click.echo(f"{entity.name}/{figure.name}: {figure.summary}", err=True)
    page = cancellable(lambda cancel: read.figure(opened, entity, figure, parameters, cancel))
    out = output(format_, page.columns, ids=False)
    out.write(page.rows)
    out.end(None)
