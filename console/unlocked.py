"""The vault as this process has opened it: asked for its passphrase once, forgotten when the screen locks."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from console import places
from db.errors import Refused, Unreachable

_opened: dict[str, str] = {}
_passphrases: list[str] = []


def _vault() -> ModuleType:
    """The format of the file."""
    # Saves 13 ms of every start without a vault: it brings cryptography.
    from console import vault  # noqa: PLC0415

    return vault


def path() -> Path:
    """The vault's file."""
    return places.config() / "vault"


def is_open() -> bool:
    """Whether the passphrase was given."""
    return bool(_passphrases)


def unlock(passphrase: str) -> None:
    """Open the vault; raises Refused for a wrong passphrase, Unreachable where there is none."""
    try:
        found = _vault().read(path(), passphrase)
    except FileNotFoundError:
        raise Unreachable(f"There is no vault at {path()}.") from None
    forget()
    _opened.update(found)
    _passphrases.append(passphrase)


def forget() -> None:
    """Drop what was read, and the passphrase."""
    _opened.clear()
    _passphrases.clear()


def password(name: str) -> str | None:
    """A secret by name; raises Refused where the vault is closed or has no such secret."""
    if not is_open():
        raise Refused("The vault is closed: its passphrase is asked for on a terminal.")
    if name not in _opened:
        raise Refused(
            f"The vault holds no secret '{name}'; 'quaestor profiles edit NAME --store-password' adds it."
        )
    return _opened[name]


def find(name: str) -> str | None:
    """A secret by name; None where the open vault has no such one."""
    return _opened.get(name)


def store(name: str, value: str, passphrase: str) -> None:
    """Put a secret into the vault, which is made where there is none."""
    if path().exists():
        unlock(passphrase)
    secrets = {**_opened, name: value}
    _vault().write(path(), passphrase, secrets)
    unlock(passphrase)
