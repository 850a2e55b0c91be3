"""The invented rows: the same each time, consistent to the cent, and in every state that somebody works on."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from db import read
from db.model import Query
from db.seed import Batch, plan
from db.trustsphere.seed import batches
from db.trustsphere.tables import metadata
from tests.trustsphere.conftest import Bank, filled

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def invented(rows: int = 300, number: int = 5, hostile: bool = True) -> list[Batch]:
    return list(batches(plan(rows, number, NOW, hostile=hostile)))


def test_the_same_plan_gives_the_same_rows_and_another_seed_others() -> None:
    assert invented() == invented()
    first, other = invented(), invented(number=6)
    assert [b.table for b in first] == [b.table for b in other]
    for one, two in zip(first, other, strict=True):
        assert one.rows != two.rows, one.table


def test_batches_are_small_and_fit_their_tables() -> None:
    counted: Counter[str] = Counter()
    for batch in batches(plan(12_000, 1, NOW)):
        table = metadata.tables[batch.table]
        assert len(batch.rows) <= 5_000
        assert set(batch.columns) == {column.name for column in table.columns}
        assert {len(row) for row in batch.rows} == {len(batch.columns)}
        counted[batch.table] += len(batch.rows)
    assert (counted["audit_logs"], counted["users"], counted["transactions"]) == (12_000, 1_200, 7_200)


def test_ids_and_references_are_never_given_twice() -> None:
    seen: dict[str, set[object]] = {}
    for batch in invented(20_000):
        key = 2 if batch.table == "user_roles" else 1
        ids = seen.setdefault(batch.table, set())
        fresh_ids = {row[:key] for row in batch.rows}
        assert len(fresh_ids) == len(batch.rows)
        assert not ids & fresh_ids
        ids |= fresh_ids


def test_a_plan_without_hostile_texts_has_none() -> None:
    def signs(hostile: bool) -> bool:
        return any(
            "\x1b" in v for b in invented(hostile=hostile) for r in b.rows for v in r if isinstance(v, str)
        )

    assert (signs(True), signs(False)) == (True, False)


@pytest.mark.parametrize("number", range(1, 9))
def test_two_hundred_rows_are_enough_for_every_view(number: int, fresh: Callable[[str], str]) -> None:
    session = filled("sqlite", fresh("sqlite"), 200, number).session
    for entity in session.system.entities:
        for view in entity.views:
            assert read.page(session, Query(entity, view), limit=1).rows, (entity.name, view.name)
    session.close()


# Consistency, by plain SQL on each engine


def test_all_balances_are_deposits_less_withdrawals_and_fees(bank: Bank) -> None:
    [(balances,)] = bank.ask("SELECT SUM(balance) FROM accounts")
    [(booked,)] = bank.ask(
        "SELECT SUM(CASE type WHEN 'DEPOSIT' THEN BOOKED WHEN 'WITHDRAWAL' THEN -BOOKED ELSE 0 END - fee_amount) "
        "FROM transactions WHERE status = 'COMPLETED'"
    )
    assert balances == booked


def test_what_the_archive_booked_cancels_out(bank: Bank) -> None:
    wrong = bank.ask(
        "SELECT account FROM (SELECT target_account_id AS account, amount FROM transactions_archive "
        "WHERE status = 'COMPLETED' AND type = 'DEPOSIT' UNION ALL SELECT source_account_id, -amount "
        "FROM transactions_archive WHERE status = 'COMPLETED' AND type = 'WITHDRAWAL') moves "
        "GROUP BY account HAVING SUM(amount) <> 0"
    )
    others = bank.ask(
        "SELECT count(*) FROM transactions_archive WHERE status = 'COMPLETED' "
        "AND (type = 'TRANSFER' OR fee_amount <> 0 OR currency <> 'USD')"
    )
    assert (wrong, others) == ([], [(0,)])


def test_the_daily_amounts_are_what_went_out_today(bank: Bank) -> None:
    midnight = f"{bank.began:%Y-%m-%d} 00:00:00"
    rows = bank.ask(
        "SELECT daily_transaction_amount, coalesce((SELECT SUM(BOOKED) FROM transactions t "
        "WHERE t.source_account_id = accounts.id AND t.status = 'COMPLETED' "
        f"AND t.processed_at >= '{midnight}'), 0), daily_transaction_limit FROM accounts"
    )
    assert all(amount == out for amount, out, _ in rows)
    assert all(amount <= limit for amount, _, limit in rows)
    assert any(amount for amount, _, _ in rows)


def test_the_last_transaction_is_the_last_completed_one(bank: Bank) -> None:
    rows = bank.ask(
        "SELECT last_transaction_at, (SELECT MAX(processed_at) FROM transactions t WHERE t.status = 'COMPLETED' "
        "AND (t.source_account_id = accounts.id OR t.target_account_id = accounts.id)) FROM accounts"
    )
    assert all(last == found for last, found in rows)


def test_no_floor_is_broken(bank: Bank) -> None:
    broken = bank.ask(
        "SELECT count(*) FROM accounts WHERE status <> 'CLOSED' AND last_transaction_at IS NOT NULL "
        "AND ((overdraft_limit > 0 AND balance < -overdraft_limit) OR (overdraft_limit = 0 AND balance < minimum_balance))"
    )
    assert broken == [(0,)]


def test_times_are_in_order_and_none_is_in_the_future(bank: Bank) -> None:
    now = f"'{bank.began:%Y-%m-%d %H:%M:%S}.999999'"
    wrong = {
        "too new": "SELECT count(*) FROM {0} WHERE created_at > " + now,
        "changed": "SELECT count(*) FROM {0} WHERE updated_at < created_at OR updated_at > " + now,
    }
    for table in ("users", "roles", "accounts", "transactions", "transactions_archive", "notifications"):
        for rule, text in wrong.items():
            assert bank.ask(text.format(table)) == [(0,)], (rule, table)
    for table in ("user_roles", "audit_logs", "audit_logs_archive"):
        assert bank.ask(wrong["too new"].format(table)) == [(0,)], table
    for text in (
        "SELECT count(*) FROM transactions WHERE (status = 'PENDING') <> (processed_at IS NULL)",
        "SELECT count(*) FROM transactions WHERE processed_at < timestamp",
        "SELECT count(*) FROM accounts a JOIN users u ON u.id = user_id WHERE a.created_at < u.created_at",
        "SELECT count(*) FROM users WHERE last_login_at < created_at",
        "SELECT count(*) FROM notifications WHERE (status = 'SENT') <> (sent_at IS NOT NULL) OR sent_at < created_at",
    ):
        assert bank.ask(text) == [(0,)], text


def test_passwords_have_the_form_of_bcrypt(bank: Bank) -> None:
    hashes = {row[0] for row in bank.ask("SELECT password_hash FROM users")}
    assert {(h[:7], len(h)) for h in hashes} == {("$2b$12$", 60)}
    assert len(hashes) == bank.ask("SELECT count(*) FROM users")[0][0]


WAITING = (
    "FROM transactions t LEFT JOIN accounts s ON s.id = source_account_id LEFT JOIN accounts d ON d.id = target_account_id "
    "WHERE t.status = 'PENDING' AND "
)
FLOOR = "CASE WHEN s.overdraft_limit > 0 THEN -s.overdraft_limit ELSE s.minimum_balance END"


@pytest.mark.parametrize(
    "condition",
    [
        "type = 'TRANSFER' AND s.status = 'ACTIVE' AND d.status = 'ACTIVE' AND amount < MONEY(10000.00) "
        f"AND s.balance - amount - fee_amount >= {FLOOR} "
        "AND s.daily_transaction_amount + amount <= s.daily_transaction_limit AND t.currency = 'USD'",
        "type = 'TRANSFER' AND s.status = 'ACTIVE' AND amount >= MONEY(10000.00) AND s.balance - amount - fee_amount >= 0",
        "type = 'WITHDRAWAL' AND s.status = 'ACTIVE' AND amount = MONEY(10000.00)",
        "type = 'DEPOSIT' AND d.status = 'ACTIVE' AND t.currency = 'USD' AND amount > fee_amount",
        "type = 'DEPOSIT' AND t.currency = 'EUR'",
        "type = 'DEPOSIT' AND fee_amount > amount",
        f"s.status = 'ACTIVE' AND t.currency = 'USD' AND s.balance - amount - fee_amount < {FLOOR}",
        "s.status = 'FROZEN'",
        "d.status = 'CLOSED'",
        "s.daily_transaction_amount + amount > s.daily_transaction_limit AND s.balance > amount",
    ],
    ids=[
        "fits",
        "dual",
        "at the threshold",
        "deposit",
        "foreign",
        "negative",
        "funds",
        "frozen",
        "closed",
        "limit",
    ],
)
def test_what_waits_can_be_approved_or_is_refused_for_each_reason(bank: Bank, condition: str) -> None:
    assert bank.ask(f"SELECT count(*) {WAITING} {condition}")[0][0]


@pytest.mark.parametrize(
    "condition",
    [
        "status = 'ACTIVE' AND balance = 0 AND last_transaction_at IS NOT NULL AND id NOT IN "
        "(SELECT coalesce(source_account_id, '') FROM transactions WHERE status = 'PENDING') AND id NOT IN "
        "(SELECT coalesce(target_account_id, '') FROM transactions WHERE status = 'PENDING')",
        "status = 'ACTIVE' AND balance > 0",
        "status = 'FROZEN'",
        "status = 'CLOSED' AND balance = 0",
        "status = 'CLOSED' AND balance > 0",
    ],
    ids=["can be closed", "has money", "frozen", "closed", "closed with money"],
)
def test_there_are_accounts_in_each_state(bank: Bank, condition: str) -> None:
    assert bank.ask(f"SELECT count(*) FROM accounts WHERE {condition}")[0][0]
