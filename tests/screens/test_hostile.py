"""Hostile text on a real pty: no control byte of data gets out, nothing acts, nothing crashes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from sqlalchemy import insert

from db.engine import make_engine
from db.model import Profile
from db.registry import system
from tests.benchmarks.terminal import Terminal
from tests.screens.desks import NEWEST
from tests.screens.hostile import STRINGS

OURS = re.compile(
    rb"\x1b\[\??[0-9;]*[A-HJKLMPSTXfghlmnrsu]"  # cursor, erasing, looks, modes, scroll region
    rb"|\x1b\[[<>=]?[0-9;]*[uc]|\x1b\[\?[0-9]+\$p"  # what a terminal is asked
    rb"|\x1b\]22;[a-z]*\x07|\x1b\[>[0-9;]*q"  # the pointer's shape
)
"""Everything that the program itself sends."""

SPEAKING = (
    b"\x1b[31mred",
    b"\x1b]0;",
    b"\x1b]52;",
    b"\x1b]8;",
    b"\x1bP",
    b"\x1b_",
    b"\x1b^",
    b"\x1bc",
    b"\x07\x07",
)
"""Beginnings of what only data would send."""


def assert_tame(seen: bytes) -> None:
    """Behind our own sequences no control character is left, of either kind, and no invisible one."""
    for spoken in SPEAKING:
        assert spoken not in seen
    text = OURS.sub(b"", seen).decode()
    left = {char for char in text if not char.isprintable()} - {"\r", "\n"}
    assert not left, ascii("".join(sorted(left)))


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """TrustSphere with a hostile string in every text column of every row."""
    folder = tmp_path_factory.mktemp("victim")
    path = folder / "trustsphere.db"
    path.touch()
    engine = make_engine(Profile("victim", f"sqlite:///{path}"), read_only=False)
    of = system("trustsphere")
    of.metadata.create_all(engine)
    texts = [text.encode("utf-8", "replace").decode() for text in STRINGS]
    logs = of.by_name["audit_logs"].table
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.execute(insert(logs), [_row(logs, n, text) for n, text in enumerate(texts)])
        users = of.by_name["users"].table
        connection.execute(insert(users), [_row(users, n, text) for n, text in enumerate(texts)])
    engine.dispose()
    return path


def _row(table: object, n: int, text: str) -> dict[str, object]:
    row: dict[str, object] = {}
    for column in table.columns:  # type: ignore[attr-defined] # a SQLAlchemy table
        kind = column.type.__class__.__name__
        if column.primary_key or column.name == "email":
            row[column.name] = f"{n:04}-{text}"[:200]
        elif kind in ("String", "Text", "Status", "Inet"):
            row[column.name] = text
        elif kind == "Time":
            row[column.name] = NEWEST
        elif kind == "Boolean":
            row[column.name] = False
        else:
            row[column.name] = n
    return row


@pytest.mark.parametrize("entity", ["audit_logs", "users"])
def test_no_control_byte_of_data_leaves_the_console(victim: Path, tmp_path: Path, entity: str) -> None:
    command = [sys.executable, "-m", "console", "open", f"trustsphere+sqlite:///{victim}", "--at", entity]
    with Terminal(command, env={"QUAESTOR_HOME": str(tmp_path)}) as terminal:
        terminal.wait(rf"of {len(STRINGS)}")
        for keys in (
            "<pgdn>" * 8,
            "Wllllll",
            "W",
            "g",
            "d",
            "jjjjjjjj",
            "d",
            "/",
            "x\x1b[31m<esc>",
            ":",
            "<esc>",
        ):
            terminal.press(keys)
        for _ in range(12):
            terminal.press("\r")
            terminal.press("<pgdn>")
            terminal.press("q")
            terminal.press("jjjjjjjjjjjjjjjjjj")
        terminal.press("y")
        assert not terminal.ended
        terminal.send("\x11")
        while terminal.read(5.0) is not None:
            pass
        assert "incident" not in terminal.text
        copied = re.findall(rb"\x1b\]52;c;[A-Za-z0-9+/=]*\x07", terminal.seen)
        assert_tame(re.sub(rb"\x1b\]52;c;[A-Za-z0-9+/=]*\x07", b"", terminal.seen))
        assert len(copied) == 1


@pytest.mark.parametrize("way", ["textual", "painter"])
def test_behind_the_walls_a_mistake_does_no_harm(way: str) -> None:
    with Terminal([sys.executable, "-m", "tests.screens.walled", way]) as terminal:
        terminal.wait("click me")
        terminal.settle()
        assert b"linked.invalid" not in terminal.seen
        assert_tame(terminal.seen)
        for y, line in enumerate(terminal.text.splitlines(), 1):
            for words in ("press me", "click me"):
                if words in line:
                    x = line.index(words) + 3
                    terminal.send(f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m")
                    terminal.settle()
        assert not terminal.ended
