"""Fleets of a million devices: states by rule, counted by the server, followed by what changed."""

from db.fleet.declared import By, Event, Finding, Fleet, fleet_of
from db.fleet.following import Change, Following
from db.fleet.picture import Alert, Group, Picture, dated, picture
from db.fleet.portrait import Held, Measure, Portrait, portrait
from db.fleet.single import Device, Member, devices, members
from db.fleet.spread import Spread, spread

__all__ = [
    "Alert",
    "By",
    "Change",
    "Device",
    "Event",
    "Finding",
    "Fleet",
    "Following",
    "Group",
    "Held",
    "Measure",
    "Member",
    "Picture",
    "Portrait",
    "Spread",
    "dated",
    "devices",
    "fleet_of",
    "members",
    "picture",
    "portrait",
    "spread",
]
