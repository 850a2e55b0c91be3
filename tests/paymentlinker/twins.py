"""Twins of seeded rows that differ in one thing, so that no part of a rule can be missing unnoticed.

Each twin is a copy of every row of its table with some columns changed: on the other side of a rule, and
just on a threshold.
"""

from db.paymentlinker.tables import metadata
from tests.paymentlinker.plain import Hand

UNIQUE = {"devices": "device_id_external", "users": "email", "tenants": "slug"}

TWINS: dict[str, tuple[dict[str, str], ...]] = {
    "applications": (
        {"deleted_at": "[-1 hour]"},
        {"deleted_at": "[-1 hour]", "identity_match": "#12#", "requested_limit": "#99000.00#"},
        {"reviewed_at": "[-2 days]"},
        {"decision": "'approved'"},
        {"decision": "'maybe'"},
        {"status": "NULL"},
        {"risk_score": "800"},
        {"risk_score": "799"},
        {"risk_score": "NULL"},
        {"requested_limit": "NULL", "risk_score": "1"},
        {"requested_limit": "1", "risk_score": "NULL"},
        {"requested_limit": "#50000.00#"},
        {"requested_limit": "#49999.99#"},
        {"fraud_probability": "#50.00#"},
        {"fraud_probability": "#49.99#"},
        {"identity_match": "#70.00#"},
        {"identity_match": "#69.99#"},
        {"confidence": "#60.00#"},
        {"confidence": "#59.99#"},
        {"processing_time_ms": "5000"},
        {"processing_time_ms": "5001"},
    ),
    "devices": (
        {"deleted_at": "[-1 hour]"},
        {"status": "'decommissioned'"},
        {"status": "NULL"},
        {"current_task": "'x'"},
        {"compromised": "NULL"},
        {"battery_level": "#15.00#"},
        {"battery_level": "#14.99#"},
        {"temperature_celsius": "#45.00#"},
        {"temperature_celsius": "#45.01#"},
        {"signal_strength": "-110"},
        {"signal_strength": "-111"},
        {"total_tasks_processed": "20", "failed_tasks": "4"},
        {"total_tasks_processed": "20", "failed_tasks": "5"},
        {"total_tasks_processed": "19", "failed_tasks": "19"},
        {"total_tasks_processed": "NULL", "failed_tasks": "NULL"},
        {"total_tasks_processed": "2147483647", "failed_tasks": "2147483647"},
    ),
    "users": (
        {"deleted_at": "[-1 hour]"},
        {"deleted_at": "[-1 hour]", "created_at": "[-1 hour]"},
        {"is_active": "FALSE"},
        {"is_active": "NULL"},
        {"is_active": "FALSE", "role": "'admin'", "mfa_enabled": "FALSE"},
        {"mfa_enabled": "NULL"},
        {"role": "NULL"},
        {"failed_login_attempts": "NULL"},
    ),
    "tenants": (
        {"deleted_at": "[-1 hour]", "max_users": "-1"},
        {"is_active": "FALSE", "max_devices": "-1"},
        {"is_active": "NULL", "max_users": "NULL", "max_devices": "NULL"},
        {"max_applications_per_month": "0"},
        {"max_applications_per_month": "-1"},
    ),
    "audit_logs": (
        {"audit_required": "FALSE"},
        {"audit_required": "NULL", "signature": "NULL"},
        {"retention_until": "[-1 days]"},
        {"retention_until": "NULL", "regulation": "'HIPAA'"},
        {"risk_score": "800"},
        {"risk_score": "799"},
        {"status": "NULL"},
        {"service_name": "'quaestor'"},
    ),
}


def bear(hand: Hand) -> None:
    """Copy the rows that are there, once for each twin."""
    for table, twins in TWINS.items():
        ids = ", ".join(f"'{id_}'" for id_ in hand.ids(f"SELECT id FROM {table}"))
        for number, changes in enumerate(twins):
            names = [column.name for column in metadata.tables[table].columns if column.name != "id"]
            unique = UNIQUE.get(table)
            values = [
                f"'{number}-' || {name}" if name == unique else changes.get(name, name) for name in names
            ]
            hand.ask(
                f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table} WHERE id IN ({ids})"
            )
