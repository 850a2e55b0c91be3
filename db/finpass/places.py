"""Places on the status list for credentials that were issued without one: random, each given once, never again.

A place follows from the operation's id, which is random, so that the run that is shown and signed and the run that
changes the rows find the same one. The table's key sees to it that two operations never share one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import select

from db.change import Change
from db.errors import Missing
from db.finpass.tables import credentials
from db.own import status_indexes
from db.statuslist import LARGEST, LEAST

GIVEN = "places given on the status list"
"""The words under which they are counted."""
_TRIES = 16
"""So many places are tried before the list is taken for full, and one twice as long is tried."""


def allot(change: Change) -> int:
    """The place of the record, given now unless it has one; raises Refused where even the largest list is full."""
    if change.facts.schema.table(status_indexes.name) is None:
        raise Missing(
            f"A place on the status list is noted in {status_indexes.name}, which is not there: "
            "'quaestor migrate TARGET up --part ledger' makes it."
        )
    credential, c = change.facts.key[0], status_indexes.c
    for row in change.read(select(c.position).where(c.credential_id == credential)):
        return int(row["position"])
    place = _free(change)
    change.insert(
        status_indexes,
        GIVEN,
        f"place {place} on the status list",
        position=place,
        credential_id=credential,
        created_at=change.now,
    )
    return place


def _free(change: Change) -> int:
    place = next(_untaken(change), None)
    if place is None:
        change.refuse(
            f"{_TRIES} random places were tried on lists of up to {LARGEST} entries; all are taken."
        )
    return place


def _untaken(change: Change) -> Iterator[int]:
    entries = LEAST
    while entries <= LARGEST:
        tried = list(_random(change.facts.operation, entries))
        taken = _taken(change, tried)
        yield from (place for place in tried if place not in taken)
        entries *= 2


def _random(operation: str, entries: int) -> Iterator[int]:
    """Places on a list of so many entries, a power of two, so that each is as likely."""
    for number in range(_TRIES):
        drawn = hashlib.sha256(f"quaestor/place/{operation}/{entries}/{number}".encode()).digest()
        yield int.from_bytes(drawn[:8], "big") % entries


def _taken(change: Change, places: list[int]) -> set[int]:
    """Those that quaestor gave, or the issuer."""
    position, handle = status_indexes.c.position, credentials.c.revocation_handle
    ours = change.read(select(position).where(position.in_(places)))
    theirs = change.read(select(handle).where(handle.in_([str(place) for place in places])))
    return {row["position"] for row in ours} | {int(row["revocation_handle"]) for row in theirs}
