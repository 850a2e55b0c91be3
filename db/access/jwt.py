"""A JSON web token read, never believed: no signature is checked, and no address in it is ever fetched."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any, NoReturn

from db.errors import Refused

LARGEST = 65_536
"""Characters of a token at most."""
DEEPEST = 32
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@dataclass(frozen=True)
class Decoded:
    """What a token says of itself."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signature: int
    """Octets of its signature, which was not verified; 0 where it has none."""


def decoded(text: str) -> Decoded:
    """The header and the claims; raises Refused for what is no token."""
    if len(text) > LARGEST:
        raise Refused(f"It has {len(text)} characters; {LARGEST} at most are read.")
    parts = text.strip().split(".")
    if len(parts) != 3:
        raise Refused(f"A JWT has three parts; this has {len(parts)}.")
    header, claims = (_object(part, name) for part, name in zip(parts, ("header", "claims"), strict=False))
    return Decoded(header, claims, len(_octets(parts[2], "signature")))


def _octets(part: str, name: str) -> bytes:
    if not set(part) <= _ALPHABET:
        raise Refused(f"Its {name} is not base64url without padding.")
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        raise Refused(f"Its {name} is not base64url without padding.") from None


def _object(part: str, name: str) -> dict[str, Any]:
    try:
        made = json.loads(_octets(part, name).decode(), object_pairs_hook=_pairs, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, _Wrong) else "not JSON"
        raise Refused(f"Its {name} is {said}.") from None
    if not isinstance(made, dict) or _depth(made) > DEEPEST:
        raise Refused(f"Its {name} is no JSON object of at most {DEEPEST} levels.")
    return made


class _Wrong(ValueError):
    """JSON that is read differently by different readers."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Wrong("JSON with one name twice")
    return made


def _constant(name: str) -> NoReturn:
    raise _Wrong(f"JSON with {name}, which is no number")


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0) if isinstance(value, dict | list) else 0
