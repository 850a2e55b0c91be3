"""Commits with the line cut at a random byte: none lost, none doubled, none without an entry, none told wrongly."""

from collections.abc import Callable

import pytest

from tests.conftest import engines_for
from tests.write import histories
from tests.write.bank import Bank

COUNTS = {"postgresql": 1000, "mariadb": 200, "mysql": 2000}
"""Ten times as many in ``make bench``; all of them where only MySQL is tried."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "server" in metafunc.fixturenames:
        metafunc.parametrize("server", [engine for engine in engines_for() if engine in COUNTS])


def test_commits_cut_at_a_random_byte(make: Callable[..., Bank], server: str) -> None:
    bank = make(server)
    history = histories.cut_lines(
        bank, server, round(COUNTS[server] * 1.15), histories.new_seed(), commits=True
    )
    histories.check(bank, history)
    assert history.cuts >= COUNTS[server], f"{history}: the others were not let in at all"
    assert len(history.unknown) > COUNTS[server] * 0.5, f"{history}: COMMIT was hit"


def test_lines_cut_anywhere(make: Callable[..., Bank], server: str) -> None:
    bank = make(server)
    history = histories.cut_lines(bank, server, 120, histories.new_seed(), commits=False)
    histories.check(bank, history)
    assert history.cuts > 60, f"{history}: the proxy did its work"
