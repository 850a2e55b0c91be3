"""Payment Linker's actions, state by state: a table written by hand from the system's rules, on every engine."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from db import proposals, undo
from db.desk import Desk
from db.errors import Denied, Missing, Refused, Stale, Usage
from db.model import Raw, Risk
from db.paymentlinker.tables import audit_logs
from db.verifier import is_signed
from tests.paymentlinker.office import (
    ANNA,
    ARMED,
    BERT,
    LINKER,
    NOW,
    REASON,
    TENANT,
    Office,
    Row,
    day,
    done,
    operation,
    shown,
)

NOW_THEN = object()
"""The moment of the operation."""


@dataclass(frozen=True)
class Case:
    """An action on a record in a state: what it says no with, or which columns change to what."""

    entity: str
    action: str
    state: Mapping[str, Any] = field(default_factory=dict)
    says: str = ""
    after: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    dual: bool = False

    def __str__(self) -> str:
        state = "-".join(f"{name}={str(value)[:24]}" for name, value in self.state.items()).replace(" ", "_")
        form = "-".join(self.form.values())
        called = f"{self.entity}-{self.action}-{state or 'usual'}{form and '-' + form}"
        return re.sub(r"20\d\d-[\d:T_+.-]*", "then", called)  # a name is the same in every process


SOON, AGO = day(0.1), day(-0.1)
BY = {"reviewed_by": "anna@test", "review_reason": REASON, "reviewed_at": NOW_THEN}
APPROVED = {"decision": "approved", "status": "approved", **BY}
DECLINED = {"decision": "declined", "status": "declined", **BY}
REFERRED = {"decision": None, "status": "processing", "review_reason": REASON}
A, U, D = "applications", "users", "devices"


def decided(action: str, after: Mapping[str, Any]) -> tuple[Case, ...]:
    """What holds for all three decisions."""
    return (
        Case(A, action, {"decision": "review"}, after=after),
        Case(A, action, {"decision": "manual_review"}, after=after),
        Case(A, action, {"decision": "refer"}, after=after),
        Case(A, action, {"decision": None}, "decision is empty"),
        Case(A, action, {"decision": "approved"}, "decision is approved"),
        Case(A, action, {"decision": "declined"}, "decision is declined"),
        Case(A, action, {"decision": "maybe"}, "decision is maybe"),
        Case(A, action, {"reviewed_at": AGO, "reviewed_by": "kim@example.org"}, "decided by kim@example.org"),
        Case(A, action, {"reviewed_at": AGO}, "decided by somebody"),
        Case(A, action, {"deleted_at": AGO}, "It was deleted at"),
        Case(A, action, {"status": "created"}, after=after),
        Case(A, action, {"status": "processing"}, after=after),
        Case(A, action, {"status": "approved"}, after=after),
        Case(A, action, {"status": "declined"}, after=after),
        Case(A, action, {"status": None}, after=after),
        Case(A, action, {"status": "ON_HOLD"}, "status is ON_HOLD, which is not known"),
    )


REVIEWS = (
    *decided("approve", APPROVED),
    Case(A, "approve", {"status": "withdrawn"}, "withdrawn it; decline it"),
    Case(A, "approve", {"requested_limit": Decimal("49999.99")}, after=APPROVED),
    Case(A, "approve", {"requested_limit": Decimal("50000.00")}, after=APPROVED, dual=True),
    Case(A, "approve", {"requested_limit": Decimal("120000.00"), "risk_score": 1}, after=APPROVED, dual=True),
    Case(A, "approve", {"requested_limit": None}, after=APPROVED, dual=True),
    Case(A, "approve", {"risk_score": 799}, after=APPROVED),
    Case(A, "approve", {"risk_score": 800}, after=APPROVED, dual=True),
    Case(A, "approve", {"risk_score": None}, after=APPROVED, dual=True),
    *decided("decline", DECLINED),
    Case(A, "decline", {"status": "withdrawn"}, after=DECLINED),
    Case(A, "decline", {"requested_limit": Decimal("99000.00"), "risk_score": 990}, after=DECLINED),
    *decided("refer", REFERRED),
    Case(A, "refer", {"status": "withdrawn"}, "withdrawn it; decline it"),
    Case(A, "refer", {"requested_limit": Decimal("99000.00"), "risk_score": 990}, after=REFERRED),
)
ACCESS = (
    Case(U, "deactivate", {"is_active": True}, after={"is_active": False}),
    Case(U, "deactivate", {"is_active": None}, after={"is_active": False}),
    Case(U, "deactivate", {"is_active": False}, "deactivated already"),
    Case(U, "deactivate", {"deleted_at": AGO}, "It was deleted at"),
    Case(U, "activate", {"is_active": False}, after={"is_active": True}),
    Case(U, "activate", {"is_active": None}, after={"is_active": True}),
    Case(U, "activate", {"is_active": True}, "active already"),
    Case(U, "activate", {"is_active": False, "deleted_at": AGO}, "It was deleted at"),
    Case(U, "unlock", {"locked_until": SOON, "failed_login_attempts": 5},
         after={"locked_until": None, "failed_login_attempts": 0}),
    Case(U, "unlock", {"locked_until": SOON}, after={"locked_until": None}),
    Case(U, "unlock", {"locked_until": SOON, "failed_login_attempts": None},
         after={"locked_until": None, "failed_login_attempts": 0}),
    Case(U, "unlock", {"failed_login_attempts": 1}, after={"failed_login_attempts": 0}),
    Case(U, "unlock", {"locked_until": AGO, "failed_login_attempts": 3},
         after={"locked_until": None, "failed_login_attempts": 0}),
    Case(U, "unlock", {"locked_until": Raw("infinity")}, after={"locked_until": None}),
    Case(U, "unlock", {"locked_until": AGO}, "has 0 failed sign-ins"),
    Case(U, "unlock", {"failed_login_attempts": None}, "until never"),
    Case(U, "unlock", {"locked_until": SOON, "deleted_at": AGO}, "It was deleted at"),
    Case(U, "reset-mfa", {"mfa_enabled": True}, after={"mfa_enabled": False, "mfa_secret": None}),
    Case(U, "reset-mfa", {"mfa_enabled": None}, after={"mfa_enabled": False, "mfa_secret": None}),
    Case(U, "reset-mfa", {"mfa_enabled": False}, "no second factor"),
    Case(U, "reset-mfa", {"deleted_at": AGO}, "It was deleted at"),
    Case(U, "change-role", {"role": "reviewer"}, after={"role": "admin"}, form={"role": "admin"}, dual=True),
    Case(U, "change-role", {"role": None}, after={"role": "user"}, form={"role": "user"}, dual=True),
    Case(U, "change-role", {"role": "admin"}, "role is admin already", form={"role": "admin"}, dual=True),
    Case(U, "change-role", {}, "keeps 50 characters", form={"role": "x" * 51}, dual=True),
    Case(U, "change-role", {}, "needs role", dual=True),
    Case(U, "change-role", {"deleted_at": AGO}, "It was deleted at", form={"role": "admin"}, dual=True),
)  # fmt: skip
IN_SERVICE = ("online", "offline", "busy", "maintenance", "error")
EVENT = {"type": "ROOT_DETECTED", "severity": "CRITICAL", "at": day(-5).isoformat()}
MARKED = {"compromised": True, "security_events": json.dumps([EVENT])}
GONE = {"status": "decommissioned", "decommissioned_by": "anna@test", "decommissioned_at": NOW_THEN}
DUE = day(30)
SCHEDULED = {"next_maintenance_due": DUE, "maintenance_notes": "replace the battery"}
SCHEDULE = {"due": DUE.isoformat(), "notes": "replace the battery"}


def refused(action: str, dual: bool, form: Mapping[str, str], *statuses: str | None) -> tuple[Case, ...]:
    """The statuses that a device's action is not for, and a device that is deleted."""
    return (
        *(
            Case(D, action, {"status": s}, f"standing is {s or 'empty'}", form=form, dual=dual)
            for s in statuses
        ),
        Case(D, action, {"deleted_at": AGO}, "It was deleted at", form=form, dual=dual),
    )


