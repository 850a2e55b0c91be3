"""Turns at a SQLite file: first come, first served, and a clear word to who waits too long."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from db import write
from db.errors import TooSlow
from db.trustsphere.tables import transactions
from db.turns import Turns, turns_at
from tests.write.bank import ARMED, Bank, fill, operation


def test_first_come_first_served() -> None:
    turns, served = Turns(), list[int]()

    def come(number: int) -> None:
        with turns.taken(30):
            served.append(number)

    with ThreadPoolExecutor(20) as pool, turns.taken(30):
        for number in range(20):
            pool.submit(come, number)
            while len(turns) < number + 2:
                threading.Event().wait(0.001)
    assert served == list(range(20))
    assert len(turns) == 0


def test_who_waits_too_long_is_told_and_holds_nobody_up() -> None:
    turns = Turns()
    with turns.taken(30):
        with (
            pytest.raises(TooSlow, match=r"Others write to the file since 0\.01 s; nothing was changed"),
            turns.taken(0.01),
        ):
            pytest.fail("it was not its turn")
        assert len(turns) == 1
    with turns.taken(0):
        assert len(turns) == 1


def test_a_turn_ends_with_whatever_ends_its_writer() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.taken(30):
        raise ZeroDivisionError
    with turns.taken(0):
        assert len(turns) == 1


def test_a_write_waits_for_its_turn(make: Callable[..., Bank]) -> None:
    bank = fill(make("sqlite"))
    desk = bank.desk(statement_timeout=0.05)
    with turns_at(str(desk.engine.url.database)).taken(1):
        with pytest.raises(TooSlow, match="nothing was changed"):
            write.perform(desk, operation("transactions", "T1", "approve"), ARMED)
        assert bank.row(transactions, "T1")["status"] == "PENDING"
    assert desk.journal.receipts(desk.ledger) == []
    write.perform(desk, operation("transactions", "T1", "approve"), ARMED)
    assert bank.row(transactions, "T1")["status"] == "COMPLETED"
