"""FinPass's actions, state by state: a table written by hand from the system's rules, on SQLite and PostgreSQL."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.desk import Desk
from db.errors import Denied, QuaestorError, Refused, Stale
from db.finpass.tables import audit_events, credentials, payments, users
from db.registry import system
from tests.finpass.office import (
    NOW,
    REASON,
    Office,
    credential,
    done,
    id_of,
    operation,
    payment,
    put,
    shown,
    user,
)
from tests.finpass.rules import DUAL, RULES, STATES, WHEN, WHO, WHY, Rule

TABLES = {"users": users, "credentials": credentials, "payments": payments}
CASES = [(rule, state) for rule in RULES for state in STATES[rule.entity]]


def meant(values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The table's values with what was not known when it was written."""
    words = {WHEN: now, WHY: REASON, WHO: "anna@test"}
    return {name: words.get(value, value) for name, value in values.items()}


def test_these_are_all_the_actions_and_every_queue_has_its_own() -> None:
    finpass = system("finpass")
    assert {(a.entity, a.name) for a in finpass.actions} == {(r.entity, r.action) for r in RULES}
    for entity in finpass.entities:
        known = {"", *(action.name for action in finpass.actions_of(entity.name))}
        assert {key for view in entity.views if view.queue for key in (view.queue.v, view.queue.x)} <= known
    queues = {
        f"{e.name}/{v.name}": (v.queue.v, v.queue.x) for e in finpass.entities for v in e.views if v.queue
    }
    assert queues == {
        "users/kyc-pending": ("verify-kyc", "suspend"),
        "payments/needing-attention": ("", "cancel"),
    }


@pytest.mark.parametrize(("rule", "state"), CASES, ids=lambda part: str(part).replace(", ", "-"))
def test_each_action_in_each_state(shared: Office, desk: Desk, rule: Rule, state: str) -> None:
    name = put(shared, rule.entity, STATES[rule.entity][state])
    wanted = operation(rule.entity, name, rule.action, form=rule.form)
    before, entries, told = shared.all(), shared.entries(), len(shared.rows(audit_events))
    sheet = shown(desk, wanted)
    assert shared.all() == before
    if state not in rule.allowed:
        assert sheet.refused.endswith(".")
        with pytest.raises(Refused) as refused:
            done(desk, sheet.operation, alone=True)
        assert str(refused.value) == sheet.refused
        assert (shared.all(), shared.entries(), len(shared.rows(audit_events))) == (before, entries, told)
        return
    assert (sheet.refused, sheet.risk) == ("", rule.risk)
    if rule.risk is DUAL:
        with pytest.raises(Denied, match="takes two people"):
            done(desk, sheet.operation)
        assert (shared.all(), shared.entries()) == (before, entries)
    done(desk, sheet.operation, alone=rule.risk is DUAL)
    now = shared.row(TABLES[rule.entity], name)["updated_at"]
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
    expected = {key: dict(row) for key, row in before.items()}
    expected[rule.entity, id_of(name)] |= {**meant(rule.allowed[state], now), "updated_at": now}
    if rule.entity == "credentials":
        status = rule.allowed[state]["status"]
        expected["credential_status", id_of(name)] |= {"status": status, "updated_at": now}
    assert shared.all() == expected
    assert shared.entries() == entries + 1
    check_audit(shared, rule, wanted.operation_id, before[rule.entity, id_of(name)], expected)


def check_audit(
    office: Office,
    rule: Rule,
    operation_id: str,
    before: Mapping[str, Any],
    after: Mapping[Any, Mapping[str, Any]],
) -> None:
    """The system's own row, every column of it."""
    row = office.audit(operation_id)
    now = after[rule.entity, before["id"]]
    subject = {"users": "did", "credentials": "subject_did", "payments": "payer_did"}[rule.entity]
    changed = [name for name in now if now[name] != before[name] and name != "updated_at"]
    duration, details = row.pop("duration_ms"), json.loads(row.pop("details"))
    assert 0 <= duration < 60_000
    assert (details["operation"], details["reason"]) == (operation_id, REASON)
    assert details.get("counted", {}) == (
        {"rows of the status table": 1} if rule.entity == "credentials" else {}
    )
    previous, new = json.loads(row.pop("previous_values")), json.loads(row.pop("new_values"))
    assert set(previous) == set(new) == set(changed)
    for name in changed:
        if rule.action != "erase":
            assert (previous[name], new[name]) == (text(before[name]), text(now[name]))
        else:
            assert (set(previous[name]), new[name]) == ({"hmac"}, None)
    assert row.pop("description")
    assert {name: value for name, value in row.items() if value is not None} == {
        "id": str(uuid.uuid5(uuid.UUID(operation_id), "audit_events")),
        "event_type": rule.event,
        "user_id_hash": hashlib.sha256(before[subject].encode()).hexdigest(),
        "session_id": "s-1",
        "ip_address": "192.0.2.7",
        "resource_id": before["id"],
        "resource_type": rule.entity.upper().removesuffix("S"),
        "action": rule.action.upper().replace("-", "_"),
        "outcome": "SUCCESS",
        "severity": rule.severity,
        "performed_by": "anna@test",
        "source_system": "quaestor",
        "correlation_id": operation_id,
        "created_at": now["updated_at"],
        **({"compliance_flags": "KYC"} if "kyc" in rule.action else {}),
        **({"compliance_flags": "GDPR"} if rule.action in ("terminate", "erase") else {}),
    }
    assert before[subject] not in repr(row) + repr((details, previous, new))


