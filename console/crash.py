"""What nobody expected: one sentence with an incident's id, and the trace without values in a private file."""

from __future__ import annotations

import os
import platform
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType

from console import places


def install() -> None:
    """Report what no code handled, in the main thread and in others, this way."""
    sys.excepthook = _hook
    threading.excepthook = lambda facts: _hook(facts.exc_type, facts.exc_value, facts.exc_traceback)


def _hook(type_: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
    print(f"quaestor: {record(error or type_())}", file=sys.stderr)  # noqa: T201 - the last word of the program


def record(error: BaseException) -> str:
    """Write the incident down; the sentence that names it. Messages stay out: they may hold data."""
    error = getattr(error, "error", error)  # of a worker that failed, what failed in it
    incident = os.urandom(4).hex()
    file = places.state() / f"incident-{incident}.txt"
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write("\n".join(_lines(error, incident)))
        kept = f"its trace is in {file}"
    except OSError as failed:
        kept = f"its trace could not be kept ({failed.strerror})"
    return f"Something unexpected happened ({type(error).__name__}): incident {incident}; {kept}."


def _lines(error: BaseException, incident: str) -> list[str]:
    lines = [
        f"quaestor {_version()}, incident {incident}, {datetime.now(UTC).isoformat(timespec='seconds')}",
        f"Python {platform.python_version()} on {platform.platform()}",
    ]
    step: BaseException | None = error
    while step is not None:
        lines += ["", type(step).__name__]
        lines += [f"  {f.filename}:{f.lineno} in {f.name}" for f in traceback.extract_tb(step.__traceback__)]
        step = step.__cause__ or (None if step.__suppress_context__ else step.__context__)
    return [*lines, ""]


def _version() -> str:
    # Saves 25 ms of every start that does not end in an incident.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("quaestor")
    except PackageNotFoundError:
        return "from source"
