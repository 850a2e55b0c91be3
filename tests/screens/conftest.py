"""A bank to work on, with nothing of it kept outside the test's folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.office import bank_of
from tests.write.bank import Bank


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    """Five transfers and a locked user wait for a decision."""
    monkeypatch.setenv("QUAESTOR_HOME", str(tmp_path / "home"))
    made = bank_of(f"sqlite:///{tmp_path / 'bank.db'}", tmp_path)
    yield made
    made.close()
