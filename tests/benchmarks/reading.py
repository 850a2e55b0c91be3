"""What a page costs: time on small and large tables, processor time of the client, round trips, a slow link."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from sqlalchemy.engine import make_url

from db import read
from db.engine import connect
from db.model import Page, Profile, Query
from db.session import Session
from tests.benchmarks.large import multiply, prepare
from tests.benchmarks.link import Link
from tests.benchmarks.results import Figure, Results
from tests.servers import Servers

CASES = (("paymentlinker", "postgresql", "audit_logs"), ("trustsphere", "mariadb", "audit_logs"))
SMALL = 10_000


def measure(results: Results, servers: Servers, rows: int) -> None:
    """Each engine, with a small table and a large one."""
    for system, kind, table in CASES:
        url = servers[kind].create()
        engine = prepare(url, system, SMALL)
        session = connect(Profile(name=system, url=url, system=system))
        query = Query(session.entity(table), session.entity(table).views[0])
        small = _pages(session, query)
        large_rows = rows if kind == "postgresql" else rows // 10
        multiply(engine, table, large_rows)
        large = _pages(session, query)
        title = f"{system} on {kind}"
        results.add("reading", Figure(f"{title}: page of 50, {SMALL:.0e} rows", small * 1e3, "ms"))
        results.add("reading", Figure(f"{title}: page of 50, {large_rows:.0e} rows", large * 1e3, "ms"))
        results.add("reading", Figure(f"{title}: large ÷ small", large / small, "×", 1.1))
        for name, call in _ends(session, query).items():
            results.add(
                "reading",
                Figure(f"{title}: {name} page, {large_rows:.0e} rows", _median(call) * 1e3, "ms", 30),
            )
        results.add(
            "reading", Figure(f"{title}: client CPU a page of 50 × 10", _cpu(session, query) * 1e3, "ms", 2)
        )
        _slow_link(results, title, url, system, table)
        session.close()
        engine.dispose()
        servers[kind].drop(url)


def _median(call: Callable[[], object], times: int = 31) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _pages(session: Session, query: Query) -> float:
    """The median of thirty pages in a row, seconds."""
    page: list[Page] = [read.page(session, query)]

    def turn() -> None:
        page[0] = read.page(session, query, after=page[0].rows[-1].position)

    return _median(turn)


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


def _slow_link(results: Results, title: str, url: str, system: str, table: str) -> None:
    """A link of 20 ms there and back: what a page takes says how many round trips it is."""
    target = make_url(url)
    with Link((target.host or "127.0.0.1", int(target.port or 0)), delay=0.010) as link:
        slow = target.set(port=link.port).render_as_string(hide_password=False)
        session = connect(Profile(name=system, url=slow, system=system))
        query = Query(session.entity(table), session.entity(table).views[0])
        took = _pages(session, query)
        session.close()
    results.add(
        "reading", Figure(f"{title}: page over a link of 20 ms", took * 1e3, "ms", 30, note="one round trip")
    )
