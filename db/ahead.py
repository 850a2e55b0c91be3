"""An iterator whose next items are made by a thread while the last one is being used."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterator[Item], depth: int) -> Iterator[Item]:
    """The same items, at most ``depth`` of them made in advance; what the maker raises is raised here."""
    waiting: Queue[Item | _End] = Queue(depth)
    stopped = Event()
    maker = Thread(target=_make, args=(items, waiting, stopped), name="ahead", daemon=True)
    maker.start()
    try:
        while not isinstance(item := waiting.get(), _End):
            yield item
        if item.error:
            raise item.error
    finally:
        stopped.set()
        maker.join()


class _End:
    """The mark behind the last item, with what ended it too early."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def _make(items: Iterator[Item], waiting: Queue[Item | _End], stopped: Event) -> None:
    end = _End()
    try:
        for item in items:
            if not _put(waiting, item, stopped):
                return
    except BaseException as error:  # noqa: BLE001 - handed over to the thread that uses the items
        end = _End(error)
    _put(waiting, end, stopped)


def _put(waiting: Queue[Item | _End], item: Item | _End, stopped: Event) -> bool:
    """Put the item as soon as there is room; False once nobody wants it."""
    while not stopped.is_set():
        try:
            waiting.put(item, timeout=0.1)
        except Full:
            continue
        return True
    return False
