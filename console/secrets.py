"""Where a password comes from: the first source that yields; its name is shown, its value never.

A socket or a certificate may need none at all, so nothing is asked until the server wants one. Then:
``password_command`` → the drivers' own files → the keyring → the vault → the environment (with a warning) →
a prompt. Each is asked anew for every new connection, but for the prompt, whose answer is kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from console import command, driverfiles, ring
from console.account import Account
from db.errors import QuaestorError

Fetch = Callable[[], str | None]
PROMPT = "the prompt"


@dataclass(frozen=True)
class Source:
    """One place where a password may be."""

    name: str
    """As it is shown: ``~/.pgpass``."""
    fetch: Fetch
    """None where there is nothing; raises QuaestorError where something is wrong with the place."""


class Chain:
    """The password of one profile, as ``db.model.Profile.password`` wants it: called for each connection."""

    def __init__(self, account: Account, sources: Iterable[Source]) -> None:
        self.account = account
        self.sources = list(sources)
        self.used = ""
        """The name of the source that yielded last."""

    def __call__(self) -> str | None:
        """The first password that a source has; raises what a source raises."""
        for source in self.sources:
            value = source.fetch()
            if value is not None:
                self.used = source.name
                return value
        self.used = ""
        return None

    def keep(self, value: str) -> None:
        """Use what was typed at the prompt from now on, before everything else."""
        self.sources = [source for source in self.sources if source.name != PROMPT]
        self.sources.insert(0, Source(PROMPT, lambda: value))

    def forget(self) -> None:
        """Drop what was typed at the prompt."""
        self.sources = [source for source in self.sources if source.name != PROMPT]

    @property
    def words(self) -> str:
        """Where it is looked for, as shown beside the profile."""
        return " → ".join(dict.fromkeys(source.name for source in self.sources)) or "none needed"


def chain(
    account: Account,
    name: str,
    *,
    argv: tuple[str, ...] = (),
    given: str | None = None,
    vault: Fetch | None = None,
    warn: Callable[[str], None] = lambda _: None,
) -> Chain:
    """The sources for an account in their order; ``given`` is a password that stood in the URL itself."""
    if not account.remote:
        return Chain(account, ())
    sources = [Source("the URL", lambda: given)] if given is not None else []
    if argv:
        sources.append(Source("password_command", lambda: command.password(argv)))
    if account.engine == "postgresql":
        sources += [
            Source("~/.pgpass", lambda: driverfiles.pgpass(account)),
            Source("pg_service.conf", lambda: driverfiles.service(account)),
        ]
    elif account.engine == "mysql":
        sources.append(Source("~/.my.cnf", lambda: driverfiles.my_cnf(account)))
    sources.append(Source("keyring", lambda: ring.password(name)))
    if vault is not None:
        sources.append(Source("vault", vault))
    variable = "MYSQL_PWD" if account.engine == "mysql" else "PGPASSWORD"
    sources.append(Source(f"${variable}", lambda: _environment(variable, warn)))
    return Chain(account, sources)


def _environment(variable: str, warn: Callable[[str], None]) -> str | None:
    value = os.environ.get(variable)
    if value is not None:
        warn(f"The password comes from ${variable}, which every process of this user can read.")
    return value


def wanted(error: QuaestorError) -> bool:
    """Whether the server refused the sign-in because no password came with it."""
    cause = str(getattr(error.__cause__, "orig", None) or error.__cause__ or "")
    return any(sign in cause for sign in ("no password supplied", "using password: NO"))
