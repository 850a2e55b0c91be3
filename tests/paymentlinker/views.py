"""What each view must show, written by hand: ``entity/view`` → condition and order."""

WAITING = "deleted_at IS NULL AND reviewed_at IS NULL AND decision IN ('review', 'manual_review', 'refer')"
NEEDS_TWO = (
    "(requested_limit >= #50000.00# OR risk_score >= 800 OR requested_limit IS NULL OR risk_score IS NULL)"
)
LIVE = "deleted_at IS NULL"
NEWEST = "created_at DESC"

FLEET = "deleted_at IS NULL AND (status IS NULL OR status <> 'decommissioned')"
FINDINGS = {
    "compromised": "compromised = TRUE",
    "lost": "last_heartbeat < [-30 minutes]",
    "hot": "temperature_celsius > #45#",
    "failing": "total_tasks_processed >= 20 AND failed_tasks * 5.0 > total_tasks_processed",
    "low-battery": "battery_level < #15#",
    "weak-signal": "signal_strength < -110",
    "stale": "last_heartbeat < [-5 minutes]",
    "scan-overdue": "last_security_scan < [-30 days]",
    "maintenance-overdue": "next_maintenance_due < [now]",
}
WRONG = " OR ".join(f"coalesce({rule}, FALSE)" for rule in FINDINGS.values())
BEAT = "last_heartbeat DESC"

ACTIVE_TENANT = "deleted_at IS NULL AND is_active = TRUE"
USE = {
    "max_applications_per_month": (
        "(SELECT count(*) FROM applications a WHERE a.tenant_id = tenants.id AND a.created_at >= [month])"
    ),
    "max_devices": (
        "(SELECT count(*) FROM devices d WHERE d.tenant_id = tenants.id AND d.deleted_at IS NULL "
        "AND coalesce(d.status, '') <> 'decommissioned')"
    ),
    "max_users": "(SELECT count(*) FROM users u WHERE u.tenant_id = tenants.id AND u.deleted_at IS NULL)",
}
NEAR = " OR ".join(f"{used} >= 0.8 * {most}" for most, used in USE.items())
OVER = " OR ".join(f"{used} > {most}" for most, used in USE.items())

ACTIVE_USER = "deleted_at IS NULL AND is_active = TRUE"
NO_MFA = "(mfa_enabled IS NULL OR mfa_enabled = FALSE)"

LATEST = "event_timestamp DESC"

