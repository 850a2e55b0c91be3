"""Asking a person for a secret, on the terminal and without an echo; only where there is one."""

from __future__ import annotations

import sys
from getpass import getpass

from console import unlocked
from console.headless.text import whole
from console.secrets import PROMPT, Chain
from db.errors import Refused
from db.profile import Profile


def interactive() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def terminal() -> bool:
    """Whether there is a terminal for screens."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(question: str) -> str:
    """What is typed without an echo; raises KeyboardInterrupt by ctrl-c, Refused for nothing."""
    answer = getpass(question)
    if not answer:
        raise Refused("Nothing was typed.")
    return answer


def closed(profile: Profile) -> bool:
    """Whether the profile's password is in the vault, and that is to be opened first."""
    chain = profile.password
    in_vault = isinstance(chain, Chain) and any(source.name == "vault" for source in chain.sources)
    return in_vault and not unlocked.is_open()


def unlock(profile: Profile) -> None:
    """Open the vault if the profile's password is in it; asks for the passphrase once."""
    if closed(profile) and interactive():
        unlocked.unlock(ask(f"Passphrase of the vault {unlocked.path()}: "))


def lacks(profile: Profile) -> bool:
    """Whether a person could be asked: no source yielded a password, or what was typed may have been wrong."""
    chain = profile.password
    return isinstance(chain, Chain) and chain.account.remote and chain.used in ("", PROMPT) and interactive()


def prompt(profile: Profile) -> None:
    """Ask for the profile's password and use it from now on."""
    chain = profile.password
    assert isinstance(chain, Chain)
    chain.keep(ask(f"Password of {whole(str(chain.account))}: "))
