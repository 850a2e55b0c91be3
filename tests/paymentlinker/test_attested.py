"""The whole trail against the ledger: what was edited, forged or taken out of either is named; nothing is written."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from db import own
from db.desk import Desk
from db.engine import connect
from db.errors import Usage
from db.model import Mode, Profile
from db.paymentlinker import attested
from db.paymentlinker.attested import Attested, attest
from db.paymentlinker.tables import audit_logs
from migrations import runner
from tests.paymentlinker.office import LINKER, TENANT, Office, done, operation


@pytest.fixture
def anna(fresh_office: Office) -> Desk:
    """Three operations, and a row of somebody else."""
    desk = fresh_office.desk()
    user = fresh_office.put("users")["id"]
    for action in ("deactivate", "activate", "reset-mfa"):
        done(desk, operation("users", user, action))
    fresh_office.add(audit_logs, other(service_name="api"))
    return desk


def other(**values: Any) -> Mapping[str, Any]:
    """A row that no operation made."""
    made = {"id": str(uuid.uuid4()), "tenant_id": TENANT, "event_type": "LOGIN", "event_category": "ACCESS"}
    return {**made, "service_name": "quaestor", **values}


def audited(office: Office, **more: Any) -> Attested:
    """What an auditor finds, who may write nothing."""
    session = connect(Profile("audited", office.url, "paymentlinker", mode=Mode.AUDIT, **more))
    try:
        return attest(session)
    finally:
        session.close()


def rows(office: Office) -> list[dict[str, Any]]:
    """The console's own."""
    return office.rows(audit_logs, audit_logs.c.service_name == "quaestor")


def test_a_sound_trail_holds_and_nothing_is_changed(fresh_office: Office, anna: Desk) -> None:
    before = fresh_office.everything()
    found = audited(fresh_office)
    assert (found.entries, found.rows, found.count) == (3, 3, 0)
    assert str(found).endswith("all as signed")
    assert fresh_office.everything() == before


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"new_state": '{"is_active": "false", "x": "y"}'}, "its new_state is another"),
        ({"previous_state": None}, "its previous_state is another"),
        ({"event_data": "[]"}, "its reason is another"),
        ({"verification_hash": None}, "its hash is not that"),
    ],
)
def test_an_edited_row_is_named(fresh_office: Office, anna: Desk, values: dict[str, Any], said: str) -> None:
    row = rows(fresh_office)[0]
    with fresh_office.engine.begin() as connection:
        connection.execute(update(audit_logs).where(audit_logs.c.id == row["id"]).values(**values))
    (wrong,) = audited(fresh_office).wrong
    assert (wrong.id, wrong.gone) == (row["id"], False)
    assert said in wrong.why


def test_what_was_taken_out_and_what_was_put_in_is_named(fresh_office: Office, anna: Desk) -> None:
    row = rows(fresh_office)[1]
    forged = other(event_data=json.dumps({"operation": str(uuid.uuid4())}))
    with fresh_office.engine.begin() as connection:
        connection.execute(delete(audit_logs).where(audit_logs.c.id == row["id"]))
        connection.execute(insert(audit_logs).values(**forged))
    found = audited(fresh_office)
    assert {(one.id, one.gone) for one in found.wrong} == {(row["id"], True), (forged["id"], False)}
    assert "2 wrong" in str(found)


def test_an_entry_that_nobody_signed_is_named(fresh_office: Office, anna: Desk) -> None:
    c = own.ledger.c
    entry = fresh_office.rows(own.ledger)[-1]
    with fresh_office.engine.begin() as connection:
        connection.execute(update(own.ledger).where(c.seq == entry["seq"]).values(signature=bytes(64)))
    (wrong,) = audited(fresh_office).wrong
    assert "not signed by the key that it names" in wrong.why
    assert wrong.seq == entry["seq"]


def test_the_rows_of_other_tenants_are_not_taken_for_gone(
    fresh_office: Office, anna: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_tenant = str(uuid.UUID(int=0xB))
    assert audited(fresh_office, tenant=other_tenant).count == 0
    monkeypatch.setattr(attested, "PIECE", 1)
    assert audited(fresh_office, tenant=TENANT).count == 0
    if fresh_office.engine.dialect.name == "postgresql":
        runner.up(fresh_office.engine, LINKER, "rls")
        with pytest.raises(Usage, match="Row-level security"):
            audited(fresh_office)
        assert audited(fresh_office, tenant=TENANT).count == 0
