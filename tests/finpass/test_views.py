"""Every view of FinPass gives the rows, in the order, of a query written by hand."""

from dataclasses import replace
from hashlib import sha256

import pytest

from db import read, registry
from db.finpass.seed.chance import did
from db.finpass.seed.patterns import PLANNED
from db.model import Query
from db.session import Session
from tests.finpass.plain import rows

ATTENTION = """
    (status = 'PENDING' AND created_at < AGO('24 hours'))
    OR (status = 'AUTHORIZED' AND coalesce(authorized_at, created_at) < AGO('7 days'))
    OR (status = 'FAILED' AND coalesce(failed_at, updated_at) >= AGO('24 hours'))
    OR (amount >= MONEY(10000.00) AND (kyc_decision_token IS NULL OR kyc_decision_token = ''))
"""
ATTENTION_REASONS = (
    "pending for more than 24 hours",
    "authorized more than 7 days ago",
    "failed within 24 hours",
    "high value without a KYC token",
)
SUSPICIOUS = """
    created_at >= AGO('24 hours') AND (
        severity = 'CRITICAL'
        OR (event_type = 'AUTHENTICATION_FAILED' AND 5 <= (
            SELECT count(*) FROM audit_events b
            WHERE b.user_id_hash = audit_events.user_id_hash AND b.event_type = 'AUTHENTICATION_FAILED'
              AND b.created_at <= audit_events.created_at
              AND b.created_at >= EARLIER(audit_events.created_at, '15 minutes')))
        OR (ip_address <> (
            SELECT b.ip_address FROM audit_events b
            WHERE b.user_id_hash = audit_events.user_id_hash AND b.ip_address IS NOT NULL
              AND (b.created_at < audit_events.created_at
                   OR (b.created_at = audit_events.created_at AND b.id < audit_events.id))
            ORDER BY b.created_at DESC, b.id DESC LIMIT 1)
            AND 3 <= (
            SELECT count(DISTINCT b.ip_address) FROM audit_events b
            WHERE b.user_id_hash = audit_events.user_id_hash AND b.created_at <= audit_events.created_at
              AND b.created_at >= EARLIER(audit_events.created_at, '60 minutes'))))
"""
RENEWAL = """
    status = 'VALID' AND expires_at >= AGO('30 days') AND expires_at <= AHEAD('30 days')
    AND user_id IN (SELECT id FROM users WHERE status = 'ACTIVE')
    AND (SELECT count(*) FROM credentials n
         WHERE n.user_id = credentials.user_id AND n.issuer_id = credentials.issuer_id
           AND n.credential_type = credentials.credential_type AND n.status = 'VALID' AND n.id <> credentials.id
           AND (n.expires_at > credentials.expires_at OR n.expires_at IS NULL)) = 0
"""
UNEXPIRED = "(expires_at IS NULL OR expires_at > NOW())"