def text(value: Any) -> Any:
    """A value as an entry has it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_the_inverse_brings_the_row_of_before_back(shared: Office, desk: Desk, rule: Rule) -> None:
    for state in rule.allowed:
        name = put(shared, rule.entity, STATES[rule.entity][state])
        before = shared.all()
        wanted = operation(rule.entity, name, rule.action, form=rule.form)
        action = shown(desk, wanted).action
        assert (action.inverse, bool(action.final)) == (rule.inverse, not rule.inverse)
        made = done(desk, wanted, alone=rule.risk is DUAL)
        if rule.inverse:
            done(desk, operation(rule.entity, name, rule.inverse, undoes=made.operation_id))
            after = shared.all()
            for key in ((rule.entity, id_of(name)), ("credential_status", id_of(name))):
                if key in before:
                    before[key] |= {"updated_at": after[key]["updated_at"]}
            assert after == before
            continue
        for other in ("restore", "reactivate", "reinstate", "verify-kyc"):
            with pytest.raises(QuaestorError) as refused:
                done(desk, operation(rule.entity, name, other, undoes=made.operation_id))
            assert str(refused.value) == action.final


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_what_cannot_be_undone_takes_the_id(rule: Rule) -> None:
    (action,) = (a for a in system("finpass").actions_of(rule.entity) if a.name == rule.action)
    assert action.irreversible == (rule.action in ("terminate", "erase", "revoke", "refund"))
    assert action.erases == (rule.action == "erase")


def test_erasing_leaves_no_value_of_before_anywhere(office: Office) -> None:
    office.add(users, user("canary", status="TERMINATED", email="zoe@canary.example", phone="+41 555 0199"))
    with closing(office.desk()) as desk:
        done(desk, operation("users", "canary", "erase"), alone=True)
        kept = office.everything() + repr(office.row(users, "canary"))
    assert "hmac" in kept
    assert "intent" in kept
    for secret in ("zoe@", "555 0199", "canary canary", "canary.example"):
        assert secret not in kept
    assert office.row(users, "canary")["did"] == "did:key:zcanary"


def test_a_did_in_a_reason_is_told_by_its_hash(office: Office) -> None:
    office.add(payments, payment("p", "payer", "payee"))
    with closing(office.desk()) as desk:
        why = "did:key:zpayer says that did:key:zpayee is a fraud"
        made = done(desk, operation("payments", "p", "mark-failed", reason=why))
    row = office.audit(made.operation_id)
    assert "did:" not in repr(row)
    for did in ("did:key:zpayer", "did:key:zpayee"):
        assert hashlib.sha256(did.encode()).hexdigest() in json.loads(row["new_values"])["failure_reason"]
    assert office.row(payments, "p")["failure_reason"] == why


def test_the_operators_own_user_is_named(office: Office) -> None:
    office.add(credentials, credential("c", "holder"))
    with closing(office.desk(settings={"operator_id": "m.okafor"})) as desk:
        made = done(desk, operation("credentials", "c", "revoke", form={"revocation_reason": "superseded"}))
    assert office.row(credentials, "c")["revoked_by"] == "m.okafor"
    assert office.audit(made.operation_id)["performed_by"] == "m.okafor"


def test_a_reason_that_its_column_cannot_hold_is_refused_on_every_engine(shared: Office, desk: Desk) -> None:
    name = put(shared, "payments", STATES["payments"]["PENDING"])
    for length, says in ((501, "failure_reason keeps 500 characters; this has 501"), (500, "")):
        wanted = operation("payments", name, "mark-failed", reason="x" * length)
        assert shown(desk, wanted).refused.startswith(says)
        if says:
            with pytest.raises(Refused, match="500 characters"):
                done(desk, wanted)
            continue
        done(desk, wanted)
    assert shared.row(payments, name)["failure_reason"] == "x" * 500


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_record_that_moved_since_it_was_shown_is_refused(shared: Office, desk: Desk, rule: Rule) -> None:
    moves: dict[str, dict[str, Any]] = {
        "users": {"kyc_verified_at": NOW} if "kyc" in rule.action else {"status": "ON LEAVE"},
        "credentials": {"status": "REVOKED"},
        "payments": {"amount": 1} if rule.action == "refund" else {"status": "FAILED"},
    }
    table = TABLES[rule.entity]
    name = put(shared, rule.entity, STATES[rule.entity][next(iter(rule.allowed))])
    seen = shown(desk, operation(rule.entity, name, rule.action, form=rule.form)).operation
    shared.set(table, name, **moves[rule.entity])
    before, entries = shared.all(), shared.entries()
    with pytest.raises(Stale, match="no longer as it was shown"):
        done(desk, seen, alone=True)
    assert (shared.all(), shared.entries()) == (before, entries)


def test_what_the_decision_does_not_depend_on_may_move(shared: Office, desk: Desk) -> None:
    name = put(shared, "users", {"status": "ACTIVE"})
    seen = shown(desk, operation("users", name, "suspend")).operation
    shared.set(users, name, email="new@example.org", last_seen=NOW)
    done(desk, seen)
    assert shared.row(users, name)["status"] == "SUSPENDED"


def test_the_sheet_says_what_a_terminated_user_still_holds(shared: Office, desk: Desk) -> None:
    name = put(shared, "users", {"status": "ACTIVE"})
    shared.add(credentials, credential(f"{name} 2", name, status="REVOKED"))
    remarks = [e.what for e in shown(desk, operation("users", name, "terminate")).effects if e.remark]
    assert remarks == ["1 credentials of this user are not revoked, and stay as they are."]
