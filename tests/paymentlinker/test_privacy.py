"""Personal data: shown to one, handed out in one file, erased from everywhere; each told, none of it kept."""

import errno
import json
import os
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from db import write
from db.canonical import digest
from db.declare import words
from db.desk import Desk
from db.document import Document
from db.errors import Denied, QuaestorError, Refused
from db.model import MASK, Risk
from db.paymentlinker import ssn, subject
from db.paymentlinker.tables import audit_logs
from tests.paymentlinker.office import (
    ARMED,
    KEYS,
    TENANT,
    Office,
    Row,
    day,
    done,
    operation,
    shown,
)

A, U = "applications", "users"
SSN, LAST = "078-05-1120", "1120"
CANARIES = ("canary", "58123.45", "203.0.113.99", SSN, "078051120")
"""What is personal in the office's rows, in lower case."""
CHANCE = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|datetime\.datetime\([^()]*\)")
"""Ids and moments, as they are written: four digits stand in one of thousands of them by chance."""
LAST_FOUR = re.compile(r"(?<![0-9A-Za-z+/])4417(?![0-9A-Za-z+/=])")


@pytest.fixture(scope="module")
def anna(office: Office) -> Desk:
    return office.desk()


def check_told(office: Office, made: str, event: str, requirement: str, application: str | None) -> Row:
    """The audit row of an operation on personal data, and its proof."""
    row, entry = office.audit(made), office.entry(made)
    moment = row["event_timestamp"]
    assert (row["event_type"], row["event_category"], row["regulation"]) == (event, "PRIVACY", "GDPR")
    assert row["compliance_requirement"] == requirement
    assert row["retention_until"] == moment.replace(year=moment.year + 7)
    assert (row["application_id"], row["tenant_id"], row["user_id"]) == (application, TENANT, "anna@test")
    assert row["verification_hash"] == sha256(bytes(entry["payload"])).hexdigest()
    assert (row["signature"], row["signing_key_id"]) == (bytes(entry["signature"]).hex(), entry["key_id"])
    return row


# Reveal


