"""The audit trail's own proof: hash and signature checked against the ledger, and what was found kept in the row."""

import json
from typing import Any

import pytest
from sqlalchemy import update

from db import own
from db.desk import Desk
from db.errors import Refused
from db.paymentlinker.tables import audit_logs
from tests.paymentlinker.office import Office, done, operation, shown

L, SOUND = "audit_logs", "Hash and signature are those of the ledger's entry."


@pytest.fixture(scope="module")
def anna(office: Office) -> Desk:
    return office.desk()


@pytest.fixture
def row(office: Office, anna: Desk) -> dict[str, Any]:
    """The audit row of an operation of the console."""
    made = done(anna, operation("users", office.put("users")["id"], "deactivate"))
    return office.audit(made.operation_id)


def change(office: Office, row: dict[str, Any], **values: Any) -> None:
    """Behind the operator's back."""
    with office.engine.begin() as connection:
        connection.execute(update(audit_logs).where(audit_logs.c.id == row["id"]).values(**values))


def verified(office: Office, anna: Desk, row: dict[str, Any], **form: str) -> dict[str, Any]:
    """The row once it was checked."""
    done(anna, operation(L, row["id"], "verify", form=form))
    (now,) = office.rows(audit_logs, audit_logs.c.id == row["id"])
    return now


def test_a_sound_row_is_verified_and_that_is_told_in_trail_and_ledger(
    office: Office, anna: Desk, row: dict[str, Any]
) -> None:
    wanted = operation(L, row["id"], "verify", form={"notes": "yearly audit"})
    sheet = shown(anna, wanted)
    assert (sheet.refused, sheet.lacking) == ("", ())
    assert SOUND in [effect.what for effect in sheet.effects]
    made = done(anna, sheet.operation)
    (now,) = office.rows(audit_logs, audit_logs.c.id == row["id"])
    assert (now["status"], now["verified_by"]) == ("verified", "anna@test")
    assert now["verification_notes"] == f"{SOUND} yearly audit"
    assert now["verified_at"] == now["updated_at"]
    same = set(row) - {"status", "verified_at", "verified_by", "verification_notes", "updated_at"}
    assert {name: now[name] for name in same} == {name: row[name] for name in same}
    told = office.audit(made.operation_id)
    assert (told["event_type"], told["event_category"]) == ("AUDIT_VERIFIED", "VERIFICATION")
    assert json.loads(told["new_state"])["status"] == "verified"
    entry = json.loads(bytes(office.entry(made.operation_id)["payload"]))
    assert (entry["entity"], entry["id"], entry["after"]["status"]) == (L, row["id"], "verified")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"verification_hash": "0" * 64}, "its hash is not that of the ledger's entry."),
        ({"verification_hash": None}, "its hash is not that of the ledger's entry."),
        ({"signature": "00" * 64}, "its signature is not that of the ledger's entry."),
        ({"signing_key_id": "SHA256:somebody"}, "it names another key than the ledger's entry."),
    ],
    ids=["hash", "none", "signature", "key"],
)
def test_what_was_changed_is_named(
    office: Office, anna: Desk, row: dict[str, Any], values: dict[str, Any], said: str
) -> None:
    change(office, row, **values)
    now = verified(office, anna, row)
    assert (now["status"], now["verification_notes"]) == ("failed", said)


@pytest.mark.parametrize("name", ["entity", "id", "reason"])
def test_a_row_that_tells_of_something_else_than_was_signed(
    office: Office, anna: Desk, row: dict[str, Any], name: str
) -> None:
    told = {**json.loads(row["event_data"]), name: "another"}
    change(office, row, event_data=json.dumps(told))
    now = verified(office, anna, row)
    assert (now["status"], now["verification_notes"]) == ("failed", f"its {name} is another than was signed.")


def test_a_row_whose_entry_is_gone_or_forged(office: Office, anna: Desk, row: dict[str, Any]) -> None:
    told = json.loads(row["event_data"])
    change(office, row, event_data=json.dumps({**told, "operation": "00000000-0000-4000-8000-000000000000"}))
    assert verified(office, anna, row)["verification_notes"] == "the ledger has no entry of its operation."
    change(office, row, event_data=json.dumps(told))
    c = own.ledger.c
    entry = office.entry(told["operation"])
    with office.engine.begin() as connection:
        connection.execute(update(own.ledger).where(c.seq == entry["seq"]).values(signature=bytes(64)))
    assert "the ledger's entry is not signed by the key that it names" in str(
        verified(office, anna, row)["verification_notes"]
    )
    with office.engine.begin() as connection:
        connection.execute(
            update(own.ledger).where(c.seq == entry["seq"]).values(signature=entry["signature"])
        )
    assert verified(office, anna, row)["status"] == "verified"


@pytest.mark.parametrize("data", [None, "{}", '{"entity": "users"}', '["operation"]'])
def test_what_others_wrote_is_not_judged(
    office: Office, anna: Desk, row: dict[str, Any], data: str | None
) -> None:
    change(office, row, event_data=data)
    with pytest.raises(Refused, match="not written by this console"):
        done(anna, operation(L, row["id"], "verify"))
