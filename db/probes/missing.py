"""The indexes that views and searches of this system want, and that this database has not."""

from __future__ import annotations

from db.probes.model import Probe, Told
from db.session import Session
from db.wishes import missing


def _wanted(session: Session) -> Told:
    found = missing(session.system, session.schema, session.server.dialect)
    rows = [(wish.table, ", ".join(wish.columns), ", ".join(wish.reasons)) for wish in found]
    return ("table", "columns", "serves"), rows


MISSING = Probe(
    "missing",
    "Indexes that are wanted and not there; 'quaestor migrate … up --part indexes' makes them.",
    "",
    known=_wanted,
)
