"""The pictures of the README: the demo in a terminal, key by key, written as SVG into ``tests/pictures``."""

from __future__ import annotations

import re
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import psycopg
import pyte

from screens.cells import width
from tests.benchmarks.copies import prepare
from tests.benchmarks.terminal import Terminal
from tests.servers import Servers

FOLDER = Path(__file__).resolve().parents[1] / "pictures"
SIZE = (120, 36)
LINKER = ":at paymentlinker<enter>"
WALK = (
    ("overview", (), r"kyc-pending"),
    ("reviews", (":at trustsphere<enter>", "3", ":arm 30m OPS-7<enter>"), r"unclaimed"),
    ("", ("v", "<enter>"), r"entry 3 of the ledger"),
    ("", ("x", "<enter>"), r"entry 4 of the ledger"),
    ("ledger", ("9",), r"suspend"),
    ("list", ("1", LINKER), r"two-people"),
    ("record", ("<down>", "<enter>"), r"Verification"),
    ("fleet", ("1", LINKER, "6", "<down>" * 18, "l"), r"By region"),
    ("device", ("<down>", "<enter>"), r"made known"),
    ("fleet-plot", ("<esc>", "g", "<down>" * 10, "P"), r"battery"),
    ("audit", ("1", "5", "t"), r"unrated|INFO"),
    ("verify", ("v",), r"names no rule"),
    ("credentials", ("1", "4"), r"Live now"),
    ("who", ("1", ":who {person}<enter>"), r"multipass"),
    ("contain", ("1", ":contain {person}<enter>"), r"multipass"),
)
"""(name, keys, what is then on the screen) in the demo; without a name it is only walked through."""


CELL = (8.4, 17)
"""A cell's size in pixels."""
EDGE = 8
INK, GROUND = "#d0d0d0", "#101010"
FONTS = "DejaVu Sans Mono, Menlo, Consolas, monospace"
NAMED = {
    "black": GROUND, "red": "#f2685f", "green": "#79c36a", "brown": "#d9a441", "blue": "#2f5fb3", "magenta": "#c586c0",
    "cyan": "#56b6c2", "white": INK, "brightblack": "#808080", "brightred": "#ff8a80", "brightgreen": "#9be28d",
    "brightbrown": "#ffd479", "brightyellow": "#ffd479", "brightblue": "#7fa8f0", "brightmagenta": "#e0a6dc",
    "brightcyan": "#86dde6", "brightwhite": "#ffffff",
}  # fmt: skip
"""The sixteen colours of a terminal."""


@dataclass(frozen=True)
class Look:
    """What a run looks like."""

    colour: str = INK
    ground: str = GROUND
    bold: bool = False


def main(wanted: Sequence[str]) -> None:
    """Walk through the demo, and a server's locks; draw each stop, or those that are named."""
    FOLDER.mkdir(exist_ok=True)
    if not wanted or set(wanted) - {"database"}:
        _demo(wanted)
    if not wanted or "database" in wanted:
        _locks(wanted)


def _demo(wanted: Sequence[str]) -> None:
    """The four systems that are invented."""
    command = [sys.executable, "-m", "console", "demo"]
    with tempfile.TemporaryDirectory() as home, _terminal(command, home) as terminal:
        for name, keys, shown in WALK:
            for key in keys:
                terminal.send(key.format(person=_person(Path(home))))
                terminal.settle()
            _stop(terminal, name, shown, wanted)


def _terminal(command: Sequence[str], home: str) -> Terminal:
    columns, lines = SIZE
    return Terminal(command, env={"QUAESTOR_HOME": home}, columns=columns, lines=lines, quiet=0.8)


def _stop(terminal: Terminal, name: str, shown: str, wanted: Sequence[str]) -> None:
    terminal.wait(shown, limit=20)
    terminal.settle()
    if name and (not wanted or name in wanted):
        (FOLDER / f"{name}.svg").write_text(draw(terminal, name), encoding="utf-8")
        print(FOLDER.name, name)


def _person(home: Path) -> str:
    """Somebody with a pass, by the email address."""
    asked = (
        "SELECT min(p.email) FROM identity_profiles p JOIN hardware_passes h ON h.profile_id = p.id"
        " WHERE p.status = 'active' AND h.status = 'active' AND p.email LIKE 'a%@%'"
    )
    with closing(sqlite3.connect(f"file:{next(home.rglob('multipass.db'))}?mode=ro", uri=True)) as connection:
        return str(connection.execute(asked).fetchone()[0])


