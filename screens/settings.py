"""What an operator may set about the screens, in a file, in a profile, or by ``:set`` for this run."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from db.errors import Usage, unknown

LONGEST_ALONE = 15
"""Minutes that a console stands open at most while nobody is there."""


@dataclass(frozen=True)
class Settings:
    """How the console behaves."""

    theme: str = "terminal"
    """The name of a theme."""
    clipboard: bool = True
    """Whether values may be copied by OSC 52."""
    mouse: bool = True
    """Whether the mouse is listened to; without, the terminal's own selection works."""
    scroll_region: bool = True
    """Whether the terminal may scroll parts of the screen by itself."""
    bastion: bool = False
    """No animation and fewer bytes; found by itself over SSH."""
    refresh: int = 10
    """Seconds after which a list is read anew by itself; 0 for never."""
    overview: int = 5
    """Seconds after which the overview is read anew; 0 for never."""
    local: bool = False
    """Times in the operator's zone instead of UTC."""
    bell: bool = False
    """Whether the terminal's bell tells that something became critical."""
    lock: int = 10
    """Minutes without a key after which the screen is locked; 15 at most."""
    history: int = 10
    """Rows of the audit trail that a record shows."""

    def changed(self, name: str, value: str) -> Self:
        """The same with one value as typed; raises Usage."""
        known = {field.name: field for field in fields(self)}
        if name not in known:
            raise unknown("setting", name, known)
        found = _read(name, value, getattr(self, name))
        if name == "lock" and not 1 <= found <= LONGEST_ALONE:
            raise Usage(f"lock is 1 to {LONGEST_ALONE} minutes, not {found}.")
        return replace(self, **{name: found})

    def texts(self) -> Mapping[str, str]:
        """All values as they are typed."""
        return {field.name: _written(getattr(self, field.name)) for field in fields(self)}


def _written(value: Any) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def _read(name: str, value: str, now: Any) -> Any:
    if isinstance(now, bool):
        if value.lower() not in ("on", "off", "true", "false", "yes", "no"):
            raise Usage(f"{name} is on or off, not '{value}'.")
        return value.lower() in ("on", "true", "yes")
    if isinstance(now, int):
        if not value.isdecimal() or int(value) > 86_400:
            raise Usage(f"{name} wants a whole number, not '{value}'.")
        return int(value)
    return value


def over_ssh(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether somebody sits at the other end of SSH; ``SSH_CONNECTION`` survives sudo and tmux better than a tty."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def defaults(environ: Mapping[str, str] = os.environ) -> Settings:
    """What holds where nobody set anything, on this terminal."""
    bastion = over_ssh(environ)
    return Settings(bastion=bastion, mouse=not bastion, refresh=30 if bastion else 10)


def load(path: Path, base: Settings) -> tuple[Settings, Mapping[str, str]]:
    """The settings and the keys of a file (``[settings]``, ``[keys]``); raises Usage that names what is wrong."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return base, {}
    except (OSError, ValueError) as error:
        raise Usage(f"{path} cannot be read: {error}") from None
    keys = table.get("keys", {})
    wanted = table.get("settings", {})
    if not isinstance(keys, dict) or not isinstance(wanted, dict):
        raise Usage(f"{path}: [settings] and [keys] are tables.")
    for name, value in wanted.items():
        base = base.changed(name, _written(value))
    return base, {name: str(value) for name, value in keys.items()}
