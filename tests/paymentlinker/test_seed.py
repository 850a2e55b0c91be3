"""Invented rows: the same for the same plan, consistent with each other, and hostile only where wanted."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.envelope import NotOurs
from db.invent import HOSTILE
from db.paymentlinker import ssn
from db.paymentlinker.seed import SSN_KEY_ID, batches
from db.paymentlinker.tables import metadata
from db.seed import Plan, plan
from db.types import Json
from tests.paymentlinker.conftest import Linker

NOW = datetime(2025, 3, 14, 15, 9, 26, tzinfo=UTC)
SMALL = plan(1200, seed=11, now=NOW)


def rows(of: Plan) -> dict[str, list[dict[str, Any]]]:
    """Every row by table, its values by column."""
    found: dict[str, list[dict[str, Any]]] = {}
    for batch in batches(of):
        found.setdefault(batch.table, []).extend(
            dict(zip(batch.columns, row, strict=True)) for row in batch.rows
        )
    return found


def test_the_same_plan_gives_the_same_rows_and_another_seed_others() -> None:
    first = rows(SMALL)
    assert first == rows(SMALL)
    other = rows(replace(SMALL, seed=12))
    assert {row["id"] for row in first["users"]}.isdisjoint({row["id"] for row in other["users"]})


def test_tables_come_in_the_order_of_their_references_and_in_small_batches() -> None:
    made = list(batches(plan(60_000, seed=2, now=NOW)))
    order = ["tenants", "users", "devices", "applications", "audit_logs"]
    assert list(dict.fromkeys(batch.table for batch in made)) == order
    counts = Counter[str]()
    for batch in made:
        counts[batch.table] += len(batch.rows)
        assert 0 < len(batch.rows) <= 5000
        assert set(batch.columns) <= set(metadata.tables[batch.table].columns.keys())
    assert counts["audit_logs"] == 60_000
    assert counts["applications"] == 6_000
    assert counts["users"] == counts["devices"] == 1_200


def test_times_are_aware_and_never_ahead_of_the_plan() -> None:
    ahead = {"locked_until", "next_maintenance_due", "retention_until"}
    for table in rows(SMALL).values():
        for row in table:
            for name, value in row.items():
                if isinstance(value, datetime):
                    assert value.tzinfo is UTC
                    assert value <= NOW or name in ahead


def test_json_is_json_and_texts_fit_their_columns() -> None:
    for name, table in rows(SMALL).items():
        for column in metadata.tables[name].columns:
            for row in table:
                value = row.get(column.name)
                if value is None:
                    assert column.nullable or column.server_default is not None
                elif isinstance(column.type, Json):
                    json.loads(value)
                elif isinstance(value, str) and (length := getattr(column.type, "length", None)):
                    assert len(value) <= length, (name, column.name)


def test_hostile_texts_only_where_the_plan_wants_them() -> None:
    def hostile(of: Plan) -> set[str]:
        return {str(v) for table in rows(of).values() for row in table for v in row.values()} & set(HOSTILE)

    assert len(hostile(plan(20_000, seed=1, now=NOW))) > 12
    assert not hostile(replace(SMALL, hostile=False))


def test_most_events_are_recent_and_in_busy_hours() -> None:
    moments = [row["event_timestamp"] for row in rows(plan(20_000, seed=1, now=NOW))["audit_logs"]]
    recent = [moment for moment in moments if moment > NOW - timedelta(days=90)]
    assert len(recent) > 0.4 * len(moments)
    older = [moment.hour for moment in moments if moment < NOW - timedelta(days=4)]
    assert sum(8 <= hour < 20 for hour in older) > 0.7 * len(older)


CONTRADICTIONS = {
    "decided by a person means a status, a decision and a reviewer of the same tenant": (
        "SELECT a.id FROM applications a LEFT JOIN users u ON u.email = a.reviewed_by "
        "WHERE a.reviewed_at IS NOT NULL AND (a.status <> a.decision OR u.id IS NULL OR u.tenant_id <> a.tenant_id "
        "OR u.role NOT IN ('admin', 'reviewer') OR a.reviewed_at < a.created_at)"
    ),
    "a review is open in both columns": (
        "SELECT id FROM applications WHERE (status = 'review') <> (coalesce(decision, '') IN "
        "('review', 'manual_review', 'refer')) OR (status = 'review' AND reviewed_at IS NOT NULL)"
    ),
    "nothing is decided before its time": (
        "SELECT id FROM applications WHERE status IN ('created', 'processing', 'withdrawn') AND decision IS NOT NULL"
    ),
    "explained and scored go together": (
        "SELECT id FROM applications WHERE (risk_score IS NULL) <> (shap_explanation IS NULL) "
        "OR (risk_score IS NULL) <> (confidence IS NULL)"
    ),
    "percentages are percentages": (
        "SELECT id FROM applications WHERE NOT (fraud_probability BETWEEN #0# AND #100#) "
        "OR NOT (identity_match BETWEEN #0# AND #100#) OR NOT (confidence BETWEEN #0# AND #100#)"
    ),
    "a device of an application is the tenant's": (
        "SELECT a.id FROM applications a LEFT JOIN devices d ON d.device_id_external = a.duoplus_device_id "
        "WHERE a.duoplus_device_id IS NOT NULL AND (d.id IS NULL OR d.tenant_id <> a.tenant_id)"
    ),
    "an event is of its application's tenant": (
        "SELECT l.id FROM audit_logs l JOIN applications a ON a.id = l.application_id "
        "WHERE l.tenant_id <> a.tenant_id OR l.event_timestamp < a.created_at"
    ),
    "an event tells its application's decision and score": (
        "SELECT l.id FROM audit_logs l JOIN applications a ON a.id = l.application_id WHERE l.decision <> a.decision "
        "OR l.risk_score <> a.risk_score OR l.confidence <> a.confidence"
    ),
    "a transaction on a chain is the application's": (
        "SELECT l.id FROM audit_logs l JOIN applications a ON a.id = l.application_id "
        "WHERE l.blockchain_tx_hash <> a.blockchain_tx_hash"
    ),
    "who did something is a user of the tenant": (
        "SELECT l.id FROM audit_logs l LEFT JOIN users u ON CAST(u.id AS varchar(36)) = l.user_id "
        "WHERE l.user_id IS NOT NULL AND (u.id IS NULL OR u.tenant_id <> l.tenant_id OR u.role <> l.user_role)"
    ),
    "retention is of the regulation": (
        "SELECT id FROM audit_logs WHERE (regulation IS NULL AND retention_until IS NOT NULL) "
        "OR retention_until < event_timestamp"
    ),
    "what is verified has a time": (
        "SELECT id FROM audit_logs WHERE (status = 'pending') <> (verified_at IS NULL)"
    ),
    "tasks add up": ("SELECT id FROM devices WHERE total_tasks_processed <> successful_tasks + failed_tasks"),
    "out of service means when and by whom": (
        "SELECT id FROM devices WHERE (status = 'decommissioned') <> (decommissioned_at IS NOT NULL) "
        "OR (status = 'decommissioned') <> (decommissioned_by IS NOT NULL)"
    ),
    "work needs a task": "SELECT id FROM devices WHERE (status = 'busy') <> (current_task IS NOT NULL)",
    "a second factor has a secret": (
        "SELECT id FROM users WHERE coalesce(mfa_enabled, FALSE) <> (mfa_secret IS NOT NULL)"
    ),
    "nobody can sign in": (
        "SELECT id FROM users WHERE password_hash <> '!' "
        "AND (length(password_hash) <> 60 OR substr(password_hash, 1, 7) <> '$2b$12$')"
    ),
    "an email is an address": "SELECT id FROM users WHERE email NOT LIKE '%_@_%'",
    "what is erased holds nobody": (
        "SELECT id FROM users WHERE password_hash = '!' AND (deleted_at IS NULL OR first_name IS NOT NULL "
        "OR last_name IS NOT NULL OR phone IS NOT NULL OR mfa_secret IS NOT NULL) "
        "UNION ALL SELECT id FROM applications WHERE ssn_encrypted = 'erased' AND (deleted_at IS NULL "
        "OR full_legal_name <> 'erased' OR annual_income <> 0 OR email IS NOT NULL OR phone IS NOT NULL)"
    ),
    "everybody has a tenant": " UNION ALL ".join(
        f"SELECT id FROM {table} x WHERE NOT EXISTS (SELECT 1 FROM tenants t WHERE t.id = x.tenant_id)"
        for table in ("applications", "devices", "users", "audit_logs")
    ),
}


@pytest.mark.parametrize("rule", CONTRADICTIONS)
def test_rows_agree_with_each_other(linker: Linker, rule: str) -> None:
    assert linker.hand.ids(CONTRADICTIONS[rule]) == []


def test_every_state_is_there(linker: Linker) -> None:
    for table, column, states in (
        ("applications", "status", "approved created declined processing review withdrawn"),
        ("applications", "decision", "approved declined manual_review refer review"),
        ("devices", "status", "busy decommissioned error maintenance offline online quarantined"),
        ("audit_logs", "status", "failed pending verified"),
    ):
        found = linker.hand.ids(
            f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1"
        )
        assert found == states.split()


def test_numbers_are_really_encrypted(linker: Linker) -> None:
    stored = linker.hand.ask("SELECT id, tenant_id, ssn_encrypted FROM applications")
    keys = {SSN_KEY_ID: linker.plan.ssn_key}
    erased = 0
    for id_, tenant, envelope in stored:
        if envelope == "erased":
            erased += 1
            continue
        number = ssn.decrypt(envelope, id_, tenant, keys)
        assert len(number) == 11
        assert number.startswith("9"), "a number that somebody may have"
        with pytest.raises(NotOurs):
            ssn.decrypt(envelope, id_, tenant, {SSN_KEY_ID: bytes(32)})
    assert 0 < erased < len(stored) / 4
