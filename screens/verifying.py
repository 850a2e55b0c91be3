"""The verification of one ledger as a screen follows it: how far it is, where it goes on, what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.errors import Cancelled, QuaestorError
from screens import later
from screens.bar import Part
from screens.desk import Link
from screens.formats import number
from screens.operators import Operators
from screens.pages import session_of

if TYPE_CHECKING:
    from db.cancel import Cancel
    from db.chain import Mark
    from db.entries import Verified

CELLS = 20


class Verifying:
    """One link's."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.found: Verified | None = None
        self.since = self.seq = self.size = 0
        """Where it began, how far it is, how far it has to go."""
        self.stopped = False
        """Whether the operator stopped it."""
        self.why = ""
        """Why it could not be done."""
        self._mark: Mark | None = None

    def anew(self) -> None:
        """From the first entry, unless it was stopped on its way: then from there."""
        if not self.stopped:
            self._mark = None
        self.found, self.why, self.stopped = None, "", False

    def work(self, operators: Operators, cancel: Cancel, *, whole: bool = False) -> None:
        """In a thread; raises QuaestorError. ``whole`` goes on only from where it was stopped in this sitting."""
        self.why = ""
        try:
            self._verify(operators, cancel, whole)
        except Cancelled:
            if self._mark is not None:
                operators.keep(self._mark)
            raise
        except QuaestorError as error:
            self.why = str(error)
            raise

    def _verify(self, operators: Operators, cancel: Cancel, whole: bool) -> None:
        session, writer = session_of(self.link), self.link.writer
        state = later.entries.state(session, cancel)
        if self._mark is None and not whole:
            self._mark = operators.mark(state.ledger)
        self.size, self.since = state.size, self._mark.size if self._mark is not None else 0
        self.seq = self.since
        receipts = writer.journal.receipts(writer.ledger) if writer else operators.receipts(state.ledger)
        self.found = later.entries.verify(
            session, receipts, cancel, self._tell, keep=self._keep, since=self._mark
        )
        self._mark = self.found.mark
        if self._mark is not None:
            operators.keep(self._mark)

    def stop(self) -> None:
        """The operator stops it, if it is not over."""
        self.stopped = self.found is None and not self.why

    def _tell(self, seq: int) -> None:
        self.seq = seq

    def _keep(self, mark: Mark) -> None:
        self._mark = mark

    def told(self) -> list[Part]:
        """In words."""
        if self.found is not None:
            since = f"   (since {number(self.since)})" if self.since else ""
            if self.found.count:
                return [(f"✕ {self.found.count} wrong   {self.found.told}{since}", "bad")]
            return [(self.found.told + since, "good")]
        if self.why:
            return [(self.why, "bad")]
        if self.stopped:
            return [(f"stopped at {number(self.seq)} of {number(self.size)}; R goes on", "wait")]
        if not self.size:
            return [("being verified …", "faint")]
        done = self.seq * CELLS // self.size
        return [
            (f"being verified: {number(self.seq)} of {number(self.size)}  ", "faint"),
            ("█" * done, "accent"),
            ("░" * (CELLS - done), "faint"),
            ("  ctrl+c stops", "faint"),
        ]
