"""Credentials: both tables that keep the status, the list of reasons, and how many one may revoke within an hour."""

import hashlib
import uuid
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Table

from db.desk import Desk
from db.errors import Conflict, Denied, Refused, Stale, Usage
from db.finpass.tables import credential_status, credentials
from tests.finpass.office import Office, beside, credential, done, id_of, operation, put, shown
from tests.finpass.rules import DUAL, NORMAL, STATES

REVOKE = {"revocation_reason": "superseded"}


@pytest.mark.parametrize("reason", ["", "unspecified ", "certificateHold", "removeFromCRL", "stolen"])
def test_the_reason_of_a_revocation_is_one_of_the_list(shared: Office, desk: Desk, reason: str) -> None:
    name = put(shared, "credentials", STATES["credentials"]["VALID"])
    wanted = operation("credentials", name, "revoke", form={"revocation_reason": reason})
    if reason.strip() == "unspecified":
        assert not shown(desk, wanted).refused
        return
    with pytest.raises(Usage, match="revocation"):
        shown(desk, wanted)


def test_the_twenty_fifth_revocation_within_an_hour_takes_two(office: Office) -> None:
    names = [f"c{n}" for n in range(26)]
    office.add(credentials, *(credential(name, "holder", revocation_handle=name[1:]) for name in names))
    with closing(office.desk()) as desk:
        wanted = [operation("credentials", name, "revoke", form=REVOKE) for name in names]
        for each in wanted[:24]:
            assert shown(desk, each).risk is NORMAL
            done(desk, each)
        assert shown(desk, wanted[24]).risk is DUAL
        with pytest.raises(Denied, match="takes two people"):
            done(desk, wanted[24])
        assert shown(desk, operation("credentials", "c24", "suspend")).risk is NORMAL
        done(desk, wanted[24], alone=True)
        assert shown(desk, wanted[25]).risk is DUAL
        office.run("UPDATE quaestor_ledger SET db_time_us = db_time_us - 3600000000")
        assert shown(desk, wanted[25]).risk is NORMAL
    with closing(office.desk(settings={"revoke_burst": "1"})) as strict:
        assert shown(strict, wanted[25]).risk is DUAL
    with pytest.raises(Usage, match="revoke_burst"), closing(office.desk(settings={"revoke_burst": "26"})):
        pass


def statuses(office: Office, table: Table, name: str) -> Any:
    """The status of a row, or None where there is none."""
    key = next(iter(table.primary_key.columns)).name
    return next((row["status"] for row in office.rows(table) if row[key] == id_of(name)), None)


@pytest.mark.parametrize(
    ("action", "here", "there", "both"),
    [
        ("suspend", "VALID", None, "SUSPENDED"),
        ("suspend", "VALID", "SUSPENDED", "SUSPENDED"),
        ("suspend", "VALID", "REVOKED", ""),
        ("suspend", "VALID", "LOST", ""),
        ("reinstate", "SUSPENDED", None, "VALID"),
        ("reinstate", "SUSPENDED", "VALID", "VALID"),
        ("reinstate", "SUSPENDED", "REVOKED", ""),
        ("reinstate", "SUSPENDED", "LOST", ""),
        ("revoke", "VALID", None, "REVOKED"),
        ("revoke", "VALID", "REVOKED", "REVOKED"),
        ("revoke", "SUSPENDED", "LOST", "REVOKED"),
    ],
)
def test_where_the_two_tables_disagree_nothing_is_taken_back(
    shared: Office, desk: Desk, action: str, here: str, there: str | None, both: str
) -> None:
    name = uuid.uuid4().hex
    shared.add(credentials, credential(name, "holder", status=here, revocation_handle="7"))
    if there:
        shared.add(credential_status, beside(name, there))
    wanted = operation("credentials", name, action, form=REVOKE if action == "revoke" else {})
    if both:
        done(desk, wanted)
    else:
        with pytest.raises(Refused, match=f"status table has {there}.*disagree"):
            done(desk, wanted)
    found = statuses(shared, credentials, name), statuses(shared, credential_status, name)
    assert found == ((both, both) if both else (here, there))


def test_without_the_status_table_the_credential_alone_is_changed(office: Office) -> None:
    office.add(credentials, credential("c", "holder"))
    office.run("DROP TABLE credential_status")
    with closing(office.desk()) as desk:
        wanted = operation("credentials", "c", "revoke", form=REVOKE)
        assert any("no table credential_status" in effect.what for effect in shown(desk, wanted).effects)
        done(desk, wanted)
    assert office.row(credentials, "c")["status"] == "REVOKED"


def test_a_credential_of_the_first_version_is_told_by_its_holder(office: Office) -> None:
    office.add(credentials, credential("c", "holder", subject_did=None))
    with closing(office.desk()) as desk:
        made = done(desk, operation("credentials", "c", "suspend"))
    assert office.audit(made.operation_id)["user_id_hash"] == hashlib.sha256(b"did:key:zholder").hexdigest()


def test_a_status_row_that_came_meanwhile_is_a_conflict(office: Office) -> None:
    office.add(credentials, credential("c", "holder"))
    with closing(office.desk()) as desk:
        seen = shown(desk, operation("credentials", "c", "suspend"))
        office.add(credential_status, beside("c", "REVOKED"))
        with pytest.raises((Stale, Refused, Conflict)):
            done(desk, seen.operation)
    assert statuses(office, credentials, "c") == "VALID"
    assert office.entries() == 1
