"""The two audit triggers, repaired; and what the whole part does to what is there, ours or others'."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from migrations import runner
from tests.conftest import engines_for
from tests.trustsphere.conftest import MINIMAL, SYSTEM, Bank, asked, documents, names, run, triggered

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