@pytest.mark.parametrize("key_id", ["2024-01", "2025-07"])
def test_a_reveal_gives_the_last_four_to_its_caller_and_to_nobody_else(
    office: Office,
    anna: Desk,
    key_id: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(0)
    row = office.put(A)
    stored = ssn.encrypt("078-05-4417", row["id"], TENANT, key_id, KEYS[key_id])
    office.set(A, row["id"], ssn_encrypted=stored)
    before = office.row(A, row["id"])
    sheet = shown(anna, operation(A, row["id"], "reveal-ssn"))
    assert (sheet.refused, sheet.risk, sheet.effects) == ("", Risk.NORMAL, ())
    made = done(anna, sheet.operation)
    assert made.result == "•••-••-4417"
    assert office.row(A, row["id"]) == before
    told = check_told(office, made.operation_id, "SSN_REVEALED", "GDPR Art. 30", row["id"])
    assert (told["previous_state"], told["new_state"], told["decision"]) == (None, None, None)
    kept = office.everything() + caplog.text + "".join(capfd.readouterr()) + repr(made) + repr(anna)
    assert LAST_FOUR.search(made.result)
    assert not LAST_FOUR.search(CHANCE.sub("", kept))
    for secret in ("078-05-4417", "078054417", stored.rpartition(":")[2], repr(KEYS[key_id])):
        assert secret not in kept


def test_a_sheet_asks_for_the_key_and_opens_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def key(id_: str) -> bytes | None:
        asked.append(id_)
        return KEYS.get(id_)

    desk, row = office.desk(sealing_key=key), office.put(A)
    opened: list[str] = []
    decrypt = ssn.decrypt

    def noted(*given: Any) -> str:
        opened.append("opened")
        return decrypt(*given)

    monkeypatch.setattr(ssn, "decrypt", noted)
    shown(desk, operation(A, row["id"], "reveal-ssn"))
    assert (asked, opened) == (["2025-07"], [])
    done(desk, operation(A, row["id"], "reveal-ssn"))
    assert (asked, opened) == (["2025-07", "2025-07"], ["opened"]), "the transaction waits for no keyring"


def elsewhere(row: Row) -> str:
    return ssn.encrypt(SSN, TENANT, TENANT, "2025-07", KEYS["2025-07"])


def sealed(text_: str, key_id: str = "2025-07", key: bytes = KEYS["2025-07"]) -> Callable[[Row], str]:
    return lambda row: ssn.encrypt(text_, row["id"], TENANT, key_id, key)


UNREADABLE: tuple[tuple[Callable[[Row], str], str, bool], ...] = (
    (lambda row: SSN, "not ours, and cannot be read", True),
    (lambda row: "", "not ours, and cannot be read", True),
    (lambda row: "erased", "not ours, and cannot be read", True),
    (lambda row: "v1:2025-07:AAAA", "not ours, and cannot be read", True),
    (sealed(SSN, "2019-02", b"x" * 32), "key '2019-02', which neither your keyring nor your vault has", True),
    (sealed(SSN, "short", b"x" * 32), "key 'short' has 16 bytes, and 32 are needed", True),
    (sealed(SSN, "2025-07", b"x" * 32), "does not open", False),
    (elsewhere, "moved from another record", False),
    (sealed("no number"), "no social security number", False),
)
"""What stands in the column, what is said of it, and whether the sheet knows it."""


@pytest.mark.parametrize(("stored", "says", "foreseen"), UNREADABLE)
def test_what_cannot_be_opened_is_refused_and_not_told(
    office: Office, anna: Desk, stored: Callable[[Row], str], says: str, foreseen: bool
) -> None:
    row = office.put(A)
    office.set(A, row["id"], ssn_encrypted=stored(row))
    counts, wanted = office.counts(), operation(A, row["id"], "reveal-ssn")
    assert (says in shown(anna, wanted).refused) is foreseen
    with pytest.raises(Refused, match=says) as caught:
        done(anna, wanted)
    assert SSN not in str(caught.value)
    assert office.counts() == counts


def test_a_reveal_needs_a_reason_and_the_right_to_read_the_column(office: Office, anna: Desk) -> None:
    row = office.put(A)
    with pytest.raises(Refused, match="A reason is needed"):
        done(anna, operation(A, row["id"], "reveal-ssn", reason="  "))
    schema = anna.session.schema
    table = schema.tables[A]
    narrow = replace(table, readable=table.readable - {"ssn_encrypted"})
    blind = replace(
        anna, session=replace(anna.session, schema=replace(schema, tables={**schema.tables, A: narrow}))
    )
    sheet = shown(blind, operation(A, row["id"], "reveal-ssn"))
    assert (sheet.refused, sheet.effects) == ("", ())


def test_an_earlier_reveal_is_not_given_a_second_time(office: Office, anna: Desk) -> None:
    wanted = operation(A, office.put(A)["id"], "reveal-ssn")
    assert done(anna, wanted).result == f"•••-••-{LAST}"
    again = done(anna, wanted)
    assert (again.earlier, again.result) == (True, None)


# Erase

NULL = dict.fromkeys(
    words(
        "email phone address credit_score stripe_account_id plaid_verification_id duoplus_device_id "
        "blockchain_tx_hash shap_explanation risk_factors identity_verification credit_report kyc_documents "
        "review_reason ip_address user_agent device_fingerprint"
    )
)
ERASED_APPLICATION: Row = {
    **NULL,
    "full_legal_name": "erased",
    "ssn_encrypted": "erased",
    "annual_income": Decimal("0.00"),
    "employment_status": "erased",
}
ERASED_USER: Row = {
    "password_hash": "!",
    "mfa_enabled": False,
    **dict.fromkeys(("first_name", "last_name", "phone", "last_login_at", "mfa_secret")),
}


def erased(entity: str, id_: str) -> Row:
    return ERASED_APPLICATION if entity == A else {**ERASED_USER, "email": f"erased-{id_}@invalid"}


@pytest.mark.parametrize("state", [{}, {"deleted_at": day(-20)}], ids=["there", "deleted"])
@pytest.mark.parametrize("entity", [A, U])
def test_erasing_keeps_the_row_and_nothing_personal(
    fresh_office: Office, entity: str, state: dict[str, Any]
) -> None:
    office, anna = fresh_office, fresh_office.desk()
    before = office.put(entity, **state)
    wanted = operation(entity, before["id"], "erase")
    sheet = shown(anna, wanted)
    assert (sheet.refused, sheet.risk) == ("", Risk.DUAL)
    with pytest.raises(Denied, match="takes two people"):
        done(anna, wanted)
    assert office.row(entity, before["id"]) == before
    made = done(anna, sheet.operation, alone=True)
    now = office.row(entity, before["id"])
    moment = now["updated_at"]
    gone = erased(entity, before["id"])
    deleted = state.get("deleted_at", moment)
    assert now == {**before, **gone, "deleted_at": deleted, "updated_at": moment}
    assert not [c for c in CANARIES if c in repr(now).lower()]
    event = "APPLICATION_ERASED" if entity == A else "USER_ERASED"
    told = check_told(office, made.operation_id, event, "GDPR Art. 17", before["id"] if entity == A else None)
    check_digests(told, before, now, made.operation_id, gone)
    kept = office.everything().lower()
    assert not [c for c in CANARIES if c in kept]
    with pytest.raises(Refused, match="It is erased already"):
        done(anna, operation(entity, before["id"], "erase"), alone=True)


def check_digests(told: Row, before: Row, now: Row, made: str, gone: Row) -> None:
    """Of each value of before only its digest, of each masked one not even that."""
    masked = {"ssn_encrypted", "password_hash", "mfa_secret"} & set(gone)
    moved = {name for name in (*gone, "deleted_at") if before[name] != now[name]} | masked
    previous, new = json.loads(told["previous_state"]), json.loads(told["new_state"])
    assert set(previous) == set(new) == moved
    for name in moved:
        if name in masked:
            assert previous[name] == {"secret": True}
        else:
            assert previous[name] == digest(made, name, before[name])


def test_an_erased_column_that_was_never_there_is_not_missed(office: Office, anna: Desk) -> None:
    schema = anna.session.schema
    table = schema.tables[A]
    there = tuple(name for name in table.columns if name not in ("kyc_documents", "user_agent"))
    few = replace(table, columns=there, readable=table.readable & set(there))
    desk = replace(
        anna, session=replace(anna.session, schema=replace(schema, tables={**schema.tables, A: few}))
    )
    row = office.put(A)
    done(desk, operation(A, row["id"], "erase"), alone=True)
    now = office.row(A, row["id"])
    assert (now["full_legal_name"], now["user_agent"]) == ("erased", row["user_agent"])


@pytest.mark.parametrize("action", ["approve", "erase"])
def test_what_the_database_refuses_repeats_no_value(fresh_office: Office, action: str) -> None:
    """PostgreSQL tells the whole failing row beside its error, the sealed number among it."""
    office = fresh_office
    row, desk = office.put(A), office.desk()
    lite = office.url.startswith("sqlite")
    rule = "decision = 'review' AND email IS NOT NULL"
    with office.engine.begin() as connection:
        connection.execute(
            text(
                f"CREATE TRIGGER theirs BEFORE UPDATE ON applications WHEN NOT (NEW.{rule.replace('email', 'NEW.email')}) "
                "BEGIN SELECT RAISE(ABORT, 'theirs says no'); END"
                if lite
                else f"ALTER TABLE applications ADD CONSTRAINT theirs CHECK ({rule})"
            )
        )
    with pytest.raises(QuaestorError, match="theirs") as caught:
        done(desk, operation(A, row["id"], action), alone=True)
    assert not [c for c in (*CANARIES, row["ssn_encrypted"][:20]) if c in str(caught.value).lower()]
    assert office.row(A, row["id"]) == row


# Export


def trail(office: Office, row: Row, entity: str) -> None:
    """What the system itself told about the person: once of them alone, once of somebody else as well."""
    about = {"application_id": row["id"]} if entity == A else {"user_id": row["id"]}
    common = {
        "tenant_id": TENANT,
        "event_category": "APPLICATION",
        "service_name": "application-service",
        "ip_address": "198.51.100.7",
        "user_agent": "Told/2",
        "event_data": '{"n": 1.10, "big": 1e400}',
        **about,
    }
    office.add(
        audit_logs,
        {**common, "event_type": "FIRST", "event_timestamp": day(-3)},
        {**common, "event_type": "SECOND", "event_timestamp": day(-2)},
    )
    if entity == A:
        office.add(
            audit_logs, {**common, "event_type": "THIRD", "event_timestamp": day(-1), "user_id": "kim"}
        )


def exported(office: Office, desk: Desk, row: Row, entity: str) -> tuple[Document, Row]:
    """The document of an export, read."""
    made = done(desk, operation(entity, row["id"], "export-subject"))
    assert isinstance(made.result, Document)
    check_told(office, made.operation_id, "DATA_EXPORTED", "GDPR Art. 15", row["id"] if entity == A else None)
    assert made.result.name == f"paymentlinker-{entity}-{row['id']}.json"
    assert made.result.content.isascii()
    return made.result, json.loads(made.result.content)


def test_an_export_has_the_record_and_its_trail(fresh_office: Office) -> None:
    office, anna = fresh_office, fresh_office.desk()
    row = office.put(A, full_legal_name="Zoë \x1b]52;c;x\x07")
    trail(office, row, A)
    assert office.row(A, row["id"]) == row
    sheet = shown(anna, operation(A, row["id"], "export-subject"))
    assert (sheet.refused, sheet.risk) == ("", Risk.NORMAL)
    assert [effect.remark for effect in sheet.effects] == [True]
    document, told = exported(office, anna, row, A)
    assert office.row(A, row["id"]) == row
    record = told["record"]
    assert set(record) == set(row)
    assert (record["full_legal_name"], record["annual_income"]) == (row["full_legal_name"], "58123.45")
    assert (record["ssn_encrypted"], record["credit_report"]) == (MASK, {"canary": "0.10"})
    assert (record["deleted_at"], record["credit_score"]) == (None, 712)
    assert record["created_at"] == row["created_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert [e["event_type"] for e in told["audit_logs"]] == ["THIRD", "SECOND", "FIRST"]
    assert told["audit_logs"][0]["event_data"] == {"n": "1.10", "big": NUMBER[office.url[:6]]}
    places = [(e.get("ip_address"), e.get("user_agent")) for e in told["audit_logs"]]
    assert places == [(None, None), ("198.51.100.7", "Told/2"), ("198.51.100.7", "Told/2")]
    assert (told["system"], told["entity"], told["id"]) == ("paymentlinker", A, row["id"])
    assert told["audit_logs_left_out"] == ""
    assert row["ssn_encrypted"] not in document.content.decode()
    assert "canary" not in office.everything().lower()


NUMBER = {"sqlite": "1e400", "postgr": 10**400}
"""PostgreSQL writes it out."""


def test_an_export_of_a_user_says_why_the_trail_is_left_out_or_has_it(office: Office, anna: Desk) -> None:
    row = office.put(U)
    trail(office, row, U)
    _, told = exported(office, anna, row, U)
    assert told["audit_logs"] == []
    assert told["audit_logs_left_out"].startswith(
        "The audit trail is left out: no index on audit_logs (user_id)"
    )
    assert (told["record"]["password_hash"], told["record"]["mfa_secret"]) == (MASK, MASK)
    with office.engine.begin() as connection:
        connection.execute(text("CREATE INDEX by_user ON audit_logs (user_id)"))
    _, told = exported(office, office.desk(), row, U)
    with office.engine.begin() as connection:
        connection.execute(text("DROP INDEX by_user"))
    assert [e["event_type"] for e in told["audit_logs"]] == ["SECOND", "FIRST"]
    assert [e["ip_address"] for e in told["audit_logs"]] == ["198.51.100.7"] * 2
    assert (told["record"]["email"], told["audit_logs_left_out"]) == (row["email"], "")


def test_a_trail_that_is_too_long_is_cut_and_says_so(
    office: Office, anna: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = office.put(A)
    trail(office, row, A)
    monkeypatch.setattr(subject, "MOST", 2)
    _, told = exported(office, anna, row, A)
    assert [e["event_type"] for e in told["audit_logs"]] == ["THIRD", "SECOND"]
    assert told["audit_logs_left_out"] == "Only the newest 2 are here."


def test_the_file_is_new_and_its_owners_alone(office: Office, anna: Desk, tmp_path: Path) -> None:
    document, _ = exported(office, anna, office.put(U), U)
    old = os.umask(0)
    try:
        path = document.save(tmp_path / "subject.json")
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == document.content
    (tmp_path / "link.json").symlink_to(tmp_path / "elsewhere.json")
    for place, says in (
        ("subject.json", "File exists"),
        ("link.json", "File exists"),
        ("no/folder.json", "No such file"),
    ):
        with pytest.raises(Refused, match=f"is not written: {says}"):
            document.save(tmp_path / place)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.json", "subject.json"]
    assert "canary" not in repr(document).lower()


def test_a_full_disk_leaves_no_half_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match="No space left on device"):
        Document("x", b"x").save(tmp_path / "x.json")
    assert list(tmp_path.iterdir()) == []


def test_the_same_export_twice_gives_the_file_once(office: Office, anna: Desk) -> None:
    wanted = operation(U, office.put(U)["id"], "export-subject")
    assert done(anna, wanted).result is not None
    assert write.perform(anna, wanted, ARMED).result is None
