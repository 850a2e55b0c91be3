"""FinPass's status lists: every credential read once in the order of its key, so that no missing index matters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from db.cancel import Cancel
from db.errors import Missing
from db.finpass.tables import credentials
from db.run import execute
from db.session import Session
from db.statuslist import Listing, Purpose
from db.types import as_written

TOGETHER = 10_000
"""Rows of one statement."""
STATUSES = {Purpose.REVOCATION: "REVOKED", Purpose.SUSPENSION: "SUSPENDED"}
"""Which status of a credential sets its bit."""


def listing(session: Session, purpose: Purpose, cancel: Cancel | None = None) -> Listing:
    """The list for a purpose, from the handle and the status of each credential; raises Missing, and what a read raises.

    A row counts as it is when it is read, so none is older than the beginning.
    """
    found, wanted = Listing(), STATUSES[purpose]
    for rows in _credentials(session, cancel):
        found.add((handle, status == wanted) for _, handle, status in rows)
    return found


def _credentials(session: Session, cancel: Cancel | None) -> Iterator[Sequence[Any]]:
    """Pages of (id, handle, status)."""
    c = credentials.c
    columns = (c.id, c.revocation_handle, c.status)
    if lost := [x.name for x in columns if not session.schema.readable(credentials.name, x.name)]:
        raise Missing(
            f"A status list needs {', '.join(f'credentials.{name}' for name in lost)}, which is not there or not readable."
        )
    key = as_written(c.id).label(
        "key"
    )  # text from the server: a UUID object for each row takes twice as long
    pages = select(key, *columns[1:]).where(c.id.is_not(None)).order_by(c.id).limit(TOGETHER)
    rows = execute(session, pages, {}, cancel)
    while rows:
        yield rows
        if len(rows) < TOGETHER:
            return
        rows = execute(session, pages.where(c.id > rows[-1].key), {}, cancel)