def _locks(wanted: Sequence[str]) -> None:
    """Three sessions on PostgreSQL, each waiting for the one before."""
    server = Servers()["postgresql"]
    url = server.create("paymentlinker")
    prepare(url, "paymentlinker", 5000).dispose()
    change = b"UPDATE devices SET current_task = 'audit' WHERE device_id_external = %s"
    sessions = [
        psycopg.connect(url.replace("+psycopg", ""), application_name=n) for n in ("batch", "api", "api")
    ]
    devices = [
        name for (name,) in sessions[0].execute("SELECT device_id_external FROM devices ORDER BY 1 LIMIT 2")
    ]
    for session, device in zip(sessions, devices, strict=False):
        session.execute(change, [device])
    for session, device in zip(sessions[1:], devices, strict=True):
        threading.Thread(target=_waiting, args=(session, change, device), daemon=True).start()
    command = [sys.executable, "-m", "console", "open", f"paymentlinker+{url}"]
    with tempfile.TemporaryDirectory() as home, _terminal(command, home) as terminal:
        terminal.wait(r"decision")
        terminal.settle()
        for key in ("7", "<tab>", "<tab>", "<tab>"):
            terminal.send(key)
            terminal.settle()
        _stop(terminal, "database", r"(?s)└─ .*└─ .*devices", wanted)


def _waiting(session: psycopg.Connection, change: bytes, device: str) -> None:
    """Wait for a lock until the server ends."""
    with suppress(psycopg.Error):
        session.execute(change, [device])


def draw(terminal: Terminal, title: str) -> str:
    """The screen as SVG: a text for each run of one look, without fonts from elsewhere."""
    columns, lines = terminal.screen.columns, terminal.screen.lines
    looks: dict[str, str] = {}
    made = [piece for y in range(lines) for run in runs(terminal, y) for piece in pieces(run, y, looks)]
    rules = "".join(f".{name}{{{rule}}}" for rule, name in looks.items())
    width, height = columns * CELL[0] + 2 * EDGE, lines * CELL[1] + 2 * EDGE
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">',
            f"<title>quaestor – {title}</title>",
            f"<style>{rules}</style>",
            f'<rect width="{width:g}" height="{height:g}" rx="6" fill="{GROUND}"/>',
            f'<g transform="translate({EDGE} {EDGE})" font-size="14" font-family="{FONTS}">',
            *made,
            "</g>",
            "</svg>",
            "",
        ]
    )


def runs(terminal: Terminal, y: int) -> Iterator[tuple[int, str, Look]]:
    """(column, text, look) of a line, where the look changes; a wide character stands alone."""
    row = terminal.screen.buffer[y]
    column, text, look = 0, "", Look()
    for x in range(terminal.screen.columns):
        char = row[x]
        wide = width(char.data) == 2
        if (now := look_of(char)) != look or wide or (text and width(text[-1:]) == 2):
            if text:
                yield column, text, look
            column, text, look = x, "", now
        text += char.data
    if text:
        yield column, text, look


def pieces(run: tuple[int, str, Look], y: int, looks: dict[str, str]) -> Iterator[str]:
    """A run's ground and its words."""
    column, text, look = run
    x, cells = column * CELL[0], width(text)
    if look.ground != GROUND:
        yield (
            f'<rect x="{x:g}" y="{y * CELL[1]}" width="{cells * CELL[0]:g}" height="{CELL[1]}" fill="{look.ground}"/>'
        )
    rule = f"fill:{look.colour}" + (";font-weight:bold" if look.bold else "")
    for words in re.finditer(r"\S+(?: \S+)*", text):
        name = looks.setdefault(rule, f"c{len(looks)}")
        x = (column + width(text[: words.start()])) * CELL[0]
        length = f"{width(words[0]) * CELL[0]:g}"
        yield (
            f'<text class="{name}" x="{x:g}" y="{y * CELL[1] + 13}" textLength="{length}">{escape(words[0])}</text>'
        )


def look_of(char: pyte.screens.Char) -> Look:
    """The emulator's attributes."""
    colour, ground = _colour(char.fg, INK), _colour(char.bg, GROUND)
    return Look(*((ground, colour) if char.reverse else (colour, ground)), char.bold)


def _colour(value: str, default: str) -> str:
    if value == "default":
        return default
    return f"#{value}" if re.fullmatch(r"[0-9a-f]{6}", value) else NAMED.get(value, default)


if __name__ == "__main__":
    main(sys.argv[1:])
