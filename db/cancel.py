"""Stopping what runs: by the operator on the server, by the client's own deadline where a server hangs."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import math
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, exc

from db.errors import Cancelled


class Cancel:
    """A handle on one read or write: ``cancel()`` from any thread stops its statement on the server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stop: Callable[[], None] | None = None
        self._ended = threading.Event()
        self.cancelled = False

    def cancel(self) -> None:
        """Stop what runs now, and refuse what would run next; does not wait for either."""
        if not self.cancelled:
            self.cancelled = True
            threading.Thread(target=self._insist, name="cancel", daemon=True).start()

    def _insist(self) -> None:
        """Say it until it is heard: a signal that comes before its statement has begun stops nothing."""
        while True:
            with self._lock:
                if self._stop is None:
                    return
                self._stop()
            if self._ended.wait(0.1):
                return

    @contextmanager
    def running(self, stop: Callable[[], None]) -> Iterator[None]:
        """While inside, ``cancel()`` calls ``stop``; raises Cancelled where it was cancelled before."""
        with self._lock:
            if self.cancelled:
                raise Cancelled("Cancelled.")
            self._stop = stop
            self._ended.clear()
        try:
            yield
        finally:
            self._ended.set()
            with self._lock:  # a cancel under way ends before the connection serves another statement
                self._stop = None


def stopper(connection: Connection) -> Callable[[], None]:
    """What stops the statement that runs on a connection, called from another thread."""
    driver: Any = connection.connection.driver_connection
    dialect = connection.dialect.name
    if dialect == "sqlite":
        return driver.interrupt  # type: ignore[no-any-return] # sqlite3's own
    if dialect == "postgresql":
        return lambda: driver.cancel_safe(timeout=2.0)
    return lambda: _kill_query(connection, driver.thread_id())


def _kill_query(connection: Connection, thread: int) -> None:
    """MySQL stops a statement only from a second connection."""
    with contextlib.suppress(exc.DBAPIError), connection.engine.connect() as second:
        second.exec_driver_sql(f"KILL QUERY {int(thread)}")


def hang_up(connection: Connection) -> Callable[[], None]:
    """What frees a thread that waits for a server that hangs: shut the socket (SQLite: stop the statement)."""
    driver: Any = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        return driver.interrupt
    if connection.dialect.name != "postgresql":
        return lambda: None  # PyMySQL has read_timeout
    number = driver.fileno()

    def shut() -> None:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(number)) as twin:
            twin.shutdown(socket.SHUT_RDWR)

    return shut


class _Watch:
    """One thread that calls what is overdue."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._off: set[int] = set()
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._wakes = math.inf
        """When the thread looks next by itself; it is woken only for what is due before: each time is two switches."""
        self._thread: threading.Thread | None = None

    def set(self, seconds: float, call: Callable[[], None]) -> int:
        """Call ``call`` in so many seconds, unless it is taken off before."""
        with self._changed:
            number, due = next(self._numbers), time.monotonic() + seconds
            heapq.heappush(self._due, (due, number, call))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif due < self._wakes:
                self._changed.notify()
            return number

    def take_off(self, number: int) -> None:
        """Forget one that is in time."""
        with self._changed:
            self._off.add(number)
            while self._due and self._due[0][1] in self._off:
                self._off.discard(heapq.heappop(self._due)[1])

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due or (wait := self._due[0][0] - time.monotonic()) > 0:
                    self._wakes = self._due[0][0] if self._due else math.inf
                    self._changed.wait(wait if self._due else None)
                _, number, call = heapq.heappop(self._due)
                late = number not in self._off
                self._off.discard(number)
            if late:
                call()


_watch = _Watch()


@contextmanager
def deadline(seconds: float, call: Callable[[], None], called: list[bool]) -> Iterator[None]:
    """Call ``call`` if the body takes longer, and say so in ``called``."""

    def overdue() -> None:
        called.append(True)
        call()

    number = _watch.set(seconds, overdue)
    try:
        yield
    finally:
        _watch.take_off(number)
