"""Keys at random on every system, briefly; ``python -m tests.benchmarks soak`` is the long one, on the real engines."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.screens.desks import make
from tests.screens.wander import wander

KEYS = 200


@pytest.mark.parametrize("system", ["trustsphere", "paymentlinker", "finpass", "multipass"])
def test_whatever_is_pressed_the_console_stands(system: str, tmp_path: Path) -> None:
    url = make(tmp_path, system, 40).url
    command = [sys.executable, "-m", "console", "open", f"{system}+{url}"]
    walk = wander(command, tmp_path / "home", KEYS, seed=len(system))
    assert walk.pressed >= KEYS
