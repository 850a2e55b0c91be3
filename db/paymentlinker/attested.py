"""The audit trail against the ledger: every entry has its row there as it was signed, every row of the console its entry.

Nothing is changed, so that whoever may only read can do it. What one check of a row found is kept by the action ``verify``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from db import chain, read
from db.actions import RESTORE
from db.cancel import Cancel
from db.errors import Missing, TooSlow, Usage
from db.model import Query
from db.own import ledger
from db.paymentlinker.compared import COLUMNS, differences, object_of, told_of
from db.paymentlinker.shared import years_later
from db.paymentlinker.tables import audit_logs
from db.recent import keys_of
from db.run import execute
from db.session import Session
from db.verifier import Entry, is_signed

SHOWN, PIECE = 20, 500
RULE_TABLE = "quaestor_tenants"
"""Where it is there, rows of tenants that were not chosen are hidden."""


@dataclass(frozen=True)
class Wrong:
    """A row that is not as it was signed, or not there."""

    id: str
    seq: int
    """The entry; 0 where there is none."""
    why: str
    gone: bool = False
    """Whether there is no such row."""

    def __str__(self) -> str:
        """In a sentence."""
        return f"{f'entry {self.seq}, ' if self.seq else ''}row {self.id}: {self.why}"


@dataclass
class Attested:
    """What was found so far."""

    entries: int = 0
    """Entries that must have a row."""
    rows: int = 0
    """Rows that name the console."""
    count: int = 0
    """How many are wrong."""
    wrong: list[Wrong] = field(default_factory=list)
    """The first of them."""
    note: str = ""
    """What could not be looked at."""

    def add(self, found: Wrong) -> None:
        """One more."""
        self.count += 1
        if len(self.wrong) < SHOWN:
            self.wrong.append(found)

    def __str__(self) -> str:
        """In a sentence."""
        if not (self.entries or self.rows or self.count):
            return "the console wrote no row there yet" + (f"; {self.note}" * bool(self.note))
        said = f"{self.entries} entries with their rows, {self.rows} rows of the console with their entries: "
        return (
            said
            + (f"{self.count} wrong" if self.count else "all as signed")
            + (f"; {self.note}" * bool(self.note))
        )


def row_of(operation: str) -> str:
    """The id of an operation's row in the trail."""
    return str(uuid.uuid5(uuid.UUID(operation), audit_logs.name))


def attest(
    session: Session, cancel: Cancel | None = None, tell: Callable[[int], None] = lambda seq: None
) -> Attested:
    """All of both, never stopping at the first; ``tell`` is given how far it is. Raises Missing, Usage, Cancelled, Unreachable."""
    if ledger.name not in session.schema:
        raise Missing(f"{session.name} has no ledger to hold the audit trail against.")
    if RULE_TABLE in session.schema and not session.tenant:
        raise Usage("Row-level security hides the rows of every tenant until one is chosen.")
    found, known = Attested(), set[str]()
    keys = {key: line for key, (_, line, _) in keys_of(session).items()}
    piece: list[Entry] = []
    for entry in chain.entries(session, 0, cancel):
        piece.append(entry)
        if len(piece) == PIECE:
            _compare(session, piece, keys, known, found, cancel)
            tell(entry.seq)
            piece = []
    _compare(session, piece, keys, known, found, cancel)
    try:
        _strangers(session, known, found, cancel)
    except TooSlow:
        found.note = "rows that name the console without an entry were not all looked for: it takes too long"
    return found


def _compare(
    session: Session,
    piece: list[Entry],
    keys: Mapping[str, str],
    known: set[str],
    found: Attested,
    cancel: Cancel | None,
) -> None:
    """So many entries with their rows, in one read."""
    wanted = {}
    for entry in piece:
        told = object_of(entry.payload)
        if _has_row(session, told):
            wanted[row_of(entry.operation_id)] = (entry, told)
    if not wanted:
        return
    known.update(wanted)
    columns = [audit_logs.c[name] for name in ("id", *COLUMNS)]
    asked = select(*columns).where(audit_logs.c.id.in_(sorted(wanted)))
    rows = {str(row.id): row._mapping for row in execute(session, asked, {}, cancel)}
    for id_, (entry, told) in wanted.items():
        row = rows.get(id_)
        if row is None:
            hidden = session.tenant and told.get("tenant") != session.tenant
            if not hidden and not _is_over(entry):
                found.entries += 1
                found.add(Wrong(id_, entry.seq, "it is not in the trail", gone=True))
            continue
        found.entries += 1
        why = list(differences(row, entry.payload, entry.signature, entry.key_id))
        if not is_signed(keys.get(entry.key_id, ""), entry.payload, entry.signature):
            why.append("the ledger's entry is not signed by the key that it names")
        if why:
            found.add(Wrong(id_, entry.seq, "; ".join(why)))


def _has_row(session: Session, told: Mapping[str, Any]) -> bool:
    """Whether an entry is of an action on a record."""
    actions = {action.name for action in session.system.actions_of(str(told.get("entity")))}
    return bool(actions) and told.get("action") in {*actions, RESTORE}


def _is_over(entry: Entry) -> bool:
    """Whether the clean-up may have taken the row: none is kept for less than 7 years."""
    return datetime.fromtimestamp(entry.db_time_us / 1e6, UTC) < years_later(datetime.now(UTC), -7)


def _strangers(session: Session, known: set[str], found: Attested, cancel: Cancel | None) -> None:
    """Rows that name the console, and that no entry tells of."""
    entity = session.entity(audit_logs.name)
    view = entity.view("console")
    assert view is not None
    for page in read.stream(session, Query(entity, view, columns=("event_type",)), cancel):
        for row in page.rows:
            found.rows += 1
            id_ = row.id.partition("/")[0]
            if id_ not in known:
                found.add(Wrong(row.id, 0, "it names the console, and the ledger has no entry of it"))


__all__ = ["Attested", "Wrong", "attest", "differences", "row_of", "told_of"]
