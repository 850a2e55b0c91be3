"""A database that others made, and filled with what they liked: everything opens, nothing fails."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from db import read, undo
from db.desk import open_desk
from db.engine import connect
from db.envelope import NotOurs
from db.errors import QuaestorError, Refused
from db.model import Entity, Figure, Profile, Query, Raw, View
from db.operation import Operation
from db.paymentlinker import ssn
from db.rehearse import sheet
from db.session import Session
from migrations import runner
from tests.conftest import Fresh
from tests.paymentlinker.conftest import LINKER, engine
from tests.paymentlinker.office import ANNA, REASON, done, operation
from tests.paymentlinker.plain import Hand

ODD = {
    "postgresql": (
        "UPDATE applications SET annual_income = 'NaN', requested_limit = 'NaN', fraud_probability = 'NaN', "
        "confidence = 'NaN', reviewed_at = 'infinity' WHERE status = 'ON_HOLD'",
        "UPDATE applications SET annual_income = 9999999999.99, requested_limit = -9999999999.99, "
        "created_at = '-infinity', ip_address = '2001:db8::/32' WHERE status = 'review'",
        "UPDATE devices SET last_heartbeat = 'infinity', battery_level = 'NaN', next_maintenance_due = '-infinity', "
        "last_security_scan = '4713-01-01 BC' WHERE status = 'on fire'",
        "UPDATE users SET locked_until = 'infinity', last_login_at = '-infinity' WHERE role = 'ROOT'",
        "UPDATE tenants SET created_at = 'infinity', settings = '[[[]]]' WHERE slug = 'zero'",
        "UPDATE audit_logs SET retention_until = 'infinity', confidence = 'NaN', event_timestamp = '294276-12-31' "
        "WHERE event_category = 'OTHER'",
    ),
    "sqlite": (
        "UPDATE applications SET annual_income = 'NaN', requested_limit = 'lots', fraud_probability = 1e300, "
        "reviewed_at = 'infinity', risk_factors = '{not json', risk_score = 'high' WHERE status = 'ON_HOLD'",
        "UPDATE applications SET annual_income = 9223372036854775807, created_at = '0000-00-00 00:00:00', "
        "ip_address = 'nowhere', shap_explanation = x'00ff' WHERE status = 'review'",
        "UPDATE devices SET last_heartbeat = 17, battery_level = '', compromised = 'perhaps', "
        "next_maintenance_due = '0000-00-00' WHERE status = 'on fire'",
        "UPDATE users SET locked_until = '', is_active = 7, failed_login_attempts = 'many' WHERE role = 'ROOT'",
        "UPDATE tenants SET created_at = 'yesterday', settings = '{', max_users = 'all' WHERE slug = 'zero'",
        "UPDATE audit_logs SET retention_until = 'never', confidence = 'sure', event_data = 'NaN', "
        "event_timestamp = 1.5 WHERE event_category = 'OTHER'",
    ),
}
"""Values that do not fit their column's type in Python, or at all."""


@dataclass(frozen=True)
class Others:
    """Their database, by quaestor's reader and by hand."""

    url: str
    session: Session
    hand: Hand


def run(hand: Hand, file: str) -> None:
    """The statements of a file; SQLite has no function for the documents' defaults."""
    text = (Path(__file__).parent / file).read_text()
    if hand.sqlite:
        text = re.sub(r" DEFAULT (gen_random_uuid|NOW)\(\)", "", text)
    for statement in re.sub(r"^--.*$", "", text, flags=re.MULTILINE).split(";\n"):
        if statement.strip():
            hand.driver.execute(statement)


@pytest.fixture
def others(engine_name: str, fresh: Fresh) -> Iterator[Others]:
    """The document's tables with odd columns and rows; recognised without being told."""
    url = fresh(engine_name)
    hand = Hand(url)
    run(hand, "documents.sql")
    run(hand, "odd.sql")
    for statement in ODD[engine_name]:
        hand.ask(statement)
    session = connect(Profile("others", url))
    yield Others(url, session, hand)
    session.close()
    hand.close()


def test_everything_opens(others: Others) -> None:
    session = others.session
    assert session.system.name == "paymentlinker"
    for entity in session.system.entities:
        for view in entity.views:
            assert read.available(session, entity, view) is None
            query = Query(entity, view)
            forward = [row.id for page in read.stream(session, query, size=1) for row in page.rows]
            assert [row.id for row in read.page(session, query, end=True).rows] == forward
            assert read.count(session, query).value == len(forward)
        for figure in entity.figures:
            read.figure(session, entity, figure)
        rows = read.page(session, Query(entity, entity.views[0])).rows
        assert sorted(row.id for row in rows) == sorted(
            others.hand.ids(f"SELECT id FROM {entity.table.name}")
        )
        for row in rows:
            record = read.record(session, entity, row.id)
            for link in entity.links:
                if (query_ := read.follow(session, record, link)) is not None:
                    read.page(session, query_)


def test_unknown_words_are_shown_as_they_are(others: Others) -> None:
    session = others.session
    applications, devices = session.entity("applications"), session.entity("devices")
    record = read.record(session, applications, "eeeeeeee-0000-4000-8000-000000000002")
    assert (record.value("decision"), record.value("status")) == ("maybe", "ON_HOLD")
    assert record.value("reviewed_at") == Raw("infinity")
    assert read.record(session, devices, "dddddddd-0000-4000-8000-000000000002").value("status") == "on fire"


