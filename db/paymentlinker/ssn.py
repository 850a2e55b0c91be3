"""Social security numbers: sealed in ``applications.ssn_encrypted``, shown in part and only when asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from db.envelope import Place, seal, unseal

HIDDEN = "•••-••-••••"
"""What is shown before a reveal."""
_FORM = re.compile(r"[0-9]{3}-?[0-9]{2}-?([0-9]{4})")


def place(application: str, tenant: str) -> Place:
    """Where the number of an application stands."""
    return Place("applications", "ssn_encrypted", application, tenant)


def encrypt(
    number: str, application: str, tenant: str, key_id: str, key: bytes, nonce: bytes | None = None
) -> str:
    """What is stored for a number."""
    return seal(number, place(application, tenant), key_id, key, nonce)


def decrypt(stored: str, application: str, tenant: str, keys: Mapping[str, bytes]) -> str:
    """The number that was stored, with the key that it names; raises ``NotOurs`` for anything else."""
    return unseal(stored, place(application, tenant), keys)


def last_four(number: str) -> str:
    """The number as it is shown after a reveal: ``•••-••-1234``; wholly hidden where it is no such number."""
    match = _FORM.fullmatch(number)
    return f"•••-••-{match[1]}" if match else HIDDEN
