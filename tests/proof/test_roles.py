"""The four roles: what each should do works, all else is refused by the database; and doctor names what differs."""

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from db import ledger, registry
from db.engine import connect
from db.entry import derived, sign
from db.health import State, examine
from db.model import Mode, Profile
from db.proof import PROVEN
from db.roles import ROLES, role
from migrations import runner
from tests.conftest import Fresh, engines_for
from tests.write.bank import ANNA

SECRET = "a personal Passw0rd"
SYSTEMS = {
    "postgresql": ("paymentlinker", "finpass", "multipass"),
    "mariadb": ("trustsphere",),
    "mysql": ("trustsphere",),
}
PLACES = [(engine, system) for engine in engines_for() for system in SYSTEMS.get(engine, ())]

WORKS: dict[str, dict[str, tuple[str, ...]]] = {
    "trustsphere": {
        "auditor": ("SELECT id, email, status FROM users", "SELECT seq, payload FROM quaestor_ledger"),
        "reviewer": (
            "UPDATE transactions SET status = 'COMPLETED', updated_at = NOW(), version = version + 1 WHERE 1 = 0",
            "UPDATE accounts SET balance = balance, version = version + 1 WHERE 1 = 0",
            "SELECT id FROM transactions FOR UPDATE",
        ),
        "security": (
            "UPDATE users SET status = 'SUSPENDED', account_locked_until = NULL WHERE 1 = 0",
            "UPDATE accounts SET status = 'FROZEN' WHERE 1 = 0",
            "DELETE FROM user_roles WHERE 1 = 0",
        ),
        "admin": (
            "UPDATE accounts SET daily_transaction_limit = 1, balance = 1, status = 'CLOSED' WHERE 1 = 0",
            "UPDATE users SET status = 'ACTIVE' WHERE 1 = 0",
            "UPDATE quaestor_policy SET value = value WHERE 1 = 0",
        ),
    },
    "paymentlinker": {
        "auditor": ("SELECT id, email, role FROM users", "SELECT seq, payload FROM quaestor_ledger"),
        "reviewer": (
            "UPDATE applications SET decision = 'approved', status = 'approved', reviewed_at = now() WHERE false",
            "SELECT id FROM applications FOR UPDATE",
        ),
        "security": (
            "UPDATE devices SET status = 'quarantined', compromised = false WHERE false",
            "UPDATE users SET mfa_enabled = false, mfa_secret = NULL WHERE false",
            "UPDATE audit_logs SET status = 'verified', verified_at = now(), verified_by = 'x' WHERE false",
        ),
        "admin": (
            "UPDATE users SET role = 'user' WHERE false",
            "SELECT ssn_encrypted FROM applications",
            "UPDATE applications SET deleted_at = now(), decision = 'approved' WHERE false",
        ),
    },
}
WORKS |= {
    "finpass": {
        "auditor": ("SELECT id, did, email FROM users", "SELECT position FROM quaestor_status_indexes"),
        "reviewer": (
            "UPDATE users SET kyc_verified = true, kyc_verified_at = now(), status = 'ACTIVE' WHERE false",
            "UPDATE payments SET status = 'CANCELLED', failed_at = now(), failure_reason = 'x' WHERE false",
            "SELECT id FROM payments FOR UPDATE",
        ),
        "security": (
            "UPDATE credentials SET status = 'REVOKED', revoked_at = now(), revocation_handle = '7' WHERE false",
            "UPDATE credential_status SET status = 'REVOKED' WHERE false",
            "SELECT id FROM credentials FOR UPDATE SKIP LOCKED",
        ),
        "admin": (
            "UPDATE users SET email = NULL, phone = NULL, metadata = NULL WHERE false",
            "UPDATE payments SET status = 'REFUNDED', refunded_at = now(), refund_reason = 'x' WHERE false",
            "UPDATE quaestor_policy SET value = value WHERE false",
        ),
    },
    "multipass": {
        "auditor": (
            "SELECT id, email FROM identity_profiles",
            "SELECT id, username FROM multipass_credentials",
        ),
        "reviewer": (
            "UPDATE kyc_verifications SET status = 'approved', reviewed_at = now(), reviewed_by = 'x' WHERE false",
            "UPDATE identity_profiles SET status = 'active', updated_at = now() WHERE false",
            "UPDATE notifications SET status = 'queued', sent_at = NULL WHERE false",
        ),
        "security": (
            "UPDATE multipass_credentials SET status = 'locked', locked_until = now(), mfa_secret = NULL WHERE false",
            "UPDATE multipass_sessions SET revoked_at = now(), revocation_reason = 'x' WHERE false",
            "UPDATE hardware_passes SET status = 'revoked', revoked_at = now() WHERE false",
            "UPDATE wallet_accounts SET status = 'frozen' WHERE false",
        ),
        "admin": (
            "UPDATE wallet_transactions SET status = 'rejected' WHERE false",
            "UPDATE wallet_balances SET available = available, locked = locked WHERE false",
            "UPDATE asset_definitions SET status = 'halted' WHERE false",
        ),
    },
}
# What MariaDB lets whoever may read do is not here: lock rows with FOR UPDATE.
REFUSED: dict[str, dict[str, tuple[str, ...]]] = {
    "trustsphere": {
        "auditor": (
            "INSERT INTO audit_logs (id, action, resource_type) VALUES ('1', 'x', 'y')",
            "CALL quaestor_append('1', '{}', 'k', 's')",
            "INSERT INTO quaestor_notes (id) VALUES ('1')",
        ),
        "reviewer": (
            "UPDATE users SET status = 'ACTIVE' WHERE 1 = 0",
            "UPDATE accounts SET daily_transaction_limit = 1 WHERE 1 = 0",
            "UPDATE transactions SET amount = 1 WHERE 1 = 0",
            "UPDATE quaestor_policy SET value = '1' WHERE 1 = 0",
        ),
        "security": (
            "UPDATE accounts SET balance = 1 WHERE 1 = 0",
            "UPDATE transactions SET status = 'COMPLETED' WHERE 1 = 0",
            "UPDATE users SET email = 'x' WHERE 1 = 0",
        ),
        "admin": (
            "UPDATE transactions SET amount = 1 WHERE 1 = 0",
            "UPDATE quaestor_approvals SET decision = 'approve' WHERE 1 = 0",
            "INSERT INTO quaestor_proposals (id, quorum) VALUES ('1', 0)",
        ),
    },
    "paymentlinker": {
        "auditor": (
            "SELECT id FROM applications FOR UPDATE",
            "SELECT ssn_encrypted FROM applications",
            "SELECT quaestor_append(gen_random_uuid(), '{}', 'k', 's')",
            "SELECT lo_create(4711)",
            "UPDATE devices SET status = 'online' WHERE false",
        ),
        "reviewer": (
            "UPDATE applications SET requested_limit = 1 WHERE false",
            "UPDATE audit_logs SET status = 'verified' WHERE false",
            "UPDATE devices SET status = 'online' WHERE false",
            "UPDATE users SET role = 'admin' WHERE false",
            "SELECT ssn_encrypted FROM applications",
        ),
        "security": (
            "UPDATE applications SET decision = 'approved' WHERE false",
            "UPDATE users SET role = 'admin' WHERE false",
        ),
        "admin": (
            "UPDATE applications SET risk_score = 1 WHERE false",
            "UPDATE quaestor_approvals SET decision = 'approve' WHERE false",
            "INSERT INTO quaestor_proposals (id, quorum) VALUES (gen_random_uuid(), 0)",
        ),
    },
}
REFUSED |= {
    "finpass": {
        "auditor": (
            "SELECT id FROM users FOR UPDATE",
            "INSERT INTO audit_events (id, event_type) VALUES (gen_random_uuid(), 'x')",
            "SELECT quaestor_append(gen_random_uuid(), '{}', 'k', 's')",
            "SELECT lo_create(4711)",
        ),
        "reviewer": (
            "UPDATE credentials SET status = 'REVOKED' WHERE false",
            "UPDATE credential_status SET status = 'REVOKED' WHERE false",
            "UPDATE payments SET refunded_at = now() WHERE false",
            "UPDATE payments SET amount = 1 WHERE false",
            "UPDATE users SET did = 'x' WHERE false",
        ),
        "security": (
            "UPDATE payments SET status = 'CANCELLED' WHERE false",
            "UPDATE users SET kyc_verified = true WHERE false",
            "UPDATE credentials SET credential_jwt = 'x' WHERE false",
            "DELETE FROM credential_status WHERE false",
        ),
        "admin": (
            "UPDATE payments SET amount = 1 WHERE false",
            "UPDATE users SET did = 'x' WHERE false",
            "UPDATE quaestor_status_indexes SET position = position WHERE false",
            "UPDATE quaestor_approvals SET decision = 'approve' WHERE false",
        ),
    },
    "multipass": {
        "auditor": (
            "SELECT id FROM identity_profiles FOR UPDATE",
            "SELECT token_hash FROM multipass_sessions",
            "SELECT quaestor_append(gen_random_uuid(), '{}', 'k', 's')",
            "INSERT INTO application_modules (id, name) VALUES (gen_random_uuid(), 'x')",
        ),
        "reviewer": (
            "UPDATE multipass_sessions SET revoked_at = now() WHERE false",
            "UPDATE wallet_accounts SET status = 'frozen' WHERE false",
            "UPDATE identity_profiles SET risk_tier = 'low' WHERE false",
            "INSERT INTO application_modules (id, name) VALUES (gen_random_uuid(), 'x')",
        ),
        "security": (
            "UPDATE wallet_balances SET available = 1 WHERE false",
            "UPDATE wallet_transactions SET status = 'confirmed' WHERE false",
            "UPDATE kyc_verifications SET status = 'approved' WHERE false",
            "UPDATE multipass_credentials SET password_hash = 'x' WHERE false",
        ),
        "admin": (
            "UPDATE wallet_transactions SET amount = 1 WHERE false",
            "UPDATE trades SET price = 1 WHERE false",
            "UPDATE multipass_credentials SET password_hash = 'x' WHERE false",
            "UPDATE quaestor_approvals SET decision = 'approve' WHERE false",
        ),
    },
}
PEOPLE = {"multipass": "identity_profiles"}
TRAILS = {"finpass": "audit_events", "multipass": "application_events"}
SECRETS = {
    "finpass": "kyc_decision_token FROM payments",
    "multipass": "password_hash FROM multipass_credentials",
}


