"""The smallest Textual program that shows 50 rows of a database: what no such program can be quicker than.

Started with a URL and a query; SQLAlchemy is imported in a thread once the first frame is there, as quaestor does.
"""

import gc
import sys

from textual import work
from textual.app import App, ComposeResult
from textual.widgets import Static


class Floor(App[None]):
    """A line of text, and then the rows."""

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static("ready")

    def on_mount(self) -> None:
        """Read as soon as the line is there."""
        self.call_after_refresh(self.read)

    @work(thread=True)
    def read(self) -> None:
        """One query on one connection, nothing asked about the database."""
        from sqlalchemy import create_engine, text  # noqa: PLC0415 - 160 ms after the first frame

        with create_engine(sys.argv[1], isolation_level="AUTOCOMMIT").connect() as connection:
            rows = connection.execute(text(sys.argv[2])).all()
        shown = "\n".join("  ".join(str(value)[:12] for value in row[:10]) for row in rows)
        self.call_from_thread(self.query_one(Static).update, shown)


if __name__ == "__main__":
    gc.disable()
    Floor().run()
