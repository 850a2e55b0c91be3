"""Fleets of a million devices: states by rule, counted by the server, followed by what changed."""

from db.fleet.declared import By, Finding, Fleet, fleet_of
from db.fleet.following import Change, Following
from db.fleet.picture import Alert, Group, Picture, dated, picture
from db.fleet.single import Device, devices

__all__ = [
    "Alert",
    "By",
    "Change",
    "Device",
    "Finding",
    "Fleet",
    "Following",
    "Group",
    "Picture",
    "dated",
    "devices",
    "fleet_of",
    "picture",
]
