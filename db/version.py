"""Which quaestor this is."""

from __future__ import annotations

import functools
import importlib.metadata


@functools.cache
def version() -> str:
    """The program's version."""
    return importlib.metadata.version("quaestor")
