"""Rows in a table, and the record under the cursor beside them: what lists and the line of time have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Container

from db.errors import QuaestorError
from db.model import Kind, Record, Row
from screens import plain
from screens.desk import Desk
from screens.detail import Detail
from screens.opening import Opening
from screens.places import Place
from screens.table import Table

if TYPE_CHECKING:
    from db.cancel import Cancel

WIDE = 132
"""Columns from which the record stands beside the rows, not below them."""
REST = 0.08
"""Seconds that the cursor rests before the record under it is read."""


class Beside(Opening):
    """A table, and room for a record."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk, place)
        self.table = Table(id="table")
        """The rows."""
        self.detail = Detail(id="detail")
        """The record beside them."""

    def both(self) -> ComposeResult:
        """The table, and the record."""
        with Container(id="both"):
            yield self.table
            yield self.detail

    def refocus(self) -> None:
        """The table has the keys."""
        self.table.focus()

    def behind(self, row: Row) -> Callable[[Cancel], Record] | None:
        """How the record behind a row is read, in a thread; None where there is none."""

    @property
    def zone(self) -> tzinfo | None:
        """The zone of the times on screen; None is this machine's."""
        return None if self.desk.settings.local else UTC

    @work(exclusive=True, group="preview")
    async def preview(self, row: Row) -> None:
        """Show the record beside the rows, as soon as the cursor rests on it."""
        read = self.behind(row)
        if read is None:
            return
        await asyncio.sleep(REST)
        try:
            self.detail.show_record(await self.load(read))
        except QuaestorError as error:
            self.complain(error)

    # What the table tells; a screen's own handlers of the same messages are called before these

    async def on_resize(self, event: events.Resize) -> None:
        """The record stands beside the rows where there is room."""
        self.set_class(event.size.width >= WIDE, "-wide")

    def on_table_failed(self, message: Table.Failed) -> None:
        """Rows could not be read; those that are there stay."""
        self.complain(message.error)
        if not self.table.window.rows:
            self.table.empty = str(message.error)
            self.table.refresh()

    def on_table_said(self, message: Table.Said) -> None:
        """Tell it."""
        self.say(message.text)

    def on_table_moved(self, message: Table.Moved) -> None:
        """The cursor is on another row: show its record."""
        if self.has_class("-detail") and message.row is not None:
            self.preview(message.row)

    # Verbs

    def action_detail(self) -> None:
        """The record beside the rows, or not."""
        self.toggle_class("-detail")
        if self.has_class("-detail") and self.table.current is not None:
            self.preview(self.table.current)

    def action_wide(self) -> None:
        """Columns as wide as their content, ids and times in full."""
        self.table.restyle(wide=not self.table.wide)

    def action_copy(self) -> None:
        """Copy this value."""
        row, column = self.table.current, self.table.current_column
        if row is None or column is None:
            return
        if column.kind is Kind.MASKED:
            self.say(f"{column.heading} is masked; it is not copied either.", "wait")
            return
        self.copy(column.heading, plain.copied(row.values[self.table.column], column.kind))

    def action_copy_row(self) -> None:
        """Copy the row as JSON; masked values stay masked."""
        if (row := self.table.current) is not None:
            self.copy("the row", plain.as_json(self.table.columns, row))
