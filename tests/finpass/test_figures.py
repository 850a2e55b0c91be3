"""Every figure of FinPass gives the rows, in the order, of a statement written by hand."""

import pytest

from db import read, registry
from db.errors import Usage
from db.model import Figure, Kind
from db.session import Session
from tests.finpass.plain import meant, rows

WINDOW = "created_at >= AGO('30 days') AND created_at <= NOW()"
USABLE = "sum(CASE WHEN status = 'VALID' AND (expires_at IS NULL OR expires_at > NOW()) THEN 1 ELSE 0 END)"
SOON = (
    "sum(CASE WHEN status = 'VALID' AND expires_at > NOW() AND expires_at <= AHEAD('{}') THEN 1 ELSE 0 END)"
)
CREDENTIALS = f"""
    count(*), {USABLE}, sum(CASE WHEN status = 'SUSPENDED' THEN 1 ELSE 0 END),
    sum(CASE WHEN status = 'REVOKED' THEN 1 ELSE 0 END), sum(CASE WHEN expires_at <= NOW() THEN 1 ELSE 0 END),
    {SOON.format("30 days")}
"""
VERIFIED = "sum(CASE WHEN kyc_verified IS TRUE THEN 1 ELSE 0 END)"
FATES = ", ".join(
    f"sum(CASE WHEN status = '{status}' THEN 1 ELSE 0 END)"
    for status in ("PENDING", "AUTHORIZED", "CAPTURED", "FAILED", "REFUNDED", "CANCELLED")
)


def payments_by(column: str) -> str:
    return f"""
        SELECT {column}, count(*), {FATES},
               round(100.0 * sum(CASE WHEN status = 'FAILED' THEN 1 ELSE 0 END) / count(*), 1)
        FROM payments WHERE created_at >= AGO('30 days') GROUP BY {column} ORDER BY count(*) DESC, {column}
    """


def events_by(column: str) -> str:
    return f"""
        SELECT {column}, count(*), sum(CASE WHEN outcome <> 'SUCCESS' THEN 1 ELSE 0 END),
               sum(CASE WHEN severity = 'CRITICAL' THEN 1 ELSE 0 END), max(created_at)
        FROM audit_events WHERE created_at >= AGO('7 days') GROUP BY {column} ORDER BY count(*) DESC, {column}
    """


ALERTS = """
    SELECT 'critical' AS rule, user_id_hash, created_at FROM audit_events
    WHERE severity = 'CRITICAL' AND created_at >= AGO('24 hours')
    UNION ALL
    SELECT 'failed authentications', a.user_id_hash, a.created_at FROM audit_events a
    WHERE a.created_at >= AGO('24 hours') AND a.event_type = 'AUTHENTICATION_FAILED' AND 5 <= (
        SELECT count(*) FROM audit_events b
        WHERE b.user_id_hash = a.user_id_hash AND b.event_type = 'AUTHENTICATION_FAILED'
          AND b.created_at <= a.created_at AND b.created_at >= EARLIER(a.created_at, '15 minutes'))
    UNION ALL
    SELECT 'several addresses', a.user_id_hash, a.created_at FROM audit_events a
    WHERE a.created_at >= AGO('24 hours') AND 3 <= (
        SELECT count(DISTINCT b.ip_address) FROM audit_events b
        WHERE b.user_id_hash = a.user_id_hash AND b.created_at <= a.created_at
          AND b.created_at >= EARLIER(a.created_at, '60 minutes'))
      AND a.ip_address <> (
        SELECT b.ip_address FROM audit_events b
        WHERE b.user_id_hash = a.user_id_hash AND b.ip_address IS NOT NULL AND b.created_at < a.created_at
        ORDER BY b.created_at DESC LIMIT 1)
"""

