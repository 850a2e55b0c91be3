"""``quaestor open``, and ``quaestor`` alone: the console itself."""

from __future__ import annotations

import gc
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

import click

from console import asking, profiles
from console.operator import Operator
from db.errors import Usage
from db.profile import Mode, Profile

if TYPE_CHECKING:
    from screens.operators import Operators


at = click.option(
    "--at",
    default="",
    metavar="SCREEN|ENTITY[/VIEW]",
    help="Where to begin: overview, reviews, credentials, audit, fleet, database, ledger, verify, or a list.",
)


@click.command("open")
@click.argument("targets", metavar="TARGET…", nargs=-1)
@click.option("--read-only", is_flag=True, help="Open for looking only, whatever the profile says.")
@at
def command(targets: tuple[str, ...], read_only: bool, at: str) -> int:
    """Open systems in the console; without TARGET all profiles are offered."""
    chosen = [profiles.of_target(target) for target in targets] or list(profiles.load().values())
    if not chosen:
        raise Usage(
            "There are no profiles yet: 'quaestor profiles add NAME URL' makes one, "
            "'quaestor open URL' needs none, 'quaestor demo' shows what this is."
        )
    if read_only:
        chosen = [replace(profile, mode=Mode.AUDIT) for profile in chosen]
    return start(profiles.distinct(chosen), at, choose=not targets)


def start(chosen: list[Profile], at: str, *, choose: bool = False, operators: Operators | None = None) -> int:
    """Run the console; its exit code. Imported late: Textual is 150 ms that no other command needs."""
    if not asking.terminal():
        raise Usage("The console needs a terminal; 'quaestor list' and 'quaestor show' do without.")
    for profile in chosen:
        asking.unlock(profile)
    who = operators or Operator()
    gc.disable()  # 30 ms: what is imported now stays; the console collects again once it stands
    code: int = import_module("console.app").run(chosen, at, choose=choose, operators=who)
    return code
