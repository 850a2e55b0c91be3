"""What a sheet asks for: lines to type in, and behind them *No*, which is the default, and *Yes*."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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

LONGEST = 2_000
"""Characters of an answer."""
LABEL = 16
"""Cells of a label at least."""


@dataclass
class Asked:
    """A line to type in."""

    name: str
    label: str
    typing: Typing = field(default_factory=Typing)
    choices: Sequence[str] = ()
    """Values to choose from by ``↓`` and ``↑``."""
    only: bool = False
    """Whether nothing else fits."""
    wanted: str = ""
    """What has to be typed exactly; anything where empty."""
    required: bool = True
    least: int = 0
    """Characters that it has at least."""
    secret: bool = False
    """Whether only its length is shown."""

    @property
    def text(self) -> str:
        """What was typed."""
        return self.typing.text.strip()

    @property
    def wrong(self) -> str:
        """Why it does not do yet; empty where it does."""
        if self.wanted and self.text != self.wanted:
            return f"type {self.wanted}"
        if self.required and not self.text:
            return "↓ chooses" if self.choices else "is needed"
        if len(self.text) < self.least:
            return f"{len(self.text)} of at least {self.least} characters"
        if self.only and self.text and self.text not in self.choices:
            return "↓ chooses"
        return ""

    def choose(self, by: int) -> bool:
        """The next of the choices; whether there are any."""
        if not self.choices:
            return False
        at = self.choices.index(self.text) + by if self.text in self.choices else (0 if by > 0 else -1)
        self.typing.set(self.choices[at % len(self.choices)])
        return True


NO, YES = "no", "yes"


class Inputs(Widget, can_focus=True):
    """The lines, and the two answers; ``enter`` goes on, and on an answer gives it."""

    DEFAULT_CSS = "Inputs { width: 1fr; height: auto; }"

    class Changed(Message):
        """Something else is typed now."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Answered(Message):
        """No, or Yes."""

        def __init__(self, *, yes: bool) -> None:
            super().__init__()
            self.yes = yes

    def __init__(self, asked: Sequence[Asked], yes: str, *, brief: bool = False) -> None:
        super().__init__(id="inputs")
        self.asked = list(asked)
        self.yes = yes
        """The word on *Yes*."""
        self.brief = brief
        """Whether ``enter`` behind the last line means *Yes*: there are no answers to go to."""
        self.refused = ""
        """Why *Yes* cannot be said."""
        self.at = next((n for n, a in enumerate(self.asked) if not a.text), len(self.asked))
        if brief:
            self.at = min(self.at, len(self.asked) - 1)

    @property
    def wrong(self) -> str:
        """Why *Yes* cannot be said yet; empty where it can."""
        return self.refused or next((f"{a.label}: {a.wrong}" for a in self.asked if a.wrong), "")

    @property
    def on_yes(self) -> bool:
        """Whether ``enter`` would say Yes."""
        return self.at == (len(self.asked) - 1 if self.brief else len(self.asked) + 1)

    def value(self, name: str) -> str:
        """What was typed under a name."""
        return next((a.text for a in self.asked if a.name == name), "")

    def renew(self) -> None:
        """Draw it anew."""
        self.refresh()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """A line each, and one for the answers."""
        return len(self.asked) + (0 if self.brief else 2)

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Edit the line, choose, or move on."""
        if event.key in ("pagedown", "pageup", "ctrl+g"):
            return
        event.stop()
        event.prevent_default()
        if event.key in ("escape", "ctrl+c"):
            self.post_message(self.Answered(yes=False))
        elif event.key == "enter":
            self._enter()
        elif event.key in ("tab", "shift+tab", "down", "up"):
            self._move(event.key)
        elif self.at < len(self.asked):
            self._edit(self.asked[self.at], event)
        elif event.key in ("left", "right", "h", "l"):
            self.at = len(self.asked) + (event.key in ("right", "l"))
        self.refresh()

    def on_paste(self, event: events.Paste) -> None:
        """Put it in the line."""
        event.stop()
        if self.at < len(self.asked):
            asked = self.asked[self.at]
            asked.typing.put(" ".join(event.text.split())[: LONGEST - len(asked.typing.text)])
            self.post_message(self.Changed(asked.name))
            self.refresh()

    def _enter(self) -> None:
        if self.at == len(self.asked):
            self.post_message(self.Answered(yes=False))
        elif not self.on_yes:
            self.at += 1
        elif not self.wrong:
            self.post_message(self.Answered(yes=True))
        elif not self.brief and not self.refused:
            self.at = next(n for n, a in enumerate(self.asked) if a.wrong)

    def _move(self, key: str) -> None:
        by = 1 if key in ("tab", "down") else -1
        if key in ("down", "up") and self.at < len(self.asked) and self.asked[self.at].choose(by):
            self.post_message(self.Changed(self.asked[self.at].name))
            return
        last = len(self.asked) - 1 if self.brief else len(self.asked) + 1
        self.at = max(0, min(self.at + by, last))

    def _edit(self, asked: Asked, event: events.Key) -> None:
        if asked.typing.press(event.key):
            self.post_message(self.Changed(asked.name))
        elif event.character and event.character.isprintable() and len(asked.typing.text) < LONGEST:
            asked.typing.put(event.character)
            self.post_message(self.Changed(asked.name))

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines, and below them the answers."""
        lines = [self._line(n, asked) for n, asked in enumerate(self.asked)]
        if not self.brief:
            lines += [Strip.blank(self.size.width, themes.style("")), self._answers()]
        lines += [Strip.blank(self.size.width, themes.style(""))] * (crop.bottom - len(lines))
        strips = lines[crop.y : crop.bottom]
        return strips if crop.width == self.size.width else [s.crop(crop.x, crop.right) for s in strips]

    def _line(self, number: int, asked: Asked) -> Strip:
        here = number == self.at
        label = safe(asked.label)
        head: list[Part] = [("▌ " if here else "  ", "edge"), (label, "title" if here else "label")]
        head.append((" " * max(2, LABEL - width(label)), ""))
        end = clean([(self._hint(asked, here=here) + " ", "wait" if asked.wrong and not here else "faint")])
        room = self.size.width - sum(width(text) for text, _ in (*clean(head), *end)) - 2
        left = [Segment(text, themes.style(tone)) for text, tone in clean(head)]
        typing = Typing("•" * len(asked.typing.text), asked.typing.at) if asked.secret else asked.typing
        left += _typed(typing, room, here=here)
        used = sum(segment.cell_length for segment in left) + sum(width(text) for text, _ in end)
        left.append(Segment(" " * max(0, self.size.width - used), themes.style("")))
        return Strip([*left, *(Segment(t, themes.style(tone)) for t, tone in end)]).adjust_cell_length(
            self.size.width, themes.style("")
        )

    def _hint(self, asked: Asked, *, here: bool) -> str:
        if asked.wrong:
            return asked.wrong
        if here and asked.choices:
            at = asked.choices.index(asked.text) + 1 if asked.text in asked.choices else 0
            return f"{at or '–'} of {len(asked.choices)} ↑↓"
        return ""

    def _answers(self) -> Strip:
        no, yes = self.at == len(self.asked), self.at == len(self.asked) + 1
        look = "off" if self.wrong else "title"
        parts: list[Part] = [
            ("  ", ""),
            (" No ", "tab-here" if no else "title"),
            ("   ", ""),
            (f" {self.yes} ", "tab-here" if yes else look),
            ("   ", ""),
            (self.wrong if yes else "", "wait"),
        ]
        keys = "" if yes and self.wrong else "tab moves  enter goes on  esc is No "
        return strip_of(clean(parts), clean([(keys, "faint")]), self.size.width)


def _typed(typing: Typing, room: int, *, here: bool) -> list[Segment]:
    """The text with its caret, the part around it where it is too long."""
    if not here:
        return strip_of(clean([(typing.text, "")]), (), max(1, room))._segments
    start = 0
    while width(safe(typing.text[start : typing.at])) >= room > 1:
        start += 1
    before, at, after = (
        safe(typing.text[start : typing.at]),
        safe(typing.text[typing.at : typing.at + 1] or " "),
        safe(typing.text[typing.at + 1 :]),
    )
    made = [
        Segment(before, themes.style("")),
        Segment(at, themes.style("caret")),
        Segment(after, themes.style("")),
    ]
    return Strip(made).crop(0, max(1, room))._segments
