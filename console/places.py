"""Where quaestor keeps its own files: profiles and vault, the demo's databases, what went wrong."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_NAME = "quaestor"


def config() -> Path:
    """The folder with ``profiles.toml`` and the vault: ``QUAESTOR_HOME``, else the XDG one."""
    return _home() or platformdirs.user_config_path(_NAME)


def data() -> Path:
    """The folder with the demo's databases."""
    home = _home()
    return home / "data" if home else platformdirs.user_data_path(_NAME)


def state() -> Path:
    """The folder with crash reports and logs."""
    home = _home()
    return home / "state" if home else platformdirs.user_state_path(_NAME)


def _home() -> Path | None:
    named = os.environ.get("QUAESTOR_HOME")
    return Path(named).expanduser().absolute() if named else None
