"""At the start: what earlier runs of the program left undecided is decided before anything new."""

from __future__ import annotations

from dataclasses import dataclass

from db.desk import Desk
from db.once import abandon, keep
from db.operation import Operation

_WHY = "The program ended before the outcome was known."


@dataclass(frozen=True)
class Resolved:
    """An operation that was under way when the program ended."""

    operation: Operation
    done: bool
    """Whether it had been done; if not it never will be, under this id."""


def resolve(desk: Desk) -> list[Resolved]:
    """Ask the ledger for each, and where it is not there, enter it as abandoned.

    Raises what keeps the ledger from being asked: then nothing new is begun.
    """
    decided = []
    for journal, intents in desk.journal.left():
        for intent in intents:
            operation = intent.operation
            found = abandon(desk, operation.operation_id, _WHY)
            if found is not None:
                keep(desk, found.receipt)
            journal.settle(operation.operation_id, "done" if found else "abandoned")
            decided.append(Resolved(operation, found is not None))
    return decided
