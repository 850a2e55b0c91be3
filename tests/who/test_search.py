"""What a text leads to, why, and what cannot be asked."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import text as sql

from db.errors import Unreachable, Usage
from db.session import Session
from db.who import Found, Part, Person, Source, Who, search, trail
from tests.who.town import Town, did_of, id_of

ANNS = {
    "trustsphere:users/ann", "trustsphere:accounts/TSANN0000", "trustsphere:accounts/TSANN0001",
    "paymentlinker:users/ann", "paymentlinker:applications/ann applies", "paymentlinker:devices/dp-1",
    "finpass:users/ann", "finpass:credentials/ann credential 0", "finpass:credentials/ann credential 1",
    "finpass:credentials/ann credential 2", "finpass:payments/ann pays",
    "multipass:identity_profiles/ann", "multipass:multipass_credentials/ann signs in",
    "multipass:multipass_sessions/ann session 0", "multipass:multipass_sessions/ann session 1",
    "multipass:multipass_sessions/ann session 2", "multipass:multipass_sessions/ann session 3",
    "multipass:hardware_passes/ann pass 0", "multipass:hardware_passes/ann pass 1",
    "multipass:wallet_accounts/ann wallet",
}  # fmt: skip
"""Every record of hers, by hand."""

LEADS = (
    "ann@example.org", "Ann@Example.org", " ann@example.org ", did_of("ann"), "ann.the.user", "TSANN0001",
    "SER-ann-1", "TX-ann", id_of("ann"), id_of("ann session 2"), id_of("ann credential 1"), id_of("ann wallet"),
    id_of("a5"), id_of("TSANN0000"), id_of("ann applies"),
)  # fmt: skip
"""What leads to her: email, DID, username, account number, serial, reference, ids of all sorts."""


def refs(person: Person) -> set[str]:
    """The records by the names that the tests call them by."""
    return {ref(found) for found in person.records}


def ref(found: Found) -> str:
    """A record by its name."""
    known = {
        f"{place}/{id_of(name)}": f"{place}/{name}" for place, _, name in (one.partition("/") for one in ANNS)
    }
    return known.get(found.ref, found.ref)


def why(who: Who, name: str) -> tuple[str, ...]:
    """Why a record is believed to be somebody's."""
    (found,) = (one for person in who.people for one in person.records if ref(one) == name)
    return found.why


@pytest.mark.parametrize("lead", LEADS, ids=[f"lead{n}" for n in range(len(LEADS))])
def test_every_text_leads_to_all_of_the_person(lite: Town, lead: str) -> None:
    who = search(lite.sources(), lead)
    (person,) = who.sure
    assert refs(person) - {f"multipass:application_events/{lead}"} == ANNS
    assert who.errors == {}
    assert who.notes == {}


def test_on_the_real_engines(town: Town) -> None:
    who = search(town.sources(), "ann@example.org")
    (person,) = who.sure
    assert refs(person) == ANNS
    assert (who.errors, who.notes) == ({}, {})
    assert [found.system for found in person.subjects].count("paymentlinker") == 2
    told = trail([source.open() for source in town.sources()], person)
    assert [row.values[4] for row in told.rows] == ["LOGIN", "SUBMITTED", "ISSUED", "opened", "SIGNED"]
    assert told.notes == ()


def test_why_each_link_is_believed(lite: Town) -> None:
    who = search(lite.sources(), did_of("ann"))
    assert why(who, "finpass:users/ann") == (f"its DID is {did_of('ann')}",)
    assert why(who, "trustsphere:users/ann") == ("same email ann@example.org",)
    assert why(who, "trustsphere:accounts/TSANN0000") == ("account of that user",)
    assert set(why(who, "finpass:credentials/ann credential 0")) == {
        f"its subject DID is {did_of('ann')}", "credential held by that user", "credential about that DID",
    }  # fmt: skip
    assert why(who, "multipass:multipass_sessions/ann session 0") == ("session of that profile",)


def test_a_telephone_alone_is_told_and_not_believed(lite: Town) -> None:
    who = search(lite.sources(), "ann@example.org")
    bob = next(person for person in who.people if not person.sure)
    assert [found.id for found in bob.subjects] == [id_of("bob")]
    assert all(one.startswith("same phone") for one in bob.subjects[0].why)
    assert not bob.subjects[0].sure


def test_a_number_that_several_have_leads_to_each(lite: Town) -> None:
    assert {person.name for person in search(lite.sources(), "+41 44 555 01 01").sure} >= {
        "Bob · bob@example.org"
    }
    assert len(search(lite.sources(), "+41 44 555 01 01").sure) == 2


def test_a_payment_leads_to_whoever_is_known_of_its_two(lite: Town) -> None:
    lite.run(
        "finpass", "UPDATE payments SET payee_did = :did WHERE transaction_id = 'TX-ann'", did=did_of("cleo")
    )
    who = search(lite.sources(), "TX-ann")
    assert {found.id for person in who.sure for found in person.subjects if found.system == "finpass"} == {
        id_of("ann"), id_of("cleo"),
    }  # fmt: skip


def test_whoever_was_paid_is_not_the_payer(lite: Town) -> None:
    lite.run(
        "finpass", "UPDATE payments SET payee_did = :did WHERE transaction_id = 'TX-ann'", did=did_of("cleo")
    )
    (person,) = search(lite.sources(), did_of("ann")).sure
    assert refs(person) == ANNS


def test_nobody(lite: Town) -> None:
    who = search(lite.sources(), "did:key:zNobody")
    assert (who.people, who.loose, who.errors) == ((), (), {})