EXPECTED: dict[str, str] = {
    "users/statistics": f"""
        SELECT count(*), sum(CASE WHEN status = 'ACTIVE' THEN 1 ELSE 0 END),
               sum(CASE WHEN status = 'SUSPENDED' THEN 1 ELSE 0 END),
               sum(CASE WHEN status = 'TERMINATED' THEN 1 ELSE 0 END), {VERIFIED},
               round(100.0 * {VERIFIED} / count(*), 1),
               sum(CASE WHEN created_at >= AGO('30 days') THEN 1 ELSE 0 END),
               sum(CASE WHEN last_seen >= AGO('30 days') THEN 1 ELSE 0 END),
               sum(CASE WHEN last_seen < AGO('90 days') THEN 1 ELSE 0 END),
               sum(CASE WHEN last_seen IS NULL THEN 1 ELSE 0 END)
        FROM users
    """,
    "users/by-status": f"""
        SELECT status, count(*), {VERIFIED}, round(100.0 * {VERIFIED} / count(*), 1), max(last_seen)
        FROM users GROUP BY status ORDER BY count(*) DESC, status
    """,
    "users/verified-by-day": """
        SELECT DAY(kyc_verified_at), count(*) FROM users
        WHERE kyc_verified IS TRUE AND kyc_verified_at >= AGO('30 days') GROUP BY 1 ORDER BY 1
    """,
    "users/registered-by-day": f"""
        SELECT DAY(created_at), count(*), {VERIFIED} FROM users WHERE created_at >= AGO('30 days')
        GROUP BY 1 ORDER BY 1
    """,
    "credentials/statistics": f"""
        SELECT {CREDENTIALS}, {SOON.format("7 days")}, sum(CASE WHEN expires_at IS NULL THEN 1 ELSE 0 END),
               sum(CASE WHEN issued_at >= AGO('30 days') THEN 1 ELSE 0 END),
               sum(CASE WHEN revoked_at >= AGO('30 days') THEN 1 ELSE 0 END), count(DISTINCT user_id)
        FROM credentials
    """,
    "credentials/by-status": """
        SELECT status, count(*), min(issued_at), max(issued_at) FROM credentials
        GROUP BY status ORDER BY count(*) DESC, status
    """,
    "credentials/by-type": f"""
        SELECT credential_type, {CREDENTIALS} FROM credentials
        GROUP BY credential_type ORDER BY count(*) DESC, credential_type
    """,
    "credentials/by-issuer": f"""
        SELECT issuer_id, {CREDENTIALS} FROM credentials GROUP BY issuer_id ORDER BY count(*) DESC, issuer_id
    """,
    "credentials/revocations-by-reason": """
        SELECT revocation_reason, count(*), max(revoked_at) FROM credentials
        WHERE status = 'REVOKED' AND revoked_at >= AGO('30 days')
        GROUP BY revocation_reason ORDER BY count(*) DESC, revocation_reason
    """,
    "credentials/expiries-by-month": """
        SELECT substr(DAY(expires_at), 1, 7), count(*) FROM credentials
        WHERE status = 'VALID' AND expires_at > NOW() AND expires_at <= AHEAD('365 days')
        GROUP BY 1 ORDER BY 1
    """,
    "credentials/issued-by-day": """
        SELECT DAY(issued_at), count(*) FROM credentials WHERE issued_at >= AGO('30 days') GROUP BY 1 ORDER BY 1
    """,
    "credential_status/by-status": """
        SELECT status, count(*), max(updated_at) FROM credential_status
        GROUP BY status ORDER BY count(*) DESC, status
    """,
    "payments/analytics": f"""
        SELECT currency, status, count(*), sum(amount), sum(fee_amount), sum(tax_amount), AVERAGE(amount), max(amount)
        FROM payments WHERE {WINDOW} GROUP BY currency, status ORDER BY currency, status
    """,
    "payments/captured-total": """
        SELECT currency, count(*), sum(amount), sum(fee_amount), sum(tax_amount) FROM payments
        WHERE status = 'CAPTURED' GROUP BY currency ORDER BY currency
    """,
    "payments/by-day": f"""
        SELECT DAY(created_at), currency, count(*), sum(amount),
               sum(CASE WHEN status = 'CAPTURED' THEN 1 ELSE 0 END),
               sum(CASE WHEN status = 'FAILED' THEN 1 ELSE 0 END)
        FROM payments WHERE {WINDOW} GROUP BY 1, 2 ORDER BY 1, 2
    """,
    "payments/by-status": """
        SELECT status, currency, count(*), sum(amount), min(created_at) FROM payments
        WHERE created_at >= AGO('30 days') GROUP BY status, currency ORDER BY status, currency
    """,
    "payments/by-type": payments_by("payment_type"),
    "payments/by-method": payments_by("payment_method"),
    "payments/by-currency": payments_by("currency"),
    "payments/failures-by-reason": """
        SELECT failure_reason, count(*), max(failed_at) FROM payments
        WHERE status = 'FAILED' AND created_at >= AGO('30 days')
        GROUP BY failure_reason ORDER BY count(*) DESC, failure_reason
    """,
    "payments/attention-by-reason": """
        SELECT reason, count(*), min(created_at) FROM (
            SELECT 'pending for more than 24 hours' AS reason, created_at FROM payments
            WHERE status = 'PENDING' AND created_at < AGO('24 hours')
            UNION ALL
            SELECT 'authorized more than 7 days ago', created_at FROM payments
            WHERE status = 'AUTHORIZED' AND coalesce(authorized_at, created_at) < AGO('7 days')
            UNION ALL
            SELECT 'failed within 24 hours', created_at FROM payments
            WHERE status = 'FAILED' AND coalesce(failed_at, updated_at) >= AGO('24 hours')
            UNION ALL
            SELECT 'high value without a KYC token', created_at FROM payments
            WHERE amount >= MONEY(10000.00) AND coalesce(kyc_decision_token, '') = ''
        ) AS reasons GROUP BY reason ORDER BY count(*) DESC, reason
    """,
    "payments/top-payers": """
        SELECT payer_did, currency, count(*), sum(amount) FROM payments
        WHERE status = 'CAPTURED' AND created_at >= AGO('30 days')
        GROUP BY payer_did, currency ORDER BY sum(amount) DESC, payer_did, currency LIMIT 20
    """,
    "audit_events/compliance-report": f"""
        SELECT event_type, count(*), count(DISTINCT user_id_hash),
               sum(CASE WHEN outcome = 'SUCCESS' THEN 1 ELSE 0 END),
               sum(CASE WHEN outcome <> 'SUCCESS' THEN 1 ELSE 0 END),
               sum(CASE WHEN severity = 'CRITICAL' THEN 1 ELSE 0 END), count(compliance_flags),
               min(created_at), max(created_at)
        FROM audit_events WHERE {WINDOW} GROUP BY event_type ORDER BY event_type
    """,
    "audit_events/by-flag": f"""
        SELECT compliance_flags, count(*), count(DISTINCT user_id_hash), max(created_at) FROM audit_events
        WHERE {WINDOW} AND compliance_flags IS NOT NULL
        GROUP BY compliance_flags ORDER BY count(*) DESC, compliance_flags
    """,
    "audit_events/by-type": events_by("event_type"),
    "audit_events/by-severity": events_by("severity"),
    "audit_events/by-actor": events_by("performed_by"),
    "audit_events/by-source": events_by("source_system"),
    "audit_events/by-error": events_by("error_code"),
    "audit_events/by-day": f"""
        SELECT DAY(created_at), count(*), sum(CASE WHEN outcome <> 'SUCCESS' THEN 1 ELSE 0 END),
               sum(CASE WHEN severity = 'CRITICAL' THEN 1 ELSE 0 END)
        FROM audit_events WHERE {WINDOW} GROUP BY 1 ORDER BY 1
    """,
    "audit_events/suspicious-users": f"""
        SELECT rule, user_id_hash, count(*), min(created_at), max(created_at) FROM ({ALERTS}) AS alerts
        GROUP BY rule, user_id_hash ORDER BY max(created_at) DESC, rule, user_id_hash
    """,
    "audit_events/failed-by-address": """
        SELECT ip_address, count(*), count(DISTINCT user_id_hash), max(created_at) FROM audit_events
        WHERE event_type = 'AUTHENTICATION_FAILED' AND created_at >= AGO('7 days')
        GROUP BY ip_address ORDER BY count(*) DESC, ip_address LIMIT 20
    """,
    "audit_events/durations": """
        SELECT event_type, count(*), round(avg(duration_ms), 2), max(duration_ms) FROM audit_events
        WHERE created_at >= AGO('7 days') AND duration_ms IS NOT NULL
        GROUP BY event_type ORDER BY max(duration_ms) DESC, event_type
    """,
    "audit_events/retention": """
        SELECT retention_days, count(*), min(created_at), sum(CASE
            WHEN retention_days IS NOT NULL AND created_at < DAYS_AGO(retention_days) THEN 1
            WHEN retention_days IS NULL AND created_at < AGO('2557 days') THEN 1 ELSE 0 END)
        FROM audit_events GROUP BY retention_days ORDER BY retention_days
    """,
}
"""By path: the whole statement, with the parameters' defaults."""

