"""FinPass's invented rows: the same again from the same plan, consistent, and hostile only where asked."""

import base64
import hashlib
import json
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from db import read, registry
from db.engine import connect
from db.finpass.seed import batches
from db.finpass.tables import metadata
from db.invent import HOSTILE
from db.model import Profile, Query
from db.seed import plan, seed
from db.session import Session
from tests.conftest import Fresh
from tests.finpass.plain import rows

SYSTEM = registry.system("finpass")
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
Tables = dict[str, list[dict[str, Any]]]


def made(number: int, seed: int = 1, hostile: bool = True) -> Tables:
    found: Tables = {name: [] for name in metadata.tables}
    for batch in batches(plan(number, seed, NOW, hostile=hostile)):
        found[batch.table] += (dict(zip(batch.columns, row, strict=True)) for row in batch.rows)
    return found


@pytest.fixture(scope="module")
def small() -> Tables:
    """The fewest rows that hold everything."""
    return made(200)


def test_the_same_plan_gives_the_same_rows() -> None:
    assert made(300, 5) == made(300, 5)
    assert made(300, 5) != made(300, 6)


def test_batches_are_small_and_in_the_order_of_foreign_keys() -> None:
    known: dict[str, set[str]] = {"users": set(), "credentials": set()}
    parents = {"credentials": ("user_id", "users"), "credential_status": ("credential_id", "credentials")}
    for batch in batches(plan(12_000, 1, NOW)):
        assert len(batch.rows) <= 5000
        if batch.table in parents:
            column, parent = parents[batch.table]
            assert {row[batch.columns.index(column)] for row in batch.rows} <= known[parent]
        if batch.table in known:
            known[batch.table] |= {row[batch.columns.index("id")] for row in batch.rows}


