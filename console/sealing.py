"""The keys of sealed columns: by id from the keyring or the vault, each under ``PROFILE/KEY-ID`` as base64 of its 32 bytes."""

from __future__ import annotations

import base64
import binascii

from console import ring, unlocked
from db.errors import Refused

_BYTES = 32


def key(profile: str, id_: str) -> bytes | None:
    """The key of that id, None where neither has it; raises Refused for a closed vault, or what is no key, Unreachable."""
    name = f"{profile}/{id_}"
    kept = ring.password(name)
    if kept is None:
        kept = _in_vault(name)
    if kept is None:
        return None
    try:
        found = base64.b64decode(kept, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != _BYTES:
        raise Refused(f"What is kept as '{name}' is no key: it is not the base64 of {_BYTES} bytes.")
    return found


def _in_vault(name: str) -> str | None:
    if not unlocked.is_open():
        if unlocked.path().exists():
            raise Refused(f"'{name}' is not in the keyring, and the vault is closed.")
        return None
    return unlocked.find(name)
