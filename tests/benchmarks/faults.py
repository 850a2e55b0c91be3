"""Faults, many of them: lines cut around COMMIT and anywhere, servers and clients killed; nothing lost, doubled or told wrongly.

``--rows`` bounds the number of cut commits, and a hundredth of it the seconds of killing.
"""

from __future__ import annotations

import logging
import random
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from db.desk import Desk
from tests.benchmarks.results import Figure, Results
from tests.servers import ROOT, Server, Servers, start
from tests.write import bank as banks
from tests.write import histories
from tests.write.bank import Bank
from tests.write.histories import History, approve_one
from tests.write.test_kill import SURE
from tests.write.victims import Victim, killed_clients

COMMITS = {"postgresql": 10_000, "mariadb": 2_000, "mysql": 2_000}
ANYWHERE = 1_000
SECONDS = 60.0
WRITERS, PAUSES = 8, (0.2, 2.0)
"""How many write at once, and between what many seconds a server lives."""
POOL = 40_000
"""Deposits that wait to be approved while servers are killed: more than can be in the time."""


def measure(results: Results, servers: Servers, rows: int) -> None:
    """On every server that is installed here."""
    logging.disable()  # the drivers tell of every line that is cut
    for engine, count in COMMITS.items():
        if engine == "mysql" and not (ROOT / ".cache" / "mysql").exists():
            continue
        _cut(results, servers, engine, min(count, rows), commits=True)
        _cut(results, servers, engine, min(ANYWHERE, rows), commits=False)
        seconds = min(SECONDS, rows / 100)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)  # MariaDB's recovery opens tables by their whole path, as nobody
            _killed_servers(results, engine, Path(folder), seconds)
        with tempfile.TemporaryDirectory() as folder:
            _killed_clients(results, servers, engine, Path(folder), seconds)


def _cut(results: Results, servers: Servers, engine: str, count: int, *, commits: bool) -> None:
    """A new database for each thousand, so that what is checked afterwards stays small."""
    cuts = unknown = 0
    done, seeds = 0, []
    while cuts < count:
        with tempfile.TemporaryDirectory() as folder:
            url = servers[engine].create()
            bank = banks.make(url, Path(folder))
            try:
                wanted = min(1000, round((count - cuts) * 1.2) + 8)
                history = histories.cut_lines(bank, engine, wanted, histories.new_seed(), commits=commits)
                histories.check(bank, history)
            finally:
                bank.close()
                servers[engine].drop(url)
        cuts, unknown, done = cuts + history.cuts, unknown + len(history.unknown), done + len(history.told)
        seeds.append(history.seed)
    where = "around COMMIT" if commits else "at a random byte of a write"
    note = f"{cuts} cuts in {done} operations, {unknown} for a while unknown; seeds {_told(seeds)}"
    _zero(results, f"lines cut {where}, {engine}: lost, doubled, without an entry or told wrongly", note)


def _killed_servers(results: Results, engine: str, folder: Path, seconds: float) -> None:
    """``kill -9`` at random times, while writers write."""
    seed = histories.new_seed()
    server = start(engine, folder / "server", *SURE[engine])
    bank = banks.make(server.create("bank"), folder)
    try:
        history, kills = kill_for(bank, server, seconds, seed)
        histories.check(bank, history)
    finally:
        bank.close()
        server.remove()
    note = f"{kills} kills in {seconds:.0f} s, {len(history.told)} operations of {WRITERS} writers"
    note += f", {len(history.unknown)} for a while unknown; seed {seed}"
    _zero(results, f"the server killed, {engine}: lost, doubled, without an entry or told wrongly", note)


def kill_for(bank: Bank, server: Server, seconds: float, seed: int) -> tuple[History, int]:
    """Approve deposits while the server is killed and started anew, for so long."""
    dice, history, kills = random.Random(seed), History(seed), 0
    names = histories.deposits(bank, min(POOL, round(seconds * POOL / SECONDS)))
    desks = [bank.desk(connect_timeout=5.0) for _ in range(WRITERS)]
    over = threading.Event()

    def work(desk: Desk, share: list[str]) -> None:
        for name in share:
            while history.told.get(name, "Unreachable") == "Unreachable":
                if over.is_set():
                    return
                approve_one(desk, name, history)

    # A server dies with the thread that started it, so that this one kills it and starts it.
    with ThreadPoolExecutor(WRITERS) as pool:
        shares = [pool.submit(work, desk, names[n::WRITERS]) for n, desk in enumerate(desks)]
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end and wait(shares, dice.uniform(*PAUSES)).not_done:
                server.kill()
                server.launch()
                kills += 1
        finally:
            over.set()
        for share in shares:
            share.result()
    bank.engine.dispose()
    return history, kills


def _killed_clients(results: Results, servers: Servers, engine: str, folder: Path, seconds: float) -> None:
    """``kill -9`` of the program at random times; the next start decides what was left."""
    seed = histories.new_seed()
    url = servers[engine].create()
    bank = banks.make(url, folder)
    victim = Victim(bank)
    try:
        dice, kills, done, end = random.Random(seed), 0, 0, time.monotonic() + seconds
        names = histories.deposits(bank, POOL // 10)

        while time.monotonic() < end and kills * 20 < len(names):
            rounds = [(names[kills * 20 : kills * 20 + 20], dice.uniform(0, 5))]
            done = killed_clients(bank, victim, rounds, seed)
            kills += 1
    finally:
        victim.close()
        bank.close()
        servers[engine].drop(url)
    note = f"{kills} kills in {seconds:.0f} s, {done} operations done; seed {seed}"
    _zero(results, f"the program killed, {engine}: lost, doubled, without an entry or told wrongly", note)


def _zero(results: Results, name: str, note: str) -> None:
    """``check`` raises for anything else, with the seed."""
    results.add("faults", Figure(name, 0, "", 0, note=note))


def _told(seeds: list[int]) -> str:
    return ", ".join(map(str, seeds[:3])) + (f" and {len(seeds) - 3} more" if len(seeds) > 3 else "")
