"""What one user may see: ``SESSION_USER_ID()`` and the document's two views, on MySQL and MariaDB.

The function, which no server has, reads ``@quaestor_user_id``; without that variable the views are empty.
Anybody who may run SQL can set it: the views narrow what a login of one user sees, they are no wall.
``user_transactions`` is read from both ends by their indexes and shows a transfer between two accounts of
one user once; the document's shows it twice. SQLite has neither variables nor functions: there is nothing.
"""

from __future__ import annotations

import re

from migrations import there
from migrations.said import say
from migrations.trustsphere.objects import put, sqlite, take_away

revision = "0002"
down_revision = "0001"

# Deterministic, so that it is evaluated once and an index serves the comparison.
FUNCTION = """CREATE FUNCTION SESSION_USER_ID() RETURNS VARCHAR(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
DETERMINISTIC NO SQL RETURN @quaestor_user_id"""
USER_ACCOUNTS = """CREATE VIEW user_accounts AS
SELECT * FROM accounts WHERE user_id = SESSION_USER_ID()"""
USER_TRANSACTIONS = """CREATE VIEW user_transactions AS
SELECT t.* FROM transactions t JOIN accounts a ON a.id = t.source_account_id
WHERE a.user_id = SESSION_USER_ID()
UNION ALL
SELECT t.* FROM transactions t JOIN accounts a ON a.id = t.target_account_id
WHERE a.user_id = SESSION_USER_ID()
    AND NOT EXISTS (SELECT 1 FROM accounts s WHERE s.id = t.source_account_id AND s.user_id = SESSION_USER_ID())"""


def _shows_twice(definition: str) -> bool:
    """Whether it joins both ends at once and removes no double."""
    words = set(re.findall(r"\w+", definition.lower()))
    return "join" in words and not words & {"union", "distinct", "exists", "group"}


def upgrade() -> None:
    if sqlite():
        say("SQLite has no session variables and no stored functions: the row-level views are left out.")
        return
    if not (
        there("accounts", "id", "user_id") and there("transactions", "source_account_id", "target_account_id")
    ):
        say("The row-level views are left out: a table or column that they need is not there.")
        return
    put("function", "SESSION_USER_ID", FUNCTION)
    put("view", "user_accounts", USER_ACCOUNTS)
    put("view", "user_transactions", USER_TRANSACTIONS, _shows_twice)


def downgrade() -> None:
    if sqlite():
        return
    take_away("view", "user_transactions")
    take_away("view", "user_accounts")
    take_away("function", "SESSION_USER_ID")
