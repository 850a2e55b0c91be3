"""The ledger as a whole: verified as a stream, from the beginning or from where it was verified to; exported.

It is read in pages by number, each a statement of its own: so it can be cancelled, passes a pooler, and no
statement's timeout ends the reading of a long ledger.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import LargeBinary, Select, Text, bindparam, cast, select

from db import verifier
from db.cancel import Cancel
from db.errors import Missing
from db.own import checkpoints, ledger, ledger_head, operator_keys
from db.run import execute
from db.session import Session
from db.verifier import Chain, Entry

PIECE = 2_000
"""Entries of one read."""
SHOWN = 20
"""Findings that are kept in full."""


@dataclass(frozen=True)
class Mark:
    """A place up to which a ledger was verified, with what is needed to go on from there."""

    ledger: str
    size: int
    row_hash: str
    subtrees: tuple[str, ...]
    keys: Mapping[str, tuple[str, int, int | None]]

    @classmethod
    def of(cls, chain: Chain) -> Mark:
        """Where a chain is now."""
        keys = {name: (str(key), int(start), until) for name, (key, start, until) in chain.keys.items()}
        return cls(chain.ledger, chain.size, chain.stored.hex(), tuple(s.hex() for s in chain.subtrees), keys)

    def write(self) -> str:
        """As one line."""
        return json.dumps(self.__dict__, sort_keys=True)

    @classmethod
    def read(cls, line: str) -> Mark:
        """From its line; raises ValueError."""
        try:
            told = json.loads(line)
            keys = {name: (key, start, until) for name, (key, start, until) in told["keys"].items()}
            return cls(told["ledger"], int(told["size"]), told["row_hash"], tuple(told["subtrees"]), keys)
        except (KeyError, TypeError) as error:
            raise ValueError(f"no mark: {error}") from None

    def resume(self, chain: Chain) -> None:
        """Let a chain go on from here."""
        chain.ledger, chain.count, chain.size = self.ledger, self.size, self.size
        chain.stored = chain.computed = bytes.fromhex(self.row_hash)
        chain.subtrees = [bytes.fromhex(subtree) for subtree in self.subtrees]
        chain.keys = {name: list(key) for name, key in self.keys.items()}


@dataclass(frozen=True)
class Verified:
    """What verification found."""

    size: int
    told: str
    """``verified to N, anchored to M, K not anchored``."""
    wrong: tuple[tuple[int, str], ...]
    """(entry, what is wrong with it), the first few."""
    count: int
    """How many there are."""
    mark: Mark | None = None
    """Where to go on the next time; none where anything is wrong."""


def verify(
    session: Session,
    receipts: Iterable[Mapping[str, Any]] = (),
    cancel: Cancel | None = None,
    tell: Callable[[int], None] = lambda seq: None,
    *,
    keep: Callable[[Mark], None] = lambda mark: None,
    since: Mark | None = None,
    trusted: set[str] | None = None,
    signatures: bool = True,
) -> Verified:
    """Every entry against the one before, its signature, the head, and what is kept elsewhere; never stops at the first.

    ``since`` goes on from a mark, ``trusted`` are the only keys to be believed, without ``signatures`` it is the
    chain alone. ``tell`` is given how far it is, ``keep`` where to go on should it be cancelled.
    """
    chain, wrong, count = Chain(trusted, signatures), list[tuple[int, str]](), 0

    def passed(seq: int) -> None:
        tell(seq)
        if not count:
            keep(Mark.of(chain))

    for receipt in receipts:
        chain.against(dict(receipt))
    for finding in _findings(session, chain, since, cancel, passed):
        count += 1
        if len(wrong) < SHOWN:
            wrong.append(finding)
    mark = None if count else Mark.of(chain)
    return Verified(chain.size, str(chain), tuple(wrong), count, mark)


def _findings(
    session: Session, chain: Chain, since: Mark | None, cancel: Cancel | None, tell: Callable[[int], None]
) -> Iterator[tuple[int, str]]:
    head = _head(session, cancel)
    if since is not None and since.ledger == head[0]:
        yield from _resume(session, chain, since, cancel)
    for entry in entries(session, chain.size, cancel):
        yield from chain.feed(entry)
        if entry.seq == head[1] and entry.row_hash != head[2]:
            yield entry.seq, "is another than the head of the ledger tells of"
        if entry.seq % PIECE == 0:
            tell(entry.seq)
    if chain.size and chain.ledger != head[0]:
        yield 1, "names another ledger than the head, by which receipts are looked up"
    if chain.size < head[1]:
        yield chain.size + 1, f"is missing: the head of the ledger is at {head[1]}"
    yield from chain.end()
    yield from _strangers(session, chain, cancel)


def _head(session: Session, cancel: Cancel | None) -> tuple[str, int, bytes]:
    """The ledger's name, its last number and hash, as the head has them; raises Missing."""
    if session.schema.table(ledger_head.name) is None:
        raise Missing(
            f"{session.name} has no ledger: 'quaestor migrate {session.name} up --part ledger' makes one."
        )
    c = ledger_head.c
    found = execute(session, select(c.ledger, c.seq, c.row_hash), {}, cancel)
    if not found:
        raise Missing(f"{session.name}: the ledger has no head; see 'quaestor doctor'.")
    return str(found[0][0]), int(found[0][1]), bytes(found[0][2])


