"""Sealed fields: AES-256-GCM, bound to the place where they stand; ``v1:<key id>:<base64 of nonce|text|tag>``.

A sealed value opens only in the row and column that it was sealed for, so that a value copied to another
record is found out. Nothing here keeps a key, and no error repeats a value.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from db.errors import QuaestorError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
_TAG_BYTES = 16
_FORM = re.compile(r"v1:([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/]+={0,2})")


class NotOurs(QuaestorError):
    """A value that cannot be opened: in another form, under a key that is not here, altered, or moved."""


@dataclass(frozen=True)
class Place:
    """Where a sealed value stands."""

    table: str
    column: str
    key: str
    """The row's primary key."""
    tenant: str = ""

    @property
    def associated(self) -> bytes:
        """The associated data of the cipher."""
        return "\0".join((self.table, self.column, self.key, self.tenant)).encode()


def seal(text: str, place: Place, key_id: str, key: bytes, nonce: bytes | None = None) -> str:
    """The envelope of a text; a nonce is given only by synthetic rows, which must come out the same twice."""
    if not _FORM.fullmatch(f"v1:{key_id}:AA=="):
        raise ValueError(f"'{key_id}' is no key id: letters, digits, dots, dashes, at most 64")
    nonce = os.urandom(NONCE_BYTES) if nonce is None else nonce
    sealed = _cipher(key).encrypt(nonce, text.encode(), place.associated)
    return f"v1:{key_id}:{base64.b64encode(nonce + sealed).decode()}"


def unseal(envelope: str, place: Place, keys: Mapping[str, bytes]) -> str:
    """The text of an envelope, with the key that it names; raises NotOurs."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - 10 ms that no reading start waits for

    key_id, sealed = _parts(envelope)
    key = keys.get(key_id)
    if key is None:
        raise NotOurs(f"It is sealed with the key '{key_id}', which is not here.")
    try:
        text = _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.associated)
        return text.decode()
    except (InvalidTag, UnicodeDecodeError):
        raise NotOurs("It does not open: altered, moved from another record, or another key.") from None


def key_id_of(envelope: str) -> str:
    """The id of the key that an envelope names; raises NotOurs."""
    return _parts(envelope)[0]


def _parts(envelope: str) -> tuple[str, bytes]:
    match = _FORM.fullmatch(envelope)
    try:
        sealed = base64.b64decode(match[2], validate=True) if match else b""
    except binascii.Error:
        sealed = b""
    if (
        match is None
        or len(sealed) < NONCE_BYTES + _TAG_BYTES
        or base64.b64encode(sealed).decode() != match[2]
    ):
        raise NotOurs("It is not ours, and cannot be read.")
    return match[1], sealed


def _cipher(key: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - 10 ms that no reading start waits for

    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, this one {len(key)}")
    return AESGCM(key)
