"""The commands: each in a file of its own that is imported when it is run, so that ``--help`` needs none of them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from db.errors import unknown

COMMANDS: Mapping[str, tuple[str, str]] = {
    "open": ("opening", "Open systems in the console."),
    "demo": ("demo", "Open four SQLite systems with invented rows."),
    "list": ("listing", "List an entity's view, or compute a figure."),
    "show": ("showing", "Show one record with every column."),
    "act": ("act", "Do an action on records; what takes two people is proposed."),
    "proposals": ("proposals", "List what waits for a second person; approve or reject it."),
    "ledger": ("ledger", "Verify the ledger, sign a checkpoint, export it."),
    "keys": ("keys", "Create and list keys; register or revoke one in a system."),
    "policy": ("policy", "Show the thresholds, or propose another value."),
    "who": ("who", "Find one person in all systems."),
    "contain": ("contain", "Take all access of one person away, by two people."),
    "fleet": ("fleet", "Count devices or passes by state; exit 1 when something is critical."),
    "overview": ("overview", "Show what needs somebody now, in all systems."),
    "audit": ("audit", "Merge the audit trails of systems in time order; write evidence."),
    "verify": ("verify", "Check a file of evidence or an exported ledger, without a database."),
    "doctor": ("doctor", "Check schema, indexes, rights and settings of a database."),
    "status-list": ("statuslist", "Write a list of revoked or suspended credentials."),
    "migrate": ("migrate", "Make tables and the parts that quaestor can add."),
    "seed": ("seeding", "Fill an empty database with invented rows."),
    "profiles": ("profiles", "List, add, edit, remove and test profiles."),
}
"""By name: the module under ``console.cli`` and the summary."""


class Commands(click.Group):
    """A group whose members are imported one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order in which they are met."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"console.cli.{COMMANDS[cmd_name][0]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As Click does, but an unknown name comes with the nearest ones."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise unknown("command", args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The names and summaries, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(
    cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="quaestor", prog_name="quaestor")
@click.pass_context
def quaestor(context: click.Context) -> int:
    """Operate money systems from the terminal.

    Without a command: choose a profile, or all of them.

    TARGET is a profile's name or a URL: SYSTEM+postgresql://…, SYSTEM+mysql://…, SYSTEM+sqlite:///…
    """
    if context.invoked_subcommand is not None:
        return 0
    code: int = context.invoke(import_module("console.cli.opening").command)
    return code
