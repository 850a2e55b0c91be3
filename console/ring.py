"""The system's keyring, only where it is one that encrypts: an installed ``keyrings.alt`` stores plain text."""

from __future__ import annotations

import os
import sys
import threading
from importlib import import_module
from typing import Any

from db.errors import Unreachable

SERVICE = "quaestor"
BACKENDS = (
    ("keyring.backends.SecretService", "Keyring"),
    ("keyring.backends.kwallet", "DBusKeyring"),
    ("keyring.backends.macOS", "Keyring"),
    ("keyring.backends.Windows", "WinVaultKeyring"),
)
SECONDS = 5.0
"""A locked keyring may wait for a dialog that nobody sees."""


def password(name: str) -> str | None:
    """The password kept for a profile; None where there is none, or no keyring."""
    if not present():
        return None
    answers: list[str | None] = []
    thread = threading.Thread(target=lambda: answers.append(_look_up(name)), name="keyring", daemon=True)
    thread.start()
    thread.join(SECONDS)
    if thread.is_alive():
        raise Unreachable(
            f"The keyring does not answer within {SECONDS:g} s; unlock it, or use another source."
        )
    return answers[0] if answers else None


def present() -> bool:
    """Whether there may be one: on Linux it needs a session bus; saves 110 ms of import where there is none."""
    if sys.platform != "linux":
        return True
    bus = f"/run/user/{os.geteuid()}/bus"
    return "DBUS_SESSION_BUS_ADDRESS" in os.environ or os.path.exists(bus)  # noqa: PTH110 - no need of a Path


def _look_up(name: str) -> str | None:
    # Saves 110 ms of start where there is no keyring, and on a bastion host there is none.
    from keyring.errors import KeyringError  # noqa: PLC0415

    for module, class_ in BACKENDS:
        backend: Any = getattr(import_module(module), class_, None)
        if backend is None or not backend.viable:
            continue
        try:
            found: str | None = backend().get_password(SERVICE, name)
        except (KeyringError, OSError, RuntimeError):
            continue
        if found is not None:
            return found
    return None
