"""The part ``triggers``: repaired audit triggers, views by user, events at their next time, checks."""

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from db import registry
from migrations import runner
from tests.conftest import engines_for
from tests.trustsphere.conftest import Bank, documents, filled

SYSTEM = registry.system("trustsphere")
ENGINES = engines_for("trustsphere")
REAL = [engine for engine in ENGINES if engine != "sqlite"]
BROKEN = """CREATE TRIGGER tr_account_balance_audit AFTER UPDATE ON accounts FOR EACH ROW
BEGIN
    IF OLD.balance != NEW.balance THEN
        INSERT INTO audit_logs (
            actor_user_id, action, resource_type, resource_id, severity, details, timestamp
        ) VALUES (
            NEW.updated_by, 'BALANCE_CHANGED', 'ACCOUNT', NEW.id, 'INFO',
            CONCAT('Balance changed from ', OLD.balance, ' to ', NEW.balance), CURRENT_TIMESTAMP
        );
    END IF;
END"""
"""As the document has it."""
MINIMAL = (
    "INSERT INTO users (id, email, password_hash, full_name, password_expires_at) "
    "VALUES ('u', 'u@example.org', 'x', 'x', '2030-01-01 00:00:00'), ('v', 'v@example.org', 'x', 'x', '2030-01-01 00:00:00')",
    "INSERT INTO accounts (id, account_number, user_id, account_type, balance, interest_rate) "
    "VALUES ('a', '1', 'u', 'SAVINGS', 100, 0.5), ('b', '2', 'u', 'SAVINGS', 100, 0.5), ('c', '3', 'v', 'CHECKING', 5, 0)",
)


def asked(raw: sa.Engine, text: str) -> list[tuple[Any, ...]]:
    with raw.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(text)]


def run(raw: sa.Engine, *statements: str) -> None:
    with raw.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def triggered(raw: sa.Engine) -> None:
    runner.up(raw, SYSTEM, "triggers")


def names(raw: sa.Engine, what: str) -> set[str]:
    column = {"triggers": "trigger", "views": "table", "events": "event", "routines": "routine"}[what]
    return {
        row[0]
        for row in asked(
            raw,
            f"SELECT {column}_name FROM information_schema.{what} WHERE {column}_schema = database()",
        )
    }


def test_a_change_of_a_balance_is_told_once_with_an_id(own_bank: Bank) -> None:
    triggered(own_bank.raw)
    before = own_bank.ask("SELECT count(*) FROM audit_logs")[0][0]
    account, user = own_bank.ask("SELECT id, user_id FROM accounts WHERE balance = MONEY(12.34)")[0]
    own_bank.run(
        f"UPDATE accounts SET balance = MONEY(-0.05), overdraft_limit = MONEY(1.00), updated_by = '{user}' WHERE id = '{account}'",
        f"UPDATE accounts SET minimum_balance = 0 WHERE id = '{account}'",
    )
    assert own_bank.ask("SELECT count(*) FROM audit_logs")[0][0] == before + 1
    [row] = own_bank.ask(
        "SELECT id, actor_user_id, resource_type, severity, details, created_by, version FROM audit_logs "
        f"WHERE resource_id = '{account}' AND action = 'BALANCE_CHANGED' AND timestamp >= '{own_bank.began:%Y-%m-%d %H:%M:%S}' "
        "ORDER BY timestamp DESC LIMIT 1"
    )
    assert row[1:] == (user, "ACCOUNT", "INFO", "Balance changed from 12.34 to -0.05", user, 1)
    assert str(uuid.UUID(row[0])) == row[0]


def test_a_change_of_a_status_is_told_whoever_made_it(own_bank: Bank) -> None:
    triggered(own_bank.raw)
    waiting = [
        row[0]
        for row in own_bank.ask("SELECT id FROM transactions WHERE status = 'PENDING' ORDER BY id LIMIT 2")
    ]
    own_bank.run(
        f"UPDATE transactions SET status = 'CANCELLED', updated_by = 'no-such-user' WHERE id = '{waiting[0]}'",
        f"UPDATE transactions SET status = 'FAILED' WHERE id = '{waiting[1]}'",
        f"UPDATE transactions SET description = 'x' WHERE id = '{waiting[1]}'",
    )
    found = own_bank.ask(
        "SELECT resource_id, actor_user_id, details, created_by FROM audit_logs "
        "WHERE action = 'STATUS_CHANGED' AND details NOT LIKE '%COMPLETED'"
    )
    assert set(found) == {
        (waiting[0], None, "Status changed from PENDING to CANCELLED", "no-such-user"),
        (waiting[1], None, "Status changed from PENDING to FAILED", None),
    }


