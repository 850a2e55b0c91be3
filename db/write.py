"""The only writer: every change of a record goes through ``perform``, which does it once or not at all.

The intent goes into the local journal, then in one transaction: look the operation's id up, lock the row, check
that it is as it was shown, apply, write the system's audit row, append to the ledger (which raises on a known id),
commit; then the receipt. An error around COMMIT leaves the outcome unknown: the same operation is run again with
the same id until the ledger tells. The unique id in the ledger is the arbiter, not what was looked up before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Protocol

from sqlalchemy import Connection, insert

from db import declare, drivers, faults, ledger
from db.cancel import Cancel, stopper
from db.change import Signed
from db.desk import Desk
from db.entry import derived, sign
from db.errors import Denied, Missing, QuaestorError, Refused, Stale, Unknown
from db.journal import Intent
from db.live import Live, check_same, commit, locked, transaction
from db.model import Mode, Risk
from db.once import PATIENCE, abandon, again, keep, nobody, once
from db.operation import GLASS, Armed, Done, Operation
from db.own import proposals
from db.proposal import REVIEW, filled
from db.recent import find
from db.rehearse import Rehearsed, rehearse, run
from db.rights import APPEND, missing
from db.run import zone_of
from db.types import naive_zone


class Approval(Protocol):
    """That enough others have said yes (``db.proposals``)."""

    def told(self) -> Mapping[str, Any]:
        """What the entry says of it."""

    def check(self, connection: Connection) -> None:
        """Ask once more, inside the transaction; raises Refused."""


@dataclass(frozen=True)
class Ready:
    """A rehearsed operation with its signed entry."""

    operation: Operation
    rehearsed: Rehearsed
    told: Mapping[str, Any]
    signed: Signed
    approval: Approval | None


def perform(
    desk: Desk,
    operation: Operation,
    armed: Armed | None,
    *,
    approval: Approval | None = None,
    cancel: Cancel | None = None,
    tell: Callable[[str], None] = nobody,
    patience: float = PATIENCE,
) -> Done:
    """Do it, once.

    Denied, Refused, Stale, Missing, Usage, TooSlow, Unreachable and Cancelled say that nothing changed. Unknown says
    that the server cannot be asked: the journal keeps the operation, and it is decided at the next start.
    ``tell`` is given ``unknown``, and ``asking`` each time, while the outcome is not known.
    """
    cancel = cancel or Cancel()
    gate(desk, armed)
    with _settings(desk):
        try:
            ready = again(lambda: prepare(desk, operation, approval, cancel))
        except (Refused, Stale, Missing, Denied):
            if found := again(lambda: find(desk.session, operation.operation_id, cancel)):
                return _earlier(desk, operation, found)  # an earlier run of it was decided
            raise
        desk.journal.intend(Intent(desk.ledger, operation, ready.signed))
        faults.point("after-intent")
        try:
            done = once(
                desk,
                operation.operation_id,
                lambda: _run(desk, ready, cancel),
                cancel,
                give_up=lambda: _given_up(desk, operation),
                tell=tell,
                patience=patience,
            )
        except Unknown:
            raise
        except QuaestorError:
            desk.journal.settle(operation.operation_id, "not done")
            raise
        keep(desk, ledger.Receipt(done.operation_id, done.seq, done.row_hash))
        return done


def earlier(desk: Desk, operation: Operation) -> Done | None:
    """What an earlier run of the operation did; raises Refused where its id was used for something else, or given up."""
    found = again(lambda: find(desk.session, operation.operation_id))
    return _earlier(desk, operation, found) if found else None


def gate(desk: Desk, armed: Armed | None) -> None:
    """Raise Denied unless this session may write now."""
    if desk.session.mode is Mode.AUDIT:
        raise Denied(f"{desk.session.name} is open in audit mode: nothing can be written.")
    if armed is None or not armed.left:
        raise Denied(
            f"{desk.session.name} is safe: ':arm 30m TICKET' arms it; headless, say --ticket and --yes."
        )


def prepare(desk: Desk, operation: Operation, approval: Approval | None, cancel: Cancel) -> Ready:
    """Rehearse it, check who and how many it takes, sign what would be done; nothing is sent yet."""
    rehearsed = rehearse(desk.session, operation, desk.who, cancel)
    _check_people(desk, operation, rehearsed, approval)
    if lacking := missing(desk.session, {*rehearsed.notes.grants, APPEND}):
        raise Denied(f"Your role lacks {', '.join(lacking)}.")
    told = _told(desk, operation, rehearsed, approval)
    return Ready(operation, rehearsed, told, sign(desk.signer, told), approval)


def _check_people(desk: Desk, operation: Operation, rehearsed: Rehearsed, approval: Approval | None) -> None:
    if not operation.reason.strip():
        raise Refused("A reason is needed: it is what the ledger tells.")
    if rehearsed.facts.risk is not Risk.DUAL or approval is not None:
        return
    if not operation.break_glass:
        raise Denied(
            f"'{rehearsed.facts.action.heading}' takes two people here: propose it, and another one approves."
        )
    if len(operation.reason.strip()) < GLASS:
        raise Refused(f"To break the glass takes a reason of at least {GLASS} characters.")


def _told(
    desk: Desk, operation: Operation, rehearsed: Rehearsed, approval: Approval | None
) -> dict[str, Any]:
    """What the entry says; what is empty is left out."""
    who, facts = desk.who, rehearsed.facts
    told = {
        "action": operation.action,
        "entity": operation.entity,
        "evidence": dict(who.evidence),
        "form": dict(operation.form),
        "id": operation.id,
        "intent": operation.intent,
        "ledger": desk.ledger,
        "operation": operation.operation_id,
        "operator": {"actor": who.actor, "name": who.name, "principal": who.principal},
        "reason": operation.reason,
        "risk": facts.risk.value,
        "row": rehearsed.row_hash.hex(),
        "system": desk.session.system.name,
        "tenant": desk.session.tenant,
        "ticket": operation.ticket,
        "undoes": operation.undoes,
        "break_glass": operation.break_glass,
        **rehearsed.recorded,
        **(approval.told() if approval else {}),
    }
    return {name: value for name, value in told.items() if value}


def _run(desk: Desk, ready: Ready, cancel: Cancel) -> Done:
    """One transaction; what it raises says that it did nothing, except Uncertain."""
    operation, done = ready.operation, None
    try:
        with transaction(desk) as connection:
            with cancel.running(stopper(connection)):
                faults.point("after-begin")
                if found := ledger.look_up(connection, operation.operation_id):
                    return _earlier(desk, operation, found)
                faults.point("after-look-up")
                try:
                    live = _apply(desk, connection, ready)
                except (Refused, Stale, Missing):
                    # The one in flight may have done it while this one waited for its lock.
                    if found := ledger.look_up(connection, operation.operation_id):
                        return _earlier(desk, operation, found)
                    raise
                receipt = ledger.append(connection, operation.operation_id, ready.signed)
                faults.point("after-append")
            commit(connection)
            effects = tuple(live.notes.effects)
            done = Done(
                receipt.operation, receipt.seq, receipt.row_hash, ready.told, effects, result=live.result
            )
    except drivers.errors():
        if done is None:
            raise
    faults.point("after-commit")
    return done


def _apply(desk: Desk, connection: Connection, ready: Ready) -> Live:
    """Lock, check, apply, the system's audit row."""
    facts = locked(desk.session, connection, ready.rehearsed.facts)
    faults.point("after-lock")
    if ready.approval:
        ready.approval.check(connection)
    live = Live(replace(facts, signed=ready.signed), connection)
    check_same(ready.rehearsed, run(live))
    if ready.operation.break_glass:
        _ask_review(desk, connection, ready)
    return live


