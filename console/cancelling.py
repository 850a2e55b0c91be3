"""ctrl-c while the server works: the statement is stopped there, and only then does the command end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar

from db.cancel import Cancel
from db.errors import Cancelled

T = TypeVar("T")
PATIENCE = 5.0
"""Seconds that the server gets to stop a statement before the command ends without its answer."""


def cancellable(work: Callable[[Cancel], T]) -> T:
    """The work's answer, made in a thread so that this one hears ctrl-c; raises what the work raises."""
    cancel = Cancel()
    answers: list[T] = []
    errors: list[BaseException] = []
    ended = (
        threading.Event()
    )  # not join(): interrupted by ctrl-c, it takes a thread that runs for one that ended

    def run() -> None:
        try:
            answers.append(work(cancel))
        except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits
            errors.append(error)
        ended.set()

    thread = threading.Thread(target=copy_context().run, args=(run,), name="query", daemon=True)
    thread.start()
    try:
        ended.wait()
    except KeyboardInterrupt:
        cancel.cancel()
        ended.wait(PATIENCE)
        raise Cancelled("Cancelled.") from None
    if errors:
        raise errors[0]
    return answers[0]