def cleared(scan: datetime | None, says: str = "", **more: Any) -> Case:
    """Clearing a device that was scanned then."""
    state = {**MARKED, "last_security_scan": scan, **more}
    return Case(D, "clear-compromised", state, says, after={} if says else {"compromised": False}, dual=True)


OTHER_FORMS = json.dumps(
    [{"timestamp": day(-9).isoformat()}, {"time": day(-5).strftime("%Y-%m-%dT%H:%M:%SZ")}]
)
UNTIMED = [EVENT, {"type": "TAMPERED"}]
OURS = {"type": "QUARANTINED", "source": "quaestor", "at": day(-2).isoformat()}
BACK = {**OURS, "type": "RELEASED", "at": day(-1).isoformat()}
FLEET = (
    *(Case(D, "quarantine", {"status": s}, after={"status": "quarantined"}) for s in IN_SERVICE),
    *refused("quarantine", False, {}, "quarantined", "decommissioned", "on fire", None),
    Case(D, "release", {"status": "quarantined"}, after={"status": "offline"}),
    *refused("release", False, {}, *IN_SERVICE[:0], "decommissioned", "on fire", None),
    *(Case(D, "release", {"status": s}, "standing is in service") for s in IN_SERVICE),
    *(
        Case(D, "schedule-maintenance", {"status": s}, after=SCHEDULED, form=SCHEDULE)
        for s in (*IN_SERVICE, "quarantined")
    ),
    *refused("schedule-maintenance", False, SCHEDULE, "decommissioned", "on fire", None),
    Case(D, "schedule-maintenance", {"maintenance_notes": "cleaned"}, after={"next_maintenance_due": DUE},
         form={"due": DUE.isoformat()}),
    Case(D, "schedule-maintenance", {}, "is past", form={"due": AGO.isoformat()}),
    Case(D, "schedule-maintenance", {}, "is no time", form={"due": "next week"}),
    Case(D, "schedule-maintenance", {}, "needs due"),
    cleared(day(-4)),
    cleared(day(-5), "after the event"),
    cleared(day(-6), "after the event"),
    cleared(None, "the last scan at no time"),
    cleared(day(-4), security_events=OTHER_FORMS),
    cleared(day(-7), "after the event", security_events=OTHER_FORMS),
    cleared(day(-4), security_events=json.dumps(EVENT)),
    cleared(day(-4), "do not tell when", security_events=None),
    cleared(day(-4), "do not tell when", security_events="[]"),
    cleared(day(-4), "do not tell when", security_events='[1, "two", {"at": 3}]'),
    cleared(day(-4), "do not tell when", security_events=json.dumps(UNTIMED)),
    cleared(day(-3), "after the event", security_events=json.dumps([*UNTIMED, OURS])),
    cleared(day(-1), security_events=json.dumps([*UNTIMED, OURS])),
    cleared(day(-1.5), security_events=json.dumps([*UNTIMED, OURS, BACK])),
    cleared(day(-4), security_events=json.dumps([EVENT, OURS])),
    cleared(day(-4), status="quarantined"),
    cleared(day(-4), "not marked", compromised=False),
    cleared(day(-4), "not marked", compromised=None),
    cleared(day(-4), "It was deleted at", deleted_at=AGO),
    *(Case(D, "decommission", {"status": s}, after=GONE, dual=True) for s in (*IN_SERVICE, "quarantined")),
    *refused("decommission", True, {}, "decommissioned", "on fire", None),
)  # fmt: skip

