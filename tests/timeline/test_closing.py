"""A line of time that is closed while it is asked: what was asked is answered, what comes later is told."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from db.errors import Cancelled
from db.timeline import query
from db.timeline.lane import TableLane
from tests.timeline.line import Line

_DEADLINE = 20.0


def test_whoever_waits_when_it_is_closed_waits_no_longer(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that stands in a queue is no source that does not answer."""
    merged, fetch = line.timeline(patience=_DEADLINE), TableLane.fetch
    queued, go_on = threading.Event(), threading.Event()

    def held(self: TableLane, *given: Any) -> Any:
        assert go_on.wait(_DEADLINE)
        return fetch(self, *given)

    submit = merged._pool.submit

    def noted(*given: Any) -> Any:
        future = submit(*given)
        if merged._pool._work_queue.qsize():
            queued.set()
        return future

    monkeypatch.setattr(TableLane, "fetch", held)
    monkeypatch.setattr(merged._pool, "submit", noted)
    with ThreadPoolExecutor(4) as pool:
        pages = [pool.submit(merged.page, query()) for _ in range(4)]
        assert queued.wait(_DEADLINE)
        merged.close()
        go_on.set()
        done = [page for page in pages if not isinstance(page.exception(_DEADLINE / 2), Cancelled)]
    assert done
    assert all(page.result().gaps == () for page in done)
    with pytest.raises(Cancelled, match="closed"):
        merged.page(query())