def test_unknown_words_wait_for_nobody(others: Others) -> None:
    applications = others.session.entity("applications")
    view = applications.view("review")
    assert view is not None
    waiting = read.page(others.session, Query(applications, view)).rows
    assert [row.id for row in waiting] == ["eeeeeeee-0000-4000-8000-000000000003"]


def test_a_tenant_without_limits_is_never_near_one(others: Others) -> None:
    tenants = others.session.entity("tenants")
    for name in ("near-quota", "over-quota"):
        view = tenants.view(name)
        assert view is not None
        found = {row.id[-1] for row in read.page(others.session, Query(tenants, view)).rows}
        assert found == {"3"}


def test_numbers_that_others_stored_are_not_ours(others: Others) -> None:
    for id_, tenant, stored in others.hand.ask("SELECT id, tenant_id, ssn_encrypted FROM applications"):
        with pytest.raises(NotOurs) as told:
            ssn.decrypt(stored, id_, tenant, {"k1": b"k" * 32})
        assert not stored or stored not in str(told.value)


def test_a_database_with_less_says_what_it_lacks(others: Others) -> None:
    for statement in (
        "DROP TABLE tenants",
        "DROP INDEX idx_users_email",
        "ALTER TABLE applications DROP COLUMN fraud_probability",
        "DROP INDEX idx_devices_last_heartbeat",
        "ALTER TABLE devices DROP COLUMN last_heartbeat",
    ):
        others.hand.ask(statement)
    session = connect(Profile("less", others.url))
    parts: list[tuple[Entity, View | Figure]] = []
    for entity in session.system.entities:
        parts += [(entity, view) for view in entity.views]
        parts += [(entity, figure) for figure in entity.figures]
    lacking = {
        f"{entity.name}/{part.name}" for entity, part in parts if read.available(session, entity, part)
    }
    for entity in session.system.entities:
        for view in entity.views:
            if read.available(session, entity, view) is None:
                page = read.page(session, Query(entity, view))
                assert not {"tenant", "fraud_probability", "health"} & {
                    column.name for column in page.columns
                }
    session.close()
    assert {"applications/suspected-fraud", "devices/lost", "devices/by-tenant"} <= lacking
    assert (
        not {"applications/review", "applications/by-decision", "devices/low-battery", "users/locked"}
        & lacking
    )


def test_the_migration_leaves_tables_of_others_alone(others: Others) -> None:
    with pytest.raises(Refused, match="made by others"):
        runner.up(engine(others.url), LINKER, "system")
    assert runner.stamp(engine(others.url), LINKER).stamped


def test_what_can_be_done_to_their_rows_is_said_in_a_sentence(others: Others) -> None:
    """Every action on every odd row: its sheet, a refusal in it, or what is missing; never a traceback."""
    forms = {"change-role": {"role": "x"}, "schedule-maintenance": {"due": "+7d"}}
    said: dict[tuple[str, str], str] = {}
    for action in LINKER.actions:
        for id_ in others.hand.ids(f"SELECT id FROM {action.entity}"):
            wanted = Operation(action.entity, id_, action.name, forms.get(action.name, {}), "because")
            try:
                said[action.name, id_] = sheet(others.session, wanted).refused
            except QuaestorError as error:
                said[action.name, id_] = str(error)
    assert all(sentence.endswith(".") for sentence in said.values() if sentence)
    on_hold, on_fire = "eeeeeeee-0000-4000-8000-000000000002", "dddddddd-0000-4000-8000-000000000002"
    root = "bbbbbbbb-0000-4000-8000-000000000002"
    assert "decided by nobody in particular at infinity" in said["approve", on_hold]
    assert "standing is on fire" in said["quarantine", on_fire]
    assert "do not tell when" in said["clear-compromised", on_fire]
    assert "not ours, and cannot be read" in said["reveal-ssn", on_hold]
    assert (said["unlock", root], said["erase", on_hold], said["export-subject", on_hold]) == ("", "", "")


def test_their_odd_values_are_changed_erased_and_put_back(others: Others, tmp_path: Path) -> None:
    runner.up(engine(others.url), LINKER, "ledger", options={"signer": ANNA})
    desk = open_desk(connect(Profile("others", others.url)), ANNA, tmp_path)
    on_hold, root = "eeeeeeee-0000-4000-8000-000000000002", "bbbbbbbb-0000-4000-8000-000000000002"
    locks = f"SELECT CAST(locked_until AS TEXT), failed_login_attempts FROM users WHERE id = '{root}'"
    before = others.hand.ask(locks)
    unlocked = done(desk, operation("users", root, "unlock"))
    assert others.hand.ask(locks) == [(None, 0)]
    done(desk, replace(undo.inverse(desk.session, unlocked.operation_id), reason=REASON))
    assert others.hand.ask(locks) == before
    document = done(desk, operation("applications", on_hold, "export-subject")).result
    assert json.loads(document.content)["record"]["reviewed_at"] == "infinity"
    done(desk, operation("applications", on_hold, "erase"), alone=True)
    name = "SELECT full_legal_name, email, partner_reference, CAST(reviewed_at AS TEXT) FROM applications"
    assert others.hand.ask(f"{name} WHERE id = '{on_hold}'") == [("erased", None, None, "infinity")]
    desk.close()
    desk.session.close()