FCRA, NONE = ("FCRA", "FCRA § 615", 10), (None, None, None)
EVENTS = {
    (A, "approve"): ("APPLICATION_APPROVED", "REVIEW", *FCRA),
    (A, "decline"): ("APPLICATION_DECLINED", "REVIEW", *FCRA),
    (A, "refer"): ("APPLICATION_REFERRED", "REVIEW", *FCRA),
    (U, "deactivate"): ("USER_DEACTIVATED", "ACCESS", *NONE),
    (U, "activate"): ("USER_ACTIVATED", "ACCESS", *NONE),
    (U, "unlock"): ("USER_UNLOCKED", "ACCESS", *NONE),
    (U, "reset-mfa"): ("MFA_RESET", "ACCESS", *NONE),
    (U, "change-role"): ("USER_ROLE_CHANGED", "ACCESS", *NONE),
    (D, "quarantine"): ("DEVICE_QUARANTINED", "FLEET", *NONE),
    (D, "release"): ("DEVICE_RELEASED", "FLEET", *NONE),
    (D, "schedule-maintenance"): ("DEVICE_MAINTENANCE_SCHEDULED", "FLEET", *NONE),
    (D, "clear-compromised"): ("DEVICE_CLEARED", "FLEET", *NONE),
    (D, "decommission"): ("DEVICE_DECOMMISSIONED", "FLEET", *NONE),
}
ADDED = {"quarantine": ("QUARANTINED", "WARNING"), "release": ("RELEASED", "INFO")}
"""The security events of the console."""
ELSEWHERE = {
    (A, "reveal-ssn"), (A, "erase"), (U, "erase"), (A, "export-subject"), (U, "export-subject"),
    ("audit_logs", "verify"),
}  # fmt: skip
"""What ``test_privacy`` and ``test_verifying`` try."""
CASES = (*REVIEWS, *ACCESS, *FLEET)


