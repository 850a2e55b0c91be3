"""The database layer for the screens, imported in the thread of the first read: 320 ms that no first frame waits for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db import cancel, engine, filters, read, registry
else:

    class _Later:
        """A module by its name, imported when something of it is asked for."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, name: str) -> Any:
            return getattr(import_module(self._name), name)

    cancel, engine, filters = _Later("db.cancel"), _Later("db.engine"), _Later("db.filters")
    read, registry = _Later("db.read"), _Later("db.registry")

__all__ = ["cancel", "engine", "filters", "read", "registry"]
