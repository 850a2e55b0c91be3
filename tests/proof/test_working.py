"""What each role can do in the program, action by action: with a login of its own on the system's real engine."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from db import registry, rights, seed, write
from db.change import Grant
from db.desk import Desk, open_desk
from db.engine import connect
from db.errors import Denied
from db.model import Action, Mode, Profile, Query
from db.offers import offers
from db.operation import Operation, Sheet
from db.read import stream
from db.rehearse import rehearse, sheet
from db.roles import ROLES, role
from db.session import Session
from migrations import runner
from tests.proof.test_roles import PLACES
from tests.servers import Servers
from tests.write.bank import ANNA, ARMED

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
TOLD_BY_SERVER = {("mariadb", "DELETE"), ("mysql", "DELETE"), ("mysql", "EXECUTE")}
"""Rights that nothing can be asked for beforehand: the server's own refusal names them."""


@dataclass
class Works:
    """A filled database, and a login in each role."""

    system: str
    owner: Session
    engine: sa.Engine
    sessions: Mapping[str, Session]
    records: Mapping[Action, str]
    """A record that each action can be done to."""


@pytest.fixture(scope="module", params=PLACES, ids="-".join)
def works(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Works]:
    """Invented rows, so that every action finds a record to be done to."""
    kind, name = request.param
    url = servers[kind].create()
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
    actions = [action for action in owner.system.actions if action.name not in KEYLESS]
    yield Works(name, owner, engine, sessions, {action: record_for(owner, action) for action in actions})
    for session in (owner, *sessions.values()):
        session.close()
    with engine.begin() as connection:
        for login in logins.values():
            connection.exec_driver_sql(f"DROP {'ROLE' if kind == 'postgresql' else 'USER'} {login}")
    runner.down(engine, system, "roles", "base")
    engine.dispose()
    servers[kind].drop(url)


def wanted(action: Action, id_: str) -> Operation:
    """An action on a record, done alone whatever it takes."""
    form = FORMS.get(action.name, {}) if action.fields else {}
    return Operation(action.entity, id_, action.name, form, "because of the test, alone", break_glass=True)


def tried(session: Session, action: Action, id_: str) -> Sheet:
    """The sheet of an action on a record."""
    return sheet(session, wanted(action, id_))


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
    can = {
        name: {
            f"{action.entity}/{action.name}"
            for action, id_ in works.records.items()
            if not tried(session, action, id_).lacking
        }
        for name, session in works.sessions.items()
    }
    assert can["auditor"] == set()
    assert can["reviewer"] == set(REVIEWER[works.system].split())
    assert can["security"] == set(SECURITY[works.system].split())
    assert can["admin"] == {f"{action.entity}/{action.name}" for action in works.records}


@pytest.fixture
def admin(works: Works, tmp_path: Path) -> Iterator[Desk]:
    """The admin's desk."""
    desk = open_desk(works.sessions["admin"], ANNA, tmp_path)
    yield desk
    desk.close()


def entries(works: Works) -> int:
    with works.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT max(seq) FROM quaestor_ledger").scalar_one())


def test_each_action_is_refused_for_want_of_any_right_that_it_takes_by_the_name_of_it(
    works: Works, admin: Desk
) -> None:
    before = entries(works)
    takes = {
        action: {*rehearse(admin.session, wanted(action, id_), admin.who).notes.grants, rights.APPEND}
        for action, id_ in works.records.items()
    }
    everything = {grant for grants in takes.values() for grant in grants}
    for right in sorted({_granted(grant) for grant in everything}):
        gone = {grant for grant in everything if _granted(grant) == right}
        take_away(works, right)
        rights._missing.cache_clear()
        for action, grants in takes.items():
            if not grants & gone:
                continue
            lacks = tuple(str(grant) for grant in sorted(grants & gone))
            says = f"Your role lacks {', '.join(lacks)}."
            if (works.owner.server.dialect, right.privilege) in TOLD_BY_SERVER:
                says = f"The role has not the right: {right.privilege.lower()} command denied"
            with pytest.raises(Denied, match=f"(?i){re.escape(says)}"):
                write.perform(admin, wanted(action, works.records[action]), ARMED)
        give_back(works, right)
    rights._missing.cache_clear()
    assert entries(works) == before


def test_each_action_is_refused_in_audit_mode(works: Works, admin: Desk) -> None:
    before, audit = entries(works), connect(replace(admin.session.profile, mode=Mode.AUDIT))
    sealed = replace(admin, session=audit)
    for action, id_ in works.records.items():
        with pytest.raises(Denied, match="open in audit mode"):
            write.perform(sealed, wanted(action, id_), ARMED)
    audit.close()
    assert entries(works) == before


def _granted(grant: Grant) -> Grant:
    """As the roles have it: rows are added whole."""
    return replace(grant, column="") if grant.privilege == "INSERT" else grant


def take_away(works: Works, grant: Grant) -> None:
    """From every role, those that never had it included."""
    _change(works, "REVOKE", "FROM", grant, ROLES)


def give_back(works: Works, grant: Grant) -> None:
    """To the admin alone, who is asked next."""
    _change(works, "GRANT", "TO", grant, ["admin"])


def _change(works: Works, verb: str, whose: str, grant: Grant, names: Sequence[str]) -> None:
    quote = works.engine.dialect.identifier_preparer.quote
    right, on = grant.privilege, quote(grant.table)
    if right == "EXECUTE":
        on = "PROCEDURE quaestor_append"
        if works.engine.dialect.name == "postgresql":
            on = "FUNCTION quaestor_append(uuid, bytea, text, bytea)"
    elif grant.column:
        right += f" ({quote(grant.column)})"
    for name in names:
        with suppress(sa.exc.DBAPIError), works.engine.begin() as connection:
            connection.exec_driver_sql(f"{verb} {right} ON {on} {whose} {role(works.system, name)}")
