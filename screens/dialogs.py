"""The sheet before the deed: what would be done, why, and *No* first; nothing is done here.

It is read afresh when it opens and whenever the form changes. *Yes* counts only if it was pressed after what
it says yes to had been painted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Vertical

from db.errors import QuaestorError
from db.model import Risk
from db.operation import GLASS
from screens import effects
from screens.bar import Bar
from screens.inputs import Asked, Inputs
from screens.lines import Line, Lines, folded
from screens.over import Over
from screens.painted import Shown
from screens.popup import Popup
from screens.reading import Reading
from screens.room import too_small

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.offers import Offer
    from db.operation import Sheet

REASON, ID, SECRET = "reason", "id", "secret"
"""The names of what is asked beside an action's own fields."""
BESIDE = (REASON, ID, SECRET)
WIDEST = 112
"""Cells of a sheet at most; its style sheet says the same."""
BRIEF = 5
"""Lines that a brief sheet takes at most, above the reason."""


@dataclass(frozen=True)
class Question:
    """What is to be confirmed."""

    title: str
    """The verb, and on what."""
    summary: str
    yes: str
    """The word on *Yes*."""
    asked: Sequence[Asked]
    read: Callable[[Mapping[str, str], Cancel], list[Sheet]]
    """Reads what a filled form would do; in a thread; raises QuaestorError."""
    brief: bool = False
    """Whether it takes few lines, and ``enter`` behind the reason does it."""
    notes: Sequence[Line] = ()
    """Lines above what it would do."""
    bare: bool = False
    """Whether Yes can be said where nothing would be carried out."""
    vote: bool = False
    """Whether it is the word of a second person."""
    glass: bool = False
    """Whether the glass may be broken: one person does at once what takes two."""


@dataclass(frozen=True)
class Decision:
    """Yes, with what was filled in, to exactly these sheets."""

    form: Mapping[str, str]
    reason: str
    sheets: Sequence[Sheet]
    glass: bool = False
    """Whether the glass is broken for it."""
    secret: str = field(default="", repr=False)


