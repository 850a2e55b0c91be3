"""Who is at the keyboard, as far as screens must know: a name, and a desk to write at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from db.errors import Denied, Usage
from db.profile import Mode, Profile
from screens import later

if TYPE_CHECKING:
    from db.chain import Mark
    from db.desk import Desk as Writer
    from db.keys import Signer
    from db.resolve import Resolved
    from db.session import Session
    from screens.desk import Link


class Operators(Protocol):
    """Finds the operator's key for a system; the console has it."""

    @property
    def name(self) -> str:
        """Who is at the keyboard; empty where that follows from each system's key."""

    @property
    def others(self) -> tuple[str, ...]:
        """Who else can be tried; nobody but in the demo."""

    def become(self, name: str) -> None:
        """Be another one; raises Usage outside the demo and for an unknown name."""

    def writer(self, session: Session) -> Writer:
        """A desk for the operator's key; raises Denied, Missing, Unreachable."""

    def signer(self, profile: Profile) -> Signer | None:
        """The operator's key, to sign what is taken out; None where there is none. It may be asked for in audit mode too."""

    def claims(self) -> Mapping[str, str]:
        """What the host says of whoever is at the keyboard."""

    def receipts(self, ledger: str) -> Sequence[Mapping[str, Any]]:
        """The receipts of a ledger's entries that this host keeps."""

    def mark(self, ledger: str) -> Mark | None:
        """Where the verification of a ledger goes on."""

    def keep(self, mark: Mark) -> None:
        """Keep where it goes on."""


class Nobody:
    """No operator: nothing can be changed."""

    name = ""
    others: tuple[str, ...] = ()

    def become(self, name: str) -> None:
        """Nobody becomes somebody; raises Usage."""
        raise Usage("Only the demo has other operators; who you are follows from your key.")

    def writer(self, session: Session) -> Writer:
        """There is no desk; raises Denied."""
        raise Denied(f"There is no operator's key for {session.name}.")

    def signer(self, profile: Profile) -> Signer | None:
        """There is no key."""
        return None

    def claims(self) -> Mapping[str, str]:
        """Nothing is known."""
        return {}

    def receipts(self, ledger: str) -> Sequence[Mapping[str, Any]]:
        """None are kept."""
        return ()

    def mark(self, ledger: str) -> Mark | None:
        """From the first entry."""
        return None

    def keep(self, mark: Mark) -> None:
        """Nowhere."""


def why_closed(link: Link) -> str | None:
    """Why nothing can be changed in that system at all, whatever is armed."""
    session = link.session
    if session is None:
        return f"{link.name} is not open."
    if session.mode is Mode.AUDIT:
        return f"{link.name} is open in audit mode: nothing can be changed."
    if session.schema.table("quaestor_ledger") is None:
        return f"{link.name} has no ledger: 'quaestor migrate {link.name} up --part ledger' makes one."
    return None


def why_safe(link: Link) -> str | None:
    """Why nothing can be changed there now."""
    if reason := why_closed(link):
        return reason
    if link.arming.now is None:
        return f"{link.name} is safe: ':arm 30m TICKET' arms it."
    return None


def writer_of(link: Link, operators: Operators) -> Writer:
    """The link's desk, opened when it is first needed; earlier operations are decided first. Raises QuaestorError."""
    if reason := why_closed(link):
        raise Denied(reason)
    assert link.session is not None
    with link.opening:
        if link.writer is None:
            writer = operators.writer(link.session)
            try:
                link.resolved += later.resolve.resolve(writer)
            except BaseException:
                writer.close()
                raise
            link.writer = writer
        elif link.writer.session is not link.session:
            link.writer = replace(link.writer, session=link.session)
        return link.writer


def told(resolved: Resolved) -> str:
    """What became of an operation whose outcome was not known."""
    operation = resolved.operation
    what = "it was done" if resolved.done else "it was not done, and will not be"
    return f"'{operation.action}' on {operation.entity} {operation.id} was under way when the program ended: {what}."
