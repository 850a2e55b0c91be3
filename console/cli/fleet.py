"""``quaestor fleet``: devices or passes by state and part; exit 1 where something is critical."""

from __future__ import annotations

import click

from console.cancelling import cancellable
from console.cli import options
from console.headless.output import columns, output
from console.headless.text import whole
from console.sessions import session
from db.errors import Usage
from db.fleet import Picture, dated, fleet_of, picture
from db.model import Kind, Row
from db.severity import Severity


@click.command("fleet")
@options.target
@click.option(
    "--by", default="", metavar="WAY", help="region, type, tenant, os; of passes model, firmware, status."
)
@options.format_
def command(target: str, by: str, format_: str) -> int:
    """Count a fleet by state and part; the exit code is 1 when something is critical."""
    with session(target) as opened:
        fleet = fleet_of(opened)
        if fleet is None:
            raise Usage(f"{opened.system.title} has no fleet.")
        way = fleet.way(by)
        found = cancellable(lambda cancel: dated(opened, picture(opened, fleet, way, cancel), cancel))
    names = [state.replace("-", "_") for state in fleet.states]
    kinds = {way.name: Kind.TEXT, "total": Kind.INTEGER, **dict.fromkeys(names, Kind.INTEGER)}
    out = output(format_, columns(**kinds, severity=Kind.STATUS), ids=False)
    out.write([Row(str(n), _values(found, n), ()) for n in range(len(found.groups))])
    out.end(None)
    _tell(found)
    return 1 if found.severity is Severity.CRITICAL else 0


def _values(found: Picture, number: int) -> tuple[object, ...]:
    group = found.groups[number]
    bad = min(map(found.fleet.severity, group.states), key=lambda s: s.rank, default=Severity.GOOD)
    counts = (group.states.get(state, 0) for state in found.fleet.states)
    return (group.label, group.total, *counts, bad.value)


def _tell(found: Picture) -> None:
    click.echo(
        f"{found.total} in service, {found.severity} is the worst; {found.at:%Y-%m-%d %H:%M:%S} UTC.",
        err=True,
    )
    for alert in found.alerts()[:10]:
        when = "the oldest since" if alert.exact else "at least since"
        since = f", {when} {alert.since:%Y-%m-%d %H:%M}" if alert.since else ""
        click.echo(f"{alert.severity}: {alert.count} {alert.state} in {whole(alert.label)}{since}", err=True)
    if found.strange:
        click.echo(f"{found.strange} are in a status that is not known here.", err=True)
    if found.ahead:
        click.echo(f"{found.ahead} report from the future: a clock is wrong.", err=True)
