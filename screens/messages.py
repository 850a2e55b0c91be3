"""What was said in this run, the newest first."""

from __future__ import annotations

from collections.abc import Sequence

from screens.lines import Line
from screens.popup import Popup


class Messages(Popup[None]):
    """The messages that the footer showed."""

    TITLE_TEXT = "Messages"

    def __init__(self, said: Sequence[str]) -> None:
        lines = [Line(((text, ""),), number) for number, text in enumerate(said)]
        super().__init__(lines[::-1] or [Line((("Nothing was said yet.", "faint"),))])
