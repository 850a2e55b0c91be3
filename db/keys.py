"""Operators' keys: Ed25519, held by ssh-agent or by this program; both sign the same SSHSIG blob.

``ssh-keygen -Y verify -n quaestor`` accepts the signatures (``armored``). An agent that asks its user for
confirmation is waited for here, before any transaction begins.
"""

from __future__ import annotations

import base64
import os
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from db.errors import Denied, Missing, Unreachable
from db.verifier import is_signed, key_blob, key_id, signed, string

_LIST, _IDENTITIES, _SIGN, _SIGNATURE = 11, 12, 13, 14
"""Messages of the ssh-agent protocol."""
_ANSWER = 1 << 20
"""Bytes: an agent that says more is not listened to."""
_QUICK, _CONFIRMED = 3.0, 120.0
"""Seconds to wait for a list, and for a person who confirms a signature."""


class Signer(Protocol):
    """A key that can sign."""

    @property
    def public_key(self) -> str:
        """The line ``ssh-ed25519 AAAA… name``."""

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature over the message's SSHSIG blob; raises Denied, Unreachable."""


def id_of(signer: Signer) -> str:
    """The key's id: its fingerprint."""
    return key_id(signer.public_key)


def name_of(signer: Signer) -> str:
    """What stands behind the key: ``anna@bastion``."""
    return " ".join(signer.public_key.split()[2:])


@dataclass(frozen=True)
class HeldKey:
    """A key in this program's memory, from an encrypted file."""

    private: Ed25519PrivateKey
    name: str

    @classmethod
    def new(cls, name: str) -> HeldKey:
        """A key that nobody has seen yet."""
        return cls(Ed25519PrivateKey.generate(), name)

    @classmethod
    def of_seed(cls, seed: bytes, name: str) -> HeldKey:
        """The key of 32 secret bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed), name)

    def __repr__(self) -> str:
        return f"HeldKey({key_id(self.public_key)})"

    @property
    def public_key(self) -> str:
        """The line for others."""
        blob = string(b"ssh-ed25519") + string(
            self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        )
        return f"ssh-ed25519 {base64.b64encode(blob).decode()} {self.name}".strip()

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes, to be encrypted and kept."""
        return self.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())

    def sign(self, message: bytes) -> bytes:
        """Sign at once."""
        return self.private.sign(signed(message))


@dataclass(frozen=True)
class AgentKey:
    """A key that an ssh-agent holds: the private half never comes here."""

    public_key: str
    place: str
    """The agent's socket."""

    def sign(self, message: bytes) -> bytes:
        """Let the agent sign; raises Denied where its user or a lock says no."""
        blob = key_blob(self.public_key)
        ask = struct.pack(">B", _SIGN) + string(blob) + string(signed(message)) + struct.pack(">I", 0)
        answer = _ask(self.place, ask, _CONFIRMED)
        if answer[:1] != bytes([_SIGNATURE]):
            raise Denied(
                f"The ssh-agent does not sign with {key_id(self.public_key)}: it was declined, or the agent is locked."
            )
        outer, _ = _string(answer, 1)
        kind, place = _string(outer, 0)
        signature, _ = _string(outer, place)
        if (
            kind != b"ssh-ed25519"
            or len(signature) != 64
            or not is_signed(self.public_key, message, signature)
        ):
            raise Denied("The ssh-agent gave a signature that does not verify.")
        return signature


def agent(environment: Mapping[str, str] = os.environ) -> list[AgentKey]:
    """The Ed25519 keys of the agent at ``SSH_AUTH_SOCK``; none without one. Raises Unreachable."""
    place = environment.get("SSH_AUTH_SOCK", "")
    if not place:
        return []
    answer = _ask(place, bytes([_LIST]), _QUICK)
    if len(answer) < 5 or answer[0] != _IDENTITIES:
        raise Unreachable("The ssh-agent does not list its keys.")
    found, at = [], 5
    for _ in range(struct.unpack(">I", answer[1:5])[0]):
        blob, at = _string(answer, at)
        comment, at = _string(answer, at)
        if blob[4:15] == b"ssh-ed25519":
            line = f"ssh-ed25519 {base64.b64encode(blob).decode()} {comment.decode(errors='replace')}"
            found.append(AgentKey(line.strip(), place))
    return found


def choose(keys: list[AgentKey], wanted: str) -> AgentKey:
    """The key with that fingerprint or name; the only one where none is named. Raises Missing."""
    fitting = [key for key in keys if wanted in ("", id_of(key), name_of(key))]
    if len(fitting) == 1:
        return fitting[0]
    there = ", ".join(f"{id_of(key)} {name_of(key)}" for key in keys) or "none"
    what = f"'{wanted}'" if wanted else "the one to use"
    raise Missing(f"Which key is {what}? The ssh-agent holds of Ed25519: {there}.")


def armored(public_key: str, signature: bytes) -> str:
    """A signature in the form that ``ssh-keygen -Y verify`` reads."""
    inner = string(b"ssh-ed25519") + string(signature)
    parts = (key_blob(public_key), b"quaestor", b"", b"sha512", inner)
    blob = b"SSHSIG" + struct.pack(">I", 1) + b"".join(map(string, parts))
    text = base64.b64encode(blob).decode()
    lines = "\n".join(text[n : n + 70] for n in range(0, len(text), 70))
    return f"-----BEGIN SSH SIGNATURE-----\n{lines}\n-----END SSH SIGNATURE-----\n"


def _ask(place: str, message: bytes, seconds: float) -> bytes:
    """One question to the agent; raises Unreachable."""
    try:
        with socket.socket(socket.AF_UNIX) as agent_socket:
            agent_socket.settimeout(seconds)
            agent_socket.connect(place)
            agent_socket.sendall(string(message))
            (length,) = struct.unpack(">I", _exactly(agent_socket, 4))
            if length > _ANSWER:
                raise Unreachable("The ssh-agent's answer is too long.")
            return _exactly(agent_socket, length)
    except OSError as error:
        raise Unreachable(f"The ssh-agent does not answer: {error.strerror or error}.") from None


def _exactly(source: socket.socket, length: int) -> bytes:
    got = b""
    while len(got) < length:
        piece = source.recv(length - len(got))
        if not piece:
            raise Unreachable("The ssh-agent hung up.")
        got += piece
    return got


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    """A string of the protocol, and where it ends; raises Unreachable for one that is cut."""
    if len(data) < at + 4 or len(data) < at + 4 + (length := struct.unpack_from(">I", data, at)[0]):
        raise Unreachable("The ssh-agent's answer is cut.")
    return data[at + 4 : at + 4 + length], at + 4 + length
