"""The database layer for the screens, imported in the thread of the first read: 320 ms that no first frame waits for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import db.paymentlinker.attested as attested
    from db import (
        access,
        cancel,
        claims,
        clock,
        contain,
        desk,
        engine,
        entries,
        evidence,
        filters,
        fleet,
        notes,
        offers,
        operation,
        overview,
        probes,
        proposals,
        read,
        recent,
        registry,
        rehearse,
        resolve,
        retention,
        timeline,
        undo,
        who,
        write,
    )
else:

    class _Later:
        """A module by its name, imported when something of it is asked for."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, name: str) -> Any:
            return getattr(import_module(self._name), name)

    cancel, engine, filters = _Later("db.cancel"), _Later("db.engine"), _Later("db.filters")
    read, registry = _Later("db.read"), _Later("db.registry")
    desk, entries = _Later("db.desk"), _Later("db.entries")
    clock = _Later("db.clock")
    claims, notes, proposals = _Later("db.claims"), _Later("db.notes"), _Later("db.proposals")
    offers, recent, rehearse = _Later("db.offers"), _Later("db.recent"), _Later("db.rehearse")
    operation, resolve, undo = _Later("db.operation"), _Later("db.resolve"), _Later("db.undo")
    fleet, overview, probes = _Later("db.fleet"), _Later("db.overview"), _Later("db.probes")
    write = _Later("db.write")
    access, contain, who = _Later("db.access"), _Later("db.contain"), _Later("db.who")
    evidence, timeline = _Later("db.evidence"), _Later("db.timeline")
    attested, retention = _Later("db.paymentlinker.attested"), _Later("db.retention")

__all__ = [
    "access",
    "attested",
    "cancel",
    "claims",
    "clock",
    "contain",
    "desk",
    "engine",
    "entries",
    "evidence",
    "filters",
    "fleet",
    "notes",
    "offers",
    "operation",
    "overview",
    "probes",
    "proposals",
    "read",
    "recent",
    "registry",
    "rehearse",
    "resolve",
    "retention",
    "timeline",
    "undo",
    "who",
    "write",
]
