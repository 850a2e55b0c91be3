"""What a page costs: time on small and large tables, processor time of the client, round trips, a slow link."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.engine import make_url

from db import read
from db.engine import connect
from db.model import Page, Profile, Query
from db.session import Session
from tests.benchmarks.copies import multiply, newest, prepare
from tests.benchmarks.link import Link
from tests.benchmarks.results import Figure, Results
from tests.servers import Servers

TABLE = "audit_logs"
CASES = (
    ("paymentlinker", "postgresql", "event_timestamp"),
    ("trustsphere", "mariadb", "timestamp"),
    ("trustsphere", "mysql", "timestamp"),
    ("trustsphere", "sqlite", "timestamp"),
)
SMALL = 10_000
TURNS = 300


def measure(results: Results, servers: Servers, rows: int) -> None:
    """Each engine, with a small table and a large one, read in turns."""
    for system, kind, order in CASES:
        with tempfile.TemporaryDirectory() as folder:
            urls = [
                f"sqlite:///{Path(folder) / f'{size}.db'}" if kind == "sqlite" else servers[kind].create()
                for size in (SMALL, rows)
            ]
            _fill(urls, system, order, rows)
            _engine(results, f"{system} on {kind}", system, urls, rows)
            if kind != "sqlite":
                _slow_link(results, f"{system} on {kind}", urls[1], system)
                for url in urls:
                    servers[kind].drop(url)


def _fill(urls: list[str], system: str, order: str, rows: int) -> None:
    """A large table, and a small one of its newest rows."""
    small, large = (prepare(url, system, SMALL) for url in urls)
    multiply(large, TABLE, rows)
    newest(large, small, TABLE, order, SMALL)
    small.dispose()
    large.dispose()


def _engine(results: Results, title: str, system: str, urls: list[str], rows: int) -> None:
    def add(name: str, seconds: float, promise: float | None = None) -> None:
        results.add("reading", Figure(f"{title}: {name}", seconds * 1e3, "ms", promise))

    sessions = [connect(Profile(name=system, url=url, system=system)) for url in urls]
    small, large = _pages(sessions)
    session = sessions[1]
    query = _newest(session)
    add(f"page of 50, {SMALL:.0e} rows", small)
    add(f"page of 50, {rows:.0e} rows", large)
    results.add("reading", Figure(f"{title}: large ÷ small", large / small, "×", 1.1))
    for name, call in _ends(session, query).items():
        add(f"{name} page, {rows:.0e} rows", _median(call), 30)
    add("client CPU a page of 50 × 10", _cpu(session, query), 2)
    for session in sessions:
        session.close()


def _newest(session: Session) -> Query:
    entity = session.entity(TABLE)
    return Query(entity, entity.views[0])


def _median(call: Callable[[], object], times: int = 31) -> float:
    return statistics.median(_took(call) for _ in range(times))


def _took(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _pages(sessions: list[Session], turns: int = TURNS) -> list[float]:
    """The median of pages one after the other, seconds, of each session; they take turns, so that noise meets them alike."""
    turners = [_turner(session) for session in sessions]
    took = [[_took(turn) for turn in turners] for _ in range(turns)]
    return [statistics.median(column) for column in zip(*took, strict=True)]


def _turner(session: Session) -> Callable[[], None]:
    """Reads the next page, and the first again after 100."""
    query, turned = _newest(session), 0
    page: Page | None = None

    def turn() -> None:
        nonlocal page, turned
        after = page.rows[-1].position if page is not None and turned % 100 else None
        page = read.page(session, query, after=after)
        turned += 1

    return turn


def _ends(session: Session, query: Query) -> dict[str, Callable[[], object]]:
    last = read.page(session, query, end=True)
    return {
        "first": lambda: read.page(session, query),
        "last": lambda: read.page(session, query, end=True),
        "one before the last": lambda: read.page(session, query, before=last.rows[0].position),
    }


def _cpu(session: Session, query: Query) -> float:
    wide = Query(query.entity, query.view, columns=tuple(column.name for column in query.entity.columns[:10]))
    page = read.page(session, wide)
    began = time.process_time()
    for _ in range(40):
        page = read.page(session, wide, after=page.rows[-1].position)
    return (time.process_time() - began) / 40


def _slow_link(results: Results, title: str, url: str, system: str) -> None:
    """A link of 20 ms there and back: what a page takes says how many round trips it is."""
    target = make_url(url)
    with Link((target.host or "127.0.0.1", int(target.port or 0)), delay=0.010) as link:
        slow = target.set(port=link.port).render_as_string(hide_password=False)
        session = connect(Profile(name=system, url=slow, system=system))
        (took,) = _pages([session], 31)
        session.close()
    results.add(
        "reading", Figure(f"{title}: page over a link of 20 ms", took * 1e3, "ms", 30, note="one round trip")
    )
