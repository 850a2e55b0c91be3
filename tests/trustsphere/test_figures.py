"""Every figure gives the rows of a query written by hand; the booking rule is exact."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import product
from typing import Any

import pytest
from sqlalchemy import create_engine, func, literal, select
from sqlalchemy.pool import NullPool

from db import read, registry
from db.model import Column, Figure, Page
from db.trustsphere.booking import booked
from db.types import Money, Time
from tests.conftest import engines_for
from tests.trustsphere.conftest import Bank

MOVEMENT = "count(*), SUM(BOOKED), SUM(fee_amount), MIN(timestamp), MAX(timestamp)"
HELD = "count(*), SUM(balance < 0), SUM(balance), AVERAGE(balance), MIN(balance), MAX(balance)"
LOGGED = "count(*), SUM(severity = 'WARNING'), SUM(severity = 'ERROR'), MAX(timestamp)"
OUT = """SELECT source_account_id AS account, -(BOOKED + fee_amount) AS amount FROM {0}
    WHERE status = 'COMPLETED' AND type <> 'DEPOSIT'"""
IN = """SELECT target_account_id, BOOKED - CASE type WHEN 'DEPOSIT' THEN fee_amount ELSE 0 END FROM {0}
    WHERE status = 'COMPLETED' AND type <> 'WITHDRAWAL'"""
LIVE = f"{OUT.format('transactions')} UNION ALL {IN.format('transactions')}"
ARCHIVED = f"{OUT.format('transactions_archive')} UNION ALL {IN.format('transactions_archive')}"


def checked(bookings: str) -> str:
    """The balance check over these bookings."""
    each = (
        f"SELECT balance, coalesce((SELECT SUM(amount) FROM ({bookings}) moves WHERE account = accounts.id), 0) "
        "AS expected FROM accounts"
    )
    return (
        f"SELECT CASE WHEN balance = expected THEN 'agrees' ELSE 'differs' END AS result, count(*), SUM(balance), "
        f"SUM(expected), SUM(balance - expected) FROM ({each}) compared GROUP BY result ORDER BY result"
    )


BY_HAND = {
    "users/by-status": "SELECT TEXT(status), count(*), coalesce(SUM(account_locked_until > NOW), 0), "
    "SUM(password_expires_at < NOW), SUM(failed_login_attempts > 0), SUM(last_login_at IS NULL) "
    "FROM users GROUP BY status ORDER BY TEXT(status)",
    "roles/holders": "SELECT name, (SELECT count(*) FROM user_roles WHERE role_id = r.id), "
    "(SELECT count(*) FROM user_roles, users u WHERE role_id = r.id AND u.id = user_id AND status = 'ACTIVE'), "
    "(SELECT count(*) FROM user_roles, users u WHERE role_id = r.id AND u.id = user_id AND account_locked_until > NOW)"
    " FROM roles r ORDER BY name",
    "accounts/by-status": f"SELECT status, {HELD} FROM accounts GROUP BY status ORDER BY TEXT(status)",
    "accounts/by-type": f"SELECT account_type, {HELD} FROM accounts GROUP BY account_type ORDER BY TEXT(account_type)",
    "accounts/by-type-and-status": "SELECT account_type, status, count(*), SUM(balance) FROM accounts "
    "GROUP BY account_type, status ORDER BY TEXT(account_type), TEXT(status)",
    "accounts/balance-check": checked(f"{LIVE} UNION ALL {ARCHIVED}"),
    "accounts/balance-check-live": checked(LIVE),
    "transactions/by-status": f"SELECT status, {MOVEMENT} FROM transactions GROUP BY status ORDER BY TEXT(status)",
    "transactions/by-type": f"SELECT type, {MOVEMENT} FROM transactions GROUP BY type ORDER BY TEXT(type)",
    "transactions/by-type-and-status": f"SELECT type, status, {MOVEMENT} FROM transactions "
    "GROUP BY type, status ORDER BY TEXT(type), TEXT(status)",
    "transactions/by-currency": "SELECT currency, count(*), SUM(amount), MIN(exchange_rate), MAX(exchange_rate), "
    "SUM(BOOKED) FROM transactions GROUP BY currency ORDER BY currency",
    "transactions/by-day": "SELECT DAY(timestamp) AS d, count(*), SUM(status = 'COMPLETED'), SUM(status = 'PENDING'), "
    "SUM(status = 'FAILED'), SUM(status = 'CANCELLED'), SUM(CASE status WHEN 'COMPLETED' THEN BOOKED END), "
    "SUM(CASE status WHEN 'COMPLETED' THEN fee_amount END) FROM transactions WHERE timestamp > AGO(30 DAY) "
    "GROUP BY d ORDER BY d DESC",
    "transactions/failures": "SELECT failure_reason, count(*), SUM(BOOKED), MAX(timestamp) FROM transactions "
    "WHERE status = 'FAILED' AND timestamp > AGO(30 DAY) GROUP BY failure_reason ORDER BY count(*) DESC, failure_reason",
    "transactions/pending-age": "SELECT CASE WHEN timestamp > AGO(1 HOUR) THEN '1 under an hour' "
    "WHEN timestamp > AGO(24 HOUR) THEN '2 under a day' WHEN timestamp > AGO(168 HOUR) THEN '3 under a week' "
    "ELSE '4 a week or more' END AS age, count(*), SUM(BOOKED) FROM transactions WHERE status = 'PENDING' "
    "GROUP BY age ORDER BY age",
    "notifications/by-status": "SELECT status, count(*), SUM(`read`), MIN(created_at), MAX(created_at) "
    "FROM notifications GROUP BY status ORDER BY TEXT(status)",
    "notifications/by-type": "SELECT type, count(*), SUM(status = 'PENDING'), SUM(status = 'SENT'), "
    "SUM(status = 'FAILED'), ROUND(100.0 * SUM(status = 'FAILED') / count(*), 1) "
    "FROM notifications GROUP BY type ORDER BY TEXT(type)",
    "audit_logs/compliance": "SELECT 'Total Users', count(*), 1 AS place FROM users WHERE status = 'ACTIVE' "
    "UNION ALL SELECT 'Total Accounts', count(*), 2 FROM accounts WHERE status = 'ACTIVE' "
    "UNION ALL SELECT 'Total Transactions', count(*), 3 FROM transactions WHERE created_at > AGO(30 DAY) "
    "UNION ALL SELECT 'Total Audit Logs', count(*), 4 FROM audit_logs WHERE created_at > AGO(30 DAY) ORDER BY place",
    "audit_logs/by-severity": f"SELECT severity, {LOGGED} FROM audit_logs WHERE timestamp > AGO(30 DAY) "
    "GROUP BY severity ORDER BY count(*) DESC, TEXT(severity)",
    "audit_logs/by-action": f"SELECT action, {LOGGED} FROM audit_logs WHERE timestamp > AGO(30 DAY) "
    "GROUP BY action ORDER BY count(*) DESC, action LIMIT 100",
    "audit_logs/by-resource": f"SELECT resource_type, {LOGGED} FROM audit_logs WHERE timestamp > AGO(30 DAY) "
    "GROUP BY resource_type ORDER BY count(*) DESC, resource_type",
    "audit_logs/by-actor": "SELECT actor_user_id, (SELECT email FROM users WHERE id = actor_user_id), count(*), "
    "SUM(severity <> 'INFO'), MAX(timestamp) FROM audit_logs WHERE timestamp > AGO(30 DAY) "
    "AND actor_user_id IS NOT NULL GROUP BY actor_user_id ORDER BY count(*) DESC, actor_user_id LIMIT 100",
    "audit_logs/failed-sign-ins-by-address": "SELECT ip_address, count(*), count(DISTINCT resource_id), MAX(timestamp) "
    "FROM audit_logs WHERE action = 'LOGIN_FAILED' AND timestamp > AGO(30 DAY) GROUP BY ip_address "
    "ORDER BY count(*) DESC, ip_address LIMIT 100",
    "audit_logs/by-day": "SELECT DAY(timestamp) AS d, count(*), SUM(severity = 'WARNING'), SUM(severity = 'ERROR'), "
    "count(DISTINCT actor_user_id) FROM audit_logs WHERE timestamp > AGO(30 DAY) GROUP BY d ORDER BY d DESC",
}
AGREEING = {
    "accounts/balance-differences": "no balance differs in the invented rows",
    "transactions/orphans": "no row points nowhere in the invented rows",
}
"""Tested where something was broken first."""


def shown(bank: Bank, path: str, **parameters: str) -> Page:
    """A figure as the console reads it."""
    entity, figure = registry.resolve(bank.session.system, path)
    assert isinstance(figure, Figure)
    return read.figure(bank.session, entity, figure, parameters)


def meant(bank: Bank, column: Column, value: Any) -> Any:
    """What the engine's own value means: cents as money, times as aware ones."""
    type_ = column.expression.type
    if isinstance(type_, Money) and bank.engine == "sqlite" and value is not None:
        return Decimal(value).scaleb(-type_.scale)
    if isinstance(type_, Time) and value is not None:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC)
    return Decimal(str(value)) if isinstance(value, float) else value


