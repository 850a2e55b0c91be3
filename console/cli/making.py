"""Making the demo's files: tables, triggers, indexes, invented rows and a ledger for two operators.

Each file is moved into place when it is whole; one that an earlier version made without a ledger is given one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import click
from sqlalchemy import Engine, event, inspect

from console import places
from console.account import account
from console.cli.seeding import progress
from console.demos import CAST, SSN_KEYS, file, operators
from console.files import make_database
from db import registry
from db import seed as seeds
from db.desk import open_desk
from db.engine import connect, make_engine
from db.keys import Signer
from db.model import Profile, System
from db.names import NAMES
from db.operation import Armed
from db.own import ledger as ledger_table
from db.registering import register
from db.translate import translated
from migrations import runner
from migrations.parts import parts_of

BEFORE = ("system", "triggers")
"""The parts that a demo gets before its rows; indexes are made faster behind them."""


def make(folder: Path, names: list[str], rows: int, seed: int) -> None:
    """Make the files of these systems, with a bar for each; then a ledger where one is missing."""
    if names:
        _fill(folder, names, rows, seed)
    for name in NAMES:
        enroll(file(folder, name), name, operators(folder))


def _fill(folder: Path, names: list[str], rows: int, seed: int) -> None:
    click.echo(f"Inventing rows in {folder} (once; --reset makes them anew).", err=True)
    plan = seeds.plan(rows, seed, ssn_key=next(iter(SSN_KEYS.values())))
    narration = logging.getLogger("quaestor.migrations")
    before = narration.level
    narration.setLevel(logging.ERROR)  # what SQLite lacks is known of a demo
    try:
        for name in names:
            one(file(folder, name), name, plan)
    finally:
        narration.setLevel(before)


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


def enroll(place: Path, name: str, cast: Mapping[str, Signer]) -> None:
    """Give a file its ledger, begun by the first operator, who enters the keys of the others."""
    system = registry.system(name)
    profile = Profile(name, f"sqlite:///{place}")
    engine = make_engine(profile, read_only=False)
    try:
        if inspect(engine).has_table(ledger_table.name):
            return
        first, *others = (cast[who] for who in CAST)
        runner.up(engine, system, "ledger", options={"signer": first})
    finally:
        engine.dispose()
    session = connect(profile)
    desk = open_desk(session, first, places.state() / "journal")
    try:
        for other in others:
            register(desk, Armed("demo"), other.public_key)
    finally:
        desk.close()
        session.close()


def _up(engine: Engine, system: System, part: str) -> None:
    if part in parts_of(system.name):
        runner.up(engine, system, part)
