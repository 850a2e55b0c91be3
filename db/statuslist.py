"""W3C Bitstring Status List v1.0: one bit for each credential, packed, written as text, and read back.

Index 0 is the left-most bit; at least 131 072 entries; GZIP, then multibase ``u`` and base64url without padding.
However many credentials there are, only the bits are kept; what is read is never unpacked beyond a bound.
"""

from __future__ import annotations

import binascii
import json
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from db.errors import Refused

LEAST = 131_072
"""The fewest entries of a list, 16 KiB of bits; a list grows by as many."""
LARGEST = 1 << 28
"""No list has more entries: 32 MiB of bits."""
_PIECE = 1 << 18
"""Octets that are packed or unpacked at once."""
_CHARACTERS = 1 << 16
"""Characters that are read at once; a multiple of four, which are three octets."""
_GZIP = 31
"""zlib's word for the GZIP format with the largest window; the time in its header stays 0."""
_SHOWN = 3
"""So many examples are named."""
_STANDARD = str.maketrans("-_+/=", "+/???")
"""From the alphabet of base64url to that of base64, and what only the latter has to what neither has."""


class Purpose(StrEnum):
    """What a set bit means."""

    REVOCATION = "revocation"
    SUSPENSION = "suspension"


def place_of(handle: str) -> int | None:
    """The index that a handle stands for; None for what is none, or beyond every list."""
    if not (handle.isascii() and handle.isdigit()) or len(handle) > 18:
        return None
    place = int(handle)
    return place if place < LARGEST else None


@dataclass
class Listing:
    """The bits of a list while rows are added, and what was odd about them."""

    bits: bytearray = field(default_factory=lambda: bytearray(LEAST // 8))
    rows: int = 0
    withdrawn: int = 0
    """Rows whose bit is to be set."""
    placeless: int = 0
    """Those of them without a handle: no list can show them."""
    unreadable: int = 0
    """Those of them whose handle is no index."""
    shared: int = 0
    """Rows whose place was another row's as well: a bit that is set there speaks of both."""
    examples: list[str] = field(default_factory=list)
    """The first handles that were odd."""
    highest: int = -1
    _taken: bytearray = field(default_factory=lambda: bytearray(LEAST // 8))

    @property
    def entries(self) -> int:
        """How many places the list has."""
        return len(self.bits) * 8

    @property
    def sound(self) -> bool:
        """Whether every handle is an index, and no two rows have the same."""
        return not (self.unreadable or self.shared)

    def add(self, rows: Iterable[tuple[str | None, bool]]) -> None:
        """Take rows of (handle, whether it is withdrawn)."""
        bits, taken, highest = self.bits, self._taken, self.highest
        for handle, withdrawn in rows:  # once a credential: a hundred million times
            self.rows += 1
            place = place_of(handle) if handle else None
            if withdrawn:
                self.withdrawn += 1
            if place is None:
                self._lost(handle, withdrawn)
                continue
            if place > highest:
                highest = self.highest = place
                self._grow(place + 1)
            octet, bit = place >> 3, 128 >> (place & 7)
            if taken[octet] & bit:
                self.shared += 1
                self._odd(str(handle))
            taken[octet] |= bit
            if withdrawn:
                bits[octet] |= bit

    def fix(self, entries: int) -> None:
        """Make the list exactly so long; raises Refused where a handle is beyond, or it is no length of a list."""
        if not LEAST <= entries <= LARGEST or entries % 8:
            raise Refused(f"A list has {LEAST} to {LARGEST} entries, a multiple of 8; {entries} is not.")
        if entries <= self.highest:
            raise Refused(
                f"The highest index is {self.highest}; a list of {entries} entries ends at {entries - 1}."
            )
        self._taken.clear()
        del self.bits[entries // 8 :]
        self.bits.extend(bytes(entries // 8 - len(self.bits)))

    def _grow(self, entries: int) -> None:
        """By whole blocks, so that the length says little about the last one issued."""
        lacking = -(-entries // LEAST) * (LEAST // 8) - len(self.bits)
        if lacking > 0:
            self.bits.extend(bytes(lacking))
            self._taken.extend(bytes(lacking))

    def _lost(self, handle: str | None, withdrawn: bool) -> None:
        """Count a credential that no list can show, where it ought to."""
        if withdrawn and handle:
            self.unreadable += 1
            self._odd(handle)
        elif withdrawn:
            self.placeless += 1

    def _odd(self, handle: str) -> None:
        if len(self.examples) < _SHOWN:
            self.examples.append(handle)


def encode(bits: bytes | bytearray) -> str:
    """The ``encodedList`` of these bits; the same bits give the same text."""
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    text, left = bytearray(b"u"), b""
    with memoryview(bits) as view:
        for start in range(0, len(view), _PIECE):
            left += packer.compress(view[start : start + _PIECE])
            whole = len(left) // 3 * 3
            text += urlsafe_b64encode(left[:whole])
            left = left[whole:]
    text += urlsafe_b64encode(left + packer.flush()).rstrip(b"=")
    return text.decode()


def decode(encoded: str, largest: int = LARGEST) -> Iterator[bytes]:
    """The bits of an ``encodedList``, piece by piece; raises Refused for what is none, or longer than ``largest`` entries."""
    if not encoded.startswith("u"):
        raise Refused("An encodedList begins with 'u', for base64url without padding; this one does not.")
    unpacker, total = zlib.decompressobj(_GZIP), 0
    for start in range(1, len(encoded), _CHARACTERS):
        packed = _octets(encoded[start : start + _CHARACTERS])
        for piece in _unpacked(unpacker, packed):
            total += len(piece)
            if total * 8 > largest:
                raise Refused(f"The list has more than {largest} entries; it is not unpacked any further.")
            yield piece
    if not unpacker.eof or unpacker.unused_data:
        raise Refused("The list's GZIP stream is cut off, or something follows it.")
    if total * 8 < LEAST:
        raise Refused(f"The list has {total * 8} entries; {LEAST} are the least.")


def _octets(text: str) -> bytes:
    standard = text.translate(_STANDARD)
    try:
        return binascii.a2b_base64(standard + "=" * (-len(standard) % 4), strict_mode=True)
    except ValueError as error:
        raise Refused(f"The list is no base64url: {error}.") from None


def _unpacked(unpacker: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
    """What these octets unpack to; output that the bound holds back comes with the next, the trailer at the latest."""
    while packed:
        try:
            yield unpacker.decompress(packed, _PIECE)
        except zlib.error as error:
            raise Refused(f"The list is no GZIP: {error}.") from None
        packed = unpacker.unconsumed_tail


def check(encoded: str, bits: bytes | bytearray) -> None:
    """Read a list back and compare it bit by bit; raises Refused where it is not the same."""
    read = 0
    with memoryview(bits) as view:
        for piece in decode(encoded, max(LEAST, len(bits) * 8)):
            if view[read : read + len(piece)] != piece:
                raise Refused(f"The list reads back otherwise from index {read * 8} on; it is not given out.")
            read += len(piece)
    if read != len(bits):
        raise Refused(
            f"The list reads back with {read * 8} entries, not {len(bits) * 8}; it is not given out."
        )


def subject(purpose: Purpose, encoded: str, id_: str = "") -> str:
    """The ``credentialSubject`` of a status list credential, as JSON."""
    told = {
        **({"id": id_} if id_ else {}),
        "type": "BitstringStatusList",
        "statusPurpose": purpose.value,
        "encodedList": encoded,
    }
    return json.dumps(told)
