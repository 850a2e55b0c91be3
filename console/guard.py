"""What is done to the process before anything else: no core dumps, no tracing, no keys pressed by the environment; one heap."""

from __future__ import annotations

import ctypes
import os
import resource
import sys

_PR_SET_DUMPABLE = 4
_M_ARENA_MAX = -8


def process() -> None:
    """Drop Textual's variables, which can press keys and run a remote console, but for one; keep memory out of core files."""
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        del os.environ[name]
    os.environ["TEXTUAL_FPS"] = "120"  # it waits a frame before it paints, the first time too: 8 ms, not 17
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        c = ctypes.CDLL(None)
        c.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        if hasattr(c, "mallopt"):  # glibc: else each thread that reads would leave a heap of its own
            c.mallopt(_M_ARENA_MAX, 1)
