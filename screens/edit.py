"""A line of text that is being typed: pure state, moved by keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Typing:
    """The text and where the cursor is in it."""

    text: str = ""
    at: int = 0

    def put(self, text: str) -> None:
        """Insert at the cursor."""
        self.text = self.text[: self.at] + text + self.text[self.at :]
        self.at += len(text)

    def put_over(self, start: int, text: str) -> None:
        """Put a text in place of what stands between there and the cursor."""
        self.text = self.text[:start] + text + self.text[self.at :]
        self.at = start + len(text)

    def set(self, text: str) -> None:
        """Another text, the cursor at its end."""
        self.text, self.at = text, len(text)

    def press(self, key: str) -> bool:
        """Do what an editing key does; whether it is one."""
        move = _MOVES.get(key)
        if move is not None:
            self.at = move(self)
            return True
        cut = _CUTS.get(key)
        if cut is None:
            return False
        start, end = cut(self)
        self.text, self.at = self.text[:start] + self.text[end:], start
        return True

    def word_start(self) -> int:
        """Where the word before the cursor begins."""
        return len(self.text[: self.at].rstrip().rpartition(" ")[0]) + (" " in self.text[: self.at].rstrip())


_MOVES: dict[str, Callable[[Typing], int]] = {
    "left": lambda t: max(0, t.at - 1),
    "right": lambda t: min(len(t.text), t.at + 1),
    "home": lambda t: 0,
    "ctrl+a": lambda t: 0,
    "end": lambda t: len(t.text),
    "ctrl+e": lambda t: len(t.text),
    "ctrl+left": lambda t: t.word_start(),
    "ctrl+right": lambda t: (t.text + " ").find(" ", min(t.at + 1, len(t.text))),
}
_CUTS: dict[str, Callable[[Typing], tuple[int, int]]] = {
    "backspace": lambda t: (max(0, t.at - 1), t.at),
    "ctrl+h": lambda t: (max(0, t.at - 1), t.at),
    "delete": lambda t: (t.at, t.at + 1),
    "ctrl+d": lambda t: (t.at, t.at + 1),
    "ctrl+w": lambda t: (t.word_start(), t.at),
    "ctrl+u": lambda t: (0, t.at),
    "ctrl+k": lambda t: (t.at, len(t.text)),
}
