"""Votes on proposals, and why one counts: it has an entry of its own, signed by another person's key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from db.desk import Desk
from db.entry import derived
from db.errors import Refused
from db.own import approvals, ledger
from db.recent import keys_of
from db.run import execute
from db.session import Session
from db.verifier import is_signed


@dataclass(frozen=True)
class Vote:
    """What one person said of a proposal."""

    proposal: str
    approver: str
    decision: str
    reason: str
    key_id: str
    at: datetime

    @property
    def operation(self) -> str:
        """The id of its entry."""
        return vote_id(self.proposal, self.approver)


def vote_id(proposal: str, approver: str) -> str:
    """The operation id of somebody's vote: one each."""
    return derived(proposal, "vote", approver)


def votes_of(source: Session | Connection, *proposals: str) -> tuple[Vote, ...]:
    """The votes on these proposals, in the order in which they were given."""
    c = approvals.c
    columns = (c.proposal_id, c.approver, c.decision, c.reason, c.key_id, c.created_at)
    wanted = select(*columns).where(c.proposal_id.in_(proposals)).order_by(c.created_at, c.approver)
    rows = execute(source, wanted, {}, None) if isinstance(source, Session) else source.execute(wanted)
    return tuple(Vote(*row) for row in rows)


def check_votes(
    desk: Desk, connection: Connection, proposer_key: str, payload_hash: bytes, votes: Sequence[Vote]
) -> None:
    """Raise Refused for a vote that its entry does not bear out."""
    keys = keys_of(connection)
    for vote in votes:
        _check(desk, connection, proposer_key, payload_hash, vote, keys)


def _check(
    desk: Desk,
    connection: Connection,
    proposer_key: str,
    payload_hash: bytes,
    vote: Vote,
    keys: Mapping[str, tuple[str, str, str]],
) -> None:
    wanted = select(ledger.c.payload, ledger.c.key_id, ledger.c.signature, ledger.c.db_user)
    entry = connection.execute(wanted.where(ledger.c.operation_id == vote.operation)).first()
    if entry is None:
        raise Refused(f"The vote of {vote.approver} has no entry in the ledger; it does not count.")
    said = bytes(entry.payload)
    event, line, _ = keys.get(entry.key_id, ("", "", ""))
    person = f"db:{entry.db_user}" if desk.principals == "db" else f"key:{entry.key_id}"
    sound = (
        f'"action":"{vote.decision}"'.encode() in said
        and f'"payload_hash":"{payload_hash.hex()}"'.encode() in said
        and person == vote.approver
        and entry.key_id == vote.key_id != proposer_key
        and event == "add"
        and is_signed(line, said, bytes(entry.signature))
    )
    if not sound:
        raise Refused(f"The vote of {vote.approver} is not borne out by its signed entry; it does not count.")