class Form(Over["Decision | None"]):
    """A sheet; gives None for No."""

    CSS_PATH = "dialogs.tcss"

    def __init__(self, question: Question, sheets: Sequence[Sheet] = ()) -> None:
        super().__init__(classes="-brief" if question.brief else "")
        self.question = question
        self.sheets: Sequence[Sheet] = sheets
        self._opened, self._shown = Shown(), Shown()
        self._answered = False
        self._glass = False
        self._reading: Reading[list[Sheet]] | None = None

    def compose(self) -> ComposeResult:
        """A title, what would be done, what is asked."""
        with Vertical(id="sheet"):
            yield Bar(ground="tab-here", id="title")
            yield Lines(id="effects")
            yield Inputs(self.question.asked, self.question.yes, brief=self.question.brief)

    @property
    def inputs(self) -> Inputs:
        """What is asked."""
        return self.query_one(Inputs)

    def on_mount(self) -> None:
        """Show what is known, and read what is not."""
        keys = "enter does it, esc does not " if self.question.brief else ""
        summary = self.question.summary if self.question.brief else ""
        self.query_one(Bar).show([(f" {self.question.title}  ", ""), (summary, "")], [(keys, "")])
        self.inputs.focus()
        self.call_after_refresh(self._opened.painted)
        if self.sheets:
            self._show()
        else:
            self._say("Reading what it would do …", "faint")
            self.read_sheets()

    def takes_key(self, event: events.Key) -> bool:
        """A key that was pressed before this was there was meant for something else; what is not seen decides nothing."""
        if too_small(self.app.size):
            return event.key in ("escape", "ctrl+c")
        if event.key == "enter" and self.inputs.on_yes:
            return self._shown.seen_by(event.time)
        return event.key in ("escape", "ctrl+c") or self._opened.seen_by(event.time)

    def _say(self, text: str, tone: str) -> None:
        self._put([Line(((f"   {text}", tone),))])
        self.inputs.refused = text
        self.inputs.refresh()

    def _put(self, lines: Sequence[Line]) -> None:
        shown = self.query_one("#effects", Lines)
        made = (
            [*self.question.notes, *lines]
            if self.question.brief
            else [*self._heading(), *self.question.notes, *lines, Line(())]
        )
        cells = self.app.size.width if self.question.brief else min(WIDEST, int(self.app.size.width * 0.92))
        made = [piece for line in made for piece in folded(line, cells - 1)]
        room = max(3, int(self.app.size.height * 0.9) - len(self.inputs.asked) - 4)
        shown.styles.height = min(len(made), room)
        shown.show(made)

    def _heading(self) -> list[Line]:
        return [Line(((f" {self.question.summary}", ""),)), Line(())] if self.question.summary else []

    def _show(self) -> None:
        """Show what was read; only now can it be confirmed."""
        self._shown.changing()
        sheets, able = self.sheets, [sheet for sheet in self.sheets if effects.can(sheet)]
        if not sheets:
            self._put([])
        elif self.question.brief and len(sheets) == 1:
            self._put(effects.brief(sheets[0], BRIEF, self._people))
        else:
            self._put(effects.lines(sheets, self._people))
        nothing = "" if self.question.bare else "There is nothing to do."
        self.inputs.refused = "" if able else effects.why_not(sheets[0]) if sheets else nothing
        self.inputs.refresh()
        self.call_after_refresh(self._shown.painted)

    @property
    def _people(self) -> effects.People:
        if self.question.vote:
            return effects.People.SECOND
        if self._glass:
            return effects.People.ALONE
        return effects.People.EITHER if self.question.glass else effects.People.TWO

    def _turn_glass(self) -> None:
        """One person instead of two, for a long reason; or two again."""
        if not self.question.glass or not any(s.risk is Risk.DUAL and effects.can(s) for s in self.sheets):
            return
        self._glass = not self._glass
        for asked in self.inputs.asked:
            asked.least = GLASS if self._glass and asked.name == REASON else 0
        self.inputs.yes = f"{self.question.yes} alone" if self._glass else self.question.yes
        self._show()

    @work(exclusive=True, group="sheet")
    async def read_sheets(self) -> None:
        """Read afresh what the form, as it is, would do."""
        self._shown.changing()
        form = self._form()
        if wrong := next((a for a in self.inputs.asked if a.name in form and a.wrong), None):
            self._say(f"{wrong.label}: {wrong.wrong}", "wait")
            return
        self._reading = Reading(lambda cancel: self.question.read(form, cancel))
        try:
            self.sheets = await self._reading.result()
        except QuaestorError as error:
            self._say(str(error), "bad")
            return
        self._show()

    def on_inputs_changed(self, message: Inputs.Changed) -> None:
        """Another form does something else."""
        if message.name not in BESIDE:
            self.read_sheets()

    def on_inputs_answered(self, message: Inputs.Answered) -> None:
        """No ends it; Yes ends it with what is shown; once."""
        if self._answered:
            return
        self._answered = True
        if not message.yes:
            if self._reading is not None:
                self._reading.stop()
            _ = self.dismiss(None)
            return
        reason, secret = self.inputs.value(REASON), self.inputs.value(SECRET)
        _ = self.dismiss(Decision(self._form(), reason, self.sheets, self._glass, secret))

    def _form(self) -> dict[str, str]:
        """What the action's own fields say."""
        return {asked.name: asked.text for asked in self.inputs.asked if asked.name not in BESIDE}

    def on_key(self, event: events.Key) -> None:
        """Look through a long sheet; break the glass."""
        lines = self.query_one("#effects", Lines)
        if event.key == "ctrl+g":
            self._turn_glass()
        moves = {"pagedown": lines.action_page_down, "pageup": lines.action_page_up}
        if event.key in moves:
            moves[event.key]()


class Actions(Popup[str]):
    """What can be done here; what cannot is dim, with the reason."""

    TITLE_TEXT = "Actions"

    def __init__(self, what: str, offers: Sequence[Offer], closed: str = "") -> None:
        self.TITLE_TEXT = f"Actions on {what}"
        size = max((len(offer.action.heading) for offer in offers), default=0)
        lines = [_offered(offer, closed, size) for offer in offers]
        super().__init__([*([Line(((f" {closed}", "wait"),)), Line(())] if closed else []), *lines])

    def on_lines_chosen(self, message: Lines.Chosen) -> None:
        """This one."""
        _ = self.dismiss(str(message.line.target))


def _offered(offer: Offer, closed: str, size: int) -> Line:
    name = offer.action.heading.ljust(size)
    if offer.why_not or closed:
        return Line(((f" {name}   ", "off"), (offer.why_not or offer.action.summary, "off")))
    return Line(((f" {name}   ", "title"), (offer.action.summary, "")), offer.action.name)


__all__ = ["ID", "REASON", "SECRET", "Actions", "Decision", "Form", "Question"]
