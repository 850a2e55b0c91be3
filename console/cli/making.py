"""Making the demo's files: tables, triggers, indexes and invented rows, each file moved into place when it is whole."""

from __future__ import annotations

from pathlib import Path

import click

from console.account import account
from console.cli.seeding import progress
from console.demos import file
from console.files import make_database
from db import registry
from db import seed as seeds
from db.engine import make_engine
from db.model import Profile
from migrations import runner
from migrations.parts import parts_of

PARTS = ("system", "triggers", "indexes")
"""What a demo gets of what its system has."""


def make(folder: Path, names: list[str], rows: int, seed: int) -> None:
    """Make the files of these systems, with a bar for each."""
    click.echo(f"Inventing rows in {folder} (once; --reset makes them anew).", err=True)
    plan = seeds.plan(rows, seed)
    for name in names:
        one(file(folder, name), name, plan)


def one(place: Path, name: str, plan: seeds.Plan) -> None:
    """Make one system's file."""
    system = registry.system(name)
    beside = place.with_name(f"{place.name}.new")
    beside.unlink(missing_ok=True)
    url = f"sqlite:///{beside}"
    make_database(account(url))
    engine = make_engine(Profile(name, url), read_only=False)
    try:
        for part in PARTS:
            if part in parts_of(name):
                runner.up(engine, system, part)
        with progress(system, plan.rows) as advance:
            seeds.seed(engine, system, plan, advance)
    finally:
        engine.dispose()
    beside.rename(place)
