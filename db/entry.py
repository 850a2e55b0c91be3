"""What an entry's payload says, and the signature over it; made before any transaction begins."""

from __future__ import annotations

import uuid
from typing import Any

from db.canonical import dumps
from db.change import Signed
from db.errors import Refused
from db.keys import Signer, id_of
from db.own import PAYLOAD
from db.version import version

FORMAT = "quaestor/v1"
_SPACE = uuid.UUID("6f1f8a34-3f0c-5f0e-9a53-0d4c7f6b2a11")
"""The name space of operations that follow from others."""


def derived(*parts: str) -> str:
    """The operation id that follows from these texts, always the same (UUID, version 5)."""
    return str(uuid.uuid5(_SPACE, "\0".join(parts)))


def sign(signer: Signer, told: dict[str, Any]) -> Signed:
    """The canonical payload, signed; raises Refused where it is too long."""
    payload = dumps({**told, "format": FORMAT, "program": version()})
    if len(payload) > PAYLOAD:
        raise Refused(
            f"The entry would be {len(payload)} bytes long, and {PAYLOAD} fit; do it for fewer records or with a shorter form."
        )
    return Signed(payload, id_of(signer), signer.sign(payload))
