"""TrustSphere's actions, state by state: a table written by hand from the system's rules, on every engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from db import write
from db.desk import open_desk
from db.errors import Denied, QuaestorError, Refused, Usage
from db.model import Mode
from db.operation import Armed
from db.rehearse import sheet
from db.trustsphere.tables import accounts, audit_logs, notifications, transactions, users
from tests.write.bank import (
    ANNA,
    ARMED,
    NOW,
    Bank,
    account,
    id_of,
    notification,
    operation,
    transaction,
    user,
)


@dataclass(frozen=True)
class Case:
    """An action on a record in a state: what it says no with, or what the record is like afterwards."""

    entity: str
    action: str
    state: Mapping[str, Any]
    says: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    dual: bool = False
    """Whether it takes two people, and so is refused to one."""

    def __str__(self) -> str:
        state = "-".join(str(value) for value in self.state.values()).replace(" ", "_")
        return f"{self.entity}-{self.action}-{state}-{'no' if self.says else 'yes'}"


SOON, AGO = NOW + timedelta(hours=2), NOW - timedelta(hours=2)
CASES = (
    Case("users", "suspend", {"status": "ACTIVE"}, after={"status": "SUSPENDED"}),
    Case("users", "suspend", {"status": "SUSPENDED"}, "status is SUSPENDED"),
    Case("users", "suspend", {"status": "INACTIVE"}, "status is INACTIVE"),
    Case("users", "reactivate", {"status": "SUSPENDED"}, after={"status": "ACTIVE"}),
    Case("users", "reactivate", {"status": "INACTIVE"}, after={"status": "ACTIVE"}),
    Case("users", "reactivate", {"status": "ACTIVE"}, "status is ACTIVE"),
    Case("users", "unlock", {"account_locked_until": SOON, "failed_login_attempts": 5},
         after={"account_locked_until": None, "failed_login_attempts": 0}),
    Case("users", "unlock", {"account_locked_until": SOON}, after={"account_locked_until": None}),
    Case("users", "unlock", {"failed_login_attempts": 1}, after={"failed_login_attempts": 0}),
    Case("users", "unlock", {"account_locked_until": AGO}, "0 failed attempts"),
    Case("users", "unlock", {}, "nothing to unlock"),
    Case("users", "expire-password", {"password_expires_at": SOON}),
    Case("users", "expire-password", {"password_expires_at": AGO}, "expired already"),
    Case("users", "grant-role", {}, "no role 'KING'", {"role": "KING"}),
    Case("users", "grant-role", {}, form={"role": "TELLER"}, dual=True),
    Case("users", "revoke-role", {}, "does not have the role", {"role": "TELLER"}),
    Case("accounts", "freeze", {"status": "ACTIVE"}, after={"status": "FROZEN"}),
    Case("accounts", "freeze", {"status": "FROZEN"}, "status is FROZEN"),
    Case("accounts", "freeze", {"status": "CLOSED"}, "status is CLOSED"),
    Case("accounts", "unfreeze", {"status": "FROZEN"}, after={"status": "ACTIVE"}),
    Case("accounts", "unfreeze", {"status": "ACTIVE"}, "status is ACTIVE"),
    Case("accounts", "unfreeze", {"status": "CLOSED"}, "status is CLOSED"),
    Case("accounts", "close", {"balance": Decimal("0.01")}, "holds 0.01"),
    Case("accounts", "close", {"balance": Decimal("0.00")}, dual=True),
    Case("accounts", "close", {"balance": Decimal("0.00"), "status": "FROZEN"}, dual=True),
    Case("accounts", "close", {"balance": Decimal("0.00"), "status": "CLOSED"}, "status is CLOSED"),
    Case("accounts", "set-limit", {}, form={"limit": "9999.99"},
         after={"daily_transaction_limit": Decimal("9999.99")}),
    Case("accounts", "set-limit", {}, form={"limit": "10000.01"}, dual=True),
    Case("accounts", "set-limit", {}, "more than 0.00", {"limit": "0"}),
    Case("accounts", "set-limit", {}, "more than 0.00", {"limit": "-5"}),
    Case("accounts", "set-limit", {}, "more decimals", {"limit": "10.001"}),
    Case("accounts", "set-limit", {}, "is 10000.00 already", {"limit": "10000"}),
    Case("accounts", "set-limit", {"status": "CLOSED"}, "status is CLOSED", {"limit": "5"}),
    Case("transactions", "approve", {"status": "PENDING"}, after={"status": "COMPLETED"}),
    Case("transactions", "approve", {"status": "COMPLETED"}, "status is COMPLETED"),
    Case("transactions", "approve", {"status": "FAILED"}, "status is FAILED"),
    Case("transactions", "approve", {"status": "CANCELLED"}, "status is CANCELLED"),
    Case("transactions", "approve", {"amount": Decimal("9999.99")}, after={"status": "COMPLETED"}),
    Case("transactions", "approve", {"amount": Decimal("10000.00")}, dual=True),
    Case("transactions", "approve", {"amount": Decimal("5000.00"), "exchange_rate": Decimal("2")}, dual=True),
    Case("transactions", "decline", {"status": "PENDING"},
         after={"status": "CANCELLED", "failure_reason": "because of the test", "processed_at": None}),
    Case("transactions", "decline", {"status": "COMPLETED"}, "status is COMPLETED"),
    Case("transactions", "decline", {"status": "FAILED"}, "status is FAILED"),
    Case("transactions", "decline", {"status": "CANCELLED"}, "status is CANCELLED"),
    Case("notifications", "retry", {"status": "FAILED"}, after={"status": "PENDING"}),
    Case("notifications", "retry", {"status": "PENDING"}, "status is PENDING"),
    Case("notifications", "retry", {"status": "SENT"}, "status is SENT"),
)  # fmt: skip
TABLES = {"users": users, "accounts": accounts, "transactions": transactions, "notifications": notifications}


def put(bank: Bank, case: Case) -> None:
    """The case's record, called X."""
    rows = {
        "users": lambda: user("X", **case.state),
        "accounts": lambda: account("X", **{"balance": "0.00", **case.state}),
        "transactions": lambda: transaction("X", None, "A1", **{"amount": "1.00", **case.state}),
        "notifications": lambda: notification("X", **case.state),
    }
    if case.entity == "accounts" and "balance" in case.state:
        rows["accounts"] = lambda: {**account("X"), **case.state}
    bank.add(TABLES[case.entity], rows[case.entity]())