def test_each_figure_has_its_query() -> None:
    system = registry.system("trustsphere")
    named = {f"{entity.name}/{figure.name}" for entity in system.entities for figure in entity.figures}
    assert named == {*BY_HAND, *AGREEING}


@pytest.mark.parametrize("path", BY_HAND)
def test_the_figure_gives_the_rows_of_the_query(bank: Bank, path: str) -> None:
    page = shown(bank, path)
    wanted = [
        tuple(meant(bank, column, value) for column, value in zip(page.columns, row, strict=False))
        for row in bank.ask(BY_HAND[path])
    ]
    assert [row.values for row in page.rows] == wanted
    assert wanted


def test_the_period_of_the_compliance_report_can_be_chosen(bank: Bank) -> None:
    until = bank.began - timedelta(days=10)
    page = shown(bank, "audit_logs/compliance", since="2000-01-01", until=until.isoformat())
    by_hand = f"SELECT count(*) FROM audit_logs WHERE created_at <= '{until:%Y-%m-%d %H:%M:%S.%f}'"
    assert [row.values[1] for row in page.rows][3:] == [bank.ask(by_hand)[0][0]]


def test_every_balance_agrees_and_nothing_points_nowhere(bank: Bank) -> None:
    assert [row.values[0] for row in shown(bank, "accounts/balance-check").rows] == ["agrees"]
    assert shown(bank, "accounts/balance-differences").rows == ()
    assert {row.values[1] for row in shown(bank, "transactions/orphans").rows} == {0}