EXPECTED: dict[str, tuple[str, str]] = {
    "users/all": ("1 = 1", "did"),
    "users/recent": ("1 = 1", "created_at DESC"),
    "users/kyc-pending": ("status = 'ACTIVE' AND kyc_verified IS FALSE", "created_at"),
    "users/kyc-verified": ("kyc_verified IS TRUE", "kyc_verified_at DESC"),
    "users/verified-after": (
        "kyc_verified IS TRUE AND kyc_verified_at >= AGO('30 days')",
        "kyc_verified_at DESC",
    ),
    "users/kyc-ageing": (
        "status = 'ACTIVE' AND kyc_verified IS TRUE AND kyc_verified_at < AGO('365 days')",
        "kyc_verified_at",
    ),
    "users/active": ("status = 'ACTIVE'", "did"),
    "users/suspended": ("status = 'SUSPENDED'", "updated_at DESC"),
    "users/terminated": ("status = 'TERMINATED'", "updated_at DESC"),
    "users/to-erase": (
        "status = 'TERMINATED' AND NOT (email IS NULL AND phone IS NULL AND metadata IS NULL)",
        "updated_at",
    ),
    "users/inactive-since": ("last_seen < AGO('90 days')", "last_seen"),
    "users/never-seen": ("last_seen IS NULL", "created_at"),
    "users/seen-today": ("last_seen >= AGO('24 hours')", "last_seen DESC"),
    "credentials/all": ("1 = 1", ""),
    "credentials/recent": ("1 = 1", "issued_at DESC"),
    "credentials/valid": (f"status = 'VALID' AND {UNEXPIRED}", "expires_at DESC"),
    "credentials/expiring": (
        "status = 'VALID' AND expires_at > NOW() AND expires_at <= AHEAD('30 days')",
        "expires_at",
    ),
    "credentials/expiring-7d": (
        "status = 'VALID' AND expires_at > NOW() AND expires_at <= AHEAD('7 days')",
        "expires_at",
    ),
    "credentials/needing-renewal": (RENEWAL, "expires_at"),
    "credentials/expired": ("expires_at <= NOW()", "expires_at DESC"),
    "credentials/never-expiring": ("expires_at IS NULL AND status <> 'REVOKED'", "issued_at DESC"),
    "credentials/suspended": ("status = 'SUSPENDED'", "issued_at DESC"),
    "credentials/revoked": ("status = 'REVOKED'", "revoked_at DESC"),
    "credentials/revoked-recently": (
        "status = 'REVOKED' AND revoked_at >= AGO('30 days')",
        "revoked_at DESC",
    ),
    "credentials/revoked-without-handle": (
        "status = 'REVOKED' AND revocation_handle IS NULL",
        "revoked_at DESC",
    ),
    "credentials/holder-inactive": (
        f"status = 'VALID' AND {UNEXPIRED}"
        " AND user_id IN (SELECT id FROM users WHERE status IN ('SUSPENDED', 'TERMINATED'))",
        "expires_at",
    ),
    "credentials/status-list": ("revocation_handle IS NOT NULL", "revocation_handle"),
    "credential_status/all": ("1 = 1", ""),
    "credential_status/recent": ("1 = 1", "updated_at DESC"),
    "credential_status/valid": ("status = 'VALID'", ""),
    "credential_status/suspended": ("status = 'SUSPENDED'", "updated_at DESC"),
    "credential_status/revoked": ("status = 'REVOKED'", "updated_at DESC"),
    "payments/all": ("1 = 1", "created_at DESC"),
    "payments/needing-attention": (ATTENTION, "created_at"),
    "payments/stale-pending": ("status = 'PENDING' AND created_at < AGO('1 days')", "created_at"),
    "payments/stale-authorized": (
        "status = 'AUTHORIZED' AND coalesce(authorized_at, created_at) < AGO('168 hours')",
        "created_at",
    ),
    "payments/failed-recently": (
        "status = 'FAILED' AND coalesce(failed_at, updated_at) >= AGO('1 days')",
        "created_at DESC",
    ),
    "payments/high-value": ("amount >= MONEY(10000.00)", "created_at DESC"),
    "payments/high-value-without-kyc": (
        "amount >= MONEY(10000.00) AND coalesce(kyc_decision_token, '') = ''",
        "created_at DESC",
    ),
    "payments/pending": ("status = 'PENDING'", "created_at"),
    "payments/authorized": ("status = 'AUTHORIZED'", "created_at"),
    "payments/captured": ("status = 'CAPTURED'", "created_at DESC"),
    "payments/failed": ("status = 'FAILED'", "created_at DESC"),
    "payments/refunded": ("status = 'REFUNDED'", "created_at DESC"),
    "payments/cancelled": ("status = 'CANCELLED'", "created_at DESC"),
    "payments/one-time": ("payment_type = 'ONE_TIME'", "created_at DESC"),
    "payments/recurring": ("payment_type = 'RECURRING'", "created_at DESC"),
    "payments/subscription": ("payment_type = 'SUBSCRIPTION'", "created_at DESC"),
    "payments/payer-inactive": (
        "status IN ('PENDING', 'AUTHORIZED')"
        " AND payer_did IN (SELECT did FROM users WHERE status IN ('SUSPENDED', 'TERMINATED'))",
        "created_at",
    ),
    "payments/payer-unknown": ("payer_did NOT IN (SELECT did FROM users)", "created_at DESC"),
    "audit_events/all": ("1 = 1", "created_at DESC"),
    "audit_events/suspicious": (SUSPICIOUS, "created_at DESC"),
    "audit_events/failed-authentications": ("event_type = 'AUTHENTICATION_FAILED'", "created_at DESC"),
    "audit_events/critical": ("severity = 'CRITICAL'", "created_at DESC"),
    "audit_events/errors": ("severity = 'ERROR'", "created_at DESC"),
    "audit_events/warnings": ("severity = 'WARNING'", "created_at DESC"),
    "audit_events/failures": ("outcome <> 'SUCCESS'", "created_at DESC"),
    "audit_events/timeline": ("user_id_hash IS NOT NULL", "created_at DESC"),
    "audit_events/access": (
        "event_type IN ('USER_LOGIN', 'USER_LOGOUT', 'AUTHENTICATION_FAILED')",
        "created_at DESC",
    ),
    "audit_events/revocations": (
        "event_type IN ('CREDENTIAL_REVOKED', 'CREDENTIAL_SUSPENDED', 'CREDENTIAL_REINSTATED')",
        "created_at DESC",
    ),
    "audit_events/on-users": ("resource_type = 'USER'", "created_at DESC"),
    "audit_events/on-credentials": ("resource_type = 'CREDENTIAL'", "created_at DESC"),
    "audit_events/on-payments": ("resource_type = 'PAYMENT'", "created_at DESC"),
    "audit_events/by-staff": ("performed_by IS NOT NULL", "created_at DESC"),
    "audit_events/flagged": ("compliance_flags IS NOT NULL", "created_at DESC"),
    "audit_events/slow": ("duration_ms >= 5000", "created_at DESC"),
    "audit_events/old-events": (
        "(retention_days IS NOT NULL AND created_at < DAYS_AGO(retention_days))"
        " OR (retention_days IS NULL AND created_at < AGO('2557 days'))",
        "created_at",
    ),
}
"""By path: the condition, and the order before the key; the key goes in the same direction."""