def test_every_action_in_every_state(bank: Bank) -> None:
    assert {(case.entity, case.action) for case in CASES} == {
        (action.entity, action.name) for action in bank.session().system.actions
    }
    desk = bank.desk()
    for case in CASES:
        put(bank, case)
        before, told = bank.row(TABLES[case.entity], "X"), entries(bank)
        wanted = operation(case.entity, "X", case.action, form=dict(case.form))
        shown = sheet(desk.session, wanted, desk.who)
        if case.says or case.dual:
            with pytest.raises((Refused, Denied, Usage), match=case.says or "takes two people") as caught:
                write.perform(desk, wanted, ARMED)
            assert (case.says in shown.refused) if case.says else shown.risk == "dual", (str(case), shown)
            assert caught.value.exit_code in (1, 4)
            assert (bank.row(TABLES[case.entity], "X"), entries(bank)) == (before, told), str(case)
        else:
            done = write.perform(desk, shown.operation, ARMED)
            after = bank.row(TABLES[case.entity], "X")
            assert {name: after[name] for name in case.after} == dict(case.after), str(case)
            assert after["version"] == before["version"] + 1, str(case)
            assert after["updated_at"] > before["updated_at"], str(case)
            assert after["updated_by"] is None, "the profile names no user"
            assert {effect.what for effect in shown.effects} == {effect.what for effect in done.effects}
            assert entries(bank) == told + 1
            assert audit_of(bank, done.operation_id)["resource_id"] == id_of("X")
        bank.run(f"DELETE FROM {case.entity} WHERE id = '{id_of('X')}'")


def entries(bank: Bank) -> int:
    return int(bank.scalar("SELECT count(*) FROM quaestor_ledger"))


def audit_of(bank: Bank, operation_id: str) -> dict[str, Any]:
    """The one audit row that carries the operation's id."""
    (found,) = [row for row in bank.rows(audit_logs) if operation_id in (row["details"] or "")]
    return found


def test_nothing_is_written_in_audit_mode(bank: Bank) -> None:
    bank.run("SELECT 1")
    audit = bank.session(mode=Mode.AUDIT)
    with pytest.raises(Denied, match="audit mode"):
        open_desk(audit, ANNA, bank.folder)
    desk = bank.desk()
    sealed = replace(desk, session=audit)
    for case in CASES:
        put(bank, case)
        with pytest.raises(Denied, match="audit mode"):
            write.perform(sealed, operation(case.entity, "X", case.action, form=dict(case.form)), ARMED)
        bank.run(f"DELETE FROM {case.entity} WHERE id = '{id_of('X')}'")
    assert entries(bank) == 1


def test_a_safe_session_refuses_until_it_is_armed(bank: Bank) -> None:
    desk = bank.desk()
    for armed in (None, Armed.for_seconds(-1, "OPS-1")):
        with pytest.raises(Denied, match=":arm"):
            write.perform(desk, operation("accounts", "A1", "freeze"), armed)
    write.perform(desk, operation("accounts", "A1", "freeze"), Armed.for_seconds(60, "OPS-1"))


