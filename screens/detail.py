"""A record in full: beside a list, or on a screen of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from time import monotonic

from textual import events
from textual.message import Message

from db.model import Entity, Kind, Link, Page, Record, Row
from screens import keys, plain, sheet
from screens.formats import Look
from screens.lines import Lines
from screens.sheet import Bared, Folding, Past, Value, Way

SECONDS = 20.0
"""What was revealed hides itself after that."""


class Detail(Lines):
    """The lines of a record."""

    VERBS = (*Lines.VERBS, "left", "right", "fold")
    BINDINGS = [*keys.bindings("left", "right", "fold")]

    class Follow(Message):
        """A link is to be followed."""

        def __init__(self, record: Record, link: Link) -> None:
            super().__init__()
            self.record = record
            self.link = link

    class Goto(Message):
        """A record of another entity is to be opened."""

        def __init__(self, entity: str, id_: str) -> None:
            super().__init__()
            self.entity = entity
            self.id = id_

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.record: Record | None = None
        self.look = Look()
        self.history: Sequence[tuple[Entity, Page]] = ()
        self.changes_first = False
        """Whether what a row of an audit trail changed stands above the rest."""
        self._folding = Folding()
        self._bared: dict[str, tuple[str, float]] = {}
        """What was revealed by column, and until when on the monotonic clock."""

    def show_record(self, record: Record | None, history: Sequence[tuple[Entity, Page]] = ()) -> None:
        """Show a record; the cursor stays where it was if it is the same one."""
        same = (
            record is not None
            and self.record is not None
            and (record.entity, record.id) == (self.record.entity, self.record.id)
        )
        if not same:
            self._folding = Folding()
            self._bared.clear()
        self.record, self.history = record, history
        self._draw_record(keep=same)

    def restyle(self, look: Look) -> None:
        """Write values differently."""
        self.look = replace(look, now=None, whole=True)
        self._draw_record(keep=True)

    def _draw_record(self, *, keep: bool) -> None:
        if self.record is None:
            self.show(())
        elif self.size.width:
            made = sheet.lines(
                self.record,
                self.look,
                self.size.width - 1,
                self._folding,
                self.history,
                changes_first=self.changes_first,
                revealed={
                    name: Bared(text, ceil(until - monotonic()))
                    for name, (text, until) in self._bared.items()
                },
            )
            self.show(made, keep=keep)

    def reveal(self, column: str, text: str) -> None:
        """Show what is masked in its place, until it hides itself."""
        self._bared[column] = (text, monotonic() + SECONDS)
        self._draw_record(keep=True)
        self.set_timer(1.0, self._hide)

    def hide(self) -> None:
        """Nothing that was revealed is shown or kept any longer."""
        self._bared.clear()
        self._draw_record(keep=True)

    def _hide(self) -> None:
        now = monotonic()
        self._bared = {name: kept for name, kept in self._bared.items() if kept[1] > now}
        self._draw_record(keep=True)
        if self._bared:
            self.set_timer(1.0, self._hide)

    def on_unmount(self) -> None:
        """What was revealed goes with the screen."""
        self._bared.clear()

    def on_resize(self, event: events.Resize) -> None:
        """Wrap long texts anew."""
        self._draw_record(keep=True)

    def copied(self) -> tuple[str, str, bool] | None:
        """Name and text of what the cursor is on, and whether it is masked."""
        target = self.current.target if self.current is not None else None
        if isinstance(target, Value):
            text = "" if target.value is None else plain.copied(target.value, Kind.TEXT)
            return target.column.name, text, target.column.kind is Kind.MASKED
        if isinstance(target, Past):
            return "id", target.id, False
        return None

    @property
    def masked(self) -> str | None:
        """The masked column that the cursor is on."""
        target = self.current.target if self.current is not None else None
        return target.column.name if isinstance(target, Value) and target.column.kind is Kind.MASKED else None

    def action_open(self) -> None:
        """Follow a link, open a row of the history, fold a branch."""
        target = self.current.target if self.current is not None else None
        if isinstance(target, Way) and self.record is not None:
            self.post_message(self.Follow(self.record, target.link))
        elif isinstance(target, Past):
            self.post_message(self.Goto(target.entity, target.id))
        else:
            self.action_fold()

    def action_fold(self) -> None:
        """Fold what is open, open what is folded."""
        target = self.current.target if self.current is not None else None
        if isinstance(target, Value) and target.folds:
            self._folding.turn(target.column.name, target.path)
            self._draw_record(keep=True)

    def action_left(self) -> None:
        """Fold."""
        self._fold_to("▾")

    def action_right(self) -> None:
        """Unfold."""
        self._fold_to("▸")

    def _fold_to(self, sign: str) -> None:
        if self.current is not None and sign in self.current.text:
            self.action_fold()

    def as_json(self) -> str:
        """All values by name, the masked ones masked."""
        if self.record is None:
            return ""
        return plain.as_json(self.record.columns, Row(self.record.id, self.record.values, ()), ids=False)
