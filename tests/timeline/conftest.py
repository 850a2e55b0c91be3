"""A line of two systems for the screens."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.timeline.line import Line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """Two systems, one with a ledger."""
    made, random = Line(), Random(5)
    for name in ("trustsphere", "finpass"):
        made.open(name, f"sqlite:///{tmp_path}/{name}.db", with_ledger=name == "finpass").add(random, 40)
    yield made
    made.close()
