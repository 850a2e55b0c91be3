"""The vault: secrets by name in one file, encrypted under a passphrase.

The first line is a JSON header (version, KDF with its salt and parameters, nonce), the second the AES-256-GCM
ciphertext in base64, with the header's bytes as associated data. Parameters are bounded on reading, so that
a changed header can neither exhaust memory nor ask for a key that is cheap to guess.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from console import private
from db.errors import Refused

VERSION = 1
KEY, NONCE, SALT = 32, 12, 16
"""Lengths in bytes."""
ARGON2ID = {"iterations": 3, "lanes": 4, "memory_kib": 64 * 1024}
SCRYPT = {"n": 1 << 17, "p": 1, "r": 8}
_BOUNDS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "argon2id": {"iterations": (1, 10), "lanes": (1, 16), "memory_kib": (19 * 1024, 1024 * 1024)},
    "scrypt": {"n": (1 << 15, 1 << 20), "p": (1, 4), "r": (8, 16)},
}
_KEYS = {"cipher", "kdf", "nonce", "parameters", "salt", "version"}


def read(path: Path, passphrase: str) -> dict[str, str]:
    """The secrets; raises FileNotFoundError, and Refused for a wrong passphrase or a file that was changed."""
    header_line, _, body = private.read(path).partition(b"\n")
    header = _header(path, header_line)
    try:
        ciphertext = base64.b64decode(body.strip(), validate=True)
    except binascii.Error:
        raise _damaged(path) from None
    key = _derive(header["kdf"], header["parameters"], header["salt"], passphrase)
    try:
        plain = AESGCM(key).decrypt(header["nonce"], ciphertext, header_line)
    except InvalidTag:
        raise Refused(f"{path} does not open: the passphrase is wrong, or the file was changed.") from None
    found = json.loads(plain)
    return {str(name): str(value) for name, value in found.items()}


def write(path: Path, passphrase: str, secrets: Mapping[str, str]) -> None:
    """Replace the vault; salt and nonce are new each time, and the parameters are today's."""
    if not passphrase:
        raise Refused("An empty passphrase protects nothing.")
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    kdf, parameters, key = _strongest(salt, passphrase)
    header = {
        "cipher": "aes-256-gcm",
        "kdf": kdf,
        "nonce": _text(nonce),
        "parameters": parameters,
        "salt": _text(salt),
        "version": VERSION,
    }
    header_line = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    plain = json.dumps(dict(secrets), sort_keys=True, ensure_ascii=False).encode()
    body = base64.b64encode(AESGCM(key).encrypt(nonce, plain, header_line))
    private.replace(path, header_line + b"\n" + body + b"\n")


def _strongest(salt: bytes, passphrase: str) -> tuple[str, Mapping[str, int], bytes]:
    """Argon2id, or scrypt where OpenSSL lacks it."""
    try:
        return "argon2id", ARGON2ID, _derive("argon2id", ARGON2ID, salt, passphrase)
    except UnsupportedAlgorithm:
        return "scrypt", SCRYPT, _derive("scrypt", SCRYPT, salt, passphrase)


def _derive(kdf: str, parameters: Mapping[str, int], salt: bytes, passphrase: str) -> bytes:
    if kdf == "argon2id":
        iterations, lanes, memory = (parameters[name] for name in ("iterations", "lanes", "memory_kib"))
        made: Argon2id | Scrypt = Argon2id(
            salt=salt, length=KEY, iterations=iterations, lanes=lanes, memory_cost=memory
        )
    else:
        made = Scrypt(salt=salt, length=KEY, n=parameters["n"], r=parameters["r"], p=parameters["p"])
    return made.derive(passphrase.encode())


def _header(path: Path, line: bytes) -> dict[str, Any]:
    """The header with salt and nonce as bytes; raises Refused for one that we would not have written."""
    try:
        header: Any = json.loads(line)
    except ValueError:
        raise _damaged(path) from None
    if not isinstance(header, dict) or header.get("version") != VERSION:
        raise Refused(f"{path} is no vault of this version of quaestor.")
    bounds = _BOUNDS.get(str(header.get("kdf")), {})
    parameters = header.get("parameters")
    fits = (
        header.keys() == _KEYS
        and header["cipher"] == "aes-256-gcm"
        and isinstance(parameters, dict)
        and bool(bounds)
        and parameters.keys() == bounds.keys()
        and all(type(n) is int and bounds[name][0] <= n <= bounds[name][1] for name, n in parameters.items())
        and parameters.get("n", 2).bit_count() == 1
    )
    if not fits:
        raise _damaged(path)
    try:
        salt, nonce = (base64.b64decode(str(header[name]), validate=True) for name in ("salt", "nonce"))
    except binascii.Error:
        raise _damaged(path) from None
    if not SALT <= len(salt) <= 64 or len(nonce) != NONCE:
        raise _damaged(path)
    return {**header, "salt": salt, "nonce": nonce}


def _damaged(path: Path) -> Refused:
    return Refused(f"{path} is damaged, or no vault of quaestor's.")


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