def test_a_wrong_balance_is_found_to_the_cent(own_bank: Bank) -> None:
    number = own_bank.ask("SELECT account_number FROM accounts WHERE status = 'ACTIVE' ORDER BY id LIMIT 1")[
        0
    ][0]
    own_bank.run(f"UPDATE accounts SET balance = balance + MONEY(0.01) WHERE account_number = '{number}'")
    [row] = shown(own_bank, "accounts/balance-differences").rows
    assert (row.values[0], row.values[4]) == (number, Decimal("0.01"))
    agrees, differs = (row.values for row in shown(own_bank, "accounts/balance-check").rows)
    assert (differs[0], differs[1], differs[4]) == ("differs", 1, Decimal("0.01"))
    assert agrees[1] == own_bank.ask("SELECT count(*) - 1 FROM accounts")[0][0]


def test_the_archive_belongs_to_the_balance(own_bank: Bank) -> None:
    """The retention of the document moves transactions: the check still agrees, the live one does not."""
    own_bank.run(
        "INSERT INTO transactions_archive SELECT * FROM transactions WHERE created_at < AGO(2 YEAR)",
        "DELETE FROM transactions WHERE created_at < AGO(2 YEAR)",
    )
    assert [row.values[0] for row in shown(own_bank, "accounts/balance-check").rows] == ["agrees"]
    assert {row.values[0] for row in shown(own_bank, "accounts/balance-check-live").rows} == {
        "agrees",
        "differs",
    }


def test_what_points_nowhere_is_counted(own_bank: Bank) -> None:
    unchecked = "PRAGMA foreign_keys = OFF" if own_bank.engine == "sqlite" else "SET foreign_key_checks = 0"
    user = own_bank.ask("SELECT user_id FROM accounts ORDER BY user_id LIMIT 1")[0][0]
    by_hand = {
        "transactions.source_account_id": "SELECT count(*) FROM transactions JOIN accounts a "
        f"ON a.id = source_account_id WHERE user_id = '{user}'",
        "transactions.target_account_id": "SELECT count(*) FROM transactions JOIN accounts a "
        f"ON a.id = target_account_id WHERE user_id = '{user}'",
        "accounts.user_id": "SELECT 0",
        "user_roles.user_id": f"SELECT count(*) FROM user_roles WHERE user_id = '{user}'",
        "user_roles.role_id": "SELECT count(*) FROM user_roles JOIN roles r ON r.id = role_id "
        f"WHERE name = 'AUDITOR' AND user_id <> '{user}'",
        "notifications.user_id": f"SELECT count(*) FROM notifications WHERE user_id = '{user}'",
        "audit_logs.actor_user_id": f"SELECT count(*) FROM audit_logs WHERE actor_user_id = '{user}'",
    }
    wanted = {reference: own_bank.ask(text)[0][0] for reference, text in by_hand.items()}
    with own_bank.raw.connect() as connection:
        connection.exec_driver_sql(unchecked)
        for statement in ("accounts WHERE user_id", "users WHERE id"):
            connection.exec_driver_sql(f"DELETE FROM {statement} = '{user}'")
        connection.exec_driver_sql("DELETE FROM roles WHERE name = 'AUDITOR'")
        connection.commit()
    found = {row.values[0]: row.values[1] for row in shown(own_bank, "transactions/orphans").rows}
    assert found == wanted
    assert sum(value > 0 for value in found.values()) >= 5


@pytest.mark.parametrize("engine", engines_for("trustsphere"))
def test_amounts_are_booked_half_even(engine: str, fresh: Callable[[str], str]) -> None:
    amounts = (
        "0.01",
        "0.05",
        "0.15",
        "100.20",
        "100.60",
        "-0.05",
        "-0.15",
        "-7.77",
        "12345678901.23",
        "9999999999999.99",
    )
    rates = ("1.000000", "0.500000", "1.125000", "0.100000", "0.006712", "1.000001", "999.999999")
    cases = [(Decimal(a), Decimal(r)) for a, r in product(amounts, rates)]
    columns = [
        booked(literal(amount, Money()), literal(rate, Money(10, 6))).label(f"b{n}")
        for n, (amount, rate) in enumerate(cases)
    ]
    with create_engine(fresh(engine), poolclass=NullPool).connect() as connection:
        found = connection.execute(select(*columns, func.count())).one()[:-1]
    wanted = [(amount * rate).quantize(Decimal("0.01"), ROUND_HALF_EVEN) for amount, rate in cases]
    assert list(found) == wanted