@pytest.mark.parametrize("engine", REAL)
def test_the_documents_own_trigger_breaks_every_booking_and_is_repaired(
    engine: str, fresh: Callable[[str], str]
) -> None:
    raw = documents(fresh(engine), "documents.sql")
    run(raw, *MINIMAL, BROKEN)
    with pytest.raises(sa.exc.DBAPIError, match="'id' doesn't have a default value"):
        run(raw, "UPDATE accounts SET balance = 99 WHERE id = 'a'")
    triggered(raw)
    run(raw, "UPDATE accounts SET balance = 99 WHERE id = 'a'")
    assert asked(raw, "SELECT resource_id, details FROM audit_logs") == [
        ("a", "Balance changed from 100.00 to 99.00")
    ]
    runner.down(raw, SYSTEM, "triggers", "base")
    assert names(raw, "triggers") == {"tr_account_balance_audit"}
    with pytest.raises(sa.exc.DBAPIError, match="'id' doesn't have a default value"):
        run(raw, "UPDATE accounts SET balance = 98 WHERE id = 'a'")


@pytest.mark.parametrize("engine", REAL)
def test_what_others_made_and_works_stays(engine: str, fresh: Callable[[str], str]) -> None:
    raw = documents(fresh(engine), "documents.sql")
    theirs = (
        BROKEN.replace("actor_user_id, action", "id, actor_user_id, action", 1).replace(
            "NEW.updated_by,", "UUID(), NULL,", 1
        ),
        "CREATE FUNCTION SESSION_USER_ID() RETURNS VARCHAR(36) DETERMINISTIC NO SQL RETURN 'u'",
        "CREATE VIEW user_accounts AS SELECT id FROM accounts",
        "CREATE EVENT cleanup_old_audit_logs ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01 00:00:00' DO DELETE FROM audit_logs",
        "ALTER TABLE accounts ADD CONSTRAINT chk_daily_limit CHECK (daily_transaction_limit > -5)",
    )
    run(raw, *theirs)
    shapes = [
        asked(raw, f"SHOW CREATE {kind}")[0][:4]
        for kind in (
            "TRIGGER tr_account_balance_audit",
            "FUNCTION SESSION_USER_ID",
            "VIEW user_accounts",
            "EVENT cleanup_old_audit_logs",
            "TABLE roles",
        )
    ]
    triggered(raw)
    assert names(raw, "events") == {
        "reset_daily_transaction_amounts",
        "calculate_monthly_interest",
        "cleanup_old_audit_logs",
    }
    runner.down(raw, SYSTEM, "triggers", "base")
    assert shapes == [
        asked(raw, f"SHOW CREATE {kind}")[0][:4]
        for kind in (
            "TRIGGER tr_account_balance_audit",
            "FUNCTION SESSION_USER_ID",
            "VIEW user_accounts",
            "EVENT cleanup_old_audit_logs",
            "TABLE roles",
        )
    ]
    assert names(raw, "triggers") == {"tr_account_balance_audit"}
    assert names(raw, "views") == {"user_accounts"}
    assert names(raw, "events") == {"cleanup_old_audit_logs"}
    assert {name for name in sa.inspect(raw).get_table_names() if name.startswith("quaestor")} == {
        "quaestor_version_triggers"
    }


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


@pytest.mark.parametrize("engine", ENGINES)
def test_on_our_own_tables_it_comes_and_goes(engine: str, fresh: Callable[[str], str]) -> None:
    raw = sa.create_engine(fresh(engine), poolclass=NullPool)
    runner.up(raw, SYSTEM, "system")

    def shape() -> list[Any]:
        if engine == "sqlite":
            return asked(
                raw, "SELECT sql FROM sqlite_master WHERE tbl_name NOT LIKE 'quaestor%' ORDER BY name"
            )
        return [names(raw, what) for what in ("triggers", "views", "events", "routines")] + [
            asked(raw, f"SHOW CREATE TABLE {table}") for table in ("accounts", "transactions")
        ]

    before = shape()
    triggered(raw)
    between = shape()
    assert between != before
    assert runner.status(raw, SYSTEM, "triggers").pending == ()
    runner.down(raw, SYSTEM, "triggers", "base")
    assert shape() == before
    triggered(raw)
    assert shape() == between


@pytest.mark.parametrize("engine", ENGINES)
def test_a_preview_shows_it_and_changes_nothing(engine: str, fresh: Callable[[str], str]) -> None:
    raw = sa.create_engine(fresh(engine), poolclass=NullPool)
    runner.up(raw, SYSTEM, "system")
    tables = set(sa.inspect(raw).get_table_names())
    written = runner.preview(raw, SYSTEM, "triggers")
    assert written.count("CREATE TRIGGER tr_") == 2
    assert ("CREATE EVENT" in written) is (engine != "sqlite")
    if engine == "sqlite":
        assert "SQLite has no events" in written
    assert set(sa.inspect(raw).get_table_names()) == tables
    triggered(raw)
    undone = runner.preview(raw, SYSTEM, "triggers", "base", undo=True)
    assert "DROP TRIGGER IF EXISTS tr_account_balance_audit" in undone
