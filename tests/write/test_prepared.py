"""Statements that the server has prepared for a writer, when others alter their tables."""

from collections.abc import Callable

import pytest

from db import write
from db.transaction import begin, local_settings
from db.trustsphere.tables import transactions
from tests.conftest import engines_for
from tests.write import histories
from tests.write.bank import ARMED, Bank, operation


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize("server", [engine for engine in engines_for() if engine == "postgresql"])


def test_a_table_that_is_altered_meanwhile_stops_no_writer(make: Callable[..., Bank], server: str) -> None:
    bank = make(server)
    desk = bank.desk()
    names = histories.deposits(bank, 8)
    for number, name in enumerate(names):
        write.perform(desk, operation("transactions", name, "approve"), ARMED)
        if number == 5:
            bank.run("ALTER TABLE transactions ALTER COLUMN failure_reason TYPE varchar(4000)")
    assert {row["status"] for row in bank.rows(transactions)} == {"COMPLETED"}
    histories.verify(bank)


def test_statements_are_prepared_unless_a_pooler_stands_between(
    make: Callable[..., Bank], server: str
) -> None:
    bank = make(server)
    prepared = "SELECT count(*) FROM pg_prepared_statements"
    for pooler in (False, True):
        desk = bank.desk(pooler=pooler)
        found = None
        for _ in range(4):
            with desk.engine.connect() as connection:
                begin(connection, local_settings(desk.session))
                found = connection.exec_driver_sql(prepared).scalar()
                connection.commit()  # to roll back would make the driver forget them
        assert (found == 0) is pooler
