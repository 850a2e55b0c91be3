"""What the part ``triggers`` adds beside the triggers: views by user, events at their next time, checks."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from migrations import runner
from tests.conftest import engines_for
from tests.trustsphere.conftest import MINIMAL, SYSTEM, asked, documents, filled, names, run, triggered

REAL = [engine for engine in engines_for("trustsphere") if engine != "sqlite"]


@pytest.mark.parametrize("engine", REAL)
def test_the_views_show_one_user_and_no_transfer_twice(engine: str, fresh: Callable[[str], str]) -> None:
    raw = documents(fresh(engine), "documents.sql")
    run(
        raw,
        *MINIMAL,
        "INSERT INTO transactions (id, source_account_id, target_account_id, amount, type, reference_number) VALUES "
        "('inside', 'a', 'b', 1, 'TRANSFER', '1'), ('out', 'a', 'c', 1, 'TRANSFER', '2'), ('in', 'c', 'b', 1, 'TRANSFER', '3'), "
        "('deposit', NULL, 'a', 1, 'DEPOSIT', '4'), ('withdrawal', 'b', NULL, 1, 'WITHDRAWAL', '5'), "
        "('others', 'c', NULL, 1, 'WITHDRAWAL', '6')",
        "CREATE FUNCTION SESSION_USER_ID() RETURNS VARCHAR(36) DETERMINISTIC NO SQL RETURN @quaestor_user_id",
        "CREATE VIEW user_transactions AS SELECT t.* FROM transactions t "
        "JOIN accounts a ON t.source_account_id = a.id OR t.target_account_id = a.id WHERE a.user_id = SESSION_USER_ID()",
    )
    triggered(raw)
    with raw.connect() as connection:

        def seen(view: str) -> list[str]:
            return sorted(connection.exec_driver_sql(f"SELECT id FROM {view}").scalars())

        assert seen("user_accounts") == seen("user_transactions") == []
        connection.exec_driver_sql("SET @quaestor_user_id = 'u'")
        assert seen("user_accounts") == ["a", "b"]
        assert seen("user_transactions") == ["deposit", "in", "inside", "out", "withdrawal"]
        connection.exec_driver_sql("SET @quaestor_user_id = 'v'")
        assert seen("user_transactions") == ["in", "others", "out"]


@pytest.mark.parametrize("engine", REAL)
def test_an_index_serves_the_views(engine: str, fresh: Callable[[str], str]) -> None:
    bank = filled(engine, fresh(engine), 300)
    bank.session.close()
    triggered(bank.raw)
    user = bank.ask("SELECT user_id FROM accounts ORDER BY user_id LIMIT 1")[0][0]
    with bank.raw.connect() as connection:
        connection.exec_driver_sql(f"SET @quaestor_user_id = '{user}'")
        plan = connection.exec_driver_sql("EXPLAIN FORMAT=JSON SELECT id FROM user_transactions").scalar_one()
    for index in (
        "idx_accounts_user_id",
        "idx_transactions_source_account",
        "idx_transactions_target_account",
    ):
        assert re.search(rf'"key": "{index}"|using {index}', plan), (index, plan)


@pytest.mark.parametrize("engine", REAL)
def test_events_start_at_their_next_time(engine: str, fresh: Callable[[str], str]) -> None:
    raw = documents(fresh(engine), "documents.sql")
    run(raw, *MINIMAL)
    before = asked(raw, "SELECT * FROM accounts")
    scheduler = asked(raw, "SELECT @@event_scheduler")[0][0]
    run(raw, "SET GLOBAL event_scheduler = ON")
    try:
        triggered(raw)
        now: datetime = asked(raw, "SELECT UTC_TIMESTAMP()")[0][0]
        found = {
            name: (starts, every, executed)
            for name, starts, every, executed in asked(
                raw,
                "SELECT event_name, starts, concat(interval_value, ' ', interval_field), last_executed "
                "FROM information_schema.events WHERE event_schema = database()",
            )
        }
    finally:
        run(raw, f"SET GLOBAL event_scheduler = {scheduler}")
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    month = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    assert found == {
        "reset_daily_transaction_amounts": (day + timedelta(days=1), "1 DAY", None),
        "calculate_monthly_interest": (month, "1 MONTH", None),
        "cleanup_old_audit_logs": (day + timedelta(days=7 - day.weekday()), "1 WEEK", None),
    }
    assert asked(raw, "SELECT * FROM accounts") == before


@pytest.mark.parametrize("engine", REAL)
def test_the_events_do_what_the_document_says(engine: str, fresh: Callable[[str], str]) -> None:
    raw = documents(fresh(engine), "documents.sql")
    run(
        raw,
        *MINIMAL,
        "UPDATE accounts SET daily_transaction_amount = 7",
        "INSERT INTO audit_logs (id, action, resource_type, created_at) VALUES "
        "('old', 'X', 'Y', UTC_TIMESTAMP() - INTERVAL 8 YEAR), ('new', 'X', 'Y', UTC_TIMESTAMP())",
    )
    triggered(raw)
    for name in sorted(names(raw, "events")):
        statement = asked(raw, f"SHOW CREATE EVENT {name}")[0][3]
        run(raw, re.split(r"\bDO\b", statement, maxsplit=1)[1])
    assert asked(raw, "SELECT id FROM audit_logs WHERE id IN ('old', 'new')") == [("new",)]
    found = asked(
        raw,
        "SELECT id, CAST(balance AS CHAR), daily_transaction_amount, last_interest_calculation IS NULL FROM accounts",
    )
    assert [(a, b, int(c), d) for a, b, c, d in found] == [
        ("a", "104.17", 0, 0),
        ("b", "104.17", 0, 0),
        ("c", "5.00", 0, 1),
    ]


@pytest.mark.parametrize("engine", REAL)
def test_checks_are_added_where_they_are_missing_and_go_again(
    engine: str, fresh: Callable[[str], str]
) -> None:
    raw = documents(fresh(engine), "documents.sql")
    run(raw, *MINIMAL)
    triggered(raw)
    for statement in (
        "UPDATE accounts SET balance = -1 WHERE id = 'a'",
        "UPDATE accounts SET interest_rate = 2",
        "UPDATE accounts SET daily_transaction_limit = 0",
        "INSERT INTO transactions (id, amount, type, reference_number) VALUES ('t', 0, 'DEPOSIT', '1')",
    ):
        with pytest.raises(sa.exc.DBAPIError, match="chk_"):
            run(raw, statement)
    runner.down(raw, SYSTEM, "triggers", "base")
    run(raw, "UPDATE accounts SET balance = -1 WHERE id = 'a'")
