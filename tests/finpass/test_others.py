"""A FinPass that others made and filled: no migration of ours, unknown columns and statuses, odd values."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from db import read
from db.engine import connect
from db.errors import Missing
from db.model import Profile, Query, Raw
from db.session import Session
from tests.conftest import Fresh, engines_for

DOCUMENTS = Path(__file__).with_name("documents.sql").read_text()
ENGINES = engines_for("finpass")
USER, ODD, CREDENTIAL = (f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "123")
PAYMENT, EVENT = (f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "45")

PLAIN = f"""
INSERT INTO users (id, did, kyc_verified, status, metadata) VALUES ('{USER}', 'did:x:1', FALSE, 'ON LEAVE', '{{"a": ');
INSERT INTO credentials (id, user_id, issuer_id, credential_type, credential_jwt, status)
    VALUES ('{CREDENTIAL}', '{USER}', '', '', 'no token at all', 'LOST');
INSERT INTO credential_status (credential_id, status) VALUES ('{CREDENTIAL}', 'FOUND');
INSERT INTO payments (id, payer_did, payee_did, amount, currency, status, payment_type, metadata)
    VALUES ('{PAYMENT}', 'did:stranger', 'did:x:1', -5, '???', 'ON_HOLD', 'BARTER', 'NaN');
INSERT INTO audit_events (id, event_type, severity, details, resource_id, retention_days, user_id_hash, ip_address)
    VALUES ('{EVENT}', '', 'FATAL', 'not JSON', 'not a UUID', 2147483647, 'not a digest', 'localhost');
INSERT INTO audit_events (id, event_type, severity) VALUES ('{USER}', 'AUTHENTICATION_FAILED', NULL);
"""
"""What both engines take: NULL wherever it is allowed, statuses that nobody knows."""
POSTGRESQL = f"""
INSERT INTO users (id, did, created_at, last_seen, kyc_verified, kyc_verified_at, updated_at)
    VALUES ('{ODD}', 'did:x:2', 'infinity', '-infinity', TRUE, '0044-03-15 BC', '294276-12-31 23:59:59.999999');
INSERT INTO credentials (user_id, issuer_id, credential_type, credential_jwt, issued_at, expires_at)
    VALUES ('{ODD}', 'i', 't', 'a.b.c', '-infinity', 'infinity');
INSERT INTO payments (id, payer_did, payee_did, amount, created_at, status, authorized_at)
    VALUES ('{ODD}', 'did:x:2', 'did:x:1', 'NaN', 'infinity', 'AUTHORIZED', '-infinity');
INSERT INTO payments (payer_did, payee_did, amount, fee_amount, status)
    VALUES ('did:x:2', 'did:x:1', 9999999999999999.99, 'NaN', 'CAPTURED');
INSERT INTO audit_events (id, event_type, created_at, retention_days, severity, duration_ms, user_id_hash)
    VALUES ('{ODD}', 'AUTHENTICATION_FAILED', 'infinity', -2147483648, 'CRITICAL', 9223372036854775807, 'x'),
           (gen_random_uuid(), 'AUTHENTICATION_FAILED', '-infinity', 0, 'CRITICAL', -1, 'x');
"""
SQLITE = f"""
INSERT INTO users (id, did, created_at, last_seen, kyc_verified, kyc_verified_at, updated_at)
    VALUES ('{ODD}', 'did:x:2', 'yesterday', '0000-00-00 00:00:00', 7, '', 20251103);
INSERT INTO credentials (id, user_id, issuer_id, credential_type, credential_jwt, issued_at, expires_at)
    VALUES ('{ODD}', '{ODD}', 'i', 't', 'a.b.c', '9999-12-31 23:59:59', '2026-13-45 99:99:99');
INSERT INTO payments (id, payer_did, payee_did, amount, created_at, status, authorized_at)
    VALUES ('{ODD}', 'did:x:2', 'did:x:1', 'a lot', 'infinity', 'AUTHORIZED', 'never');