def test_a_reason_is_needed_and_a_form_is_checked(bank: Bank) -> None:
    desk = bank.desk()
    for wrong, says in (
        (operation("accounts", "A1", "freeze", reason=" "), "reason"),
        (operation("accounts", "A1", "set-limit"), "needs daily limit"),
        (operation("accounts", "A1", "set-limit", form={"limit": "much"}), "wants an amount"),
        (operation("accounts", "A1", "set-limit", form={"limt": "5"}), "Did you mean limit"),
        (operation("accounts", "A1", "freze"), "Did you mean freeze"),
        (operation("accounts", "nobody", "freeze"), "no record"),
    ):
        with pytest.raises(QuaestorError, match=says):
            write.perform(desk, wrong, ARMED)
    assert entries(bank) == 1


def test_an_account_with_pending_transactions_is_not_closed(bank: Bank) -> None:
    desk = bank.desk()
    bank.run("UPDATE accounts SET balance = 0")
    shown = sheet(desk.session, operation("accounts", "A2", "close"), desk.who)
    assert shown.refused == "1 of its transactions are pending; decide them first."


def test_a_stale_record_is_refused_with_what_changed(bank: Bank) -> None:
    desk = bank.desk()
    shown = sheet(desk.session, operation("accounts", "A1", "freeze"), desk.who)
    bank.run(f"UPDATE accounts SET status = 'CLOSED' WHERE id = '{id_of('A1')}'")
    with pytest.raises(QuaestorError, match="no longer as it was shown"):
        write.perform(desk, shown.operation, ARMED)


def test_what_does_not_matter_may_change(bank: Bank) -> None:
    desk = bank.desk()
    shown = sheet(desk.session, operation("accounts", "A1", "freeze"), desk.who)
    bank.run(f"UPDATE accounts SET balance = 5, version = version + 1 WHERE id = '{id_of('A1')}'")
    write.perform(desk, shown.operation, ARMED)
    assert bank.row(accounts, "A1")["status"] == "FROZEN"


def test_undo_puts_the_values_of_before_back(bank: Bank) -> None:
    bank.add(users, user("ina", status="INACTIVE", failed_login_attempts=3, account_locked_until=SOON))
    desk = bank.desk()
    steps = (("reactivate", "suspend"), ("unlock", "restore"), ("expire-password", "restore"))
    before = bank.row(users, "ina")
    for action, inverse in steps:
        done = write.perform(desk, operation("users", "ina", action), ARMED)
        write.perform(desk, operation("users", "ina", inverse, undoes=done.operation_id), ARMED)
        now = bank.row(users, "ina")
        kept = ("version", "updated_at", "updated_by")
        assert {n: v for n, v in now.items() if n not in kept} == {
            n: v for n, v in before.items() if n not in kept
        }
    done = write.perform(desk, operation("transactions", "T1", "approve"), ARMED)
    with pytest.raises(Refused, match="not taken back"):
        write.perform(desk, operation("transactions", "T1", "restore", undoes=done.operation_id), ARMED)


def test_undo_is_refused_where_the_record_has_moved_on(bank: Bank) -> None:
    desk = bank.desk()
    done = write.perform(desk, operation("users", "olga", "suspend"), ARMED)
    bank.run(f"UPDATE users SET status = 'INACTIVE' WHERE id = '{id_of('olga')}'")
    with pytest.raises(QuaestorError, match="moved on: status was SUSPENDED"):
        write.perform(desk, operation("users", "olga", "reactivate", undoes=done.operation_id), ARMED)


def test_the_operators_own_user_is_named(bank: Bank) -> None:
    bank.add(users, user("clerk"))
    desk = bank.desk(settings={"operator_id": id_of("clerk")})
    done = write.perform(desk, operation("accounts", "A1", "freeze"), ARMED)
    assert bank.row(accounts, "A1")["updated_by"] == id_of("clerk")
    told = audit_of(bank, done.operation_id)
    assert (told["actor_user_id"], told["action"], told["ip_address"]) == (
        id_of("clerk"),
        "ACCOUNT_FROZEN",
        "192.0.2.7",
    )


def test_the_same_id_is_done_once_and_never_means_two_things(bank: Bank) -> None:
    desk = bank.desk()
    first = operation("accounts", "A1", "freeze")
    done, again = write.perform(desk, first, ARMED), write.perform(desk, first, ARMED)
    assert (again.earlier, again.seq, again.row_hash) == (True, done.seq, done.row_hash)
    other = operation("accounts", "A2", "freeze", operation_id=first.operation_id)
    with pytest.raises(Refused, match="belongs to another operation"):
        write.perform(desk, other, ARMED)
    assert entries(bank) == 2
