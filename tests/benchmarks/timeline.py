"""Four audit trails of a million rows on one line of time: the first screen, pages at both ends, memory, the rate."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Iterator

from db.engine import connect
from db.model import Page, Profile, Query
from db.timeline import Timeline, query
from tests.benchmarks.copies import multiply, prepare
from tests.benchmarks.results import Figure, Results
from tests.servers import Servers

ROWS = 1_000_000
TRAILS = (
    ("trustsphere", "mariadb", "audit_logs"),
    ("paymentlinker", "postgresql", "audit_logs"),
    ("finpass", "postgresql", "audit_events"),
    ("multipass", "postgresql", "application_events"),
)
SCREEN, PAGES, TIMES = 57, 200, 7
"""Rows of a first screen at 120×40, pages that are walked, first screens that are tried."""
Walk = Callable[[Page], dict[str, object]]


def measure(results: Results, servers: Servers, rows: int) -> None:
    """One database a system, each on the engine that it has in production."""
    urls = [(engine, servers[engine].create()) for _, engine, _ in TRAILS]
    sessions = []
    for (system, _, table), (_, url) in zip(TRAILS, urls, strict=True):
        engine = prepare(url, system)
        multiply(engine, table, min(rows, ROWS))
        engine.dispose()
        sessions.append(connect(Profile(system, url, system)))
    note = f"{min(rows, ROWS):,} rows in each of four trails".replace(",", " ")
    first = []
    for _ in range(TIMES):
        line = Timeline(sessions)
        began = time.perf_counter()
        line.page(query(), limit=SCREEN)
        first.append((time.perf_counter() - began) * 1e3)
        line.close()
    results.add("timeline", Figure("first screen, the first time", first[0], "ms", 200, note=note))
    results.add("timeline", Figure("first screen, median", statistics.median(first), "ms", 200))
    line = Timeline(sessions)
    _walks(results, line)
    _others(results, line)
    line.close()
    for session in sessions:
        session.close()
    for engine_name, url in urls:
        servers[engine_name].drop(url)


def _walks(results: Results, line: Timeline) -> None:
    """Pages from the newest, and from the oldest: the same, and no more memory however far one goes."""
    walks = (
        _walk(line, query(), {}, lambda page: {"after": page.rows[-1].position}),
        _walk(line, query(), {"end": True}, lambda page: {"before": page.rows[0].position}),
    )
    for walk in walks:
        next(walk)  # the first page of each compiles its statements
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # By turns, so that what else runs on the machine slows both.
    took = [(next(walks[0]), next(walks[1])) for _ in range(PAGES)]
    newest, oldest = (statistics.median(times) for times in zip(*took, strict=True))
    results.add("timeline", Figure("a page of 50 at the newest end, median", newest, "ms", 30))
    results.add("timeline", Figure("a page of 50 at the oldest end, median", oldest, "ms", 30))
    results.add(
        "timeline", Figure("the slower end ÷ the other", max(newest, oldest) / min(newest, oldest), "×", 1.5)
    )
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    results.add("timeline", Figure(f"peak memory grown over {PAGES} more pages", grown, "MB", 5))


def _walk(line: Timeline, asked: Query, place: dict[str, object], step: Walk) -> Iterator[float]:
    """The milliseconds of each page, one after another."""
    while True:
        began = time.perf_counter()
        page = line.page(asked, limit=50, **place)  # type: ignore[arg-type] # after, before or end
        yield (time.perf_counter() - began) * 1e3
        assert not page.gaps
        place = step(page)


def _others(results: Results, line: Timeline) -> None:
    """What is asked beside pages; nothing is promised of it but an end."""
    for name, asked in (("of a day", "-1d.."), ("of 30 days", "-30d..")):
        began = time.perf_counter()
        found = line.rate(query(asked), 100)
        counted = sum(map(sum, found.counts.values()))
        gaps = f", without {len(found.gaps)} sources" if found.gaps else ""
        took = (time.perf_counter() - began) * 1e3
        results.add(
            "timeline", Figure(f"rate {name}", took, "ms", 3_500, note=f"{counted} rows counted{gaps}")
        )
    for name in ("failed-sign-ins", "two-places", "night-changes", "masked-reads"):
        began = time.perf_counter()
        line.page(query(name=name), limit=SCREEN)
        results.add(
            "timeline", Figure(f"pattern {name}, last day", (time.perf_counter() - began) * 1e3, "ms")
        )
