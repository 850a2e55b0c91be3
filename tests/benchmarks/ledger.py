"""The ledger: how long it takes to verify a million entries, and how many signatures a second."""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random

from sqlalchemy import Connection, insert, select, update

from db import chain, own
from db.canonical import dumps
from db.change import Signed
from db.entry import sign
from db.keys import id_of
from db.ledger import Head, head
from db.session import Session
from db.verifier import Chain, Entry, row_hash
from tests.benchmarks.results import Figure, Results
from tests.servers import Servers
from tests.write import bank as banks
from tests.write.bank import ANNA

ENTRIES, SIGNED = 1_000_000, 20_000
SECONDS = {"postgresql": 10.0, "mariadb": 30.0}
"""Promised for a million entries, the chain alone."""
PIECE = 2_000


def measure(results: Results, servers: Servers, rows: int) -> None:
    """Long ledgers on both servers."""
    for engine, promise in SECONDS.items():
        with tempfile.TemporaryDirectory() as folder:
            bank = banks.make(servers[engine].create(), Path(folder))
            try:
                count = fill(bank, min(rows, ENTRIES))
                _verify(results, bank.session(), engine, count, promise)
            finally:
                bank.close()


def _verify(results: Results, session: Session, engine: str, count: int, promise: float) -> None:
    start = time.perf_counter()
    found = chain.verify(session, signatures=False)
    taken = (time.perf_counter() - start) * ENTRIES / count
    if found.wrong or found.size != count:
        raise RuntimeError(f"{found.told}: {found.wrong}")
    note = (
        f"{count} entries of about {len(dumps(payload(1, Random(0), 'x' * 36)))} bytes, scaled to a million"
    )
    results.add(
        "ledger", Figure(f"a million entries verified, chain alone, {engine}", taken, "s", promise, note=note)
    )
    whole, start = Chain(), time.perf_counter()
    wrong = [why for entry in islice(chain.entries(session), SIGNED) for why in whole.feed(entry)]
    if wrong:
        raise RuntimeError(str(wrong[:3]))
    rate = whole.size / (time.perf_counter() - start)
    results.add("ledger", Figure(f"entries verified with their signatures, {engine}", rate, "/s"))


def fill(bank: banks.Bank, count: int) -> int:
    """Entries behind the first one as the ledger's function would write them; the first ones are really signed."""
    with bank.engine.begin() as connection:
        last = head(connection)
        made = _entries(last, count)
        while piece := list(islice(made, PIECE)):
            _insert(connection, piece)
            last = Head(last.ledger, last.principals, piece[-1].seq, piece[-1].row_hash)
        connection.execute(update(own.ledger_head).values(seq=last.seq, row_hash=last.row_hash))
        return int(connection.execute(select(own.ledger_head.c.seq)).scalar_one())


def _insert(connection: Connection, piece: Sequence[Entry]) -> None:
    connection.execute(insert(own.ledger), [entry._asdict() for entry in piece])


def _entries(last: Head, count: int) -> Iterator[Entry]:
    dice, prev, key = Random(1), last.row_hash, id_of(ANNA)
    now = time.time_ns() // 1000
    for seq in range(last.seq + 1, count + 1):
        operation = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        told = payload(seq, dice, operation, last.ledger)
        signed = sign(ANNA, told) if seq <= SIGNED else Signed(dumps(told), key, dice.randbytes(64))
        bare = Entry(seq, operation, signed.payload, key, signed.signature, "postgres", now + seq, prev, b"")
        entry = bare._replace(row_hash=row_hash(bare, prev))
        prev = entry.row_hash
        yield entry


def payload(seq: int, dice: Random, operation: str, ledger: str = "x" * 36) -> dict[str, object]:
    """What the entry of a booking tells."""
    account = str(uuid.UUID(int=dice.getrandbits(128), version=4))
    return {
        "action": "approve",
        "after": {"processed_at": "2026-01-01T00:00:00+00:00", "status": "COMPLETED"},
        "before": {"processed_at": None, "status": "PENDING"},
        "counted": {"accounts booked": 1},
        "entity": "transactions",
        "evidence": {"address": "192.0.2.7"},
        "id": account,
        "intent": f"{seq:064x}",
        "ledger": ledger,
        "moved": [{"balance": "+1.00", "id": account, "table": "accounts"}],
        "operation": operation,
        "operator": {"actor": "", "name": "anna@test", "principal": "db:postgres"},
        "reason": "as the customer asked for by telephone",
        "risk": "normal",
        "row": f"{dice.getrandbits(256):064x}",
        "system": "trustsphere",
        "ticket": "OPS-1",
    }
