"""The document's two audit triggers, repaired: they give ``audit_logs.id`` a value, and survive any ``updated_by``.

As the document has them every change of a balance or a status fails, because the audit row has no id.
``updated_by`` is handed to a foreign key only where it names a user; ``created_by`` keeps it in any case.
Others' triggers of the same name are replaced if they insert an audit row without its id.
"""

from __future__ import annotations

import re

from alembic import op

from migrations import there
from migrations.said import say
from migrations.trustsphere.objects import MADE, put, sqlite, take_away

revision = "0001"
down_revision = None

COLUMNS = "id, actor_user_id, action, resource_type, resource_id, severity, details, timestamp, created_at, created_by"
MYSQL = """CREATE TRIGGER {name} AFTER UPDATE ON {table} FOR EACH ROW
INSERT INTO audit_logs ({columns})
SELECT UUID(), (SELECT id FROM users WHERE id = NEW.updated_by), '{action}', '{resource}', NEW.id, 'INFO',
    CONCAT('{word} changed from ', OLD.{column}, ' to ', NEW.{column}),
    CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, NEW.updated_by
FROM DUAL WHERE OLD.{column} <> NEW.{column}"""
SQLITE = """CREATE TRIGGER {name} AFTER UPDATE ON {table} FOR EACH ROW WHEN OLD.{column} <> NEW.{column}
BEGIN
    INSERT INTO audit_logs ({columns})
    SELECT {uuid}, (SELECT id FROM users WHERE id = NEW.updated_by), '{action}', '{resource}', NEW.id, 'INFO',
        '{word} changed from ' || {old} || ' to ' || {new}, {now}, {now}, NEW.updated_by;
END"""
UUID = (
    "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' "
    "|| substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
)
NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'"
CENTS = "iif({0} < 0, '-', '') || (abs({0}) / 100) || '.' || substr('0' || (abs({0}) % 100), -2)"

TRIGGERS = (
    ("tr_account_balance_audit", "accounts", "balance", "BALANCE_CHANGED", "ACCOUNT", "Balance"),
    ("tr_transaction_status_audit", "transactions", "status", "STATUS_CHANGED", "TRANSACTION", "Status"),
)


def _statement(name: str, table: str, column: str, action: str, resource: str, word: str) -> str:
    shown = CENTS if sqlite() and column == "balance" else "{0}"
    return (SQLITE if sqlite() else MYSQL).format(
        name=name,
        table=table,
        column=column,
        action=action,
        resource=resource,
        word=word,
        columns=COLUMNS,
        uuid=UUID,
        now=NOW,
        old=shown.format(f"OLD.{column}"),
        new=shown.format(f"NEW.{column}"),
    )


def _lacks_id(definition: str) -> bool:
    """Whether it inserts an audit row without an id."""
    found = re.search(r"insert\s+into\s+`?audit_logs`?\s*\(([^)]*)\)", definition, re.IGNORECASE)
    return found is not None and "id" not in re.findall(r"\w+", found[1].lower())


def upgrade() -> None:
    MADE.create(op.get_bind(), checkfirst=False)
    for name, table, column, *words in TRIGGERS:
        if (
            there(table, "id", column, "updated_by")
            and there("audit_logs", *COLUMNS.split(", "))
            and there("users", "id")
        ):
            put("trigger", name, _statement(name, table, column, *words), _lacks_id)
        else:
            say(f"The trigger {name} is left out: a table or column that it needs is not there.")


def downgrade() -> None:
    for name, *_ in reversed(TRIGGERS):
        take_away("trigger", name)
    MADE.drop(op.get_bind(), checkfirst=False)
