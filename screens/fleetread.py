"""What the fleet screen reads at one look; in a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from db.errors import Missing
from screens import later
from screens.acting import MANY
from screens.fleetlines import Alarm

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.fleet import Change, Device, Following, Member
    from db.session import Session

SINGLE = 2000
"""Up to so many devices have a cell each."""


@dataclass(frozen=True)
class Read:
    """What one look brought."""

    change: Change
    singles: Sequence[Device] | None = None
    unfolded: Mapping[Alarm, Sequence[Member]] = field(default_factory=dict)


def following(session: Session, way: str) -> Following:
    """The fleet, to be followed divided so; raises Missing where there is none, Usage."""
    fleet = later.fleet.fleet_of(session)
    if fleet is None:
        raise Missing(f"{session.system.title} has no fleet.")
    return later.fleet.Following(session, fleet, fleet.way(way))


def look(session: Session, followed: Following, unfolded: Sequence[Alarm], cancel: Cancel) -> Read:
    """What changed; every device, where they are few; those behind the alerts that are unfolded."""
    change = followed.refresh(cancel)
    found = change.picture
    singles = None
    if found.total <= SINGLE:
        singles = later.fleet.devices(session, found.fleet, found.by, SINGLE, cancel, found.at)
    now = {(a.state, tuple(g.value for g in a.groups)): a for a in found.alerts()}
    behind = {}
    for alarm in unfolded:
        if (alert := now.get((alarm.state, alarm.parts))) is not None:
            behind[alarm] = later.fleet.members(session, alert, found, MANY, cancel)
    return Read(change, singles, behind)