SYSTEM = registry.system("finpass")
NAMED = {
    "users": "verified-after inactive-since",
    "credentials": "expired expiring expiring-7d needing-renewal",
    "payments": "needing-attention high-value",
    "audit_events": "suspicious old-events timeline",
}
"""What the document names among its queries."""


def test_every_view_is_compared() -> None:
    assert set(EXPECTED) == {
        f"{entity.name}/{view.name}" for entity in SYSTEM.entities for view in entity.views
    }
    assert {f"{name}/{view}" for name, views in NAMED.items() for view in views.split()} <= set(EXPECTED)


@pytest.mark.parametrize("path", EXPECTED)
def test_a_view_gives_what_was_meant(seeded: Session, path: str) -> None:
    name, _, view_name = path.partition("/")
    entity = seeded.entity(name)
    view = entity.view(view_name)
    assert view is not None
    where, order = EXPECTED[path]
    key = entity.key[0] + (" DESC" if order.endswith("DESC") else "")
    query = (
        f"SELECT {entity.key[0]} FROM {name} WHERE {where} ORDER BY {', '.join(filter(None, (order, key)))}"
    )
    expected = [key for (key,) in rows(seeded, query)]
    found = [row.id for page in read.stream(seeded, Query(entity, view), size=200) for row in page.rows]
    assert found == expected
    assert expected, "the invented rows hold none"


def test_attacks_are_suspicious_and_what_comes_close_is_not(seeded: Session) -> None:
    entity = seeded.entity("audit_events")
    view = entity.view("suspicious")
    assert view is not None
    page = read.page(seeded, Query(entity, view, columns=("user_id_hash",)), limit=1000)
    found = {row.values[0] for row in page.rows}
    numbers = {number for number in PLANNED if sha256(did(7, number).encode()).hexdigest() in found}
    # a burst, three addresses, a third address after two, an alert; those that began a day ago reach into it
    assert numbers == {2, 11, 20, 23, 32, 35}


def test_a_setting_moves_the_threshold(seeded: Session) -> None:
    entity = seeded.entity("payments")
    view = entity.view("high-value")
    assert view is not None
    lower = replace(seeded, settings={"high_value": "500.00"})
    expected = rows(seeded, "SELECT count(*) FROM payments WHERE amount >= MONEY(500.00)")
    assert [(read.count(lower, Query(entity, view)).value,)] == expected


def test_the_queue_says_why(seeded: Session) -> None:
    entity = seeded.entity("payments")
    view = entity.view("needing-attention")
    assert view is not None
    page = read.page(seeded, Query(entity, view, columns=("attention",)), limit=1000)
    assert {row.values[0] for row in page.rows} == set(ATTENTION_REASONS)
    calm = entity.view("captured")
    assert calm is not None
    few = read.page(seeded, Query(entity, calm, columns=("attention",)), limit=1000)
    assert {row.values[0] for row in few.rows} <= {None, ATTENTION_REASONS[3]}


def test_the_token_is_masked_and_its_presence_told(seeded: Session) -> None:
    entity = seeded.entity("payments")
    (key, has_token), *_ = rows(
        seeded, "SELECT id, kyc_decision_token FROM payments WHERE kyc_decision_token IS NOT NULL LIMIT 1"
    )
    record = read.record(seeded, entity, key)
    assert record.value("has_kyc_token") is True
    assert record.value("kyc_decision_token") not in (has_token, None)