@pytest.mark.parametrize(
    "text", ["", "   ", "a\nb", "\x00", "x" * 401], ids=["none", "space", "lines", "nul", "long"]
)
def test_what_can_be_nowhere_is_refused(lite: Town, text: str) -> None:
    with pytest.raises(Usage, match="printable"):
        search(lite.sources(), text)


def test_odd_texts_find_nothing_and_break_nothing(town: Town) -> None:
    sources = town.sources()
    for text in ("' OR 1=1 --", "%", "did:", "🙂@x", "-1", "\\", "a/b", "{}"):
        who = search(sources, text)
        assert (who.people, who.loose, who.errors) == ((), (), {}), text


def test_a_system_that_cannot_be_reached_is_said(lite: Town) -> None:
    def fail() -> Session:
        raise Unreachable("multipass does not answer.")

    who = search([*lite.sources("trustsphere", "finpass"), Source("multipass", fail)], "ann@example.org")
    assert who.errors == {"multipass": "multipass does not answer."}
    assert {found.system for found in who.sure[0].subjects} == {"trustsphere", "finpass"}


def test_a_system_that_hangs_has_a_deadline_of_its_own(lite: Town) -> None:
    free = threading.Event()

    def hang() -> Session:
        free.wait(30)
        raise Unreachable("too late")

    parts: list[Part] = []
    who = search(
        [*lite.sources("trustsphere", "finpass"), Source("slow", hang)],
        "ann@example.org",
        patience=0.3,
        told=parts.append,
    )
    free.set()
    assert "does not answer within 0.3 s" in who.errors["slow"]
    assert len(who.sure) == 1
    assert who.seconds < 5
    assert {part.source for part in parts} == {"trustsphere", "finpass", "slow"}


def test_answers_come_as_they_are_there(lite: Town) -> None:
    parts: list[Part] = []
    first = threading.Event()

    def wait() -> Session:
        first.wait(20)
        return lite.session("multipass")

    def told(part: Part) -> None:
        parts.append(part)
        first.set()

    search([*lite.sources("trustsphere"), Source("multipass", wait)], "ann@example.org", told=told)
    assert [part.source for part in parts[:2]] == ["trustsphere", "multipass"]


def test_without_an_index_it_is_said_and_not_read(town: Town) -> None:
    index = next(
        one.name
        for one in town.session("finpass").schema.tables["users"].indexes
        if one.columns[0] == "email" and one.name.startswith("quaestor_ix")
    )
    town.run("finpass", f"DROP INDEX {index}")
    who = search(town.sources("finpass"), "ann@example.org")
    assert who.people == ()
    assert "finpass" in who.notes
    assert any(
        "users.email has no index" in note and "--part indexes" in note for note in who.notes["finpass"]
    )


def test_a_column_that_is_not_there_is_said(lite: Town) -> None:
    lite.run("multipass", "ALTER TABLE hardware_passes RENAME COLUMN serial TO serial_number")
    who = search(lite.sources("multipass"), "SER-ann-1")
    assert any("hardware_passes.serial is not" in note for note in who.notes["multipass"])


def test_one_tenant_sees_its_own(lite: Town) -> None:
    source = lite.session("paymentlinker").for_tenant(id_of("another tenant"))
    assert search([Source.of(source)], "ann@example.org").people == ()


def test_more_than_is_shown_is_said(lite: Town) -> None:
    who = search(lite.sources("multipass"), "ann@example.org", most=2)
    assert any("more than 2" in note for note in who.notes["multipass"])


def test_the_states_tell_what_holds_now(lite: Town) -> None:
    lite.run("multipass", "UPDATE multipass_sessions SET revoked_at = created_at WHERE token_hash = 'ann 0'")
    lite.run("multipass", "UPDATE multipass_sessions SET expires_at = created_at WHERE token_hash = 'ann 1'")
    lite.run(
        "finpass",
        "UPDATE credentials SET expires_at = issued_at WHERE id = :id",
        id=id_of("ann credential 0"),
    )
    lite.run("paymentlinker", "UPDATE users SET is_active = 0 WHERE email = 'ann@example.org'")
    (person,) = search(lite.sources(), "ann@example.org").sure
    states = {ref(found): found.state for found in person.records}
    assert states["multipass:multipass_sessions/ann session 0"] == "ended"
    assert states["multipass:multipass_sessions/ann session 1"] == "expired"
    assert states["multipass:multipass_sessions/ann session 2"] == "live"
    assert states["finpass:credentials/ann credential 0"] == "expired"
    assert states["paymentlinker:users/ann"] == "inactive"
    assert states["trustsphere:users/ann"] == "ACTIVE"


def test_a_trail_says_what_is_not_in_it(town: Town) -> None:
    (person,) = search(town.sources(), "ann@example.org").sure
    schema = town.session("paymentlinker").schema.tables["audit_logs"]
    index = next(i.name for i in schema.indexes if i.columns[0] == "application_id")
    town.run("paymentlinker", f"DROP INDEX {index}")
    lost = town.session("trustsphere", url=town.urls["trustsphere"])
    told = trail([lost, town.session("paymentlinker")], person)
    assert [row.values[4] for row in told.rows] == ["LOGIN", "SIGNED"]
    assert any("application_id has no index" in note for note in told.notes)
    with lost.engine.connect() as connection:
        assert connection.execute(sql("SELECT 1")).scalar() == 1


def test_a_trail_of_one_record_only(lite: Town) -> None:
    (person,) = search(lite.sources(), "ann@example.org").sure
    only = replace(person, subjects=person.subjects[:1], hanging={})
    assert len(trail([lite.session("trustsphere")], only, limit=1).rows) == 1
