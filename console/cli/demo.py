"""``quaestor demo``: four SQLite systems with invented rows, made once, two operators, and the console."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from console import places, private
from console.cli import opening
from console.demos import CAST, clear, keys_file, missing, operators, profiles
from console.operator import Cast

ROWS = 20_000


@click.command("demo")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Where the files are."
)
@click.option(
    "--rows", type=click.IntRange(1), default=ROWS, show_default=True, help="About how many audit rows each."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same number gives the same rows.")
@click.option("--reset", is_flag=True, help="Make the files anew.")
@opening.at
def command(folder: Path | None, rows: int, seed: int, reset: bool, at: str) -> int:
    """Open four SQLite systems with invented rows; files that are there are used again."""
    folder = private.folder(folder or places.data() / "demo").absolute()
    if reset:
        clear(folder)
    if (lacking := missing(folder)) or not keys_file(folder).exists():
        # Saves 300 ms of every later start: alembic and SQLAlchemy are only needed to make the files.
        import_module("console.cli.making").make(folder, lacking, rows, seed)
    return opening.start(profiles(folder), at, operators=Cast(lambda: operators(folder), CAST))