def nobody(system: str) -> tuple[str, ...]:
    """What none of the four may do."""
    people, trail = PEOPLE.get(system, "users"), TRAILS.get(system, "audit_logs")
    return (
        f"SELECT {SECRETS.get(system, 'password_hash FROM users')}",
        f"UPDATE {trail} SET ip_address = NULL WHERE 1 = 0",
        f"DELETE FROM {trail} WHERE 1 = 0",
        f"DELETE FROM {people} WHERE 1 = 0",
        "INSERT INTO quaestor_ledger (seq) VALUES (99)",
        "UPDATE quaestor_ledger SET db_user = 'x' WHERE 1 = 0",
        "DELETE FROM quaestor_ledger WHERE 1 = 0",
        "UPDATE quaestor_ledger_head SET seq = 0 WHERE 1 = 0",
        "INSERT INTO quaestor_operator_keys (seq) VALUES (9)",
        "DELETE FROM quaestor_checkpoints WHERE 1 = 0",
        "CREATE TABLE made (x INT)",
        f"DROP TABLE {people}",
        f"ALTER TABLE {people} ADD COLUMN made INT",
        f"TRUNCATE TABLE {trail}",
    )


@dataclass
class Office:
    """A database with the four roles, and a login in each."""

    kind: str
    system: str
    url: str
    owner: sa.Engine
    logins: dict[str, str]

    def profile(self, name: str, **more: Any) -> Profile:
        url = make_url(self.url).set(username=self.logins[name]).render_as_string(hide_password=False)
        return Profile(name, url, self.system, password=lambda: SECRET, **more)

    def plain(self, name: str) -> sa.Engine:
        """As the login, by a client that is not quaestor."""
        url = make_url(self.url).set(username=self.logins[name], password=SECRET)
        return sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")


