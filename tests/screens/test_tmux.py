"""A walk through the console in tmux, on a terminal of eight colours and their bright ones, as it is recorded there."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens import golden
from tests.screens.desks import make, still

SIZES = [(80, 24), (120, 40)]
WALK = (
    ("systems", ("@",), r"(?s)Systems.*paymentlinker.*finpass"),
    ("chosen", ("Enter",), r"^ \w+  all.*1 of"),
    ("list", (":applications", "Enter"), r"1 of 60"),
    ("filter", ("/status=decl", "Tab"), r"/status=declined$"),
    ("filtered", ("Enter",), r"/status=declined +1 of 17"),
    ("marked", ("j", "Space"), r"● 1 marked +3 of 17"),
    ("record", ("Enter",), r"requested limit"),
    ("help", ("?",), r"type to search"),
    ("closed", ("Escape",), r"(?s)requested limit(?!.*type to search)"),
    ("back", ("[",), r"● 1 marked +3 of 17"),
    ("other", (":at finpass", "Enter"), r"^ users +all.*1 of 40"),
    ("refused", (":nonsense", "Enter"), r"There is no command 'nonsense'"),
)
"""What is pressed, and what stands there then."""
_COLOURS = re.compile(r"\x1b\[([\d;]*)m")


class Tmux:
    """A tmux server of its own with one pane, and the console in it."""

    def __init__(self, folder: Path, size: tuple[int, int], command: list[str]) -> None:
        self._socket = str(folder / "socket")
        self._do(
            *("-f", "/dev/null", "new-session", "-d", "-x", str(size[0]), "-y", str(size[1])),
            *("env", "-u", "COLORTERM", f"QUAESTOR_HOME={folder}", "TERM=screen", *command),
        )

    def _do(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *words], capture_output=True, text=True, check=True, encoding="utf-8"
        )
        return done.stdout

    def press(self, *keys: str) -> None:
        """Press keys: tmux's names, or text."""
        self._do("send-keys", *keys)

    def wait(self, pattern: str, seconds: float = 30.0) -> str:
        """The pane, once the pattern is in it and it stands still."""
        end, pause, text = time.monotonic() + seconds, threading.Event(), ""
        while time.monotonic() < end:
            before, text = text, re.sub(r"\A( \w+).*", r"\1 …", self._do("capture-pane", "-p"))
            if text == before and re.search(pattern, text, re.M):
                return text
            pause.wait(0.1)
        raise AssertionError(text)

    def resize(self, columns: int, lines: int) -> None:
        """Make the window smaller or larger."""
        self._do("resize-window", "-x", str(columns), "-y", str(lines))

    def colours(self) -> set[str]:
        """The parameters of what is shown."""
        return {
            part for codes in _COLOURS.findall(self._do("capture-pane", "-pe")) for part in codes.split(";")
        }

    def end(self) -> None:
        """End the server."""
        self._do("kill-server")


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}")
def tmux(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Tmux, int]]:
    """Two systems, open in tmux."""
    urls = [f"{name}+{make(tmp_path, name).url}" for name in ("paymentlinker", "finpass")]
    command = [sys.executable, "-m", "console", "open", *urls, "--at", "overview"]
    made = Tmux(tmp_path, request.param, command)
    yield made, request.param[0]
    made.end()


def test_a_walk_is_as_it_was_recorded(tmux: tuple[Tmux, int]) -> None:
    terminal, columns = tmux
    terminal.wait(r"(?s)Payment Linker.*FinPass")
    for name, keys, pattern in WALK:
        for key in keys:
            terminal.press(key)
        golden.check(f"tmux-{name}-{columns}", still(terminal.wait(pattern)))
        assert not {"38", "48"} & terminal.colours()


SMALL = r"\A60×16 at least, please; this is 50×12\.\n*\Z"
RESIZED: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("list", (":at finpass", "Enter"), r"^ users +all.*1 of 40"),
    ("typed", (":nonsense", "Enter"), r"There is no command 'nonsense'"),
)
"""What stands there while the window becomes smaller and larger."""


def test_every_size_is_painted_right(tmux: tuple[Tmux, int]) -> None:
    terminal, columns = tmux
    terminal.wait(r"(?s)Payment Linker.*FinPass")
    first = next(size for size in SIZES if size[0] == columns)
    for _, keys, pattern in RESIZED:
        for key in keys:
            terminal.press(key)
        before = painted = still(terminal.wait(pattern))
        for size in ((50, 12), (120, 40), first):
            terminal.resize(*size)
            shown = terminal.wait(SMALL if size == (50, 12) else pattern)
            assert len(shown.splitlines()) == size[1]
            painted = still(shown)
            terminal.press("C-l")
            assert still(terminal.wait(SMALL if size == (50, 12) else pattern)) == painted
        assert painted == before
