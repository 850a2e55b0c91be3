"""The document's three events, on MySQL and MariaDB, starting at their next time.

As the document has them they run when they are created, and a filled bank gets a month's interest at once.
Here the daily one starts at the next midnight, the monthly one on the first of the next month, the weekly
one on the next Monday. Interest changes balances without a booking; the balance check shows it as a difference.
"""

from __future__ import annotations

from migrations import there
from migrations.said import say
from migrations.trustsphere.objects import database, put, sqlite, take_away

revision = "0003"
down_revision = "0002"

EVENTS = {
    "reset_daily_transaction_amounts": """CREATE EVENT reset_daily_transaction_amounts
ON SCHEDULE EVERY 1 DAY STARTS TIMESTAMP(CURRENT_DATE + INTERVAL 1 DAY)
DO UPDATE accounts SET daily_transaction_amount = 0.00 WHERE daily_transaction_amount > 0.00""",
    "calculate_monthly_interest": """CREATE EVENT calculate_monthly_interest
ON SCHEDULE EVERY 1 MONTH STARTS TIMESTAMP(LAST_DAY(CURRENT_DATE) + INTERVAL 1 DAY)
DO UPDATE accounts
SET balance = balance + (balance * interest_rate / 12), last_interest_calculation = CURRENT_TIMESTAMP
WHERE status = 'ACTIVE' AND account_type = 'SAVINGS' AND interest_rate > 0.00""",
    "cleanup_old_audit_logs": """CREATE EVENT cleanup_old_audit_logs
ON SCHEDULE EVERY 1 WEEK STARTS TIMESTAMP(CURRENT_DATE + INTERVAL (7 - WEEKDAY(CURRENT_DATE)) DAY)
DO DELETE FROM audit_logs WHERE created_at < DATE_SUB(NOW(), INTERVAL 7 YEAR)""",
}


def upgrade() -> None:
    if sqlite():
        say("SQLite has no events: daily amounts, interest and the clean-up of the audit are left out.")
        return
    needed = ("balance", "interest_rate", "daily_transaction_amount", "last_interest_calculation")
    if not (there("accounts", *needed) and there("audit_logs", "created_at")):
        say("The events are left out: a table or column that they need is not there.")
        return
    for name, statement in EVENTS.items():
        put("event", name, statement)
    if database().exec_driver_sql("SELECT @@event_scheduler").scalar() != "ON":
        say("The event scheduler of this server is off: the events are there, and do not run until it is on.")


def downgrade() -> None:
    if sqlite():
        return
    for name in EVENTS:
        take_away("event", name)