@pytest.fixture(params=PLACES, ids="-".join)
def office(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[Office]:
    """The parts system, ledger, roles and, where it can be, hardening."""
    (kind, name), url = request.param, fresh(request.param[0])
    owner, system = sa.create_engine(url, poolclass=NullPool), registry.system(name)
    for part in ("system", "ledger", "roles", "hardening"):
        runner.up(owner, system, part, options={"signer": ANNA} if part == "ledger" else None)
    logins = {name: f"{name}_{uuid.uuid4().hex[:8]}" for name in ROLES}
    with owner.begin() as connection:
        for name, login in logins.items():
            granted = role(system.name, name)
            if kind == "postgresql":
                connection.exec_driver_sql(f"CREATE ROLE {login} LOGIN PASSWORD '{SECRET}' IN ROLE {granted}")
                continue
            connection.exec_driver_sql(f"CREATE USER {login} IDENTIFIED BY '{SECRET}'")
            connection.exec_driver_sql(f"GRANT {granted} TO {login}")
            default = f"DEFAULT ROLE {granted} " + ("FOR" if kind == "mariadb" else "TO")
            connection.exec_driver_sql(f"SET {default} {login}")
    yield Office(kind, system.name, url, owner, logins)
    with owner.begin() as connection:
        for login in logins.values():
            connection.exec_driver_sql(f"DROP {'ROLE' if kind == 'postgresql' else 'USER'} {login}")
    for part in ("hardening", "roles"):
        runner.down(owner, system, part, "base")
    owner.dispose()


def refused(connection: sa.Connection, statement: str) -> bool:
    """Whether the database says no for want of a right."""
    try:
        connection.exec_driver_sql(statement)
    except sa.exc.DBAPIError as error:
        origin: Any = error.orig
        state = getattr(origin, "sqlstate", None)
        assert state == "42501" or origin.args[0] in (1142, 1143, 1370, 1044, 1227), (statement, origin)
        return True
    return False


def test_each_role_does_its_work_and_nothing_else(office: Office) -> None:
    system = office.system
    for name in ROLES:
        client = office.plain(name)
        with client.connect() as connection:
            for statement in WORKS[system][name]:
                connection.exec_driver_sql(statement)
            for statement in (*REFUSED[system][name], *nobody(system)):
                assert refused(connection, statement), (name, statement)
        client.dispose()


def test_the_auditor_is_proven_read_only_and_doctor_finds_each_role_as_it_should_be(office: Office) -> None:
    session = connect(office.profile("auditor", mode=Mode.AUDIT))
    assert session.proof is not None
    assert session.proof.banner == PROVEN, session.proof
    session.close()
    for name in ROLES:
        session = connect(office.profile(name))
        told = {check.name: check.text for check in examine(session) if check.area == "rights"}
        assert told["roles"] == f"This login is {name}."
        assert not [text for text in told.values() if text.startswith("Too")]
        session.close()


def test_doctor_names_every_right_too_many_and_too_few(office: Office) -> None:
    own = role(office.system, "reviewer")
    people, trail = PEOPLE.get(office.system, "users"), TRAILS.get(office.system, "audit_logs")
    with office.owner.begin() as connection:
        connection.exec_driver_sql(f"GRANT UPDATE (email) ON {people} TO {own}")
        connection.exec_driver_sql(f"REVOKE INSERT ON {trail} FROM {own}")
        connection.exec_driver_sql(f"GRANT DELETE ON {trail} TO {own}")
        connection.exec_driver_sql("CREATE TABLE others (id INT, name VARCHAR(9))")
        connection.exec_driver_sql(f"GRANT SELECT, UPDATE (name) ON others TO {own}")
        routine = "FUNCTION quaestor_append" if office.kind == "postgresql" else "PROCEDURE quaestor_append"
        connection.exec_driver_sql(f"REVOKE EXECUTE ON {routine} FROM {own}")
    session = connect(office.profile("reviewer"))
    told = {
        (c.name, c.text.split()[1]): c
        for c in examine(session)
        if c.area == "rights" and c.text.startswith("Too")
    }
    assert told[people, "many"].text == "Too many for its roles: UPDATE (email)."
    assert told[trail, "few"].text.startswith("Too few for its roles: INSERT")
    assert told[trail, "many"].text == "Too many for its roles: DELETE."
    assert told["others", "many"].text == "Too many for its roles: UPDATE (name)."
    assert told["quaestor_append", "few"].text == "Too few for its roles: EXECUTE."
    assert told[people, "many"].state is State.WARNING
    assert len(told) == 5
    session.close()


PERSON = {
    "paymentlinker": "INSERT INTO users (id, tenant_id, email, password_hash, role)"
    " VALUES (gen_random_uuid(), gen_random_uuid(), 'a@example.org', 'x', 'user')",
    "finpass": "INSERT INTO users (id, did, created_at, status) VALUES (gen_random_uuid(), 'did:x', now(), 'ACTIVE')",
    "multipass": "INSERT INTO identity_profiles (id, email, display_name, status, risk_tier, created_at, updated_at)"
    " VALUES (gen_random_uuid(), 'a@example.org', 'A', 'active', 'low', now(), now())",
}
CHANGED = {
    "paymentlinker": ("role", "admin"),
    "finpass": ("status", "SUSPENDED"),
    "multipass": ("status", "suspended"),
}


def test_no_change_is_committed_without_its_entry(office: Office) -> None:
    """From any client; only PostgreSQL can."""
    if office.kind != "postgresql":
        with office.owner.connect() as connection:
            assert not sa.inspect(connection).has_table("quaestor_must_enter")
        return
    with office.owner.begin() as connection:
        name = ledger.head(connection).ledger
        connection.exec_driver_sql(PERSON[office.system])
    client = sa.create_engine(office.plain("admin").url, poolclass=NullPool)
    people, (column, value) = PEOPLE.get(office.system, "users"), CHANGED[office.system]
    change = f"UPDATE {people} SET {column} = '{value}'"
    with pytest.raises(sa.exc.ProgrammingError, match="needs its entry"), client.begin() as connection:
        connection.exec_driver_sql(change)
    operation = derived(name, "hardened")
    with client.begin() as connection:
        connection.exec_driver_sql(change)
        told = {"ledger": name, "operation": operation, "action": "change-role"}
        ledger.append(connection, operation, sign(ANNA, told))
    with client.connect() as connection:
        assert connection.exec_driver_sql(f"SELECT {column} FROM {people}").scalar() == value
    client.dispose()


@pytest.mark.parametrize("kind", engines_for())
def test_a_preview_shows_the_grants_and_changes_nothing(kind: str, fresh: Fresh) -> None:
    owner, system = sa.create_engine(fresh(kind), poolclass=NullPool), registry.system("trustsphere")
    if kind == "postgresql":
        system = registry.system("finpass")
    system.metadata.create_all(owner)
    shown = runner.preview(owner, system, "roles")
    wanted = "SQLite has no roles" if kind == "sqlite" else "GRANT SELECT (id"
    assert wanted in shown.replace('"', "").replace("`", "")
    with contextlib.suppress(sa.exc.DBAPIError), owner.connect() as connection:
        assert "quaestor_version_roles" not in sa.inspect(connection).get_table_names()
    owner.dispose()