@pytest.mark.parametrize("number", [200, 5000])
def test_there_are_about_as_many_as_asked(number: int) -> None:
    found = {name: len(of_table) for name, of_table in made(number).items()}
    assert number <= found["audit_events"] <= number * 1.05 + 60
    assert found["users"] == max(40, number // 10)
    assert found["credentials"] == found["credential_status"] > found["users"]
    assert found["payments"] > found["users"]


@pytest.mark.parametrize("hostile", [True, False])
def test_every_value_fits_its_column(hostile: bool) -> None:
    for name, of_table in made(3000, hostile=hostile).items():
        for row in of_table:
            for column in metadata.tables[name].columns:
                value = row.get(column.name)
                assert value is not None or column.nullable or column.server_default is not None
                if isinstance(value, str):
                    assert "\0" not in value
                    assert len(value) <= (getattr(column.type, "length", None) or 10_000), (name, column.name)
                if isinstance(value, datetime):
                    assert value.tzinfo is UTC


def test_hostile_texts_come_only_where_asked() -> None:
    def attacks(tables: Tables) -> int:
        beginnings = tuple(text[:40] for text in HOSTILE)
        texts = [
            v for of_table in tables.values() for row in of_table for v in row.values() if isinstance(v, str)
        ]
        return sum(any(beginning in text for beginning in beginnings) for text in texts)

    assert attacks(made(2000)) > 5
    assert attacks(made(2000, hostile=False)) == 0


def test_every_state_is_there_even_in_few_rows(small: Tables) -> None:
    seen = Counter((row["status"], row["kyc_verified"]) for row in small["users"])
    assert len(seen) == 6
    ends = {
        (
            row["status"],
            None if row["expires_at"] is None else row["expires_at"] > NOW,
            row["revocation_handle"] is None,
        )
        for row in small["credentials"]
    }
    assert len(ends) == 18
    fates = {
        (row["status"], row["amount"] >= 10_000, row["kyc_decision_token"] is None)
        for row in small["payments"]
    }
    assert len(fates) == 24
    assert {row["severity"] for row in small["audit_events"]} == {"INFO", "WARNING", "ERROR", "CRITICAL"}
    assert {row["outcome"] for row in small["audit_events"]} == {"SUCCESS", "FAILURE", "DENIED"}


def test_every_view_and_figure_has_rows_even_of_few(fresh: Fresh) -> None:
    url = fresh("sqlite")
    engine = sa.create_engine(url, poolclass=NullPool)
    SYSTEM.metadata.create_all(engine)
    seed(engine, SYSTEM, plan(200))
    with closing(connect(Profile(name="few", url=url, system="finpass"))) as session:
        for entity in SYSTEM.entities:
            for view in entity.views:
                assert read.page(session, Query(entity, view), limit=1).rows, (entity.name, view.name)
            for figure in entity.figures:
                assert read.figure(session, entity, figure).rows, (entity.name, figure.name)


def test_at_least_25_kinds_of_events_are_there() -> None:
    assert len({row["event_type"] for row in made(5000)["audit_events"]}) >= 25


def test_both_status_tables_agree(seeded: Session) -> None:
    lone = """
        SELECT c.id FROM credentials c LEFT JOIN credential_status s ON s.credential_id = c.id
        WHERE s.status IS NULL OR s.status <> c.status
    """
    assert rows(seeded, lone) == []


def test_times_are_in_their_order(seeded: Session) -> None:
    wrong = """
        SELECT 'users', id FROM users WHERE kyc_verified_at < created_at OR last_seen < created_at
            OR updated_at < created_at OR (kyc_verified IS TRUE) <> (kyc_verified_at IS NOT NULL)
        UNION ALL
        SELECT 'credentials', id FROM credentials WHERE expires_at < issued_at OR revoked_at < issued_at
            OR (status = 'REVOKED') <> (revoked_at IS NOT NULL) OR (status = 'REVOKED') <> (revocation_reason IS NOT NULL)
        UNION ALL
        SELECT 'holders', c.id FROM credentials c JOIN users u ON u.id = c.user_id
        WHERE c.issued_at < u.created_at OR c.subject_did <> u.did
        UNION ALL
        SELECT 'payments', id FROM payments WHERE authorized_at < created_at OR captured_at < authorized_at
            OR refunded_at < captured_at OR failed_at < created_at OR updated_at < created_at
            OR (status IN ('PENDING', 'AUTHORIZED')) <> (completed_at IS NULL)
            OR (status IN ('CAPTURED', 'REFUNDED')) <> (captured_at IS NOT NULL)
            OR (status = 'FAILED') <> (failed_at IS NOT NULL) OR (status = 'REFUNDED') <> (refunded_at IS NOT NULL)
        UNION ALL
        SELECT 'payers', p.id FROM payments p JOIN users u ON u.did = p.payer_did WHERE p.created_at < u.created_at
        UNION ALL
        SELECT 'future', id FROM audit_events WHERE created_at > NOW()
        UNION ALL
        SELECT 'future', id FROM payments WHERE created_at > NOW() OR updated_at > NOW()
    """
    assert rows(seeded, wrong) == []


def test_totals_are_sums(seeded: Session) -> None:
    wrong = """
        SELECT id FROM payments
        WHERE amount <= 0 OR total_amount <> amount + coalesce(fee_amount, 0) + coalesce(tax_amount, 0)
    """
    assert rows(seeded, wrong) == []


def test_the_subject_of_an_event_is_the_digest_of_a_did(seeded: Session) -> None:
    dids = [did for (did,) in rows(seeded, "SELECT did FROM users UNION SELECT payer_did FROM payments")]
    digests = {hashlib.sha256(did.encode()).hexdigest() for did in dids}
    found = {digest for (digest,) in rows(seeded, "SELECT DISTINCT user_id_hash FROM audit_events")} - {None}
    assert found <= digests
    assert len(found) > 200
    assert rows(seeded, "SELECT id FROM audit_events WHERE resource_id LIKE 'did:%'") == []


def test_events_tell_of_records_that_are_there(seeded: Session) -> None:
    wrong = """
        SELECT a.id FROM audit_events a WHERE a.resource_type IS NOT NULL AND a.resource_id NOT IN (
            SELECT CAST(id AS TEXT) FROM users UNION SELECT CAST(id AS TEXT) FROM credentials
            UNION SELECT CAST(id AS TEXT) FROM payments)
    """
    assert rows(seeded, wrong) == []
    assert len(rows(seeded, "SELECT id FROM audit_events WHERE resource_id IS NOT NULL")) > 1000


def test_a_credential_is_a_jwt_about_its_subject(small: Tables) -> None:
    for row in small["credentials"]:
        header, claims, signature = row["credential_jwt"].split(".")
        assert _decoded(header)["alg"] == "EdDSA"
        told = _decoded(claims)
        assert told["sub"] == told["vc"]["credentialSubject"]["id"] == row["subject_did"]
        assert told["jti"] == f"urn:uuid:{row['id']}"
        assert told["vc"]["type"] == ["VerifiableCredential", row["credential_type"]]
        assert told["iss"] == row["issuer_id"]
        assert told.get("exp") == (row["expires_at"] and int(row["expires_at"].timestamp()))
        assert len(_bytes(signature)) == 64
        listed = told["vc"].get("credentialStatus")
        assert listed is None or listed["statusListIndex"] == row["revocation_handle"]
        digest = hashlib.sha256(row["credential_jwt"].encode()).hexdigest()
        assert row["credential_hash"] in (digest, None)


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _decoded(part: str) -> Any:
    return json.loads(_bytes(part))


def test_a_handle_is_a_place_on_the_list_that_nobody_else_has() -> None:
    handles = [row["revocation_handle"] for row in made(20_000)["credentials"] if row["revocation_handle"]]
    assert len(handles) > 1500
    assert len(set(handles)) == len(handles)
    assert all(0 <= int(handle) < 131_072 for handle in handles)


def test_some_metadata_is_not_json(small: Tables) -> None:
    texts = [
        row["metadata"]
        for name in ("users", "credentials", "payments")
        for row in small[name]
        if row["metadata"]
    ]
    valid = [text for text in texts if _is_json(text)]
    assert 0 < len(valid) < len(texts)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
