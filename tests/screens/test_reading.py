"""Reads off the event loop: cancelled where nobody waits, and never in the way of leaving."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from db.errors import Cancelled, Refused
from screens.reading import Reading, in_thread, settle

if TYPE_CHECKING:
    from db.read import Cancel


async def test_the_result_comes_back() -> None:
    assert await Reading(lambda cancel: 42).result() == 42


async def test_an_error_comes_back() -> None:
    def refuse(cancel: Cancel) -> None:
        raise Refused("No.")

    with pytest.raises(Refused):
        await Reading(refuse).result()


async def test_stopping_cancels_the_statement() -> None:
    began, stopped = threading.Event(), threading.Event()

    def work(cancel: Cancel) -> None:
        with cancel.running(stopped.set):
            began.set()
            assert stopped.wait(5)
        raise Cancelled("Cancelled.")

    reading = Reading(work)
    waiting = asyncio.create_task(reading.result())
    await asyncio.to_thread(began.wait, 5)
    reading.stop()
    with pytest.raises(Cancelled):
        await waiting


async def test_who_no_longer_waits_stops_it_too() -> None:
    began, stopped = threading.Event(), threading.Event()

    def work(cancel: Cancel) -> None:
        with cancel.running(stopped.set):
            began.set()
            assert stopped.wait(5)

    waiting = asyncio.create_task(Reading(work).result())
    await asyncio.to_thread(began.wait, 5)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.to_thread(settle, 5.0)
    assert stopped.is_set()


async def test_what_was_stopped_before_it_began_never_runs() -> None:
    ran: list[bool] = []
    reading = Reading(lambda cancel: ran.append(True))
    reading.stop()
    settle(5.0)
    with pytest.raises(Cancelled):
        await reading.result()
    assert not ran


async def test_a_thread_hands_over_what_it_raises() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await in_thread(fail)
