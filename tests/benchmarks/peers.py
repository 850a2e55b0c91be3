"""What operators use today, on the same rows in the same run: psql with less, harlequin, sqlit."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.engine import URL

from tests.benchmarks.results import Figure, Results
from tests.benchmarks.terminal import Answer, Terminal

HOME = Path(__file__).resolve().parents[2] / ".cache" / "peers"
"""Each has an environment of its own: they want different releases of the same libraries."""
WANTED = {"harlequin": "harlequin[postgres]", "sqlit": "sqlit-tui[postgres]"}
RUNS = 3


def install() -> None:
    """Put each peer into its environment, once."""
    for name, wanted in WANTED.items():
        if _program(name).exists():
            continue
        place = HOME / name
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        subprocess.run(
            [str(place / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", wanted],
            check=True,
        )


def _program(name: str) -> Path:
    return HOME / name / "bin" / name


def measure(results: Results, url: URL, table: str, newest: str, ours: Mapping[str, float]) -> None:
    """Each peer's figures, and ours as a share of theirs."""
    install()
    query = f"SELECT * FROM {table} ORDER BY event_timestamp DESC, id DESC LIMIT 50"
    found = {"psql | less": _psql(results, url, query, newest)}
    for name, run in (("harlequin", _harlequin), ("sqlit", _sqlit)):
        found[name] = run(results, url, query, newest)
        share, least = (ours[what] / found[name]["open"] for what in ("open", "least"))
        told = f"the smallest Textual program that reads it: {least:.2f} ×"
        results.add("screens", Figure(f"quaestor ÷ {name}: exec → newest rows", share, "×", 1 / 3, note=told))


def _figures(results: Results, name: str, measured: Mapping[str, tuple[float, str]]) -> dict[str, float]:
    for what, (value, unit) in measured.items():
        results.add("screens", Figure(f"{name}: {what}", value, unit))
    return {what: value for what, (value, _) in measured.items()}


def _psql(results: Results, url: URL, query: str, newest: str) -> dict[str, float]:
    if shutil.which("psql") is None:
        raise FileNotFoundError("psql is missing: install postgresql-client")
    command = [
        "psql",
        "-X",
        "-P",
        "pager=always",
        "-d",
        url.set(drivername="postgresql").render_as_string(False),
        "-c",
        query,
    ]
    opened = []
    for _ in range(RUNS):
        with Terminal(command, env={"PAGER": "less -S"}) as terminal:
            opened.append(terminal.wait(newest))
    with Terminal(command, env={"PAGER": "less -S"}) as terminal:
        terminal.wait(newest)
        terminal.settle()
        down, page = terminal.press("<down>"), terminal.press(" ")
        return _figures(results, "psql | less", {
            "open": (statistics.median(opened), "ms"), "cursor down": (down.settled, "ms"),
            "cursor down, bytes": (down.size, "B"), "page down": (page.settled, "ms"), "page down, bytes": (page.size, "B"),
            "peak memory": (terminal.peak / 2**20, "MB"),
        })  # fmt: skip


def _harlequin(results: Results, url: URL, query: str, newest: str) -> dict[str, float]:
    connection = url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [str(_program("harlequin")), "-a", "postgres", connection]
    return _textual(
        results, "harlequin", command, "Database Connected", ("<f2>", query), "<ctrl+j>", "", newest
    )


def _sqlit(results: Results, url: URL, query: str, newest: str) -> dict[str, float]:
    command = [
        str(_program("sqlit")), "connect", "postgresql", "--server", str(url.host), "--port", str(url.port),
        "--database", str(url.database), "--username", str(url.username), "--password", "x",
    ]  # fmt: skip
    return _textual(
        results, "sqlit", command, "Connected to", ("q", "i", query, "<esc>", "<esc>"), "<enter>", "r", newest
    )


def _textual(
    results: Results,
    name: str,
    command: list[str],
    ready: str,
    typed: tuple[str, ...],
    run: str,
    focus: str,
    newest: str,
) -> dict[str, float]:
    """A program with an editor: start, type the query, run it, walk through the rows; typing does not count."""
    opened, peak = [], 0
    down = page = Answer(0, 0, 0)
    for _ in range(RUNS):
        with (
            tempfile.TemporaryDirectory() as home,
            Terminal(command, env={"HOME": home, "XDG_CONFIG_HOME": home}) as terminal,
        ):
            usable = terminal.wait(ready)
            for keys in typed:
                terminal.settle()
                terminal.send(keys)
            terminal.settle()
            terminal.send(run)
            terminal.wait(newest)
            opened.append(usable + terminal.settle())
            if focus:
                terminal.press(focus)
            terminal.press("<down>")
            down, page = terminal.press("<down>"), terminal.press("<pgdn>")
            peak = terminal.peak
    return _figures(results, name, {
        "open": (statistics.median(opened), "ms"), "cursor down": (down.settled, "ms"),
        "cursor down, bytes": (down.size, "B"), "page down": (page.settled, "ms"),
        "page down, bytes": (page.size, "B"), "peak memory": (peak / 2**20, "MB"),
    })  # fmt: skip
