"""Operations on their way: one after the other, in a thread, each reported whatever becomes of it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from db import planned
from db.errors import Cancelled, QuaestorError, Unknown, Unreachable
from screens import later
from screens.formats import short
from screens.operators import writer_of
from screens.reading import in_thread

if TYPE_CHECKING:
    from textual.app import App

    from db.cancel import Cancel
    from db.desk import Desk as Writer
    from db.operation import Done, Operation, Sheet
    from screens.desk import Desk, Link
    from screens.operators import Operators

PATIENCE = 1.0
"""Seconds after which it is told how far it is."""


@dataclass(frozen=True)
class Did:
    """An operation of this run of the program, so that it can be taken back."""

    at: str
    """The profile's name."""
    entity: str
    id: str
    operation: str


@dataclass(frozen=True)
class Outcome:
    """What became of one record."""

    operation: Operation
    said: str
    """``done``, ``proposed``, ``refused``, ``unknown`` or ``not tried``."""
    why: str = ""
    done: Done | None = None
    error: QuaestorError | None = None


Step = Callable[["Run", "Writer"], "list[Outcome]"]
"""Does a part of the work."""


class Run:
    """Work at one system's desk; ``stop`` ends it behind the operation that is under way."""

    def __init__(
        self, link: Link, operators: Operators, what: str, steps: Sequence[Step], total: int
    ) -> None:
        self.link = link
        self.what = what
        """The verb, as it is told."""
        self.total = total
        """Records."""
        self.outcomes: list[Outcome] = []
        self.state = ""
        """``unknown`` while the outcome of the last one is not known."""
        self._operators = operators
        self._steps = steps
        self._stopped = threading.Event()
        self._cancel: Cancel | None = None
        self._unknown_since = 0.0

    def run(self) -> list[Outcome]:
        """All of it, in a thread; raises QuaestorError only where there is no desk, and nothing was done."""
        writer = writer_of(self.link, self._operators)
        for step in self._steps:
            if self._stopped.is_set():
                break
            self.outcomes += step(self, writer)
        return self.outcomes

    @property
    def stopped(self) -> bool:
        """Whether nothing more is to be begun."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Begin nothing more, and ask no longer for what is not known."""
        self._stopped.set()
        if self._cancel is not None and self.state:
            self._cancel.cancel()

    @property
    def done(self) -> list[Outcome]:
        """What is done, proposed or voted."""
        return [outcome for outcome in self.outcomes if not outcome.why]

    @property
    def revealed(self) -> Any:
        """What a reveal gave; None where there was none."""
        return next(
            (o.done.result for o in self.outcomes if o.done is not None and o.done.result is not None), None
        )

    @property
    def progress(self) -> str:
        """How far it is, in a sentence."""
        if self.state:
            seconds = int(time.monotonic() - self._unknown_since)
            return f"It is not known yet whether '{self.what}' was done; the server is asked ({seconds} s)."
        refused = sum(outcome.said == "refused" for outcome in self.outcomes)
        more = f", {refused} refused" if refused else ""
        return f"{self.what}: {len(self.outcomes)} of {self.total}{more}; ctrl+c stops."

    def attempt(self, operation: Operation, work: Callable[[Cancel], Done]) -> Outcome:
        """One operation; an end that is not known, or a server that is gone, stops the rest."""
        self._cancel = later.cancel.Cancel()
        try:
            return Outcome(operation, "done", done=work(self._cancel))
        except (Unknown, Unreachable, Cancelled) as error:
            self._stopped.set()
            said = "unknown" if isinstance(error, Unknown) else "refused"
            return Outcome(operation, said, str(error), error=error)
        except QuaestorError as error:
            return Outcome(operation, "refused", str(error), error=error)
        finally:
            self.state = ""

    def tell(self, state: str) -> None:
        """The writer does not know the outcome, or asks again."""
        if not self.state:
            self._unknown_since = time.monotonic()
        self.state = state


def perform(operation: Operation) -> Step:
    """The step that does it alone."""

    def step(run: Run, writer: Writer) -> list[Outcome]:
        armed = run.link.arming.now
        operation_ = replace(operation, ticket=operation.ticket or (armed.ticket if armed else ""))
        return [
            run.attempt(
                operation_,
                lambda cancel: later.write.perform(writer, operation_, armed, cancel=cancel, tell=run.tell),
            )
        ]

    return step


