"""Multipass's actions where a place is not as usual: two first operations, triggers, tables of others, endless times."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from db import faults
from db.engine import make_engine
from db.errors import Missing, Refused
from db.operation import Operation
from migrations import runner
from tests.conftest import Fresh, engines_for
from tests.multipass import office as offices
from tests.multipass.conftest import MULTIPASS, profile
from tests.multipass.invented import invent
from tests.multipass.office import REASON, Office, id_of
from tests.multipass.rules import NOW, RULES
from tests.servers import Servers

_DEADLINE = 20.0
"""Seconds that a test waits for an event at most."""
_ANN = "00000000-0000-4000-8000-000000000001"
"""A profile of the database that others made."""


@pytest.fixture(scope="module", params=engines_for("multipass"))
def place(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """One place for those tests of the file that leave its tables as they are."""
    yield from offices.opened(request.param, servers, tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(place: Office) -> Office:
    """The same, furnished anew: no module of the console's is there."""
    place.furnish()
    return place


@pytest.fixture(params=engines_for("multipass"))
def own(request: pytest.FixtureRequest, fresh: Fresh, tmp_path: Path) -> Iterator[Office]:
    """A furnished office whose tables a test may alter."""
    made = offices.make(fresh(request.param), tmp_path / "journal")
    made.furnish()
    yield made
    made.close()


def _modules(office: Office) -> list[str]:
    return [id_ for (id_,) in office.hand.ask("SELECT id FROM application_modules WHERE name = 'quaestor'")]


def test_two_first_operations_at_once_make_one_module(office: Office, tmp_path: Path) -> None:
    desk = offices.sit_down(office.url, tmp_path / "other")
    made, begun = threading.Event(), threading.Event()

    def hold(point: str) -> None:
        """The first one waits, with its module made, until the second one waits for it."""
        if threading.current_thread() is threading.main_thread():
            if point == "after-intent":
                begun.set()
        elif point == "after-audit":
            made.set()
            begun.wait(_DEADLINE)
            end = monotonic() + _DEADLINE
            while not office.hand.sqlite and monotonic() < end and not _waiting(office):
                pass

    stop = faults.watch(hold)
    first = threading.Thread(
        target=office.perform, args=(office.operation("identity_profiles", "p1", "suspend"), desk)
    )
    first.start()
    assert made.wait(_DEADLINE)
    office.perform(office.operation("wallet_accounts", "w1", "freeze"))
    first.join()
    stop()
    (module,) = _modules(office)
    assert [event["module_id"] for event in office.events()] == [module, module]
    desk.close()
    desk.session.close()


def _waiting(office: Office) -> bool:
    return office.hand.ask("SELECT count(*) FROM pg_locks WHERE NOT granted") != [(0,)]


def test_a_module_of_that_name_is_taken_as_it_is(office: Office) -> None:
    office.hand.ask(
        f"INSERT INTO application_modules (id, name, status) VALUES ('{id_of('m9')}', 'quaestor', 'disabled')"
    )
    wanted = office.operation("notifications", "n1", "retry")
    assert not [effect for effect in office.sheet(wanted).effects if effect.remark]
    office.perform(wanted)
    assert _modules(office) == [id_of("m9")] == [event["module_id"] for event in office.events()]


def test_with_the_triggers_the_effects_are_the_same(own: Office) -> None:
    engine = make_engine(profile(own.url), read_only=False)
    runner.up(engine, MULTIPASS, "triggers")
    engine.dispose()
    for rule in RULES:
        state, changed = next(iter(rule.allowed.items()))
        own.furnish(rule.entity, rule.name, **rule.state(state))
        before = own.everything()
        own.perform(own.operation(rule.entity, rule.name, rule.action, form=rule.form), alone=rule.dual)
        after = own.everything()
        for (table, name), values in {(rule.entity, rule.name): changed, **rule.others}.items():
            old, new = before[table][id_of(name)], after[table][id_of(name)]
            fixed = {column: value for column, value in values.items() if value is not NOW}
            assert {column: new[column] for column in fixed} == fixed, str(rule)
            moving = {"updated_at", *(column for column, value in values.items() if value is NOW)}
            assert [
                column for column in new if new[column] != old[column] and column not in {*fixed, *moving}
            ] == []


