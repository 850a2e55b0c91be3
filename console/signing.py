"""Whose key signs: one of the ssh-agent's, else one in a file that is encrypted like the vault."""

from __future__ import annotations

import os
from pathlib import Path

import click

from console import asking, places, private, vault
from console.operator import KEY
from db.errors import Missing, Refused, Unreachable, Usage
from db.keys import AgentKey, HeldKey, Signer, agent, choose, id_of, name_of
from db.model import Profile
from db.verifier import key_id
from screens.sealed import Sealed

PASSPHRASE = "QUAESTOR_KEY_PASSPHRASE"
"""The variable that opens a key's file where nobody can be asked; it works, and warns."""
_opened: dict[Path, HeldKey] = {}


def folder() -> Path:
    """Where the keys' files are: ``NAME`` is encrypted, ``NAME.pub`` is for others."""
    return places.config() / "keys"


def create(name: str) -> str:
    """Make a key in a file; its public line. Raises Refused where there is one of that name."""
    if not name or not name.replace("-", "").replace("_", "").replace("@", "").replace(".", "").isalnum():
        raise Usage(f"'{name}' is no name for a key: letters, digits, and - _ @ . between them.")
    path = folder() / name
    if path.exists():
        raise Refused(f"There is a key at {path} already.")
    made = HeldKey.new(name)
    vault.write(
        path, _passphrase(f"A new passphrase for the key {name}: ", again=True), {"seed": made.seed.hex()}
    )
    private.replace(path.with_name(f"{name}.pub"), f"{made.public_key}\n".encode())
    return made.public_key


def files() -> dict[Path, str]:
    """The keys in files, each with its public line."""
    found = sorted(folder().glob("*.pub")) if folder().is_dir() else []
    return {path.with_suffix(""): private.read(path, secret=False).decode().strip() for path in found}


def of_profile(profile: Profile) -> Signer:
    """The operator's key: the one that the profile names, else the only one that there is. Raises Missing."""
    found = _of_profile(profile)
    return _open(found) if isinstance(found, Path) else found


def of_screens(profile: Profile) -> Signer:
    """The same, but nothing is asked on the terminal: raises Sealed for a file that is closed."""
    found = _of_profile(profile)
    if not isinstance(found, Path):
        return found
    if found not in _opened:
        raise Sealed(found.name, lambda passphrase: _unseal(found, passphrase))
    return _opened[found]


def _of_profile(profile: Profile) -> Signer | Path:
    """A key of the agent, or a file with one; an agent that is gone is no reason not to take the file."""
    wanted, held, gone = profile.settings.get(KEY, ""), list[AgentKey](), None
    try:
        held = agent()
    except Unreachable as error:
        gone = error
    if any(wanted in ("", id_of(key), name_of(key)) for key in held):
        return choose(held, wanted)
    fitting = [path for path, line in files().items() if wanted in ("", path.name, key_id(line))]
    if len(fitting) != 1:
        raise gone or Missing(
            f"Which key is {f'the {wanted} that the profile names' if wanted else 'yours'}? The ssh-agent holds "
            f"{len(held)}, {folder()} {len(files())}: 'quaestor keys list' shows them, 'quaestor keys create' makes one."
        )
    return fitting[0]


def _open(path: Path) -> HeldKey:
    if path not in _opened:
        _unseal(path, _passphrase(f"Passphrase of the key {path.name}: "))
    return _opened[path]


def _unseal(path: Path, passphrase: str) -> None:
    held = vault.read(path, passphrase)
    name = name_of(_Public(files()[path]))
    _opened[path] = HeldKey.of_seed(bytes.fromhex(held["seed"]), name)


class _Public:
    """The public half of a key."""

    def __init__(self, public_key: str) -> None:
        self.public_key = public_key

    def sign(self, message: bytes) -> bytes:
        """Nobody can."""
        raise Missing("This is only the public half of a key.")


def _passphrase(question: str, *, again: bool = False) -> str:
    if given := os.environ.get(PASSPHRASE):
        click.echo(
            f"The passphrase is taken from {PASSPHRASE}, which other programs of yours can read.", err=True
        )
        return given
    if not asking.interactive():
        raise Refused("The key's passphrase is asked for on a terminal; an ssh-agent needs none.")
    typed = asking.ask(question)
    if again and asking.ask("Once more: ") != typed:
        raise Refused("These are not the same.")
    return typed


def forget() -> None:
    """Drop the keys that were opened."""
    _opened.clear()
