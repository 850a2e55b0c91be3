"""Reads off the event loop: in a thread, cancelled on the server as soon as nobody waits for them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from db.errors import Cancelled
from screens import later

if TYPE_CHECKING:
    from db.read import Cancel

Result = TypeVar("Result")

_stopping: set[threading.Thread] = set()


async def in_thread(work: Callable[[], Result]) -> Result:
    """The result of work that a thread does; one that nobody waits for any more does not keep the program alive."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def tell(result: Result | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(cast("Result", result))

    def run() -> None:
        result, failed = None, None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - handed over to where it is waited for
            failed = error
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(tell, result, failed)

    threading.Thread(target=run, name="read", daemon=True).start()
    return await future


def job(work: Callable[..., Coroutine[Any, Any, None]], *given: object) -> Any:
    """Work for a worker, begun by it: a coroutine that is cancelled before it began would complain."""
    return partial(work, *given)  # Any: Textual's type allows for it, but not in a way that mypy infers


def settle(seconds: float) -> None:
    """Wait, before the program ends, until what was cancelled has been stopped on the servers."""
    deadline = time.monotonic() + seconds
    for thread in list(_stopping):
        thread.join(max(0.0, deadline - time.monotonic()))


class Reading(Generic[Result]):
    """One read that runs, or ran."""

    def __init__(self, work: Callable[[Cancel], Result]) -> None:
        self._work = work
        self._cancel: Cancel | None = None
        self._stopped = False
        self._lock = threading.Lock()
        self.began = time.monotonic()

    @property
    def seconds(self) -> float:
        """For how long it has been running."""
        return time.monotonic() - self.began

    def stop(self) -> None:
        """Stop it on the server, from a thread of its own: that may need a connection."""
        thread = threading.Thread(target=self._stop, name="cancel", daemon=True)
        _stopping.add(thread)
        thread.start()

    def _stop(self) -> None:
        try:
            with self._lock:
                self._stopped = True
                cancel = self._cancel
            if cancel is not None:
                cancel.cancel()
        finally:
            _stopping.discard(threading.current_thread())

    def _run(self) -> Result:
        cancel = later.cancel.Cancel()
        with self._lock:
            if self._stopped:
                raise Cancelled("Cancelled.")
            self._cancel = cancel
        return self._work(cancel)

    async def result(self) -> Result:
        """Wait for it; whoever is cancelled while waiting stops it on the server too."""
        try:
            return await in_thread(self._run)
        except asyncio.CancelledError:
            self.stop()
            raise