def _resume(session: Session, chain: Chain, since: Mark, cancel: Cancel | None) -> Iterator[tuple[int, str]]:
    since.resume(chain)
    found = execute(session, select(ledger.c.row_hash).where(ledger.c.seq == since.size), {}, cancel)
    if not found:
        yield since.size, "was cut off: it was there when the ledger was verified last"
    elif bytes(found[0][0]) != chain.stored:
        yield since.size, "is another than when the ledger was verified last"


def _strangers(session: Session, chain: Chain, cancel: Cancel | None) -> Iterator[tuple[int, str]]:
    """Keys that stand in the table, and that no entry adds."""
    k = operator_keys.c
    for seq, key in execute(session, select(k.seq, k.key_id).order_by(k.seq), {}, cancel):
        if key not in chain.keys and seq <= chain.size:
            yield int(seq), f"does not add the key {key}, which the table of keys says of it"


def entries(session: Session, after: int = 0, cancel: Cancel | None = None) -> Iterator[Entry]:
    """The entries behind a number, as the database has them; while some are looked at, the next are read."""
    wanted = _wanted(session.server.dialect)

    def read(last: int) -> Sequence[Any]:
        return execute(session, wanted, {"after": last}, cancel)

    with ThreadPoolExecutor(1, "ledger") as ahead:
        rows = read(after)
        while rows:
            more = ahead.submit(read, int(rows[-1][0])) if len(rows) == PIECE else None
            for seq, operation, payload, key, signature, user, time, prev, row in rows:
                yield Entry(seq, _text(operation), bytes(payload), _text(key), bytes(signature), _text(user),
                            time, bytes(prev), bytes(row))  # fmt: skip
            rows = more.result() if more else ()


@cache
def _wanted(dialect: str) -> Select[Any]:
    """All columns in order; ids as they are written, SQLite's texts as bytes: what was damaged there need be no text any more."""
    columns: list[Any] = [ledger.c[name] for name in Entry._fields]
    if dialect == "postgresql":
        columns[1] = cast(ledger.c.operation_id, Text)
    if dialect == "sqlite":
        columns = [
            cast(c, LargeBinary) if c.name in ("operation_id", "key_id", "db_user") else c for c in columns
        ]
    wanted = select(*columns).where(ledger.c.seq > bindparam("after")).order_by(ledger.c.seq).limit(PIECE)
    return wanted.execution_options(binary=True)  # bytes as they are, not as digits


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else str(value)


def export(session: Session, cancel: Cancel | None = None) -> Iterator[str]:
    """The ledger as lines of JSON, each checkpoint behind the entry that it ends with."""
    k = checkpoints.c
    wanted = select(k.size, k.note, k.key_id, k.signature).order_by(k.size)
    notes = {
        int(size): {"checkpoint": note, "key_id": key, "signature": bytes(signature).hex()}
        for size, note, key, signature in execute(session, wanted, {}, cancel)
    }
    for entry in entries(session, 0, cancel):
        told = {
            **entry._asdict(),
            "payload": base64.b64encode(entry.payload).decode(),
            **{name: getattr(entry, name).hex() for name in ("signature", "prev_hash", "row_hash")},
        }
        yield json.dumps(told, sort_keys=True)
        if entry.seq in notes:
            yield json.dumps(notes[entry.seq], sort_keys=True)


def verifier_source() -> str:
    """The program that verifies an export anywhere; it goes out with each."""
    return Path(verifier.__file__).read_text(encoding="utf-8")