VIEWS = {
    "applications/all": ("1 = 1", NEWEST),
    "applications/review": (WAITING, "risk_score DESC"),
    "applications/review-by-age": (WAITING, "created_at"),
    "applications/two-people": (f"{WAITING} AND {NEEDS_TWO}", "created_at"),
    "applications/created": (f"{LIVE} AND status = 'created'", NEWEST),
    "applications/processing": (f"{LIVE} AND status = 'processing'", NEWEST),
    "applications/stuck": (
        f"{LIVE} AND status IN ('created', 'processing') AND decision IS NULL AND created_at < [-1 hour]",
        "created_at",
    ),
    "applications/approved": (f"{LIVE} AND status = 'approved'", NEWEST),
    "applications/declined": (f"{LIVE} AND status = 'declined'", NEWEST),
    "applications/withdrawn": (f"{LIVE} AND status = 'withdrawn'", NEWEST),
    "applications/reviewed": (f"{LIVE} AND reviewed_at IS NOT NULL", "reviewed_at DESC"),
    "applications/high-risk": (f"{LIVE} AND risk_score >= 800", "risk_score DESC"),
    "applications/large": (f"{LIVE} AND requested_limit >= #50000.00#", "requested_limit DESC"),
    "applications/suspected-fraud": (f"{LIVE} AND fraud_probability >= #50#", "fraud_probability DESC"),
    "applications/identity-mismatch": (f"{LIVE} AND identity_match < #70#", "identity_match"),
    "applications/low-confidence": (
        f"{LIVE} AND reviewed_at IS NULL AND decision IN ('approved', 'declined') AND confidence < #60#",
        "confidence",
    ),
    "applications/slow": (f"{LIVE} AND processing_time_ms > 5000", "processing_time_ms DESC"),
    "applications/recent": (f"{LIVE} AND created_at > [-24 hours]", NEWEST),
    "applications/deleted": ("deleted_at IS NOT NULL", "deleted_at DESC"),
    "devices/all": ("1 = 1", BEAT),
    "devices/needs-attention": (f"{FLEET} AND ({WRONG})", "last_heartbeat"),
    "devices/compromised": (f"{FLEET} AND {FINDINGS['compromised']}", BEAT),
    "devices/lost": (f"{FLEET} AND {FINDINGS['lost']}", "last_heartbeat"),
    "devices/hot": (f"{FLEET} AND {FINDINGS['hot']}", "temperature_celsius DESC"),
    "devices/failing": (f"{FLEET} AND {FINDINGS['failing']}", "failed_tasks DESC"),
    "devices/low-battery": (f"{FLEET} AND {FINDINGS['low-battery']}", "battery_level"),
    "devices/weak-signal": (f"{FLEET} AND {FINDINGS['weak-signal']}", "signal_strength"),
    "devices/stale": (f"{FLEET} AND {FINDINGS['stale']}", "last_heartbeat"),
    "devices/scan-overdue": (f"{FLEET} AND {FINDINGS['scan-overdue']}", "last_security_scan"),
    "devices/maintenance-overdue": (f"{FLEET} AND {FINDINGS['maintenance-overdue']}", "next_maintenance_due"),
    "devices/well": (f"{FLEET} AND NOT ({WRONG})", BEAT),
    "devices/online": (f"{LIVE} AND status = 'online'", BEAT),
    "devices/busy": (f"{LIVE} AND status = 'busy'", BEAT),
    "devices/offline": (f"{LIVE} AND status = 'offline'", BEAT),
    "devices/maintenance": (f"{LIVE} AND status = 'maintenance'", BEAT),
    "devices/error": (f"{LIVE} AND status = 'error'", BEAT),
    "devices/quarantined": (f"{LIVE} AND status = 'quarantined'", BEAT),
    "devices/decommissioned": (f"{LIVE} AND status = 'decommissioned'", "decommissioned_at DESC"),
    "devices/never-reported": (f"{FLEET} AND last_heartbeat IS NULL", "created_at"),
    "devices/never-scanned": (f"{FLEET} AND last_security_scan IS NULL", "created_at"),
    "devices/idle": (f"{FLEET} AND current_task IS NULL AND last_task_at < [-1 day]", "last_task_at"),
    "devices/maintenance-due": (
        f"{FLEET} AND next_maintenance_due >= [now] AND next_maintenance_due <= [+7 days]",
        "next_maintenance_due",
    ),
    "devices/deleted": ("deleted_at IS NOT NULL", "deleted_at DESC"),
    "users/all": ("1 = 1", "email"),
    "users/active": (ACTIVE_USER, "email"),
    "users/deactivated": (f"{LIVE} AND is_active = FALSE", "email"),
    "users/locked": (f"{LIVE} AND locked_until > [now]", "locked_until DESC"),
    "users/failed-logins": (f"{LIVE} AND failed_login_attempts > 0", "failed_login_attempts DESC"),
    "users/without-mfa": (f"{ACTIVE_USER} AND {NO_MFA}", "email"),
    "users/privileged": (f"{ACTIVE_USER} AND role <> 'user'", "role"),
    "users/privileged-without-mfa": (f"{ACTIVE_USER} AND role <> 'user' AND {NO_MFA}", "role"),
    "users/unverified": (f"{ACTIVE_USER} AND coalesce(is_verified, FALSE) = FALSE", "created_at"),
    "users/never-signed-in": (f"{ACTIVE_USER} AND last_login_at IS NULL", "created_at"),
    "users/dormant": (f"{ACTIVE_USER} AND last_login_at < [-90 days]", "last_login_at"),
    "users/recent": (f"{LIVE} AND created_at > [-30 days]", NEWEST),
    "users/deleted": ("deleted_at IS NOT NULL", "deleted_at DESC"),
    "tenants/all": ("1 = 1", "slug"),
    "tenants/active": (ACTIVE_TENANT, "slug"),
    "tenants/inactive": (f"{LIVE} AND coalesce(is_active, FALSE) = FALSE", "slug"),
    "tenants/quotas": (ACTIVE_TENANT, "slug"),
    "tenants/near-quota": (f"{ACTIVE_TENANT} AND ({NEAR})", "slug"),
    "tenants/over-quota": (f"{ACTIVE_TENANT} AND ({OVER})", "slug"),
    "tenants/recent": (f"{LIVE} AND created_at > [-30 days]", NEWEST),
    "tenants/deleted": ("deleted_at IS NOT NULL", "deleted_at DESC"),
    "audit_logs/all": ("1 = 1", LATEST),
    "audit_logs/reviews": ("event_category = 'REVIEW'", LATEST),
    "audit_logs/fleet": ("event_category = 'FLEET'", LATEST),
    "audit_logs/access": ("event_category = 'ACCESS'", LATEST),
    "audit_logs/privacy": ("event_category = 'PRIVACY'", LATEST),
    "audit_logs/decisions": ("decision IS NOT NULL", LATEST),
    "audit_logs/high-risk": ("risk_score >= 800", LATEST),
    "audit_logs/console": ("service_name = 'quaestor'", LATEST),
    "audit_logs/pending-verification": ("status = 'pending' AND audit_required = TRUE", "event_timestamp"),
    "audit_logs/failed-verification": ("status = 'failed'", LATEST),
    "audit_logs/unsigned": ("audit_required = TRUE AND signature IS NULL", LATEST),
    "audit_logs/on-chain": ("blockchain_tx_hash IS NOT NULL", LATEST),
    "audit_logs/gdpr": ("regulation = 'GDPR'", LATEST),
    "audit_logs/fcra": ("regulation = 'FCRA'", LATEST),
    "audit_logs/expired": (
        "event_timestamp < [-7 years] AND retention_until < [now]",
        "event_timestamp",
    ),
    "audit_logs/retention-unset": (
        "(regulation = 'GDPR' OR regulation = 'FCRA') AND retention_until IS NULL",
        "event_timestamp",
    ),
    "audit_logs/ended-early": (
        "retention_until < [now] AND ((regulation = 'GDPR' AND event_timestamp > [-7 years])"
        " OR (regulation = 'FCRA' AND event_timestamp > [-10 years]))",
        "event_timestamp",
    ),
    "audit_logs/recent": ("event_timestamp > [-24 hours]", LATEST),
    "audit_logs/deleted": ("deleted_at IS NOT NULL", LATEST),
}

UNSEEDED = ("audit_logs/console",)
"""What only the console itself writes: an invented row would be a change without an entry in the ledger."""


def by_hand(path: str) -> str:
    """The ids that a view must show, in its order."""
    where, order = VIEWS[path]
    down = " DESC" if order.endswith(" DESC") else ""
    return f"SELECT id FROM {path.partition('/')[0]} WHERE {where} ORDER BY {order}, id{down}"
