"""Many operations under faults, and the history checked afterwards: each *done* is there once, each other never."""

import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from db import faults, own, write
from db.desk import Desk
from db.errors import QuaestorError, Unknown
from db.operation import Operation
from db.trustsphere.tables import accounts, audit_logs, transactions, users
from db.verifier import Chain, Entry
from tests.proxy import Cut, Proxy, proxies
from tests.servers import Server
from tests.write.bank import ARMED, Bank, account, id_of, operation, transaction, user

COMMIT = {"postgresql": (12, 18), "mariadb": (11, 11), "mysql": (11, 11)}
"""Bytes that COMMIT takes to the server, and its answer back."""
ANYWHERE = (3000, 3000)
"""Bytes that a whole write takes, about."""


@dataclass
class History:
    """What the operators were told."""

    seed: int
    told: dict[str, str] = field(default_factory=dict)
    """``done``, the error's name, or ``unknown``, by the transaction's name."""
    operations: dict[str, Operation] = field(default_factory=dict)
    unknown: list[float] = field(default_factory=list)
    cuts: int = 0

    def __str__(self) -> str:
        return f"seed {self.seed}: {dict(Counter(self.told.values()))}, {self.cuts} cuts, {len(self.unknown)} for a while unknown"


def deposits(bank: Bank, count: int, name: str = "X") -> list[str]:
    """So many deposits of 1.00 to be approved, over eight accounts."""
    bank.add(users, user("dora"))
    bank.add(accounts, *(account(f"{name}A{n}", "dora", "0.00") for n in range(8)))
    names = [f"{name}{n}" for n in range(count)]
    for start in range(0, count, 1000):
        bank.add(
            transactions,
            *(
                transaction(each, None, f"{name}A{n % 8}", "1.00")
                for n, each in enumerate(names[start : start + 1000])
            ),
        )
    return names


@contextmanager
def at_points(told: Callable[[str], None]) -> Iterator[None]:
    """While inside, ``told`` hears of each point that this process's writes come to."""
    end = faults.watch(told)
    try:
        yield
    finally:
        end()


def cut_lines(bank: Bank, engine: str, count: int, seed: int, *, commits: bool, workers: int = 8) -> History:
    """Approve ``count`` deposits, each with the line cut: around COMMIT, or anywhere from its beginning on."""
    dice = random.Random(seed)
    names = deposits(bank, count)
    history = History(seed)
    target = make_url(bank.url)
    plans = {name: dice.getrandbits(64) for name in names}
    most, where = (COMMIT[engine], "before-commit") if commits else (ANYWHERE, "after-intent")
    mine = threading.local()

    def reached(point: str) -> None:
        if point == where and (plan := getattr(mine, "plan", None)) is not None:
            mine.plan = None
            plan[0].cut(plan[1])

    def work(proxy: Proxy, share: list[str]) -> None:
        through = replace(
            bank, url=target.set(port=proxy.port).render_as_string(hide_password=False), opened=bank.opened
        )
        desk = through.desk(lock_timeout=2.0, connect_timeout=5.0)
        for name in share:
            mine.plan = (proxy, Cut.random(random.Random(plans[name]), *most))
            approve_one(desk, name, history)
            proxy.cut(None)

    with proxies(target.port or 0, workers) as lines, at_points(reached), ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, lines, [names[n::workers] for n in range(workers)]))
        history.cuts = sum(line.cuts for line in lines)
    return history


def killed_servers(
    bank: Bank, server: Server, count: int, seed: int, *, kills: int, workers: int = 8
) -> History:
    """Approve deposits while the server is killed and started anew, at random times and that many times."""
    dice = random.Random(seed)
    names = deposits(bank, count)
    history = History(seed)
    when = sorted(dice.sample(range(count // 10, count), kills))
    desks = [bank.desk(connect_timeout=5.0) for _ in range(workers)]
    over = threading.Event()

    def work(desk: Desk, share: list[str]) -> None:
        for name in share:
            while history.told.get(name, "Unreachable") == "Unreachable" and not over.is_set():
                # Under a new id: the last one was not done, and never will be.
                approve_one(desk, name, history)

    # The server dies with the thread that started it, so that this one kills it and starts it.
    with ThreadPoolExecutor(workers) as pool:
        shares = [pool.submit(work, desk, names[n::workers]) for n, desk in enumerate(desks)]
        try:
            for number in when:
                while len(history.told) < number and not all(share.done() for share in shares):
                    wait(shares, 0.002)
                server.kill()
                server.launch()
            for share in shares:
                share.result()
        finally:
            over.set()  # a server that does not come back must not be asked for ever
    bank.engine.dispose()
    return history


def approve_one(desk: Desk, name: str, history: History) -> None:
    """Approve it under a new id, and note what was told."""
    wanted = operation("transactions", name, "approve")
    history.operations[name] = wanted
    try:
        write.perform(
            desk,
            wanted,
            ARMED,
            tell=lambda state: history.unknown.append(0.0) if state == "unknown" else None,
        )
        history.told[name] = "done"
    except Unknown:
        history.told[name] = "unknown"
    except QuaestorError as error:
        history.told[name] = type(error).__name__


def check(bank: Bank, history: History, prefix: str = "X") -> None:
    """Each that was told done is done, once, with its entry and its audit row; no other left anything."""
    by_id = {id_of(name): name for name in history.told}
    status = {row["id"]: row["status"] for row in bank.rows(transactions) if row["id"] in by_id}
    done = {by_id[id_] for id_, state in status.items() if state == "COMPLETED"}
    told = {name for name, what in history.told.items() if what == "done"}
    assert "unknown" not in history.told.values(), f"{history}"
    assert told - done == set(), f"{history}: lost {sorted(told - done)[:5]}"
    assert done - told == set(), f"{history}: done and told otherwise {sorted(done - told)[:5]}"
    entries = Counter(_entered(bank))
    operations = {history.operations[name].operation_id: name for name in history.told}
    assert {operations[op] for op in entries if op in operations} == done, f"{history}: without an entry"
    audited = Counter(
        op for row in bank.rows(audit_logs) if (op := _operation(row["details"] or "")) in operations
    )
    assert audited == Counter({history.operations[name].operation_id: 1 for name in done}), (
        f"{history}: audit rows"
    )
    held = sum(
        (row["balance"] for row in bank.rows(accounts) if row["account_number"].startswith(f"{prefix}A")),
        Decimal(0),
    )
    assert held == len(done), f"{history}: {held} was booked by {len(done)} deposits"
    verify(bank)


def _operation(details: str) -> str:
    start = details.find('"operation":"')
    return details[start + 13 : start + 49]


def _entered(bank: Bank) -> list[str]:
    with bank.engine.connect() as connection:
        return [str(row[0]) for row in connection.execute(select(own.ledger.c.operation_id))]


def verify(bank: Bank) -> None:
    """The whole chain, every signature."""
    chain = Chain()
    with bank.engine.connect() as connection:
        for row in connection.execute(select(own.ledger).order_by(own.ledger.c.seq)):
            assert list(chain.feed(Entry(*row))) == []
        head: Any = connection.execute(text("SELECT seq, row_hash FROM quaestor_ledger_head")).one()
    assert (head[0], bytes(head[1])) == (chain.size, chain.stored)


def new_seed() -> int:
    """A seed that nobody chose; every failure prints it."""
    return uuid.uuid4().int & 0xFFFFFFFF
