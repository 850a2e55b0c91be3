"""Who is at the keyboard, and the evidence for it: the key is proof, the rest are claims and recorded as claims."""

from __future__ import annotations

import getpass
import os
import pwd
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console import marks, places
from db.errors import Missing, Unreachable, Usage, unknown
from db.profile import Profile

if TYPE_CHECKING:
    from db.chain import Mark
    from db.desk import Desk
    from db.keys import Signer
    from db.session import Session

KEY = "operator_key"
"""The setting of a profile that names the operator's key, by its fingerprint or its name."""
_UNSET = 2**32 - 1
"""The kernel's login uid of a process that nobody logged in for."""


def evidence(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the host says of whoever runs this; what it does not know is left out."""
    found = {
        "address": environ.get("SSH_CONNECTION", "").partition(" ")[0],
        "host": socket.gethostname(),
        "login": _login(),
        "session": environ.get("XDG_SESSION_ID", ""),
        "sudo": environ.get("SUDO_USER", ""),
        "user": _user(),
    }
    return {name: value for name, value in found.items() if value}


def _login() -> str:
    """Who logged in, by the kernel's word, whatever ``su`` and ``sudo`` did since."""
    try:
        number = int(Path("/proc/self/loginuid").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return ""
    return "" if number == _UNSET else _named(number)


def _named(number: int) -> str:
    with suppress(KeyError):
        return pwd.getpwuid(number).pw_name
    return str(number)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


def of_agent(profile: Profile) -> Signer:
    """The operator's key in the ssh-agent; raises Missing, Unreachable."""
    from db import keys  # noqa: PLC0415 - 40 ms of cryptography that no reading start waits for

    return keys.choose(keys.agent(), profile.settings.get(KEY, ""))


def of_host(profile: Profile) -> Signer:
    """The operator's key in the ssh-agent, or in a file that was opened; raises Missing, Unreachable, Sealed."""
    from console import signing  # noqa: PLC0415 - 40 ms of cryptography that no reading start waits for

    return signing.of_screens(profile)


class Host:
    """What this host knows, whoever sits there."""

    def claims(self) -> Mapping[str, str]:
        """What the host says."""
        return evidence()

    def receipts(self, ledger: str) -> Sequence[Mapping[str, Any]]:
        """The receipts that are kept here."""
        return marks.receipts(ledger)

    def mark(self, ledger: str) -> Mark | None:
        """Where the verification of a ledger goes on."""
        return marks.mark(ledger)

    def keep(self, mark: Mark) -> None:
        """Keep where it goes on."""
        marks.keep(mark)


class Operator(Host):
    """The one operator of this host."""

    name = ""
    others: tuple[str, ...] = ()

    def __init__(self, signer: Callable[[Profile], Signer] = of_host) -> None:
        self._signer = signer

    def become(self, name: str) -> None:
        """Nobody becomes another one; raises Usage."""
        raise Usage("Only the demo has other operators; who you are follows from your key.")

    def writer(self, session: Session) -> Desk:
        """A desk for the operator's key; raises Denied, Missing, Unreachable."""
        return opened(session, self._signer(session.profile))

    def signer(self, profile: Profile) -> Signer | None:
        """The key in the ssh-agent or in an open file, if there is one."""
        try:
            return self._signer(profile)
        except (Missing, Unreachable):
            return None


class Cast(Host):
    """The demo's operators, of whom one sits at the keyboard at a time."""

    def __init__(self, signers: Callable[[], Mapping[str, Signer]], names: tuple[str, ...]) -> None:
        self._signers = signers
        self.others = names
        self.name = names[0]

    def become(self, name: str) -> None:
        """Be another one; raises Usage with the nearest names."""
        if name not in self.others:
            raise unknown("operator of the demo", name, self.others)
        self.name = name

    def writer(self, session: Session) -> Desk:
        """A desk for the key of whoever sits there."""
        return opened(session, self._signers()[self.name])

    def signer(self, profile: Profile) -> Signer | None:
        """The key of whoever sits there."""
        return self._signers()[self.name]


def opened(session: Session, signer: Signer) -> Desk:
    """A desk for the holder of a key, its journal on this host; raises Denied, Missing."""
    from db.desk import open_desk  # noqa: PLC0415 - SQLAlchemy, 250 ms, once something is to be written

    return open_desk(session, signer, places.state() / "journal", evidence())
