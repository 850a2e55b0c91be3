"""One person in four systems of so many each: the whole answer, with everything that belongs to them, and their line of time."""

from __future__ import annotations

import random
import statistics
import time

from sqlalchemy import Engine, text

from db import registry
from db.engine import connect
from db.model import Profile
from db.session import Session
from db.who import Source, search, trail
from migrations import runner
from tests.benchmarks.copies import prepare
from tests.benchmarks.results import Figure, Results
from tests.servers import Servers

PERSONS = 1_000_000
TIMES = 60
PROMISE = 300
KINDS = {
    "trustsphere": "mariadb",
    "paymentlinker": "postgresql",
    "finpass": "postgresql",
    "multipass": "postgresql",
}
_ID = "md5('{0}' || n)::uuid"
_PERSON = "'person' || n || '@example.com'"
_STATEMENTS = {
    "trustsphere": (
        "INSERT INTO users (id, email, password_hash, full_name, password_expires_at) SELECT concat('bench-u-', seq), "
        "concat('person', seq, '@example.com'), 'x', concat('Person ', seq), '2030-01-01' FROM seq_1_to_{rows}",
        "INSERT INTO accounts (id, account_number, user_id, account_type, interest_rate) SELECT concat('bench-a-', seq), "
        "concat('BN', seq), concat('bench-u-', seq), 'SAVINGS', 0 FROM seq_1_to_{rows}",
        "INSERT INTO audit_logs (id, action, resource_type, resource_id) SELECT concat('bench-l-', seq), 'LOGIN', 'USER', "
        "concat('bench-u-', seq) FROM seq_1_to_{rows}",
    ),
    "paymentlinker": (
        f"INSERT INTO users (id, tenant_id, email, password_hash) SELECT {_ID.format('u')}, {_ID.format('t')}, {_PERSON}, 'x'",
        "INSERT INTO applications (id, tenant_id, full_legal_name, ssn_encrypted, annual_income, employment_status, email, "
        f"duoplus_device_id, created_at, status) SELECT {_ID.format('a')}, {_ID.format('t')}, 'Person ' || n, 'x', 1, "
        f"'employed', {_PERSON}, 'bench-' || n, now(), 'approved'",
    ),
    "finpass": (
        "INSERT INTO users (id, did, email, phone) "
        f"SELECT {_ID.format('u')}, 'did:key:zPerson' || n, {_PERSON}, '+41 99 ' || n",
        "INSERT INTO credentials (id, user_id, issuer_id, credential_type, credential_jwt, subject_did) SELECT "
        f"{_ID.format('c')}, {_ID.format('u')}, 'did:web:issuer', 'KycCredential', 'a.b.c', 'did:key:zPerson' || n",
        "INSERT INTO payments (id, payer_did, payee_did, amount, transaction_id) SELECT "
        f"{_ID.format('p')}, 'did:key:zPerson' || n, 'did:key:zPerson' || n + 1, 5, 'bench-' || n",
        "INSERT INTO audit_events (id, event_type, user_id_hash) SELECT "
        f"{_ID.format('e')}, 'ISSUED', encode(sha256(('did:key:zPerson' || n)::bytea), 'hex')",
    ),
    "multipass": (
        f"INSERT INTO identity_profiles (id, email, phone) SELECT {_ID.format('i')}, {_PERSON}, '+4199' || n",
        "INSERT INTO multipass_credentials (id, profile_id, username, password_hash) SELECT "
        f"{_ID.format('c')}, {_ID.format('i')}, 'person.' || n, 'x'",
        "INSERT INTO multipass_sessions (id, profile_id, token_hash, expires_at) SELECT "
        f"{_ID.format('s')}, {_ID.format('i')}, 'bench-' || n, now() + interval '1 day'",
        "INSERT INTO hardware_passes (id, profile_id, serial, model) SELECT "
        f"{_ID.format('h')}, {_ID.format('i')}, 'SER-' || n, 'A'",
    ),
}  # fmt: skip
"""So many people more, each with what a person has."""


def measure(results: Results, servers: Servers, rows: int) -> None:
    """People who are in all four systems, each looked for once, by what an operator is told."""
    persons = min(rows, PERSONS)
    urls = {name: servers[kind].create() for name, kind in KINDS.items()}
    for name, url in urls.items():
        _fill(prepare(url, name, 2_000), name, persons)
    sessions = [connect(Profile(name, url, name)) for name, url in urls.items()]
    told = f"{persons:,} persons in each of four systems".replace(",", " ")
    _measure(results, sessions, persons, told)
    for session in sessions:
        session.close()
    for name, url in urls.items():
        servers[KINDS[name]].drop(url)


def _fill(engine: Engine, name: str, persons: int) -> None:
    """Their rows, the indexes that quaestor adds, statistics."""
    runner.up(engine, registry.system(name), "indexes")
    postgresql = engine.dialect.name == "postgresql"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in _STATEMENTS[name]:
            tail = f" FROM generate_series(1, {persons}) n" if postgresql else ""
            connection.exec_driver_sql((statement + tail).replace("{rows}", str(persons)))
        if postgresql:
            connection.execute(text("VACUUM ANALYZE"))
        else:
            for table in ("users", "accounts", "audit_logs"):
                connection.execute(text(f"ANALYZE TABLE {table}")).all()
    engine.dispose()


def _measure(results: Results, sessions: list[Session], persons: int, told: str) -> None:
    dice, sources = random.Random(5), [Source.of(session) for session in sessions]
    search(sources, "person1@example.com")  # the pools' connections, and the statements compiled
    leads = {
        "email": "person{}@example.com",
        "DID": "did:key:zPerson{}",
        "username": "person.{}",
        "account number": "BN{}",
    }
    for what, pattern in leads.items():
        took, records = [], 0
        for _ in range(TIMES):
            who = search(sources, pattern.format(dice.randint(2, persons)))
            assert len(who.sure) == 1, (what, who.notes, who.errors)
            assert {one.system for one in who.sure[0].subjects} == set(KINDS)
            assert not who.notes
            took.append(who.seconds * 1e3)
            records = len(who.sure[0].records)
        note = f"{told}, {records} records; p95 {statistics.quantiles(took, n=20)[18]:.0f} ms"
        results.add("who", Figure(f"by {what}, median", statistics.median(took), "ms", PROMISE, note=note))
    took = []
    for _ in range(TIMES):
        (person,) = search(sources, leads["email"].format(dice.randint(2, persons))).sure
        began = time.perf_counter()
        trail(sessions, person)
        took.append((time.perf_counter() - began) * 1e3)
    results.add("who", Figure("their line of time, median", statistics.median(took), "ms", PROMISE))
