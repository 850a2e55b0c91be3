"""Verifies a ledger that quaestor exported, without a database: python verifier.py EXPORT [--keys FILE] [--against FILE].

Needs Python 3.11 and cryptography. --keys: the public keys that you trust, one "ssh-ed25519 AAAA..." a line. --against:
receipts and checkpoints that were kept elsewhere; without them nobody sees that a ledger was cut, or written anew as a whole.
row_hash = SHA-256(00 "quaestor/v1" 00 seq prev_hash SHA-256(payload) len key_id signature len db_user db_time_us) is the
leaf hash of RFC 9162, node = SHA-256(01 left right). Signatures: Ed25519 over the SSHSIG blob, namespace "quaestor".
"""

import argparse
import base64
import json
import struct
import sys
from collections import namedtuple
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Entry = namedtuple("Entry", "seq operation_id payload key_id signature db_user db_time_us prev_hash row_hash")  # noqa: PYI024 - shorter: this file has 200 lines at most
encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def string(value: bytes) -> bytes:
    """A string of the SSH protocol: its length, and itself."""
    return struct.pack(">I", len(value)) + value


def key_blob(public_key: str) -> bytes:
    """The blob of an "ssh-ed25519 AAAA..." line; its last 32 bytes are the key. Raises ValueError for anything else."""
    blob = base64.b64decode([*public_key.split(), "", ""][1], validate=True)
    if blob != string(b"ssh-ed25519") + string(blob[-32:]):
        raise ValueError("not an ssh-ed25519 key")
    return blob


def key_id(public_key: str) -> str:
    """The fingerprint, as ssh-keygen -l shows it."""
    return "SHA256:" + base64.b64encode(sha256(key_blob(public_key)).digest()).decode().rstrip("=")


def signed(message: bytes) -> bytes:
    """What is signed in place of a message: the blob of SSHSIG."""
    parts = (b"quaestor", b"", b"sha512", sha512(message).digest())
    return b"SSHSIG" + b"".join(map(string, parts))


