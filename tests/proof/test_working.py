"""What each role can do in the program, action by action: with a login of its own on the system's real engine."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from db import registry, seed
from db.engine import connect
from db.model import Action, Profile, Query
from db.offers import offers
from db.operation import Operation, Sheet
from db.read import stream
from db.rehearse import sheet
from db.roles import ROLES, role
from db.session import Session
from migrations import runner
from tests.conftest import Fresh
from tests.proof.test_roles import PLACES
from tests.write.bank import ANNA

SECRET = "a personal Passw0rd"
FORMS = {
    "set-limit": {"limit": "1.00"},
    "grant-role": {"role": "PREMIUM"},
    "revoke-role": {"role": "PREMIUM"},
    "change-role": {"role": "admin"},
    "schedule-maintenance": {"due": "+3d", "notes": "x"},
    "revoke": {"revocation_reason": "keyCompromise"},
    "lock": {"until": "+1d"},
}
REVIEWER: Mapping[str, str] = {
    "trustsphere": "transactions/approve transactions/decline notifications/retry",
    "paymentlinker": "applications/approve applications/decline applications/refer applications/export-subject"
    " users/export-subject",
    "finpass": "users/verify-kyc users/withdraw-kyc users/suspend users/reactivate users/terminate payments/cancel"
    " payments/mark-failed",
    "multipass": "identity_profiles/suspend identity_profiles/reactivate identity_profiles/close"
    " kyc_verifications/approve kyc_verifications/reject notifications/retry generated_reports/retry",
}
"""Decides on money and people."""
SECURITY: Mapping[str, str] = {
    "trustsphere": "users/suspend users/reactivate users/unlock users/expire-password users/grant-role"
    " users/revoke-role accounts/freeze accounts/unfreeze accounts/close",
    "paymentlinker": "users/deactivate users/activate users/unlock users/reset-mfa devices/quarantine devices/release"
    " devices/schedule-maintenance devices/clear-compromised devices/decommission applications/export-subject"
    " users/export-subject",
    "finpass": "users/suspend users/reactivate users/terminate credentials/suspend credentials/reinstate"
    " credentials/revoke",
    "multipass": "identity_profiles/suspend identity_profiles/reactivate identity_profiles/close attestations/revoke"
    " wallet_accounts/freeze wallet_accounts/unfreeze multipass_credentials/lock multipass_credentials/unlock"
    " multipass_credentials/disable multipass_credentials/reset-mfa multipass_sessions/revoke"
    " multipass_sessions/revoke-all hardware_passes/suspend hardware_passes/reinstate hardware_passes/report-lost"
    " hardware_passes/revoke",
}
"""Blocks, revokes, lets in again."""
KEYLESS = ("reveal-ssn", "verify")
"""What nobody can do here: no key to the sealed numbers is at hand, and no row is of the console."""


@dataclass
class Works:
    """A filled database, and a login in each role."""

    system: str
    owner: Session
    sessions: Mapping[str, Session]


@pytest.fixture(params=PLACES, ids="-".join)
def works(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[Works]:
    """Invented rows, so that every action finds a record to be done to."""
    (kind, name), url = request.param, fresh(request.param[0])
    engine, system = sa.create_engine(url, poolclass=NullPool), registry.system(name)
    runner.up(engine, system, "system")
    seed.seed(engine, system, seed.plan(600, hostile=False))
    for part in ("ledger", "roles"):
        runner.up(engine, system, part, options={"signer": ANNA} if part == "ledger" else None)
    logins = {each: f"{each}_{uuid.uuid4().hex[:8]}" for each in ROLES}
    with engine.begin() as connection:
        for each, login in logins.items():
            granted = role(name, each)
            if kind == "postgresql":
                connection.exec_driver_sql(f"CREATE ROLE {login} LOGIN PASSWORD '{SECRET}' IN ROLE {granted}")
                continue
            connection.exec_driver_sql(f"CREATE USER {login} IDENTIFIED BY '{SECRET}'")
            connection.exec_driver_sql(f"GRANT {granted} TO {login}")
            default = f"DEFAULT ROLE {granted} " + ("FOR" if kind == "mariadb" else "TO")
            connection.exec_driver_sql(f"SET {default} {login}")
    own = {
        each: make_url(url).set(username=login).render_as_string(hide_password=False)
        for each, login in logins.items()
    }
    sessions = {each: connect(Profile(each, own[each], name, password=lambda: SECRET)) for each in ROLES}
    owner = connect(Profile("owner", url, name))
    yield Works(name, owner, sessions)
    for session in (owner, *sessions.values()):
        session.close()
    with engine.begin() as connection:
        for login in logins.values():
            connection.exec_driver_sql(f"DROP {'ROLE' if kind == 'postgresql' else 'USER'} {login}")
    runner.down(engine, system, "roles", "base")
    engine.dispose()


def tried(session: Session, action: Action, id_: str) -> Sheet:
    """The sheet of an action on a record."""
    form = FORMS.get(action.name, {}) if action.fields else {}
    return sheet(session, Operation(action.entity, id_, action.name, form, "because of the test"))


def record_for(owner: Session, action: Action) -> str:
    """A record that the action can be done to."""
    entity = owner.entity(action.entity)
    for page in stream(owner, Query(entity, entity.views[0]), size=100):
        for row in page.rows:
            offer = next(o for o in offers(owner, action.entity, row.id) if o.action is action)
            if not offer.why_not and not tried(owner, action, row.id).refused:
                return row.id
    raise AssertionError(f"no record can be used to try {action.entity}/{action.name}")


def test_each_role_lacks_no_right_for_its_actions_and_some_for_all_others(works: Works) -> None:
    actions = [action for action in works.owner.system.actions if action.name not in KEYLESS]
    records = {action: record_for(works.owner, action) for action in actions}
    can = {
        name: {
            f"{action.entity}/{action.name}"
            for action, id_ in records.items()
            if not tried(session, action, id_).lacking
        }
        for name, session in works.sessions.items()
    }
    assert can["auditor"] == set()
    assert can["reviewer"] == set(REVIEWER[works.system].split())
    assert can["security"] == set(SECURITY[works.system].split())
    assert can["admin"] == {f"{action.entity}/{action.name}" for action in actions}
