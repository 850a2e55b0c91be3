"""Exactly once: run a transaction that appends an entry, until it is known to be done or known not to be."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from db import drivers, faults, ledger
from db.cancel import Cancel, stopper
from db.change import Signed
from db.desk import Desk
from db.entry import sign
from db.errors import Missing, QuaestorError, Refused, Stale, TooSlow, Unknown
from db.live import Uncertain, commit, transaction
from db.transient import is_transient
from db.translate import translate

TRIES = 5
"""How often a transaction is run again that the server took back for another one's sake."""
PATIENCE = 60.0
"""Seconds that an unknown outcome is asked for before it is left to the journal."""
Result = TypeVar("Result")


def nobody(state: str) -> None:
    """Nobody is told."""


def again(call: Callable[[], Result]) -> Result:
    """The call's result, tried again where it only met another's lock (SQLite's readers wait for a writer)."""
    for tries in range(TRIES):
        try:
            return call()
        except TooSlow as error:
            if not is_transient(error.__cause__ or error):
                raise
            time.sleep(random.uniform(0.005, 0.02) * 2**tries)
    return call()


def once(
    desk: Desk,
    operation: str,
    attempt: Callable[[], Result],
    cancel: Cancel,
    *,
    give_up: Callable[[], Result | None] = lambda: None,
    tell: Callable[[str], None] = nobody,
    patience: float = PATIENCE,
) -> Result:
    """The attempt's result; what it raises says that nothing was done, except Unknown.

    An attempt looks the operation's id up in its own transaction, so that it may be run again however the last
    one ended. Where a later one is refused while the first is unknown, ``give_up`` waits for that one: it gives
    its result, or None once it can never be done.
    """
    course = _Course(desk, operation, cancel, tell, patience)
    while True:
        try:
            return attempt()
        except ledger.Known:
            course.unknown()
            continue  # the next look finds it
        except Uncertain:
            course.unknown()
            tell("unknown")
        except drivers.errors() as error:
            if course.may_try_again(error):
                continue
        except (Refused, Stale, Missing):
            if not course.since or (done := give_up()) is None:
                raise
            return done
        except QuaestorError:
            if not course.since:
                raise
        course.wait()


@dataclass
class _Course:
    """How far the attempts at an operation have come."""

    desk: Desk
    operation: str
    cancel: Cancel
    tell: Callable[[str], None]
    patience: float
    tries: int = 0
    asked: int = 0
    since: float = 0.0
    """Since when its outcome is unknown; 0 while it is known that nothing was done."""

    def unknown(self) -> None:
        """The outcome of an attempt is not known."""
        self.since = self.since or time.monotonic()

    def may_try_again(self, error: Exception) -> bool:
        """Whether to try again at once; raises our error where it is over and nothing was done."""
        if self.since:
            return False  # a lock of the one in flight, or a line that is not back yet
        self.tries += 1
        if not is_transient(error) or self.tries > TRIES:
            raise translate(error, self.desk.session.profile) from error
        time.sleep(random.uniform(0.005, 0.02) * 2**self.tries)
        return True

    def wait(self) -> None:
        """Wait before the ledger is asked again; raises Unknown after the patience, or when cancelled."""
        if self.cancel.cancelled or time.monotonic() - self.since > self.patience:
            raise Unknown(
                f"It is not known whether operation {self.operation} was done: the server does not answer. "
                "The journal keeps it, and it is decided before anything else is done here."
            )
        time.sleep(min(0.1 * 2**self.asked, 2.0))
        self.asked += 1
        self.tell("asking")


def abandon(desk: Desk, operation: str, why: str, cancel: Cancel | None = None) -> ledger.Found | None:
    """Enter the id as abandoned, so that it can never be done; where it was done, its entry.

    The entry waits for the head of the ledger, which one that is in flight holds until it is decided.
    """
    found = enter(desk, operation, {"action": "abandon", "reason": why}, cancel=cancel)
    return None if found.told.get("action") == "abandon" else found


def enter(
    desk: Desk,
    operation: str,
    told: dict[str, Any],
    write: Callable[[Connection, Signed], None] | None = None,
    *,
    cancel: Cancel | None = None,
) -> ledger.Found:
    """Append an entry with what belongs to it, in one transaction, exactly once; the entry of an earlier run if there is one.

    ``write`` makes the rows that belong to it; what it raises rolls all back.
    """
    cancel = cancel or Cancel()
    told = {"ledger": desk.ledger, "operation": operation, "operator": _operator(desk), **told}
    signed = sign(desk.signer, told)

    def attempt() -> ledger.Found:
        with transaction(desk) as connection:
            with cancel.running(stopper(connection)):
                if found := ledger.look_up(connection, operation):
                    return found
                if write:
                    write(connection, signed)
                receipt = ledger.append(connection, operation, signed)
            commit(connection)
        return ledger.Found(receipt, told)

    found = once(desk, operation, attempt, cancel)
    keep(desk, found.receipt)
    return found


def keep(desk: Desk, receipt: ledger.Receipt) -> None:
    """Keep a receipt; a full disk does not undo what was done, and the next start asks the ledger again."""
    try:
        desk.journal.receive(desk.ledger, receipt.operation, receipt.seq, receipt.row_hash)
    except OSError:
        return
    faults.point("after-receipt")
    desk.pulse.beat(desk, receipt.seq)


def _operator(desk: Desk) -> dict[str, str]:
    who = desk.who
    return {"actor": who.actor, "name": who.name, "principal": who.principal}
