"""``quaestor seed``: invented rows, in any number, into an empty database."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from console import sessions
from console.cli import options
from db import seed as seeds
from db.model import System
from db.translate import translated


@click.command("seed")
@options.target
@click.option(
    "--rows", type=click.IntRange(1), required=True, help="About how many audit rows; the rest in proportion."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same number gives the same rows.")
@click.option("--plain", is_flag=True, help="No hostile texts (escape sequences, markup) among the rows.")
def command(target: str, rows: int, seed: int, plain: bool) -> None:
    """Fill an empty database with plausible rows; refused where there are any."""
    with (
        sessions.owner(target) as (profile, system, engine),
        progress(system, rows) as advance,
        translated(profile),
    ):
        done = seeds.seed(engine, system, seeds.plan(rows, seed, hostile=not plain), advance)
    speed = round(done.rows / max(done.seconds, 0.001))
    click.echo(
        f"{system.name}: {done.rows} rows in {len(done.tables)} tables, {done.seconds:.1f} s, {speed} rows/s.",
        err=True,
    )


@contextmanager
def progress(system: System, rows: int) -> Iterator[Callable[[str, int], None]]:
    """A bar on stderr that follows the audit table, which has the most rows; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _table, _count: None
        return
    audit = audit_table(system)
    done = 0
    with click.progressbar(length=rows, label=system.name, file=sys.stderr) as bar:

        def advance(table: str, count: int) -> None:
            nonlocal done
            bar.label = f"{system.name} {table}"
            if table == audit:
                bar.update(count - done)
                done = count
            else:
                bar.render_progress()

        yield advance


def audit_table(system: System) -> str:
    """The name of the system's audit table."""
    entity = system.by_name[system.areas["audit"][0].partition("/")[0]]
    return entity.table.name
