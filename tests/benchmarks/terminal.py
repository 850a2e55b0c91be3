"""A program in a pseudo-terminal, seen through an emulator: when its answer came, and how many bytes it was."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil
import pyte

KEYS = {
    "enter": "\r", "esc": "\x1b", "tab": "\t", "down": "\x1b[B", "up": "\x1b[A", "right": "\x1b[C", "left": "\x1b[D",
    "pgdn": "\x1b[6~", "pgup": "\x1b[5~", "home": "\x1b[H", "end": "\x1b[F", "ctrl+q": "\x11", "ctrl+c": "\x03",
    "ctrl+d": "\x04", "ctrl+p": "\x10", "space": " ", "backspace": "\x7f", "ctrl+j": "\n", "ctrl+e": "\x05", "f2": "\x1bOQ",
}  # fmt: skip
_NOT_HERE = frozenset({"LINES", "COLUMNS", "TMUX", "NO_COLOR", "PYTHONDONTWRITEBYTECODE"})
"""Variables that a program in the terminal does not get; by the last one it would be compiled at each start."""
_QUERY = re.compile(
    rb"\x1b\[\?(\d+)\$p|\x1b\[(>?)0?c|\x1b\[6n|\x1b\]1([01]);\?(?:\x07|\x1b\\)|\x1b\[\?u|\x1b\[>0?q"
)
_FOREIGN = re.compile(
    r"\x1b\[[<=>?][0-9:;]*[ -/]*[a-gi-km-zA-Z](?<![hl])|\x1b\[[0-9;]*\$p|\x1b[P^_].*?\x1b\\", re.S
)


@dataclass(frozen=True)
class Answer:
    """What followed a key."""

    first: float
    """Milliseconds to the first byte."""
    settled: float
    """Milliseconds to the last byte, before a stretch without any."""
    size: int
    """Bytes."""


class Screen(pyte.Screen):
    """pyte's screen with scrolling up and down (SU, SD), which it lacks."""

    def scroll(self, lines: int, up: bool) -> None:
        """Move what is within the margins."""
        top, bottom = self.margins or (0, self.lines - 1)
        y, x = self.cursor.y, self.cursor.x
        self.cursor.y = bottom if up else top
        for _ in range(lines or 1):
            (self.index if up else self.reverse_index)()
        self.cursor.y, self.cursor.x = y, x

    def scroll_up(self, lines: int = 1) -> None:
        """SU."""
        self.scroll(lines, True)

    def scroll_down(self, lines: int = 1) -> None:
        """SD."""
        self.scroll(lines, False)


class Stream(pyte.Stream):
    """pyte's parser with SU and SD."""

    csi = {**pyte.Stream.csi, "S": "scroll_up", "T": "scroll_down"}
    events = pyte.Stream.events | {"scroll_up", "scroll_down"}


class Terminal:
    """A program in a terminal of its own; times are taken when bytes are read, the emulator is fed afterwards."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        lines: int = 40,
        env: Mapping[str, str] | None = None,
        quiet: float = 0.1,
    ) -> None:
        self.quiet = quiet
        self.size = 0
        self.seen = b""
        self.peak = 0
        self.screen = Screen(columns, lines)
        self._stream = Stream(self.screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        environment = {k: v for k, v in os.environ.items() if k not in _NOT_HERE}
        environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **(env or {})}
        self.began = self.sent = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, columns * 8, lines * 16))
            os.execvpe(command[0], list(command), environment)
        fcntl.ioctl(
            self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, columns * 8, lines * 16)
        )
        self.process = psutil.Process(self.pid)
        self.ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, wait: float) -> float | None:
        """Take in one read within ``wait`` seconds: when it came, or None."""
        if self.ended or not select.select([self._fd], [], [], max(0.0, wait))[0]:
            return None
        at = time.perf_counter()
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            data = b""
        if not data:
            self.ended = True
            return None
        self.size += len(data)
        self.seen += data
        self._reply(data)
        self._stream.feed(_FOREIGN.sub("", self._decoder.decode(data)))
        return at

    def _reply(self, data: bytes) -> None:
        """Answer what a program asks its terminal."""
        for match in _QUERY.finditer(data):
            asked = match.group()
            if match[1]:
                known = int(match[1]) in (1000, 1006, 1049, 2004, 2026)
                os.write(self._fd, b"\x1b[?%b;%d$y" % (match[1], 2 if known else 0))
            elif asked.endswith(b"c"):
                os.write(self._fd, b"\x1b[>41;390;0c" if match[2] else b"\x1b[?62;22c")
            elif asked == b"\x1b[6n":
                os.write(self._fd, b"\x1b[%d;%dR" % (self.screen.cursor.y + 1, self.screen.cursor.x + 1))
            elif match[3]:
                os.write(self._fd, b"\x1b]1%b;rgb:0000/0000/0000\x1b\\" % match[3])

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def send(self, keys: str, times: int = 1) -> None:
        """Press keys: text, with names in angle brackets (``<down>``)."""
        self.type(re.sub(r"<([a-z0-9+]+)>", lambda m: KEYS[m[1]], keys) * times)

    def type(self, text: str) -> None:
        """Send a text as it is."""
        data = text.encode()
        self.sent = time.perf_counter()
        while data:
            select.select([], [self._fd], [])
            data = data[os.write(self._fd, data[:512]) :]

    def wait(self, pattern: str, limit: float = 60.0, absent: bool = False) -> float:
        """Milliseconds from the last key (or the start) until a pattern is on the screen, or is not."""
        end, at = time.perf_counter() + limit, time.perf_counter()
        while bool(re.search(pattern, self.text)) is absent:
            if self.ended or time.perf_counter() > end:
                raise TimeoutError(f"no {pattern!r} on the screen:\n{self.text}")
            at = self.read(0.05) or at
        return (at - self.sent) * 1e3

    def settle(self, limit: float = 30.0) -> float:
        """Milliseconds from the last key to the last byte before it is quiet."""
        last, end = self.sent, time.perf_counter() + limit
        while (at := self.read(self.quiet)) is not None and time.perf_counter() < end:
            last = at
        self.sample()
        return (last - self.sent) * 1e3

    def press(self, keys: str, times: int = 1) -> Answer:
        """Press keys and wait until the answer is complete."""
        before = self.size
        self.send(keys, times)
        first = None
        end = time.perf_counter() + 30
        while first is None and time.perf_counter() < end and not self.ended:
            first = self.read(0.5)
        first = first or time.perf_counter()
        settled = max((first - self.sent) * 1e3, self.settle())
        return Answer((first - self.sent) * 1e3, settled, self.size - before)

    def sample(self) -> int:
        """Bytes resident in the program and what it started; keeps the peak."""
        try:
            tree = [self.process, *self.process.children(recursive=True)]
            total = sum(process.memory_info().rss for process in tree)
        except psutil.Error:
            total = 0
        self.peak = max(self.peak, total)
        return total

    def resize(self, columns: int, lines: int) -> None:
        """Make the terminal smaller or larger; the program is told, as every program is."""
        self.screen.resize(lines, columns)
        fcntl.ioctl(
            self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, columns * 8, lines * 16)
        )

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        used = self.process.cpu_times()
        return float(used.user + used.system)

    def close(self) -> None:
        """End the program and what it started."""
        try:
            tree = [self.process, *self.process.children(recursive=True)]
        except psutil.Error:
            tree = []
        for process in tree:
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.Error:
                continue
        os.close(self._fd)
        os.waitpid(self.pid, 0)

    def picture(self, path: Path) -> None:
        """Write the screen as text."""
        path.write_text(self.text + "\n")
