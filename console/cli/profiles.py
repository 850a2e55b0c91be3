"""``quaestor profiles``: list, add, edit, remove and test how systems are reached."""

from __future__ import annotations

from typing import Any

import click

from console import asking, edit, profiles, secrets, sessions, unlocked
from console.cli import options
from console.headless.output import columns, output
from console.headless.text import whole
from db.errors import Usage
from db.model import Kind, Row


@click.group("profiles", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """List, add, edit, remove and test profiles."""
    if context.invoked_subcommand is None:
        context.invoke(list_, format_="table")


@command.command("list")
@options.format_
def list_(format_: str) -> None:
    """List the profiles; where a password comes from is named, never the password."""
    shown = columns(
        name=Kind.TEXT,
        system=Kind.TEXT,
        url=Kind.TEXT,
        mode=Kind.TEXT,
        label=Kind.TEXT,
        tls=Kind.TEXT,
        password=Kind.TEXT,
    )
    found = profiles.load().values()
    out = output(format_, shown, ids=False)
    out.write(
        [
            Row(p.name, (p.name, p.system, p.url, p.mode.value, p.label, p.tls, p.password_source), ())
            for p in found
        ]
    )
    out.end(None)
    if not found:
        click.echo("There are no profiles yet: 'quaestor profiles add NAME URL' makes one.", err=True)


given = click.option(
    "--set", "given", metavar="KEY=VALUE", multiple=True, help="A key of the profile: label=PROD."
)
store = click.option("--store-password", is_flag=True, help="Ask for the password and keep it in the vault.")


@command.command("add")
@click.argument("name")
@click.argument("url")
@given
@store
def add(name: str, url: str, given: tuple[str, ...], store_password: bool) -> None:
    """Add a profile."""
    values = {"url": edit.read("url", url), **_values(given)}
    if store_password:
        values["vault"] = name
        edit.check_new(name, values)
        _store(name)
    edit.add(name, values)
    click.echo(f"Added '{name}' to {profiles.path()}.", err=True)


@command.command("edit")
@click.argument("name")
@given
@click.option("--drop", metavar="KEY", multiple=True, help="A key to remove.")
@store
def change(name: str, given: tuple[str, ...], drop: tuple[str, ...], store_password: bool) -> None:
    """Change keys of a profile; without options, in $EDITOR."""
    values = _values(given)
    if store_password:
        values["vault"] = name
    if not values and not drop:
        _in_editor(name)
        return
    if store_password:
        profiles.of_target(name)
        _store(name)
    edit.change(name, values, drop)
    click.echo(f"Changed '{name}' in {profiles.path()}.", err=True)


@command.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, yes: bool) -> None:
    """Remove a profile; a password in the vault stays there."""
    profiles.of_target(name)
    if not yes:
        click.confirm(f"Remove the profile '{whole(name)}'?", abort=True, err=True)
    edit.remove(name)
    click.echo(f"Removed '{whole(name)}' from {profiles.path()}.", err=True)


@command.command("test")
@click.argument("name", metavar="TARGET")
def test(name: str) -> None:
    """Connect, and say what answered and where the password came from."""
    profile = profiles.of_target(name)
    opened = sessions.connected(profile)
    opened.close()
    chain = profile.password
    source = chain.used if isinstance(chain, secrets.Chain) else ""
    server = opened.server
    for line in (
        f"{opened.system.title} on {server.dialect} {server.version_text} at {server.host}",
        f"as {server.user or 'nobody in particular'}, password from {source or 'nowhere: none was needed'}",
        f"TLS {server.tls or 'none'}; {len(opened.schema.tables)} tables",
    ):
        click.echo(whole(line))


def _values(given: tuple[str, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals:
            raise Usage(f"--set wants KEY=VALUE, not '{text}'.")
        table, dot, name = key.partition(".")
        if dot and table == "settings":
            values.setdefault("settings", {})[name] = value
        else:
            values[key] = edit.read(key, value)
    return values


def _store(name: str) -> None:
    """Ask for a password and the vault's passphrase, twice where the vault is new."""
    password = asking.ask(f"Password of {name}: ")
    passphrase = asking.ask(f"Passphrase of the vault {unlocked.path()}: ")
    if not unlocked.path().exists() and asking.ask("The passphrase again: ") != passphrase:
        raise Usage("The two passphrases differ; nothing was kept.")
    unlocked.store(name, password, passphrase)


def _in_editor(name: str) -> None:
    """The whole file in the operator's editor, checked afterwards."""
    profiles.of_target(name)
    click.edit(filename=str(profiles.path()))
    profiles.load()