def propose(operations: Sequence[Operation]) -> Step:
    """The step that proposes it for all of them; a record that has changed keeps the whole from being proposed."""

    def step(run: Run, writer: Writer) -> list[Outcome]:
        armed = run.link.arming.now
        ticket = armed.ticket if armed else ""
        try:
            later.proposals.propose(
                writer, armed, [replace(o, ticket=o.ticket or ticket) for o in operations]
            )
        except QuaestorError as error:
            return [Outcome(operation, "refused", str(error), error=error) for operation in operations]
        return [Outcome(operation, "proposed") for operation in operations]

    return step


def approve(proposal: str, reason: str, shown: Sequence[Sheet], operations: Sequence[Operation]) -> Step:
    """The step that says yes to somebody's proposal, which carries it out where it takes no more."""

    def step(run: Run, writer: Writer) -> list[Outcome]:
        try:
            outcomes = later.proposals.approve(writer, run.link.arming.now, proposal, reason, shown)
        except QuaestorError as error:
            return [Outcome(operation, "refused", str(error), error=error) for operation in operations]
        by_id = {outcome.target: outcome for outcome in outcomes}
        return [
            Outcome(o, "approved")
            if (found := by_id.get(o.id) or by_id.get(planned.target(o.entity, o.action, o.id))) is None
            else Outcome(o, "refused" if found.refused else "done", found.refused, found.done)
            for o in operations
        ]

    return step


def reject(proposal: str, reason: str, operations: Sequence[Operation], *, withdraw: bool = False) -> Step:
    """The step that says no to a proposal, or takes one's own back."""

    def step(run: Run, writer: Writer) -> list[Outcome]:
        say_no = later.proposals.withdraw if withdraw else later.proposals.reject
        try:
            say_no(writer, run.link.arming.now, proposal, reason)
        except QuaestorError as error:
            return [Outcome(operation, "refused", str(error), error=error) for operation in operations]
        return [Outcome(operation, "withdrawn" if withdraw else "rejected") for operation in operations]

    return step


async def apart(app: App[Any], work: Coroutine[Any, Any, None]) -> None:
    """Run it on the app and wait for it: whoever waits may be cancelled, the work goes on and is told.

    A worker that is awaited directly is cancelled with whoever awaits it.
    """
    over = asyncio.Event()

    async def run() -> None:
        try:
            await work
        finally:
            over.set()

    app.run_worker(run(), group="writes", exclusive=False)
    await over.wait()


async def carry_out(desk: Desk, run: Run) -> None:
    """Let it run, tell how far it is where that takes long, and what came of it."""
    desk.runs.append(run)
    task = asyncio.ensure_future(in_thread(run.run))
    try:
        while not task.done():
            _ = await asyncio.wait({task}, timeout=PATIENCE)
            if not task.done():
                desk.tell(run.progress, "wait")
        desk.tell(*summary(run.what, await task, run.total))
    except QuaestorError as error:
        desk.tell(str(error), "error")
    finally:
        desk.runs.remove(run)
    for outcome in run.outcomes:
        operation = outcome.operation
        if outcome.done is not None:
            desk.did.append(Did(run.link.name, operation.entity, operation.id, outcome.done.operation_id))
        if isinstance(outcome.error, Unreachable | Unknown):
            desk.lost(run.link, Unreachable(str(outcome.error)))


def summary(what: str, outcomes: Sequence[Outcome], planned: int) -> tuple[str, str]:
    """One sentence of what became of all, and its tone."""
    if len(outcomes) == 1 and planned == 1:
        outcome = outcomes[0]
        name = f"{what} {outcome.operation.entity} {short(outcome.operation.id)}"
        if outcome.why:
            return f"{name}: {outcome.said}. {outcome.why}", "error"
        again = ", by an earlier run of it" if outcome.done is not None and outcome.done.earlier else ""
        seq = f", entry {outcome.done.seq} of the ledger" if outcome.done is not None else ""
        return f"{name}: {outcome.said}{again}{seq}.", "note" if outcome.said == "done" else "wait"
    counts: dict[str, int] = {}
    for outcome in sorted(outcomes, key=lambda outcome: bool(outcome.why)):
        counts[outcome.said] = counts.get(outcome.said, 0) + 1
    if planned > len(outcomes):
        counts["not tried"] = planned - len(outcomes)
    told = ", ".join(f"{number} {said}" for said, number in counts.items())
    return f"{what}: {told or 'nothing'}.", "note" if set(counts) <= {"done", "proposed"} else "wait"
