"""The line at the bottom where commands, filters and patterns are typed, with what may come next above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from screens import themes
from screens.bar import Part, clean, strip_of
from screens.cells import safe, width
from screens.edit import Typing

CHOICES = 10
"""Choices shown at once."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that may be typed."""

    text: str
    """What is put in."""
    summary: str = ""
    key: str = ""
    """The key that does the same."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What may stand between a place in the text and the cursor."""

    start: int = 0
    among: Sequence[Choice] = ()


Complete = Callable[[str], Choices]
"""From the text before the cursor to what may be there instead."""


class Prompt(Widget, can_focus=True):
    """One line to type in."""

    DEFAULT_CSS = """
    Prompt { layer: over; dock: bottom; height: 1; width: 1fr; display: none; }
    Prompt.-open { display: block; }
    """

    class Typed(Message):
        """A text was typed and sent off."""

        def __init__(self, sign: str, text: str) -> None:
            super().__init__()
            self.sign = sign
            self.text = text

    class Closed(Message):
        """It was left without sending anything off."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.sign = ""
        self.typing = Typing()
        self._complete: Complete = lambda text: Choices()
        self._choices = Choices()
        self._chosen = -1
        self._first = False
        self._past: Sequence[str] = ()
        self._past_at = 0
        self._error: tuple[str, int | None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is being typed."""
        return self.has_class("-open")

    def ask(
        self,
        sign: str,
        text: str = "",
        *,
        complete: Complete | None = None,
        past: Sequence[str] = (),
        first: bool = False,
    ) -> None:
        """Begin typing; with ``first`` the first choice is taken unless another one is chosen."""
        self.sign, self._first = sign, first
        self.typing.set(text)
        self._complete = complete or (lambda text: Choices())
        self._past, self._past_at = past, len(past)
        self.add_class("-open")
        self.screen.set_focus(self)
        self._changed()

    def refuse(self, sentence: str, position: int | None = None) -> None:
        """Say what is wrong with the text, and where; it is kept."""
        self._error = sentence, position
        self._choices, self._chosen = Choices(), -1
        if position is not None:
            self.typing.at = min(position, len(self.typing.text))
        self._fit()

    def close(self) -> None:
        """Put it away."""
        self.remove_class("-open")

    def _changed(self) -> None:
        self._error = None
        self._choices = self._complete(self.typing.text[: self.typing.at])
        self._chosen = 0 if self._first and self._choices.among else -1
        self._fit()

    def _fit(self) -> None:
        lines = 1 + min(CHOICES, len(self._choices.among)) + (1 if self._error else 0)
        self.styles.height = lines
        self.refresh()

    # Keys

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Every key is for the text, but for those that leave the program alone."""
        return key not in ("ctrl+q", "ctrl+z", "ctrl+l")

    async def on_key(self, event: events.Key) -> None:
        """Edit; nothing that is typed here reaches a key of the screen."""
        event.stop()
        event.prevent_default()
        key = event.key
        if key == "enter":
            self._send()
        elif key in ("escape", "ctrl+c", "ctrl+g") or (
            key in ("backspace", "ctrl+h") and not self.typing.text
        ):
            self.post_message(self.Closed())
        elif key in ("tab", "shift+tab") or (
            key in ("down", "up") and self._choices.among and self._past_at == len(self._past)
        ):
            self._choose(1 if key in ("tab", "down") else -1)
        elif key in ("up", "down", "ctrl+p", "ctrl+n"):
            self._recall(-1 if key in ("up", "ctrl+p") else 1)
        elif self.typing.press(key) or self._put(event.character):
            self._past_at = len(self._past)
            self._changed()

    def on_paste(self, event: events.Paste) -> None:
        """Put in the first line of what is pasted."""
        event.stop()
        self._put(next(iter(event.text.splitlines()), ""))
        self._changed()

    def _put(self, text: str | None) -> bool:
        """Put in what can be seen, and nothing else."""
        kept = "".join(char for char in text or "" if safe("x" + char) == "x" + char)
        self.typing.put(kept[: 2000 - len(self.typing.text)])
        return bool(kept)

    def _choose(self, way: int) -> None:
        among = self._choices.among
        if not among:
            return
        self._chosen = (
            (self._chosen + way) % len(among) if self._chosen >= 0 else (0 if way > 0 else len(among) - 1)
        )
        if not self._first:
            self.typing.put_over(self._choices.start, among[self._chosen].text)
            if len(among) == 1:
                self._changed()
        self.refresh()

    def _recall(self, way: int) -> None:
        if not self._past:
            return
        self._past_at = max(0, min(self._past_at + way, len(self._past)))
        self.typing.set(self._past[self._past_at] if self._past_at < len(self._past) else "")
        self._error, self._choices, self._chosen = None, Choices(), -1
        self._fit()

    def _send(self) -> None:
        if self._first and 0 <= self._chosen < len(self._choices.among):
            self.typing.put_over(self._choices.start, self._choices.among[self._chosen].text)
        self.post_message(self.Typed(self.sign, self.typing.text.strip()))

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        """Choices, what is wrong, and the line itself at the bottom."""
        lines = [*self._choice_lines(), *self._error_line(), self._input()]
        lines = [Strip.blank(self.size.width, themes.style(""))] * (self.size.height - len(lines)) + lines
        strips = lines[crop.y : crop.bottom]
        return strips if crop.width == self.size.width else [s.crop(crop.x, crop.right) for s in strips]

    def _choice_lines(self) -> list[Strip]:
        among = self._choices.among
        first = max(0, min(self._chosen - CHOICES // 2, len(among) - CHOICES))
        shown = among[first : first + CHOICES]
        size = max((width(safe(choice.text)) for choice in shown), default=0)
        lines = []
        for n, choice in enumerate(shown, first):
            here = n == self._chosen
            text = safe(choice.text)
            parts: list[Part] = [
                ("▌ " if here else "  ", "edge"),
                (text + " " * (size - width(text)), "row" if here else ""),
                ("  " + choice.summary, "faint"),
            ]
            lines.append(strip_of(clean(parts), clean([(choice.key, "key"), (" ", "")]), self.size.width))
        return lines

    def _error_line(self) -> list[Strip]:
        if self._error is None:
            return []
        sentence, position = self._error
        parts: list[Part] = [("  " + sentence, "error")]
        if position is not None:
            before = width(safe(self.typing.text[:position])) + width(self.sign)
            if before + 2 + width(safe(sentence)) <= self.size.width:
                parts = [(" " * before, ""), ("▼ " + sentence, "error")]
            else:
                parts = [("▼".rjust(before + 1) if before < 3 else "  ", "error"), (sentence, "error")]
        return [strip_of(clean(parts), (), self.size.width)]

    def _input(self) -> Strip:
        text, at = self.typing.text, self.typing.at
        room = max(1, self.size.width - width(self.sign) - 1)
        start = 0
        while width(safe(text[start:at])) >= room:
            start += 1
        start += bool(start)  # room for the sign that something stands before
        before, here, after = safe(text[start:at]), safe(text[at : at + 1] or " "), safe(text[at + 1 :])
        wrong = self._error is not None
        segments = [
            Segment(self.sign, themes.style("error" if wrong else "accent")),
            Segment("…" if start else "", themes.style("faint")),
            Segment(before, themes.style("")),
            Segment(here, themes.style("caret")),
            Segment(after, themes.style("")),
        ]
        return Strip(segments).adjust_cell_length(self.size.width, themes.style(""))
