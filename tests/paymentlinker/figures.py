"""What each figure must say, written by hand: ``entity/figure`` → its rows, in any order."""

from tests.paymentlinker.views import FINDINGS, FLEET, NEEDS_TWO, WAITING, WRONG

OPEN = "decision IN ('review', 'manual_review', 'refer')"
RECEIVED = "created_at >= [-30 days]"
DECIDED = "coalesce(reviewed_at, created_at)"
SINCE = "event_timestamp >= [-7 days]"


def tally(*conditions: str) -> str:
    """How many rows fulfil each condition."""
    return ", ".join(f"coalesce(sum(CASE WHEN {condition} THEN 1 ELSE 0 END), 0)" for condition in conditions)


BOTH = tally("decision = 'approved'", "decision = 'declined'")
DECISIONS = f"count(*), {BOTH}, {tally(OPEN)}"
VERIFIED = tally("status = 'verified'", "status = 'pending'", "status = 'failed'")
RISK = "round(avg(risk_score), 2)"
STATES = tally(
    *(
        f"status = '{status}'"
        for status in ("online", "busy", "offline", "maintenance", "error", "quarantined")
    ),
    f"({WRONG})",
    FINDINGS["compromised"],
    FINDINGS["lost"],
)
ROLLUP = (
    f"count(*), {STATES}, round(avg(units#battery_level#), 2), "
    "round(100.0 * sum(failed_tasks) / nullif(sum(total_tasks_processed), 0), 1)"
)
ACCESS = (
    f"count(*), {tally('is_active = TRUE', 'locked_until > [now]', 'mfa_enabled = TRUE')}, "
    "round(100.0 * sum(CASE WHEN mfa_enabled = TRUE THEN 1 ELSE 0 END) / count(*), 1), "
    "count(*) - count(last_login_at), max(last_login_at)"
)


def slug(table: str) -> str:
    """The tenant's short name."""
    return f"(SELECT slug FROM tenants t WHERE t.id = {table}.tenant_id)"


FIGURES = {
    "applications/statistics": f"SELECT {DECISIONS}, {RISK} FROM applications WHERE {RECEIVED}",
    "applications/statistics-by-tenant": (
        f"SELECT {slug('applications')}, tenant_id, {DECISIONS}, {RISK} FROM applications "
        f"WHERE {RECEIVED} GROUP BY tenant_id"
    ),
    "applications/by-decision": (
        "SELECT decision, count(*), "
        f"round(100.0 * count(*) / (SELECT count(*) FROM applications WHERE {RECEIVED}), 1), {RISK}, "
        "round(avg(credit_score), 2), round(avg(units#requested_limit#), 2), sum(units#requested_limit#) "
        f"FROM applications WHERE {RECEIVED} GROUP BY decision"
    ),
    "applications/by-status": (
        f"SELECT status, count(*), min(created_at), max(created_at) FROM applications WHERE {RECEIVED} "
        "GROUP BY status"
    ),
    "applications/decisions-by-day": (
        f"SELECT day#{DECIDED}#, {DECISIONS}, {tally('reviewed_at IS NOT NULL')}, {RISK} FROM applications "
        f"WHERE decision IS NOT NULL AND {DECIDED} >= [-30 days] GROUP BY 1"
    ),
    "applications/risk-bands": (
        f"SELECT risk_score - risk_score % 100, {DECISIONS}, "
        "round(100.0 * sum(CASE WHEN decision = 'approved' THEN 1 ELSE 0 END) / count(*), 1) "
        f"FROM applications WHERE {RECEIVED} GROUP BY 1"
    ),
    "applications/by-model": (
        f"SELECT model_version, {DECISIONS}, round(avg(units#confidence#), 2), round(avg(processing_time_ms), 2) "
        f"FROM applications WHERE {RECEIVED} GROUP BY model_version"
    ),
    "applications/by-reviewer": (
        f"SELECT reviewed_by, count(*), {BOTH}, {RISK}, "
        "max(reviewed_at) FROM applications WHERE reviewed_at >= [-30 days] GROUP BY reviewed_by"
    ),
    "applications/waiting": (
        f"SELECT {slug('applications')}, tenant_id, count(*), {tally(NEEDS_TWO)}, min(created_at), "
        f"max(risk_score), sum(units#requested_limit#) FROM applications WHERE {WAITING} GROUP BY tenant_id"
    ),
    "devices/by-region": f"SELECT region, {ROLLUP} FROM devices WHERE {FLEET} GROUP BY region",
    "devices/by-type": f"SELECT device_type, {ROLLUP} FROM devices WHERE {FLEET} GROUP BY device_type",
    "devices/by-tenant": (
        f"SELECT {slug('devices')}, tenant_id, {ROLLUP} FROM devices WHERE {FLEET} GROUP BY tenant_id"
    ),
    "devices/by-os": f"SELECT os_version, {ROLLUP} FROM devices WHERE {FLEET} GROUP BY os_version",
    "devices/by-model": f"SELECT device_type, model, {ROLLUP} FROM devices WHERE {FLEET} GROUP BY device_type, model",
    "devices/by-status": (
        "SELECT status, count(*), max(last_heartbeat) FROM devices WHERE deleted_at IS NULL GROUP BY status"
    ),
    "devices/by-health": (
        "SELECT CASE WHEN status = 'decommissioned' THEN 'retired' "
        + " ".join(f"WHEN {rule} THEN '{name}'" for name, rule in FINDINGS.items())
        + " ELSE 'well' END, count(*) FROM devices WHERE deleted_at IS NULL GROUP BY 1"
    ),
    "devices/by-finding": f"SELECT count(*), {tally(*FINDINGS.values())} FROM devices WHERE {FLEET}",
    "users/by-role": f"SELECT role, {ACCESS} FROM users WHERE deleted_at IS NULL GROUP BY role",
    "users/by-tenant": (
        f"SELECT {slug('users')}, tenant_id, {ACCESS} FROM users WHERE deleted_at IS NULL GROUP BY tenant_id"
    ),
    "tenants/by-plan": (
        f"SELECT subscription_plan, count(*), {tally('is_active = TRUE')}, sum(max_applications_per_month), "
        "sum(max_devices), sum(max_users) FROM tenants WHERE deleted_at IS NULL GROUP BY subscription_plan"
    ),
    "audit_logs/by-event-type": (
        "SELECT event_type, event_category, count(*), min(event_timestamp), max(event_timestamp) "
        f"FROM audit_logs WHERE {SINCE} GROUP BY event_type, event_category"
    ),
    "audit_logs/by-category": (
        f"SELECT event_category, count(*), {VERIFIED}, "
        f"min(event_timestamp), max(event_timestamp) FROM audit_logs WHERE {SINCE} GROUP BY event_category"
    ),
    "audit_logs/by-day": (
        "SELECT day#event_timestamp#, count(*), count(DISTINCT user_id), count(DISTINCT application_id) "
        f"FROM audit_logs WHERE {SINCE} GROUP BY 1"
    ),
    "audit_logs/by-user": (
        "SELECT user_id, user_role, count(*), min(event_timestamp), max(event_timestamp) "
        f"FROM audit_logs WHERE {SINCE} AND user_id IS NOT NULL GROUP BY user_id, user_role"
    ),
    "audit_logs/retention": (
        f"SELECT regulation, count(*), count(*) - count(retention_until), "
        f"{tally('event_timestamp < [-7 years] AND retention_until < [now]')}, min(event_timestamp), "
        "min(retention_until) FROM audit_logs GROUP BY regulation"
    ),
}
