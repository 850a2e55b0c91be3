"""A selection of the line of time as evidence: streamed into a private file, with a manifest that is signed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import QuaestorError, Refused, Usage
from db.model import Query
from screens import later
from screens.export import open_new

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.evidence import Written
    from db.keys import Signer
    from db.session import Session

LEFT_OUT = ("id", "order")
"""Columns that are of the line, not of any source."""


@dataclass
class Proof:
    """One file of evidence, and how far it is."""

    sessions: Sequence[Session]
    query: Query
    asked: str
    path: Path
    operator: Mapping[str, str]
    signer: Signer | None
    rows: int = 0
    """Rows written so far."""

    def run(self, cancel: Cancel) -> Written:
        """Write it whole, every source's own row in it; raises QuaestorError, and then there is no file."""
        names = tuple(c.name for c in self.query.entity.columns if c.name not in LEFT_OUT)
        query = Query(
            self.query.entity, self.query.view, self.query.filters, self.query.search, columns=names
        )
        line = later.timeline.Timeline(self.sessions, whole=True)
        try:
            line.measure(cancel)
            return self._write(line, query, cancel)
        except OSError as error:
            if not isinstance(error, FileExistsError):
                self.path.unlink(missing_ok=True)
            raise Refused(f"{self.path} cannot be written: {error.strerror}.") from None
        except QuaestorError:
            self.path.unlink(missing_ok=True)
            raise
        finally:
            line.close()

    def _write(self, line: later.timeline.Timeline, query: Query, cancel: Cancel) -> Written:
        with open_new(self.path) as out:
            written = later.evidence.write(
                line,
                query,
                lambda text: out.write(text.encode()),
                asked=self.asked,
                operator=self.operator,
                signer=self.signer,
                cancel=cancel,
                told=self._told,
            )
            out.flush()
            os.fsync(out.fileno())
        return written

    def _told(self, rows: int) -> None:
        self.rows = rows


def proposed() -> Path:
    """A name for the file, in the folder where the program was started, or else at home."""
    here = Path.cwd()
    folder = here if os.access(here, os.W_OK) else Path.home()
    return folder / f"quaestor-evidence-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.jsonl"


def checked(text: str) -> Path:
    """Where to write; raises Usage for what is there already, or nowhere."""
    path = Path(text).expanduser().absolute() if text else proposed()
    if path.exists():
        raise Usage(f"{path} is there already; evidence never overwrites a file.")
    if not path.parent.is_dir():
        raise Usage(f"There is no folder {path.parent}.")
    return path