def _ask_review(desk: Desk, connection: Connection, ready: Ready) -> None:
    """Leave an open item: another person looks at what one did alone."""
    operation = ready.operation
    connection.execute(
        insert(proposals).values(
            id=derived(operation.operation_id, "review"),
            entity="ledger",
            action=REVIEW,
            targets=[operation.operation_id],
            form={},
            row_hashes={},
            reason=operation.reason,
            ticket=operation.ticket,
            payload_hash=sha256(ready.signed.payload).digest(),
            key_id=ready.signed.key_id,
            signature=ready.signed.signature,
            **filled(desk, "proposer"),
        )
    )


def _given_up(desk: Desk, operation: Operation) -> Done | None:
    """What the one in flight did after all; None once it can never be done."""
    found = abandon(desk, operation.operation_id, "It was refused after its connection had failed.")
    return _earlier(desk, operation, found) if found else None


def _earlier(desk: Desk, operation: Operation, found: ledger.Found) -> Done:
    """The result of then; raises Refused where the id was used for something else, or given up."""
    told, receipt = found.told, found.receipt
    if told.get("action") == "abandon":
        raise Refused(f"The operation {operation.operation_id} was given up; decide anew.")
    if told.get("intent") != operation.intent:
        raise Refused(
            f"The id {operation.operation_id} belongs to another operation: "
            f"{told.get('action')} on {told.get('entity')} {told.get('id')}."
        )
    return Done(operation.operation_id, receipt.seq, receipt.row_hash, told, earlier=True)


@contextmanager
def _settings(desk: Desk) -> Iterator[None]:
    """The zone and the thresholds of this database, while inside."""
    zone, held = naive_zone.set(zone_of(desk.session)), declare.settings.set(desk.session.settings)
    try:
        yield
    finally:
        declare.settings.reset(held)
        naive_zone.reset(zone)
