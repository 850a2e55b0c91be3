"""What became of many operations; and what a reveal gave, for a few seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from screens.cells import text_of
from screens.detail import SECONDS
from screens.lines import Line
from screens.popup import Popup
from screens.running import Run

if TYPE_CHECKING:
    from db.operation import Sheet


class Report(Popup[None]):
    """Those refused and why first, then the others."""

    TITLE_TEXT = "Report"

    def __init__(self, run: Run) -> None:
        self.TITLE_TEXT = f"{run.what}: what became of each"
        told = sorted(run.outcomes, key=lambda outcome: not outcome.why)
        size = max(len(outcome.said) for outcome in told)
        super().__init__(
            [
                Line(
                    (
                        (f" {outcome.said:<{size}}  ", "bad" if outcome.why else "good"),
                        (outcome.operation.id, "" if outcome.why else "faint"),
                        (f"   {outcome.why}", "bad"),
                    ),
                    number,
                )
                for number, outcome in enumerate(told)
            ]
        )


class Changed(Popup[None]):
    """What a record was when it was shown, and what it is now."""

    TITLE_TEXT = "Changed meanwhile; nothing was done"

    def __init__(self, why: str, was: Sheet, now: Sheet) -> None:
        columns = was.entity.by_name
        names = [name for name in now.row if name in columns and was.row.get(name) != now.row[name]]
        size = max((len(columns[name].heading) for name in names), default=0)
        lines = [Line(((f" {why}", "wait"),)), Line(())]
        for name in names:
            column = columns[name]
            before, after = (text_of(sheet.row.get(name), column.kind) for sheet in (was, now))
            lines.append(
                Line(
                    (
                        (f" {column.heading:<{size}}  ", "label"),
                        (before, "bad"),
                        ("  →  ", "faint"),
                        (after, "good"),
                    ),
                    name,
                )
            )
        super().__init__(lines)


class Revealed(Popup[None]):
    """What a reveal gave; it is kept nowhere."""

    def __init__(self, what: str, result: Any) -> None:
        self.TITLE_TEXT = f"{what}: hides itself after {SECONDS:g} s"
        texts = result.items() if isinstance(result, dict) else [("", result)]
        super().__init__([Line(((f" {name}  ", "label"), (str(value), "title"))) for name, value in texts])

    def on_mount(self) -> None:
        """Show it for a while."""
        super().on_mount()
        self.set_timer(SECONDS, lambda: self.dismiss(None))