@pytest.mark.parametrize("action", ["revoke", "revoke-all"])
def test_a_session_without_end_is_live_and_one_that_never_was_is_not(office: Office, action: str) -> None:
    wanted = office.operation("multipass_sessions", "s1", action)
    office.hand.ask(office.altered("multipass_sessions", "s1", expires_at="'-infinity'"))
    with pytest.raises(Refused, match="expired: -infinity"):
        office.perform(wanted)
    for name in ("s1", "s2"):
        office.hand.ask(office.altered("multipass_sessions", name, expires_at="'infinity'"))
    office.perform(wanted)
    found = office.hand.ask("SELECT id FROM multipass_sessions WHERE revoked_at IS NOT NULL ORDER BY id")
    revoked = [(id_of(name),) in found for name in ("s1", "s2")]
    assert revoked == [True, action == "revoke-all"]


def test_an_address_is_kept_where_it_is_one(office: Office) -> None:
    said = {"": None, "bastion": None, "fe80::1%eth0": "fe80::1", "2001:DB8::7": "2001:db8::7"}
    who = office.desk.who
    for address, kept in said.items():
        office.furnish()
        desk = replace(office.desk, who=replace(who, evidence={"address": address}))
        office.perform(office.operation("notifications", "n1", "retry"), desk)
        assert [event["ip_address"] for event in office.events()] == [kept]


def test_a_pass_is_revoked_where_challenges_were_never_rolled_out(own: Office, tmp_path: Path) -> None:
    own.hand.ask("DROP TABLE hardware_challenges")
    desk = offices.sit_down(own.url, tmp_path / "other")
    done = own.perform(own.operation("hardware_passes", "h1", "revoke"), desk)
    assert done.told["counted"] == {"sessions ended": 2}
    desk.close()
    desk.session.close()


@pytest.fixture(params=engines_for("multipass"))
def invented(request: pytest.FixtureRequest, fresh: Fresh, tmp_path: Path) -> Iterator[Office]:
    """A ledger beside the tables that others made."""
    url = fresh(request.param)
    invent(url)
    made = offices.settle(url, tmp_path / "journal")
    yield made
    made.close()


def test_in_a_place_of_others_what_can_be_done_is_done(invented: Office) -> None:
    wanted = Operation("identity_profiles", _ANN, "suspend", reason=REASON)
    invented.perform(wanted)
    assert invented.hand.ask(f"SELECT status FROM identity_profiles WHERE id = '{_ANN}'") == [("suspended",)]
    told = invented.hand.ask(
        "SELECT e.event_type, e.profile_id, m.name FROM application_events e "
        "JOIN application_modules m ON m.id = e.module_id WHERE e.event_type LIKE 'console.%'"
    )
    assert told == [("console.identity_profiles.suspend", _ANN, "quaestor")]


LACKING = (
    (
        "hardware_passes",
        "device_serial = 'S1'",
        "revoke",
        "hardware_passes.revocation_reason, hardware_passes.revoked_at",
    ),
    ("kyc_verifications", "status = 'pending'", "approve", "kyc_verifications.risk_tier"),
    ("multipass_credentials", "username = 'ann'", "disable", "multipass_credentials.status"),
    ("multipass_sessions", "token_hash = 'aa'", "revoke", "multipass_sessions.revocation_reason"),
    ("wallet_transactions", "status = 'pending'", "reject", "wallet_transactions.kind"),
)
"""An entity, one of its rows, an action, and the columns that this person did not invent."""


def test_in_a_place_of_others_what_is_lacking_is_named(invented: Office) -> None:
    for entity, which, action, lacks in LACKING:
        ((id_,),) = invented.hand.ask(f"SELECT id FROM {entity} WHERE {which}")
        with pytest.raises(Missing) as missing:
            invented.sheet(Operation(entity, id_, action, reason=REASON))
        assert lacks in str(missing.value)
