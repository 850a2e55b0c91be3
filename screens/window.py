"""The rows that a table holds: a window of bounded size over a list that may have any number of rows.

Nothing here knows the terminal or the database: pages go in, cursor and visible rows come out. Indexes are
those of the window; where the window itself stands in the list is known only as far as it was walked there.
"""

from __future__ import annotations

from collections.abc import Sequence

from db.model import Page, Position, Row

LIMIT = 600
"""Rows kept at most; the far end is let go first."""


class Window:
    """Rows, a cursor among them, and the part that is visible."""

    def __init__(self, height: int = 1) -> None:
        self.rows: list[Row] = []
        self.more_before = False
        self.more_after = False
        self.cursor = 0
        self.top = 0
        self.height = height
        self.first: int | None = None
        """How many rows stand before the window; None where nobody counted."""
        self.behind: int | None = None
        """How many rows stand behind it; None where nobody counted."""

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    @property
    def visible(self) -> Sequence[Row]:
        """The rows on screen."""
        return self.rows[self.top : self.top + self.height]

    def fill(self, page: Page, *, end: bool = False, at: str = "") -> None:
        """Hold this page alone, the cursor on its first row, its last one, or the one with that id."""
        self.rows = list(page.rows)
        self.more_before, self.more_after = page.more_before, page.more_after
        self.first = None if page.more_before else 0
        self.behind = None if page.more_after else 0
        self.cursor = max(0, len(self.rows) - 1) if end else 0
        self.cursor = self.index(at, self.cursor)
        self.top = self.cursor - (self.height // 2 if at else 0)
        self._settle()

    def index(self, id_: str, default: int) -> int:
        """Where the row with that id is; the default where it is not."""
        return next((n for n, row in enumerate(self.rows) if row.id == id_), default) if id_ else default

    def append(self, page: Page) -> None:
        """Take the page behind the window, and let go of rows before it."""
        self.rows += page.rows
        self.more_after = page.more_after
        self.behind = None if page.more_after else 0
        gone = min(len(self.rows) - LIMIT, self.top - self.height)
        if gone > 0:
            del self.rows[:gone]
            self.cursor, self.top = self.cursor - gone, self.top - gone
            self.more_before = True
            self.first = None if self.first is None else self.first + gone

    def prepend(self, page: Page) -> None:
        """Take the page before the window, and let go of rows behind it."""
        come = len(page.rows)
        self.rows[:0] = page.rows
        self.cursor, self.top = self.cursor + come, self.top + come
        self.more_before = page.more_before
        self.first = self.first - come if self.first and page.more_before else None if page.more_before else 0
        gone = min(len(self.rows) - LIMIT, len(self.rows) - self.top - 2 * self.height)
        if gone > 0:
            del self.rows[-gone:]
            self.more_after = True
            self.behind = None if self.behind is None else self.behind + gone

    def move(self, by: int) -> int:
        """Move the cursor; what could not be moved, because the rows are not there, is given back."""
        wanted = self.cursor + by
        self.cursor = max(0, min(wanted, len(self.rows) - 1))
        self._settle()
        return wanted - self.cursor

    def turn(self, by: int) -> int:
        """Move the cursor and what is visible together; gives back what the cursor could not be moved."""
        self.top += by
        return self.move(by)

    def resize(self, height: int) -> None:
        """Show so many rows, the cursor among them."""
        self.height = max(1, height)
        self._settle()

    def _settle(self) -> None:
        """Keep the cursor visible, and no empty line below while there are rows above."""
        self.top = max(self.cursor - self.height + 1, min(self.top, self.cursor))
        self.top = max(0, min(self.top, len(self.rows) - self.height))

    def lacks_after(self, ahead: int) -> bool:
        """Whether fewer than so many rows are ready below what is visible, and there are more."""
        return self.more_after and len(self.rows) - self.top - self.height < ahead

    def lacks_before(self, ahead: int) -> bool:
        """The same above."""
        return self.more_before and self.top < ahead

    def anchor(self) -> Position | None:
        """The position behind which what is visible begins; None where it begins with the first row."""
        return self.rows[self.top - 1].position if self.top > 0 else None

    def renew(self, page: Page) -> dict[str, Row]:
        """Take rows that were read anew from the anchor on; gives the earlier rows by their ids.

        The cursor stays on its record, at its height on screen; where the record is gone, on the row
        that stands there now.
        """
        earlier = {row.id: row for row in self.rows}
        id_, height = (self.rows[self.cursor].id if self.rows else ""), self.cursor - self.top
        kept = self.rows[: self.top]
        fresh = {row.id for row in page.rows}
        self.rows = [row for row in kept if row.id not in fresh] + list(page.rows)
        self.more_before = self.more_before if kept else page.more_before
        self.more_after = page.more_after
        self.behind = None if page.more_after else 0
        self.cursor = self.index(id_, min(self.top + height, max(0, len(self.rows) - 1)))
        self.top = self.cursor - height
        self._settle()
        return earlier

    def place(self) -> tuple[int | None, int | None]:
        """The cursor's number from the beginning (1 is the first), or else from the end (1 is the last)."""
        if self.first is not None:
            return self.first + self.cursor + 1, None
        return None, None if self.behind is None else self.behind + len(self.rows) - self.cursor