@pytest.fixture(scope="module")
def anna(office: Office) -> Desk:
    return office.desk()


def test_the_table_has_every_action() -> None:
    named = {(action.entity, action.name) for action in LINKER.actions}
    assert {(case.entity, case.action) for case in CASES} == named - ELSEWHERE == set(EVENTS)
    allowed = {(case.entity, case.action) for case in CASES if not case.says}
    assert allowed == {(case.entity, case.action) for case in CASES if case.says}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_action_in_every_state(office: Office, anna: Desk, case: Case) -> None:
    before = office.put(case.entity, **case.state)
    wanted = operation(case.entity, before["id"], case.action, form=dict(case.form))
    if case.says:
        stays(office, anna, case, before, lambda: done(anna, wanted, alone=case.dual))
        return
    sheet = shown(anna, wanted)
    assert (sheet.refused, sheet.lacking) == ("", ())
    assert sheet.risk == (Risk.DUAL if case.dual else Risk.NORMAL)
    if case.dual:
        with pytest.raises(Denied, match="takes two people"):
            done(anna, sheet.operation)
        assert office.row(case.entity, before["id"]) == before
    made = done(anna, sheet.operation, alone=case.dual)
    now = office.row(case.entity, before["id"])
    moment = now["updated_at"]
    assert moment > before["updated_at"]
    changes = {name: moment if value is NOW_THEN else value for name, value in case.after.items()}
    if case.action in ADDED:
        changes["security_events"] = now["security_events"]
        assert json.loads(now["security_events"]) == [event(*ADDED[case.action], moment, made.operation_id)]
    assert now == {**before, **changes, "updated_at": moment}
    assert [e.what for e in made.effects] == [e.what for e in sheet.effects]
    changes.pop("security_events", None)
    check_audit(office, case, before, now, changes, made.operation_id)


def stays(office: Office, anna: Desk, case: Case, before: Row, act: Any) -> None:
    """It is refused with a sentence, and nothing is written."""
    counts = office.counts()
    with pytest.raises((Refused, Usage), match=case.says):
        act()
    assert office.row(case.entity, before["id"]) == before
    assert office.counts() == counts
    if "needs" not in case.says and "is no time" not in case.says:
        form = dict(case.form)
        assert case.says in shown(anna, operation(case.entity, before["id"], case.action, form=form)).refused


def event(type_: str, severity: str, moment: datetime, made: str) -> Row:
    return {
        "type": type_,
        "severity": severity,
        "at": written(moment),
        "source": "quaestor",
        "operation": made,
    }


