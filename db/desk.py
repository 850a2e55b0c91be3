"""A desk: an open system at which an operator may write, with a key, a journal and a connection of its own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, select, text

from db.checkpoints import Pulse
from db.engine import make_engine
from db.errors import Denied, Missing
from db.journal import Journal
from db.keys import Signer, id_of, name_of
from db.model import Mode
from db.operation import Who
from db.own import ledger_head
from db.recent import keys_of
from db.run import execute
from db.session import Session

OPERATOR = "operator_id"
"""The setting of a profile that names the operator's own user in the system."""


@dataclass(frozen=True, eq=False)
class Desk:
    """Everything that a write takes beside the operation."""

    session: Session
    engine: Engine
    """Its transactions may write."""
    signer: Signer
    journal: Journal
    ledger: str
    principals: str
    """Whether people are logins (``db``) or keys (``key``)."""
    who: Who

    pulse: Pulse = field(default_factory=Pulse)
    """When it owes the ledger a checkpoint."""

    def close(self) -> None:
        """Make the checkpoint that is owed, end the connections and the journal."""
        self.pulse.leave(self)
        self.engine.dispose()
        self.journal.close()


def open_desk(
    session: Session, signer: Signer, journal: Path, evidence: Mapping[str, str] | None = None
) -> Desk:
    """A desk for the holder of a key; raises Denied in audit mode or for a key that is not registered, Missing without a ledger."""
    if session.mode is Mode.AUDIT:
        raise Denied(f"{session.name} is open in audit mode: nothing can be written.")
    if session.schema.table(ledger_head.name) is None:
        raise Missing(
            f"{session.name} has no ledger, so that nothing is written: 'quaestor migrate {session.name} up --part ledger'."
        )
    head = execute(session, select(ledger_head.c.ledger, ledger_head.c.principals), {}, None)
    if not head:
        raise Missing(f"{session.name}: the ledger has no head; see 'quaestor doctor'.")
    name, principals = head[0]
    if not is_name(name):
        raise Denied(
            f"{session.name}: its ledger has a name that quaestor gives to none, so that nothing is written."
        )
    key = id_of(signer)
    _check_registered(session, key)
    principal = f"db:{_login(session)}" if principals == "db" else f"key:{key}"
    actor = session.profile.settings.get(OPERATOR, "")
    who = Who(principal, key, name_of(signer), actor, dict(evidence or {}))
    engine = make_engine(session.profile, read_only=False)
    return Desk(session, engine, signer, Journal(journal / name), name, principals, who)


def is_name(ledger: str) -> bool:
    """Whether it is a ledger's name; it comes out of a database, and names files here."""
    try:
        return str(uuid.UUID(ledger)) == ledger
    except ValueError:
        return False


def _check_registered(session: Session, key: str) -> None:
    event = keys_of(session).get(key, ("",))[0]
    if event != "add":
        what = "was revoked" if event else "is not registered"
        raise Denied(
            f"Your key {key} {what} in {session.name}: the holder of a registered one says "
            f"'quaestor keys register {session.name}'."
        )


def _login(session: Session) -> str:
    """The session's user as the database's own rules name it: on MySQL without the host."""
    if session.server.dialect in ("mysql", "mariadb"):
        user = str(execute(session, text("SELECT user()"), {}, None)[0][0])
        return user.rpartition("@")[0]
    return session.server.user


__all__ = ["OPERATOR", "Desk", "keys_of", "open_desk"]
