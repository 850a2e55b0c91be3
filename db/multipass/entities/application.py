"""Application modules and their events, which are the audit source of Multipass."""

from __future__ import annotations

from sqlalchemy import func, select

from db.declare import entity, now, view
from db.figures import count_if, day, figure
from db.model import Column, Kind, Link
from db.multipass.audit_row import MODULE
from db.multipass.entities.shared import DAY, PERIOD, holder, tally, within
from db.multipass.tables import application_events, application_modules

_m = application_modules.c
_e = application_events.c

_MODULE_VIEWS = (
    view("all", "Every module, by name.", "name"),
    view("enabled", "In use, by name.", "name", _m.status == "enabled"),
    view("disabled", "Disabled, the latest change first.", "-updated_at", _m.status == "disabled"),
    view("deprecated", "Still there, and to be given up, by name.", "name", _m.status == "deprecated"),
)

MODULES = entity(
    application_modules,
    listed="name version status required_scopes updated_at",
    groups={
        "Module": "name description version required_scopes",
        "State": "status created_at updated_at",
        "Details": "id",
    },
    views=_MODULE_VIEWS,
    figures=(tally("by-status", "Modules by status.", application_modules, "status"),),
    search="id name",
    aliases="modules",
    title="name version",
)

_SEVERE = _e.severity.in_(("error", "critical"))

_EVENT_VIEWS = (
    view("all", "Every event, the newest first.", "-created_at"),
    view("severe", "Errors and worse, the newest first.", "-created_at", _SEVERE),
    view("critical", "The worst, the newest first.", "-created_at", _e.severity == "critical"),
    view("warnings", "Warnings, the newest first.", "-created_at", _e.severity == "warning"),
    view("recent", "Of the last 24 hours.", "-created_at", _e.created_at > now(days=-1)),
    view(
        "console",
        "What operators did with quaestor, the newest first.",
        "-created_at",
        _e.module_id == select(_m.id).where(_m.name == MODULE).scalar_subquery(),
    ),
    view(
        "without-profile",
        "Of nobody in particular, the newest first.",
        "-created_at",
        _e.profile_id.is_(None),
    ),
)

_SPLIT = (
    func.count().label("records"),
    count_if(_e.severity == "warning").label("warnings"),
    count_if(_e.severity == "error").label("errors"),
    count_if(_e.severity == "critical").label("critical"),
)

_EVENT_FIGURES = (
    figure(
        "by-type",
        "Events of the period by type, and how many of them are bad.",
        select(_e.event_type, *_SPLIT)
        .where(within(_e.created_at))
        .group_by(_e.event_type)
        .order_by(_e.event_type),
        *DAY,
    ),
    tally(
        "by-severity",
        "Events of the period by severity.",
        application_events,
        "severity",
        where=within(_e.created_at),
        parameters=DAY,
    ),
    figure(
        "by-module",
        "Events of the period by module, and how many of them are bad.",
        select(_m.name.label("module"), *_SPLIT)
        .join_from(application_events, application_modules, _e.module_id == _m.id)
        .where(within(_e.created_at))
        .group_by(_m.name)
        .order_by(_m.name),
        *DAY,
    ),
    figure(
        "by-day",
        "Events on each day of the period, and how many of them are bad.",
        select(day(_e.created_at).label("day"), *_SPLIT)
        .where(within(_e.created_at))
        .group_by("day")
        .order_by("day"),
        *PERIOD,
    ),
    figure(
        "noisy-addresses",
        "The addresses with the most bad events of the period, the first hundred.",
        select(
            _e.ip_address,
            func.count().label("records"),
            func.count(_e.profile_id.distinct()).label("profiles"),
            func.max(_e.created_at).label("newest"),
        )
        .where(_SEVERE, _e.ip_address.is_not(None), within(_e.created_at))
        .group_by(_e.ip_address)
        .order_by(func.count().desc(), _e.ip_address)
        .limit(100),
        *PERIOD,
    ),
)

_module = select(_m.name).where(_m.id == _e.module_id).scalar_subquery()

EVENTS = entity(
    application_events,
    listed="created_at severity event_type module holder ip_address",
    groups={
        "Event": "event_type severity payload ip_address created_at",
        "Details": "id module_id profile_id",
    },
    computed=(Column("module", Kind.TEXT, _module, group="Event"), holder(application_events)),
    views=_EVENT_VIEWS,
    figures=_EVENT_FIGURES,
    search="id event_type profile_id",
    aliases="events audit",
    title="event_type created_at",
    links=(
        Link("sessions of the profile", "multipass_sessions", (("profile_id", "profile_id"),), many=True),
    ),
)