SYSTEM = registry.system("finpass")
NAMED = {
    "users": "statistics",
    "credentials": "statistics",
    "payments": "analytics captured-total",
    "audit_events": "compliance-report",
}
"""What the document names among its queries."""


def test_every_figure_is_compared() -> None:
    assert set(EXPECTED) == {f"{e.name}/{figure.name}" for e in SYSTEM.entities for figure in e.figures}
    assert {f"{name}/{figure}" for name, figures in NAMED.items() for figure in figures.split()} <= set(
        EXPECTED
    )


@pytest.mark.parametrize("path", EXPECTED)
def test_a_figure_gives_what_was_meant(seeded: Session, path: str) -> None:
    entity, figure = registry.resolve(seeded.system, path)
    assert isinstance(figure, Figure)
    page = read.figure(seeded, entity, figure)
    expected = [meant(seeded.server.dialect, page.columns, row) for row in rows(seeded, EXPECTED[path])]
    assert [row.values for row in page.rows] == expected
    assert expected, "the invented rows hold none"


def test_money_stands_beside_its_currency() -> None:
    for entity in SYSTEM.entities:
        for figure in entity.figures:
            for column in figure.columns:
                if column.kind is Kind.MONEY:
                    assert column.currency in {c.name for c in figure.columns}, (figure.name, column.name)


def test_a_range_of_dates_is_a_parameter(seeded: Session) -> None:
    entity = seeded.entity("payments")
    figure = entity.figure("analytics")
    assert figure is not None
    page = read.figure(seeded, entity, figure, {"from": "-400d", "to": "-90d"})
    counted = sum(row.values[2] for row in page.rows)
    query = (
        "SELECT count(*) FROM payments WHERE created_at >= AGO('400 days') AND created_at <= AGO('90 days')"
    )
    assert [(counted,)] == rows(seeded, query)
    with pytest.raises(Usage, match="no parameter until"):
        read.figure(seeded, entity, figure, {"until": "-90d"})
