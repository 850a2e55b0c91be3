"""Making the demo's files: tables, triggers, indexes and invented rows, each file moved into place when it is whole."""

from __future__ import annotations

import logging
from pathlib import Path

import click
from sqlalchemy import Engine, event

from console.account import account
from console.cli.seeding import progress
from console.demos import file
from console.files import make_database
from db import registry
from db import seed as seeds
from db.engine import make_engine
from db.model import Profile, System
from db.translate import translated
from migrations import runner
from migrations.parts import parts_of

BEFORE = ("system", "triggers")
"""The parts that a demo gets before its rows; indexes are made faster behind them."""


def make(folder: Path, names: list[str], rows: int, seed: int) -> None:
    """Make the files of these systems, with a bar for each."""
    click.echo(f"Inventing rows in {folder} (once; --reset makes them anew).", err=True)
    logging.getLogger("quaestor.migrations").setLevel(logging.ERROR)  # what SQLite lacks is known of a demo
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
    profile = Profile(name, url)
    engine = make_engine(profile, read_only=False)
    event.listen(engine, "connect", lambda driver, _record: driver.execute("PRAGMA synchronous = OFF"))
    try:
        for part in BEFORE:
            _up(engine, system, part)
        with progress(system, plan.rows) as advance, translated(profile):
            seeds.seed(engine, system, plan, advance)
        _up(engine, system, "indexes")
    finally:
        engine.dispose()
    beside.rename(place)


def _up(engine: Engine, system: System, part: str) -> None:
    if part in parts_of(system.name):
        runner.up(engine, system, part)
