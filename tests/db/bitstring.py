"""A decoder of W3C Bitstring Status Lists written from the specification alone; it shares nothing with the program."""

import gzip
import json
from typing import Any

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""RFC 4648, table 2: the URL and filename safe alphabet."""
_SIXES = {ord(character): format(value, "06b") for value, character in enumerate(ALPHABET)}


def octets(text: str) -> bytes:
    """RFC 4648: six bits a character, without padding; what is left over are zeros."""
    assert set(text) <= set(ALPHABET)
    bits = text.translate(_SIXES)
    left = len(bits) % 8
    assert left in (0, 2, 4)
    assert bits[len(bits) - left :] == "0" * left
    whole = bits[: len(bits) - left]
    return b"".join(
        int(whole[at : at + 80_000], 2).to_bytes(len(whole[at : at + 80_000]) // 8, "big")
        for at in range(0, len(whole), 80_000)
    )


def bits(encoded: str) -> str:
    """Each entry as 0 or 1, index 0 first: it is the left-most bit of the bitstring."""
    assert encoded[0] == "u"  # multibase: base64url without padding
    packed = octets(encoded[1:])
    assert packed[:3] == b"\x1f\x8b\x08"  # RFC 1952
    plain = gzip.decompress(packed)
    assert len(plain) >= 16 * 1024
    return "".join(format(octet, "08b") for octet in plain)


def subject(text: str) -> tuple[dict[str, Any], str]:
    """A credential subject without its list, and the list's bits."""
    told = json.loads(text)
    assert told["type"] == "BitstringStatusList"
    return told, bits(told.pop("encodedList"))


def ones(entries: str) -> list[int]:
    """The indexes that are set."""
    found, at = [], entries.find("1")
    while at >= 0:
        found.append(at)
        at = entries.find("1", at + 1)
    return found
