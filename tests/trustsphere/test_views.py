"""Every view gives the rows of a query written by hand, in its order."""

import pytest

from db import read, registry
from db.model import Query
from tests.trustsphere.conftest import Bank

NEWEST = "ORDER BY created_at DESC, id DESC"
OLDEST = "ORDER BY created_at, id"
LATEST = "ORDER BY timestamp DESC, id DESC"
AUDIT = {
    "all": f"{LATEST}",
    "info": f"WHERE severity = 'INFO' {LATEST}",
    "warning": f"WHERE severity = 'WARNING' {LATEST}",
    "error": f"WHERE severity = 'ERROR' {LATEST}",
    "about-user": f"WHERE resource_type = 'USER' {LATEST}",
    "about-account": f"WHERE resource_type = 'ACCOUNT' {LATEST}",
    "about-transaction": f"WHERE resource_type = 'TRANSACTION' {LATEST}",
    "sign-ins": f"WHERE action LIKE 'LOGIN%' {LATEST}",
    "failed-sign-ins": f"WHERE action = 'LOGIN_FAILED' {LATEST}",
    "balance-changes": f"WHERE action = 'BALANCE_CHANGED' {LATEST}",
    "status-changes": f"WHERE action = 'STATUS_CHANGED' {LATEST}",
    "without-actor": f"WHERE actor_user_id IS NULL {LATEST}",
}
MOVED = {
    "all": f"{LATEST}",
    "completed": f"WHERE status = 'COMPLETED' {LATEST}",
    "failed": f"WHERE status = 'FAILED' {LATEST}",
    "cancelled": f"WHERE status = 'CANCELLED' {LATEST}",
    "transfer": f"WHERE type = 'TRANSFER' {LATEST}",
    "deposit": f"WHERE type = 'DEPOSIT' {LATEST}",
    "withdrawal": f"WHERE type = 'WITHDRAWAL' {LATEST}",
}
BY_HAND = {
    "users/all": f"SELECT id FROM users {NEWEST}",
    "users/active": f"SELECT id FROM users WHERE status = 'ACTIVE' {NEWEST}",
    "users/inactive": f"SELECT id FROM users WHERE status = 'INACTIVE' {NEWEST}",
    "users/suspended": f"SELECT id FROM users WHERE status = 'SUSPENDED' {NEWEST}",
    "users/locked": "SELECT id FROM users WHERE account_locked_until > NOW ORDER BY updated_at, id",
    "users/failed-logins": "SELECT id FROM users WHERE failed_login_attempts > 0 "
    "ORDER BY failed_login_attempts DESC, id DESC",
    "users/password-expired": "SELECT id FROM users WHERE password_expires_at < NOW ORDER BY password_expires_at, id",
    "users/password-expiring": "SELECT id FROM users WHERE password_expires_at >= NOW "
    "AND password_expires_at < AHEAD(14 DAY) ORDER BY password_expires_at, id",
    "users/never-signed-in": f"SELECT id FROM users WHERE last_login_at IS NULL {OLDEST}",
    "users/signed-in": "SELECT id FROM users WHERE last_login_at > AGO(1 DAY) ORDER BY last_login_at DESC, id DESC",
    "users/dormant": "SELECT id FROM users WHERE status = 'ACTIVE' AND last_login_at < AGO(90 DAY) "
    "ORDER BY last_login_at, id",
    "users/recent": f"SELECT id FROM users WHERE created_at > AGO(7 DAY) {NEWEST}",
    "users/without-role": f"SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM user_roles) {NEWEST}",
    "users/without-account": f"SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM accounts) {NEWEST}",
    "roles/all": "SELECT id FROM roles ORDER BY name, id",
    "roles/held": "SELECT DISTINCT id, name FROM roles JOIN user_roles ON role_id = id ORDER BY name, id",
    "roles/unused": "SELECT id FROM roles WHERE id NOT IN (SELECT role_id FROM user_roles) ORDER BY name, id",
    "user_roles/all": "SELECT user_id, role_id FROM user_roles ORDER BY user_id, role_id",
    "user_roles/recent": "SELECT user_id, role_id FROM user_roles WHERE created_at > AGO(30 DAY) "
    "ORDER BY created_at DESC, user_id DESC, role_id DESC",
    "user_roles/without-granter": "SELECT user_id, role_id FROM user_roles WHERE created_by IS NULL "
    "ORDER BY created_at DESC, user_id DESC, role_id DESC",
    "accounts/all": f"SELECT id FROM accounts {NEWEST}",
    "accounts/active": f"SELECT id FROM accounts WHERE status = 'ACTIVE' {NEWEST}",
    "accounts/frozen": f"SELECT id FROM accounts WHERE status = 'FROZEN' {NEWEST}",
    "accounts/closed": f"SELECT id FROM accounts WHERE status = 'CLOSED' {NEWEST}",
    "accounts/savings": f"SELECT id FROM accounts WHERE account_type = 'SAVINGS' {NEWEST}",
    "accounts/checking": f"SELECT id FROM accounts WHERE account_type = 'CHECKING' {NEWEST}",
    "accounts/business": f"SELECT id FROM accounts WHERE account_type = 'BUSINESS' {NEWEST}",
    "accounts/overdrawn": "SELECT id FROM accounts WHERE balance < 0 ORDER BY balance, id",
    "accounts/below-minimum": "SELECT id FROM accounts WHERE balance < minimum_balance ORDER BY balance, id",
    "accounts/near-overdraft-limit": "SELECT id FROM accounts "
    "WHERE overdraft_limit > 0 AND balance <= -0.8 * overdraft_limit ORDER BY balance, id",
    "accounts/near-daily-limit": "SELECT id FROM accounts "
    "WHERE daily_transaction_amount >= 0.8 * daily_transaction_limit ORDER BY daily_transaction_amount DESC, id DESC",
    "accounts/high-balance": "SELECT id FROM accounts WHERE balance >= MONEY(100000.00) ORDER BY balance DESC, id DESC",
    "accounts/dormant": "SELECT id FROM accounts WHERE status = 'ACTIVE' AND last_transaction_at < AGO(180 DAY) "
    "ORDER BY last_transaction_at, id",
    "accounts/never-used": f"SELECT id FROM accounts WHERE last_transaction_at IS NULL {OLDEST}",
    "accounts/closed-with-balance": "SELECT id FROM accounts WHERE status = 'CLOSED' AND balance <> 0 "
    "ORDER BY balance, id",
    "accounts/interest-due": "SELECT id FROM accounts WHERE status = 'ACTIVE' AND account_type = 'SAVINGS' "
    "AND interest_rate > 0 AND (last_interest_calculation IS NULL OR last_interest_calculation < AGO(31 DAY)) "
    f"{OLDEST}",
    "accounts/of-suspended-users": "SELECT id FROM accounts WHERE status = 'ACTIVE' "
    f"AND user_id IN (SELECT id FROM users WHERE status = 'SUSPENDED') {NEWEST}",
    "accounts/recent": f"SELECT id FROM accounts WHERE created_at > AGO(7 DAY) {NEWEST}",
    **{f"transactions/{name}": f"SELECT id FROM transactions {rest}" for name, rest in MOVED.items()},
    "transactions/pending": "SELECT id FROM transactions WHERE status = 'PENDING' ORDER BY timestamp, id",
    "transactions/pending-large": "SELECT id FROM transactions WHERE status = 'PENDING' "
    "AND (amount >= MONEY(10000.00) OR BOOKED >= MONEY(10000.00)) ORDER BY amount DESC, id DESC",
    "transactions/pending-old": "SELECT id FROM transactions WHERE status = 'PENDING' AND timestamp < AGO(1 DAY) "
    "ORDER BY timestamp, id",
    "transactions/recent": f"SELECT id FROM transactions WHERE timestamp > AGO(1 DAY) {LATEST}",
    "transactions/failed-recently": "SELECT id FROM transactions WHERE status = 'FAILED' AND timestamp > AGO(1 DAY) "
    f"{LATEST}",
    "transactions/large": "SELECT id FROM transactions WHERE amount >= MONEY(10000.00) ORDER BY amount DESC, id DESC",
    "transactions/foreign": f"SELECT id FROM transactions WHERE currency <> 'USD' {LATEST}",
    "transactions/with-fee": f"SELECT id FROM transactions WHERE fee_amount > 0 {LATEST}",
    "transactions/same-account": "SELECT id FROM transactions WHERE source_account_id = target_account_id "
    f"{LATEST}",
    "transactions/without-account": "SELECT id FROM transactions WHERE "
    "(type <> 'DEPOSIT' AND source_account_id IS NULL) OR (type <> 'WITHDRAWAL' AND target_account_id IS NULL) "
    f"{LATEST}",
    "transactions/archivable": f"SELECT id FROM transactions WHERE created_at < AGO(2 YEAR) {OLDEST}",
    **{
        f"transactions_archive/{name}": f"SELECT id FROM transactions_archive {rest}"
        for name, rest in MOVED.items()
    },
    **{f"audit_logs/{name}": f"SELECT id FROM audit_logs {rest}" for name, rest in AUDIT.items()},
    "audit_logs/recent": f"SELECT id FROM audit_logs WHERE timestamp > AGO(1 DAY) {LATEST}",
    "audit_logs/by-hand": "SELECT id FROM audit_logs WHERE actor_user_id IS NOT NULL "
    f"AND action <> 'BALANCE_CHANGED' AND action <> 'STATUS_CHANGED' {LATEST}",
    "audit_logs/archivable": f"SELECT id FROM audit_logs WHERE created_at < AGO(1 YEAR) {OLDEST}",
    "audit_logs/past-retention": f"SELECT id FROM audit_logs WHERE created_at < AGO(7 YEAR) {OLDEST}",
    **{
        f"audit_logs_archive/{name}": f"SELECT id FROM audit_logs_archive {rest}"
        for name, rest in AUDIT.items()
    },
    "audit_logs_archive/past-retention": "SELECT id FROM audit_logs_archive "
    f"WHERE created_at < AGO(7 YEAR) {OLDEST}",
    "notifications/all": f"SELECT id FROM notifications {NEWEST}",
    "notifications/pending": f"SELECT id FROM notifications WHERE status = 'PENDING' {OLDEST}",
    "notifications/failed": f"SELECT id FROM notifications WHERE status = 'FAILED' {NEWEST}",
    "notifications/stuck": "SELECT id FROM notifications WHERE status = 'PENDING' AND created_at < AGO(1 HOUR) "
    f"{OLDEST}",
    "notifications/sent": f"SELECT id FROM notifications WHERE status = 'SENT' {NEWEST}",
    "notifications/unread": f"SELECT id FROM notifications WHERE status = 'SENT' AND NOT `read` {NEWEST}",
    "notifications/email": f"SELECT id FROM notifications WHERE type = 'EMAIL' {NEWEST}",
    "notifications/sms": f"SELECT id FROM notifications WHERE type = 'SMS' {NEWEST}",
    "notifications/push": f"SELECT id FROM notifications WHERE type = 'PUSH' {NEWEST}",
    "notifications/recent": f"SELECT id FROM notifications WHERE created_at > AGO(1 DAY) {NEWEST}",
    "schema_version/all": "SELECT version FROM schema_version ORDER BY version DESC",
}
KEYS = {"user_roles": 2}


def test_each_view_has_its_query() -> None:
    system = registry.system("trustsphere")
    named = {f"{entity.name}/{view.name}" for entity in system.entities for view in entity.views}
    assert named == set(BY_HAND)


@pytest.mark.parametrize("path", BY_HAND)
def test_the_view_gives_the_rows_of_the_query(bank: Bank, path: str) -> None:
    entity, view = registry.resolve(bank.session.system, path)
    wanted = ["/".join(row[: KEYS.get(entity.name, 1)]) for row in bank.ask(BY_HAND[path])]
    query = Query(entity, view)  # type: ignore[arg-type] # a path of BY_HAND names no figure
    assert [row.id for page in read.stream(bank.session, query) for row in page.rows] == wanted
    assert wanted, "the invented rows have none of these"