INSERT INTO payments (id, payer_did, payee_did, amount, fee_amount, status)
    VALUES ('{USER}', 'did:x:2', 'did:x:1', 999999999999999999, 0.1, 'CAPTURED');
INSERT INTO audit_events (id, event_type, created_at, retention_days, severity, duration_ms, user_id_hash)
    VALUES ('{ODD}', 'AUTHENTICATION_FAILED', 'now and then', -2147483648, 'CRITICAL', 9223372036854775807, 'x'),
           ('{PAYMENT}', 'AUTHENTICATION_FAILED', '', 'many', 'CRITICAL', 'long', 'x');
"""


def made(url: str, *scripts: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            file.executescript("".join(scripts).replace(" DEFAULT gen_random_uuid()", ""))
    else:
        with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
            connection.execute("".join(scripts).encode())


@pytest.fixture(params=ENGINES)
def opened(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[Session]:
    """The document's database with odd rows."""
    url = fresh(request.param)
    made(url, DOCUMENTS, PLAIN, SQLITE if request.param == "sqlite" else POSTGRESQL)
    session = connect(Profile(name="others", url=url))
    yield session
    session.close()


def test_it_is_recognised(opened: Session) -> None:
    assert opened.system.name == "finpass"


def test_every_view_is_walked_and_every_record_opens(opened: Session) -> None:
    for entity in opened.system.entities:
        for view in entity.views:
            assert read.available(opened, entity, view) is None
            forward = [
                row.id for page in read.stream(opened, Query(entity, view), size=1) for row in page.rows
            ]
            backward = read.page(opened, Query(entity, view), end=True, limit=50)
            assert forward == [row.id for row in backward.rows], (entity.name, view.name)
            for key in forward:
                read.record(opened, entity, key)


def test_every_figure_is_computed(opened: Session) -> None:
    for entity in opened.system.entities:
        for figure in entity.figures:
            assert read.available(opened, entity, figure) is None
            read.figure(opened, entity, figure)


def test_what_nobody_knows_is_shown_as_it_is(opened: Session) -> None:
    assert read.record(opened, opened.entity("users"), USER).value("status") == "ON LEAVE"
    assert read.record(opened, opened.entity("credentials"), CREDENTIAL).value("status") == "LOST"
    assert read.record(opened, opened.entity("credential_status"), CREDENTIAL).value("created_at") is None
    payment = read.record(opened, opened.entity("payments"), PAYMENT)
    assert [payment.value(name) for name in ("status", "payment_type", "metadata")] == [
        "ON_HOLD",
        "BARTER",
        "NaN",
    ]
    assert payment.value("has_kyc_token") is False
    assert isinstance(read.record(opened, opened.entity("users"), ODD).value("created_at"), Raw)


def test_links_lead_on_where_a_value_can_be_a_key(opened: Session) -> None:
    payment = read.record(opened, opened.entity("payments"), PAYMENT)
    links = {link.name: link for link in opened.entity("payments").links}
    payee, payer = (read.follow(opened, payment, links[name]) for name in ("payee", "payer"))
    assert payee
    assert payer
    assert [[row.id for row in read.page(opened, query).rows] for query in (payee, payer)] == [[USER], []]
    event = read.record(opened, opened.entity("audit_events"), EVENT)
    link = next(link for link in opened.entity("audit_events").links if link.name == "payment")
    assert read.follow(opened, event, link) is None


@pytest.mark.parametrize("engine", ENGINES)
def test_without_the_status_table_the_rest_is_there(engine: str, fresh: Fresh) -> None:
    url = fresh(engine)
    made(url, DOCUMENTS, "DROP TABLE credential_status;")
    with closing(connect(Profile(name="others", url=url))) as session:
        for entity in session.system.entities:
            if entity.name != "credential_status":
                assert all(read.available(session, entity, view) is None for view in entity.views)
                assert all(read.available(session, entity, figure) is None for figure in entity.figures)
        entity = session.entity("credential_status")
        with pytest.raises(Missing, match="credential_status is not in this database"):
            read.page(session, Query(entity, entity.views[0]))