def written(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return str(value) if isinstance(value, Decimal) else value


def check_audit(office: Office, case: Case, before: Row, now: Row, changes: Row, made: str) -> None:
    """Every column of the audit row."""
    row, entry = office.audit(made), office.entry(made)
    moment = now["updated_at"]
    type_, category, regulation, requirement, years = EVENTS[case.entity, case.action]
    review = category == "REVIEW"
    moved = {name for name, value in changes.items() if before[name] != value or name == "mfa_secret"}
    secret = {"mfa_secret"} & moved
    data = {"entity": case.entity, "id": before["id"], "operation": made, "reason": REASON, "ticket": "OPS-7"}
    if case.entity == D:
        data["device"] = before["device_id_external"]
    if case.action in ADDED:
        added = event(*ADDED[case.action], moment, made)
        data["appended"] = {"security_events": added}
    assert json.loads(row.pop("event_data")) == data
    assert json.loads(row.pop("previous_state") or "{}") == {
        **{name: written(before[name]) for name in moved - secret},
        **{name: {"secret": True} for name in secret},
    }
    assert json.loads(row.pop("new_state") or "{}") == {name: written(now[name]) for name in moved}
    retention = moment.replace(year=moment.year + years) if years else None
    empty = {column.name for column in audit_logs.columns} - set(row)
    assert empty == {"event_data", "previous_state", "new_state"}
    assert {name: value for name, value in row.items() if value is not None} == {
        name: value
        for name, value in {
            "id": row["id"],
            "application_id": before["id"] if case.entity == A else None,
            "tenant_id": TENANT,
            "event_type": type_,
            "event_category": category,
            "event_description": next(
                a.summary for a in LINKER.actions_of(case.entity) if a.name == case.action
            ),
            "decision": now["decision"] if review else None,
            "risk_score": before["risk_score"] if review else None,
            "confidence": Decimal("81.25") if review else None,
            "user_id": "anna@test",
            "ip_address": "192.0.2.7",
            "service_name": "quaestor",
            "service_version": "0.1.0",
            "regulation": regulation,
            "compliance_requirement": requirement,
            "audit_required": True,
            "retention_until": retention,
            "verification_hash": sha256(bytes(entry["payload"])).hexdigest(),
            "signature": bytes(entry["signature"]).hex(),
            "signing_key_id": entry["key_id"],
            "status": "pending",
            "event_timestamp": moment,
            "created_at": moment,
            "updated_at": moment,
        }.items()
        if value is not None
    }
    assert is_signed(ANNA.public_key, bytes(entry["payload"]), bytes.fromhex(row["signature"]))


INVERSES: tuple[tuple[str, str, Row, dict[str, str], str], ...] = (
    (A, "refer", {}, {}, "restore"),
    (U, "deactivate", {}, {}, "activate"),
    (U, "deactivate", {"is_active": None}, {}, "activate"),
    (U, "activate", {"is_active": False}, {}, "deactivate"),
    (U, "unlock", {"locked_until": SOON, "failed_login_attempts": 7}, {}, "restore"),
    (U, "change-role", {"role": "auditor"}, {"role": "admin"}, "change-role"),
    (U, "change-role", {"role": None}, {"role": "admin"}, "change-role"),
    (D, "quarantine", {"status": "busy"}, {}, "release"),
    (D, "release", {"status": "quarantined"}, {}, "quarantine"),
    (D, "schedule-maintenance", {"maintenance_notes": "cleaned"}, SCHEDULE, "restore"),
    (D, "clear-compromised", {**MARKED, "last_security_scan": day(-1)}, {}, "restore"),
)
FINAL = {
    (A, "approve"): "A decision is not taken back",
    (A, "decline"): "A decision is not taken back",
    (A, "reveal-ssn"): "cannot be taken back",
    (A, "export-subject"): "cannot be taken back",
    (U, "export-subject"): "cannot be taken back",
    (A, "erase"): "nowhere kept",
    (U, "erase"): "nowhere kept",
    (U, "reset-mfa"): "enrols a new one",
    (D, "decommission"): "does not come back",
    ("audit_logs", "verify"): "check it again",
}


@pytest.mark.parametrize(("entity", "action", "state", "form", "inverse"), INVERSES)
def test_the_inverse_brings_back_the_row_of_before(
    office: Office, anna: Desk, entity: str, action: str, state: Row, form: dict[str, str], inverse: str
) -> None:
    before = office.put(entity, **state)
    first = done(anna, operation(entity, before["id"], action, form=form), alone=True)
    back = replace(undo.inverse(anna.session, first.operation_id), reason=REASON)
    assert back.action == inverse
    second = done(anna, back, alone=True)
    now = office.row(entity, before["id"])
    kept = {"updated_at", *(["security_events"] if action in ADDED else [])}
    assert {n: v for n, v in now.items() if n not in kept} == {
        n: v for n, v in before.items() if n not in kept
    }
    if action in ADDED:
        assert [e["type"] for e in json.loads(now["security_events"])] == (
            ["QUARANTINED", "RELEASED"] if action == "quarantine" else ["RELEASED", "QUARANTINED"]
        )
    told = office.audit(second.operation_id)
    assert told["tenant_id"] == TENANT
    if inverse == "restore":
        named = {A: "APPLICATION_RESTORE", U: "USER_RESTORE", D: "DEVICE_RESTORE"}
        category = {A: "REVIEW", U: "ACCESS", D: "FLEET"}
        assert (told["event_type"], told["event_category"]) == (named[entity], category[entity])


def test_where_nothing_takes_it_back_a_sentence_says_so(office: Office, anna: Desk) -> None:
    assert {(a.entity, a.name): a.inverse for a in LINKER.actions if not a.final} == {
        (entity, action): inverse for entity, action, _, _, inverse in INVERSES
    }
    assert {(a.entity, a.name) for a in LINKER.actions if a.final} == set(FINAL)
    for (entity, action), says in FINAL.items():
        row = office.put(entity)
        made = done(anna, operation(entity, row["id"], action), alone=True)
        with pytest.raises(Refused, match=says):
            undo.inverse(anna.session, made.operation_id)


def test_what_is_for_good_asks_for_the_id() -> None:
    assert {(a.entity, a.name) for a in LINKER.actions if a.irreversible} == {
        (A, "erase"),
        (U, "erase"),
        (D, "decommission"),
    }


STALE: tuple[tuple[str, str, Row, dict[str, str], Row], ...] = (
    (A, "approve", {}, {}, {"decision": "declined"}),
    (A, "approve", {}, {}, {"requested_limit": Decimal("10000.01")}),
    (A, "approve", {}, {}, {"risk_score": 401}),
    (A, "decline", {}, {}, {"reviewed_at": AGO}),
    (A, "refer", {}, {}, {"status": "created"}),
    (A, "reveal-ssn", {}, {}, {"deleted_at": AGO}),
    (A, "erase", {}, {}, {"deleted_at": AGO}),
    (A, "export-subject", {}, {}, {"deleted_at": AGO}),
    (U, "erase", {}, {}, {"deleted_at": AGO}),
    (U, "export-subject", {}, {}, {"deleted_at": AGO}),
    (U, "deactivate", {}, {}, {"is_active": False}),
    (U, "activate", {"is_active": False}, {}, {"is_active": True}),
    (U, "unlock", {"failed_login_attempts": 3}, {}, {"failed_login_attempts": 4}),
    (U, "reset-mfa", {}, {}, {"mfa_enabled": False}),
    (U, "change-role", {}, {"role": "admin"}, {"role": "auditor"}),
    (D, "quarantine", {}, {}, {"status": "decommissioned"}),
    (D, "release", {"status": "quarantined"}, {}, {"status": "online"}),
    (D, "schedule-maintenance", {}, SCHEDULE, {"next_maintenance_due": day(9)}),
    (D, "clear-compromised", {**MARKED, "last_security_scan": day(-1)}, {},
     {"security_events": json.dumps([EVENT, {"at": day(-0.5).isoformat()}])}),
    (D, "decommission", {}, {}, {"status": "quarantined"}),
    ("audit_logs", "verify", {}, {}, {"new_state": '{"is_active": "true"}'}),
)  # fmt: skip


@pytest.mark.parametrize(("entity", "action", "state", "form", "meanwhile"), STALE)
def test_a_record_that_changed_since_it_was_shown_is_left_alone(
    office: Office,
    anna: Desk,
    entity: str,
    action: str,
    state: Row,
    form: dict[str, str],
    meanwhile: Row,
) -> None:
    row = office.put(entity, **state)
    sheet = shown(anna, operation(entity, row["id"], action, form=form))
    assert sheet.refused == ""
    office.set(entity, row["id"], **meanwhile)
    before, counts = office.row(entity, row["id"]), office.counts()
    with pytest.raises(Stale, match="no longer as it was shown"):
        done(anna, sheet.operation, alone=True)
    assert (office.row(entity, row["id"]), office.counts()) == (before, counts)


def test_every_action_was_tried_on_a_changed_record() -> None:
    assert {(entity, action) for entity, action, *_ in STALE} == {(a.entity, a.name) for a in LINKER.actions}


def test_a_device_that_goes_on_working_is_taken_out_all_the_same(office: Office, anna: Desk) -> None:
    row = office.put(D, status="online")
    for action in ("quarantine", "decommission"):
        sheet = shown(anna, operation(D, row["id"], action))
        office.set(D, row["id"], last_heartbeat=NOW, battery_level=Decimal(50))
        if action == "quarantine":
            office.set(D, row["id"], status="busy", current_task="warm-up-7")
        done(anna, sheet.operation, alone=True)
    assert office.row(D, row["id"])["status"] == "decommissioned"


def test_the_sheet_names_the_task_and_the_sessions_that_go_on(office: Office, anna: Desk) -> None:
    busy, person = office.put(D, status="busy", current_task="warm-up-7"), office.put(U)
    for entity, id_, action, says in (
        (D, busy["id"], "quarantine", "It is at work on warm-up-7, which this does not end."),
        (D, busy["id"], "decommission", "It is at work on warm-up-7, which this does not end."),
        (U, person["id"], "deactivate", "Whoever is signed in stays so until that ends"),
    ):
        remarks = [e.what for e in shown(anna, operation(entity, id_, action)).effects if e.remark]
        assert [says in remark for remark in remarks] == [True]


def test_a_role_that_nobody_has_is_remarked_upon(office: Office, anna: Desk) -> None:
    row = office.put(U)
    office.put(U, role="known-role")
    for role, remarks in (("known-role", 0), ("knwon-role", 1)):
        sheet = shown(anna, operation(U, row["id"], "change-role", form={"role": role}))
        assert sum(effect.remark for effect in sheet.effects) == remarks


def test_security_events_of_others_stay_as_they_were_written(office: Office, anna: Desk) -> None:
    theirs = '[{"n": 1.10}, {"at": "x"}]'
    row = office.put(D, security_events=theirs)
    done(anna, operation(D, row["id"], "quarantine"))
    after = office.row(D, row["id"])["security_events"]
    assert after.startswith(theirs[:-1])
    assert [e.get("type") for e in json.loads(after)] == [None, None, "QUARANTINED"]
    row = office.put(D, security_events='{"state": "odd"}')
    done(anna, operation(D, row["id"], "quarantine"))
    after = json.loads(office.row(D, row["id"])["security_events"])
    assert (after[0], after[1]["type"]) == ({"state": "odd"}, "QUARANTINED")


def test_a_long_list_of_security_events_does_not_bar_the_way_back(office: Office, anna: Desk) -> None:
    row = office.put(D, security_events=json.dumps([EVENT] * 200))
    first = done(anna, operation(D, row["id"], "quarantine"))
    office.set(D, row["id"], security_events=json.dumps([EVENT] * 300))
    done(anna, replace(undo.inverse(anna.session, first.operation_id), reason=REASON))
    now = office.row(D, row["id"])
    assert (now["status"], len(json.loads(now["security_events"]))) == ("online", 301)


def test_the_operators_own_user_is_named(office: Office) -> None:
    clerk = office.put(U, role="clerk")
    desk = office.desk(settings={"operator_id": clerk["id"]})
    row, phone = office.put(A), office.put(D)
    made = done(desk, operation(A, row["id"], "approve"))
    gone = done(desk, operation(D, phone["id"], "decommission"), alone=True)
    assert office.row(A, row["id"])["reviewed_by"] == clerk["email"]
    assert office.row(D, phone["id"])["decommissioned_by"] == clerk["email"]
    for each in (made, gone):
        told = office.audit(each.operation_id)
        assert (told["user_id"], told["user_role"]) == (clerk["id"], "clerk")


@pytest.mark.parametrize("actor", ["nobody at all", "00000000-0000-4000-8000-00000000dead"])
def test_an_operator_whom_the_system_does_not_know_is_named_as_the_profile_does(
    office: Office, actor: str
) -> None:
    row = office.put(A)
    made = done(office.desk(settings={"operator_id": actor}), operation(A, row["id"], "decline"))
    assert office.row(A, row["id"])["reviewed_by"] == actor
    told = office.audit(made.operation_id)
    assert (told["user_id"], told["user_role"]) == (actor, None)


@pytest.mark.parametrize(("said", "kept"), [("fe80::1%eth0", "fe80::1"), ("console", None), ("", None)])
def test_a_claimed_address_that_is_none_is_left_out(
    office: Office, anna: Desk, said: str, kept: str | None
) -> None:
    desk = replace(anna, who=replace(anna.who, evidence={"address": said}))
    made = done(desk, operation(D, office.put(D)["id"], "quarantine"))
    assert office.audit(made.operation_id)["ip_address"] == kept


def test_a_profile_tightens_the_thresholds_and_never_loosens_them(office: Office) -> None:
    row = office.put(A, requested_limit=Decimal("5000.00"), risk_score=400)
    for setting, value in (("dual_requested_limit", "5000"), ("dual_risk_score", "400")):
        assert (
            shown(office.desk(settings={setting: value}), operation(A, row["id"], "approve")).risk
            == Risk.DUAL
        )
        with pytest.raises(Usage, match="may only make it lower"):
            office.desk(settings={setting: "60000"})


def test_a_tenant_is_worked_on_alone(office: Office) -> None:
    row = office.put(A)
    with pytest.raises(Missing, match="another tenant's"):
        done(office.desk(tenant="00000000-0000-4000-8000-00000000beef"), operation(A, row["id"], "decline"))
    done(office.desk(tenant=TENANT), operation(A, row["id"], "decline"))


TWO: tuple[tuple[str, str, Row, dict[str, str], Row], ...] = (
    (A, "approve", {"risk_score": 900}, {}, {"decision": "approved", "reviewed_by": "bert@test"}),
    (A, "erase", {}, {}, {"full_legal_name": "erased"}),
    (U, "erase", {}, {}, {"password_hash": "!"}),
    (U, "change-role", {}, {"role": "admin"}, {"role": "admin"}),
    (D, "clear-compromised", {**MARKED, "last_security_scan": day(-1)}, {}, {"compromised": False}),
    (D, "decommission", {}, {}, {"status": "decommissioned", "decommissioned_by": "bert@test"}),
)


@pytest.mark.parametrize(("entity", "action", "state", "form", "after"), TWO)
def test_what_takes_two_people_is_done_by_two(
    office: Office, anna: Desk, entity: str, action: str, state: Row, form: dict[str, str], after: Row
) -> None:
    row, bert = office.put(entity, **state), office.desk(BERT)
    proposal = proposals.propose(anna, ARMED, [operation(entity, row["id"], action, form=form)])
    if entity == D:
        office.set(D, row["id"], status="busy", battery_level=Decimal(44))
    with pytest.raises(Denied):
        proposals.approve(anna, ARMED, proposal.id, REASON)
    assert office.row(entity, row["id"])["updated_at"] == row["updated_at"]
    (outcome,) = proposals.approve(bert, ARMED, proposal.id, REASON, proposals.review(bert.session, proposal))
    assert outcome.done is not None
    now = office.row(entity, row["id"])
    assert {name: now[name] for name in after} == after
    assert json.loads(office.audit(outcome.done.operation_id)["event_data"])["proposal"] == proposal.id


def test_every_action_that_takes_two_people_was_tried_with_two() -> None:
    tried = {(entity, action) for entity, action, *_ in TWO}
    assert tried == {(A, "erase"), (U, "erase")} | {(c.entity, c.action) for c in CASES if c.dual}