def is_signed(public_key: str, message: bytes, signature: bytes) -> bool:
    """Whether that key signed the message."""
    with suppress(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(key_blob(public_key)[-32:]).verify(signature, signed(message))
        return True
    return False


def row_hash(entry: Entry, prev: bytes) -> bytes:
    """The hash that ties an entry to the one before."""
    key, user = entry.key_id.encode(), entry.db_user.encode()
    start = struct.pack(">q32s32sH", entry.seq, prev, sha256(entry.payload).digest(), len(key))
    end = struct.pack(">H", len(user)) + user + struct.pack(">q", entry.db_time_us)
    return sha256(b"\0quaestor/v1\0" + start + key + entry.signature + end).digest()


def push(subtrees: list[bytes], size: int, leaf: bytes) -> None:
    """Add a leaf to the roots of the full subtrees of a tree of that size (RFC 9162)."""
    while size & 1:
        leaf, size = sha256(b"\1" + subtrees.pop() + leaf).digest(), size >> 1
    subtrees.append(leaf)


def root(subtrees: list[bytes]) -> bytes:
    """The root of the tree with these full subtrees."""
    found = subtrees[-1] if subtrees else sha256().digest()
    for left in reversed(subtrees[:-1]):
        found = sha256(b"\1" + left + found).digest()
    return found


class Chain:
    """Takes entries one by one and yields (number, what is wrong with it); it never stops at the first."""

    def __init__(self, trusted: set[str] | None = None, signatures: bool = True) -> None:
        self.trusted, self.signatures = trusted, signatures
        self.ledger, self.size, self.stored, self.computed = "", 0, bytes(32), bytes(32)
        self.keys: dict[str, list[Any]] = {}  # id -> public key, valid from, valid until or None
        self.count, self.subtrees = 0, list[bytes]()
        self.receipts: dict[int, bytes] = {}  # seq -> row hash, kept elsewhere
        self.roots: dict[int, bytes] = {}  # size -> root, kept elsewhere

    def feed(self, entry: Entry) -> Iterator[tuple[int, str]]:
        """Take the next entry."""
        if entry.seq != self.size + 1:
            yield self.size + 1, f"is missing: after {self.size} comes {entry.seq}"
        if entry.prev_hash not in (self.stored, self.computed):
            yield entry.seq, "does not continue the entry before (prev_hash)"
        self.computed = row_hash(entry, self.stored)
        if entry.row_hash != self.computed and entry.row_hash != row_hash(entry, entry.prev_hash):
            yield entry.seq, "was changed (row_hash)"
        if f'"operation":"{entry.operation_id}"'.encode() not in entry.payload:
            yield entry.seq, "stands under another id than it was signed with (operation_id)"
        if self.signatures or self.size == 0 or b'"action":"key-' in entry.payload:
            yield from self._read(entry)
        push(self.subtrees, self.count, entry.row_hash)
        self.count, self.size, self.stored = self.count + 1, entry.seq, entry.row_hash
        if self.receipts.get(entry.seq, entry.row_hash) != entry.row_hash:
            yield entry.seq, "is another than a receipt tells of"
        if self.size in self.roots and self.roots[self.size] != root(self.subtrees):
            yield entry.seq, "ends another history than a checkpoint tells of"

    def _read(self, entry: Entry) -> Iterator[tuple[int, str]]:
        told = None
        with suppress(ValueError):
            told = json.loads(entry.payload)
        if not isinstance(told, dict) or encode(told).encode(errors="replace") != entry.payload:
            yield entry.seq, "has a payload that is not canonical JSON"
            return
        if self.size == 0:
            self.ledger = str(told.get("ledger"))
            with suppress(ValueError):  # a key that is none: the entry's hash has told already
                yield from self._add(entry, told)
        if told.get("ledger") != self.ledger:
            yield entry.seq, f"belongs to another ledger, {told.get('ledger')}"
        key, start, until = self.keys.get(entry.key_id, ("", 0, None))
        if not key:
            yield entry.seq, f"is signed by {entry.key_id}, which was never added"
        elif entry.db_time_us < start or (until is not None and entry.db_time_us > until):
            yield entry.seq, f"is signed by {entry.key_id}, which was not valid then"
        elif not is_signed(key, entry.payload, entry.signature):
            yield entry.seq, f"is forged: {entry.key_id} did not sign it"
        elif told.get("action") == "key-add" and self.size:
            yield from self._add(entry, told)
        elif told.get("action") == "key-revoke" and told.get("key") in self.keys:
            self.keys[told["key"]][2] = entry.db_time_us

    def _add(self, entry: Entry, told: dict[str, Any]) -> Iterator[tuple[int, str]]:
        for key in told.get("keys", ()):
            name = key_id(key["public_key"])
            self.keys[name] = [key["public_key"], entry.db_time_us, None]
            if self.trusted is not None and name not in self.trusted:
                yield entry.seq, f"brings in {name}, which is not among the keys that you trust"

    def checkpoint(self, told: dict[str, Any]) -> Iterator[tuple[int, str]]:
        """Check a signed checkpoint of what was taken so far."""
        note, key = told["checkpoint"], self.keys.get(told["key_id"], [""])[0]
        wanted = f"quaestor/{self.ledger}\n{self.size}\n{base64.b64encode(root(self.subtrees)).decode()}\n"
        if note != wanted or not key or not is_signed(key, note.encode(), bytes.fromhex(told["signature"])):
            yield self.size, "ends another history than its checkpoint tells of, or that one is forged"

    def against(self, told: dict[str, Any]) -> None:
        """Take a receipt or a checkpoint that was kept elsewhere."""
        if "row_hash" in told:
            self.receipts[int(told["seq"])] = bytes.fromhex(told["row_hash"])
        elif "checkpoint" in told:
            _, size, top = told["checkpoint"].split("\n")[:3]
            self.roots[int(size)] = base64.b64decode(top)

    def end(self) -> Iterator[tuple[int, str]]:
        """What receipts and checkpoints tell of, and is not there."""
        for seq in sorted(seq for seq in {*self.receipts, *self.roots} if seq > self.size):
            yield seq, f"was cut off: the ledger ends at {self.size}"

    def __str__(self) -> str:
        kept = max((seq for seq in {*self.receipts, *self.roots} if seq <= self.size), default=0)
        return f"verified to {self.size}, anchored to {kept}, {self.size - kept} not anchored"


def findings(chain: Chain, export: Path) -> Iterator[tuple[int, str]]:
    """What is wrong with an export."""
    with export.open(encoding="utf-8") as lines:
        for told in map(json.loads, lines):
            if "payload" in told:
                values = {name: bytes.fromhex(told[name]) for name in ("signature", "prev_hash", "row_hash")}
                yield from chain.feed(Entry(**told | values | {"payload": base64.b64decode(told["payload"])}))
            elif "checkpoint" in told:
                yield from chain.checkpoint(told)
    yield from chain.end()


def main() -> int:
    """Read the export and tell."""
    options = argparse.ArgumentParser(description="Verifies an export of a quaestor ledger.")
    options.add_argument("export", type=Path)
    options.add_argument("--keys", type=Path)
    options.add_argument("--against", type=Path, action="append", default=[])
    given, wrong = options.parse_args(), 0
    chain = Chain(given.keys and {key_id(line) for line in given.keys.read_text().splitlines() if line})
    for line in (line for file in given.against for line in file.read_text().splitlines()):
        chain.against(json.loads(line))
    for wrong, (seq, why) in enumerate(findings(chain, given.export), 1):  # noqa: B007 - counted to the end
        sys.stdout.write(f"entry {seq} {why}\n")
    sys.stdout.write(f"ledger {chain.ledger}: {chain}; {wrong} wrong\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
