"""Following: what has come since the last look, of an overlap too, since late commits carry early times."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from db.cancel import Cancel
from db.model import Filter, Operator, Position, Query, Row
from db.timeline.merge import Timeline

OVERLAP = "-30s"
"""How long after its time a row may be committed and still be seen."""
REMEMBERED = 100_000


class Follow:
    """The new rows of a query, each once, however often it is asked."""

    def __init__(self, line: Timeline, query: Query, since: str = OVERLAP) -> None:
        self._line = line
        self._query = query
        self._since = since
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._columns = query.shown

    def look(self, cancel: Cancel | None = None) -> list[Row]:
        """What is new, the oldest first; raises QuaestorError, and has then forgotten nothing."""
        recent = Filter("time", Operator.GE, self._since)
        view = self._query.entity.views[0]
        query = replace(self._query, view=view, order=None, filters=(*self._query.filters, recent))
        found: list[Row] = []
        after: Position | None = None
        while True:
            page = self._line.page(query, after=after, limit=500, cancel=cancel)
            found += [row for row in page.rows if row.id not in self._seen]
            if not page.more_after:
                break
            after = page.rows[-1].position
        self._seen.update((row.id, None) for row in found)
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        self._since = OVERLAP
        return found[::-1]
