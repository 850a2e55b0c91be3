"""What an operator feels: start, keys, scrolling, both ends of a large table, memory, idleness; and the peers' figures.

Everything is measured in one run on one database, each program in a terminal of 120 × 40.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from tests.benchmarks import peers
from tests.benchmarks.copies import multiply, prepare
from tests.benchmarks.results import Figure, Results
from tests.benchmarks.terminal import Answer, Terminal
from tests.servers import Servers

SMALLEST = [sys.executable, str(Path(__file__).with_name("smallest.py"))]
FLOOR = [sys.executable, str(Path(__file__).with_name("floor.py"))]
RUNS = 9
"""Starts of each program; those that are compared take turns, so that noise meets them alike."""
CASES = (("paymentlinker", "postgresql", "audit_logs", 1), ("trustsphere", "mariadb", "audit_logs", 10))


def measure(results: Results, servers: Servers, rows: int) -> None:
    """The program on each engine, then the peers on PostgreSQL."""
    for system, kind, table, less in CASES:
        url = servers[kind].create()
        engine = prepare(url, system)
        multiply(engine, table, rows // less)
        with engine.connect() as connection:
            order = "event_timestamp" if system == "paymentlinker" else "timestamp"
            column = "event_type" if system == "paymentlinker" else "action"
            newest, first = connection.execute(
                text(f"SELECT {column}, id FROM {table} ORDER BY {order} DESC, id DESC LIMIT 1")
            ).one()
        query = f"SELECT {column}, {table}.* FROM {table} ORDER BY {order} DESC, id DESC LIMIT 50"
        title = f"{system} on {kind}, {rows // less:.0e} rows"
        ours = _program(results, title, kind, [url, f"{system}+{url}", table, query], str(newest)[:9])
        if kind == "postgresql":
            peers.measure(results, make_url(url), table, str(first)[:8], ours)
        engine.dispose()
        servers[kind].drop(url)


def _first_frame(command: Sequence[str], words: str, env: dict[str, str] | None = None) -> float:
    with Terminal(command, env=env) as terminal:
        return terminal.wait(words)


def _rows(command: Sequence[str], words: str, env: dict[str, str] | None = None) -> float:
    with Terminal(command, env=env) as terminal:
        terminal.wait(words)
        return terminal.settle()


def _program(results: Results, title: str, kind: str, target: list[str], newest: str) -> dict[str, float]:
    """Every figure of the table *Speed*; gives those that the peers are compared with."""

    def add(name: str, value: float, unit: str, promise: float | None = None) -> float:
        results.add("screens", Figure(f"{title}: {name}", value, unit, promise))
        return value

    url, named, table, query = target
    with tempfile.TemporaryDirectory() as home:
        env = {"QUAESTOR_HOME": home}
        command = [sys.executable, "-m", "console", "open", named, "--at", table]
        starts = [
            (
                _first_frame(SMALLEST, "ready"),
                _first_frame(command, r"\S", env),
                _rows([*FLOOR, url, query], newest),
                _rows(command, newest, env),
            )
            for _ in range(RUNS + 1)
        ][1:]  # the first has everything to compile
        floor, frame, least, open_ = (statistics.median(column) for column in zip(*starts, strict=True))
        results.add(
            "screens",
            Figure(f"smallest Textual program, beside {kind}: exec → first frame", floor, "ms"),
        )
        add("exec → first frame", frame, "ms", floor * 1.2)
        results.add(
            "screens", Figure(f"smallest Textual program that reads {kind}: exec → rows", least, "ms")
        )
        add("exec → newest rows on screen, settled", open_, "ms", least * 1.2)
        with Terminal(command, env=env) as terminal:
            terminal.wait(newest)
            terminal.settle()
            down = _answers(terminal, "<down>", 12)
            add("cursor down → settled", down.settled, "ms", 3)
            add("cursor down, bytes", down.size, "B", 200)
            terminal.press("<down>", 25)
            edge = _answers(terminal, "<down>", 20)
            add("a line scrolled at the edge", edge.settled, "ms", 5)
            add("a line scrolled, bytes", edge.size, "B", 600)
            page = _answers(terminal, "<pgdn>", 20)
            add("page down, fetched ahead", page.settled, "ms", 8)
            add("page down, bytes", page.size, "B", 5_000)
            last = statistics.median(_there_and_back(terminal) for _ in range(7))
            add("first ⇄ last row (g, G)", last, "ms", 30)
            held = terminal.press("<down>", 200)
            add("200 downs at once, each", held.settled / 200, "ms", 2)
            cpu, size, began = terminal.cpu(), terminal.size, time.perf_counter()
            while time.perf_counter() < began + 10:
                terminal.read(0.5)
            add("idle, bytes a second", (terminal.size - size) / 10, "B/s", 100)
            add("idle, share of a core", (terminal.cpu() - cpu) * 10, "%", 1)
            for _ in range(300):
                terminal.send("<pgdn>")
                terminal.read(0.05)
            terminal.settle()
            add("peak memory after 300 pages", terminal.peak / 2**20, "MB", 85)
        return {"least": least, "open": open_, "down": down.settled, "page": page.settled}


def _answers(terminal: Terminal, keys: str, times: int) -> Answer:
    answers = [terminal.press(keys) for _ in range(times)]
    return Answer(
        statistics.median(a.first for a in answers),
        statistics.median(a.settled for a in answers),
        round(statistics.median(a.size for a in answers)),
    )


def _there_and_back(terminal: Terminal) -> float:
    """The slower of going to the last row and back to the first."""
    return max(terminal.press("G").settled, terminal.press("g").settled)
