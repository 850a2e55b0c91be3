"""A containment: shown, proposed, approved by another, carried out once whatever cuts it, and reported as it was."""

from __future__ import annotations

import json
import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from db import contain, faults, own, proposals
from db.contain.plan import Plan
from db.desk import Desk
from db.errors import Denied, Missing, Refused, Unreachable
from db.finpass import tables as fp
from db.keys import HeldKey
from db.multipass import tables as mp
from db.names import NAMES
from db.paymentlinker import tables as pl
from db.resolve import resolve
from db.session import Session
from db.trustsphere import tables as ts
from db.who import Source, Who, search
from tests.who import town as towns
from tests.who.town import ANNA, ARMED, BERT, NOW, Town, id_of

REASON = "her telephone was stolen"
CUTS = 20
EXPECTED = {
    ("multipass", "multipass_sessions", "revoke"): 4, ("multipass", "hardware_passes", "revoke"): 2,
    ("multipass", "multipass_credentials", "disable"): 1, ("multipass", "identity_profiles", "suspend"): 1,
    ("multipass", "wallet_accounts", "freeze"): 1, ("finpass", "credentials", "revoke"): 3,
    ("finpass", "users", "suspend"): 1, ("trustsphere", "users", "suspend"): 1, ("trustsphere", "accounts", "freeze"): 2,
    ("paymentlinker", "users", "deactivate"): 1,
}  # fmt: skip
"""What Ann's containment does, by hand."""


class Cut(BaseException):
    """The program ends here."""


def found(town: Town, text: str = "ann@example.org", *names: str) -> tuple[Who, list[Session]]:
    """Who it is, and where."""
    sessions = [town.session(name) for name in names or NAMES]
    return search([Source.of(session) for session in sessions], text, most=500), sessions


def planned(town: Town, text: str = "ann@example.org", *names: str, id_: str = "") -> Plan:
    """The plan."""
    who, sessions = found(town, text, *names)
    return contain.plan(who, sessions, reason=REASON, ticket="T-1", id_=id_)


def propose(town: Town, made: Plan, signer: HeldKey = ANNA) -> None:
    """Propose every part."""
    for part in made.parts:
        contain.propose(town.desk(part.source, signer), ARMED, made, part)


def approve(town: Town, plan: str, signer: HeldKey = BERT, *names: str) -> list[proposals.Outcome]:
    """Approve and carry out every part."""
    outcomes = []
    for name in names or NAMES:
        desk = town.desk(name, signer)
        proposal = contain.standing(desk.session, plan).proposal
        if proposal is not None and proposal.state in ("open", "approved"):
            outcomes += contain.approve(desk, ARMED, proposal)
    return outcomes


def entries(town: Town) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every entry of every ledger."""
    for name in NAMES:
        for row in town.rows(name, own.ledger):
            yield name, {**json.loads(bytes(row["payload"])), "seq": row["seq"]}


def deeds(town: Town) -> Counter[tuple[str, str, str, str]]:
    """What was done to which record, and how often."""
    actions = {
        (system, rule.entity, rule.action) for system, rules in contain.RULES.items() for rule in rules
    }
    return Counter(
        (system, told["entity"], told["action"], told["id"])
        for system, told in entries(town)
        if (system, told.get("entity"), told.get("action")) in actions
    )


def taken_away(town: Town) -> bool:
    """Whether nothing gives Ann access any more, and nobody else lost any."""
    hers = id_of("ann")
    sessions = town.rows("multipass", mp.multipass_sessions)
    return (
        all((row["revoked_at"] is not None) == (row["profile_id"] == hers) for row in sessions)
        and all(row["status"] == "revoked" for row in town.rows("multipass", mp.hardware_passes))
        and {
            row["status"]
            for row in town.rows("multipass", mp.multipass_credentials)
            if row["profile_id"] == hers
        }
        == {"disabled"}
        and all(
            (row["status"] == "REVOKED") == (row["user_id"] == hers)
            for row in town.rows("finpass", fp.credentials)
        )
        and all(
            (row["status"] == "SUSPENDED") == (row["id"] == hers)
            for system, table in (("finpass", fp.users), ("trustsphere", ts.users))
            for row in town.rows(system, table)
        )
        and all(
            (row["status"] == "FROZEN") == (row["user_id"] == hers)
            for row in town.rows("trustsphere", ts.accounts)
        )
        and all(row["is_active"] == (row["id"] != hers) for row in town.rows("paymentlinker", pl.users))
    )


def reports(town: Town) -> dict[str, dict[str, Any]]:
    """The report in each ledger; there is at most one."""
    told = [(name, one) for name, one in entries(town) if one.get("action") == proposals.CONTAINED]
    assert len({name for name, _ in told}) == len(told)
    return dict(told)


def check_reports(town: Town) -> None:
    """What the reports say was done is what the ledgers say."""
    for name, told in reports(town).items():
        by_seq = {one["seq"]: one for system, one in entries(town) if system == name}
        for target, seq in told["done"].items():
            one = by_seq[seq]
            assert target == f"{one['entity']} {one['action']} {one['id']}"
            assert one["proposal"] == told["proposal"]


def test_the_plan_is_what_was_written_by_hand(lite: Town) -> None:
    made = planned(lite)
    assert (
        Counter((p.system, s.operation.entity, s.operation.action) for p in made.parts for s in p.steps)
        == EXPECTED
    )
    assert made.operations == sum(EXPECTED.values())
    assert all(step.effects and not step.refused for part in made.parts for step in part.steps)
    assert deeds(lite) == {}


def test_two_people_contain_a_person_everywhere(town: Town) -> None:
    made = planned(town)
    propose(town, made)
    assert deeds(town) == {}
    outcomes = approve(town, made.id)
    assert all(each.done for each in outcomes)
    assert len(outcomes) == made.operations
    assert taken_away(town)
    assert set(deeds(town).values()) == {1}
    assert Counter(key[:3] for key in deeds(town)) == EXPECTED
    assert set(reports(town)) == set(NAMES)
    check_reports(town)
    assert {contain.standing(town.session(name), made.id).state for name in NAMES} == {"done"}


def test_afterwards_there_is_nothing_left_to_take_away(lite: Town) -> None:
    made = planned(lite)
    propose(lite, made)
    approve(lite, made.id)
    again = planned(lite)
    assert again.operations == 0
    assert sum(part.over for part in again.parts) == made.operations
    assert [contain.propose(lite.desk(part.source), ARMED, again, part) for part in again.parts] == [None] * 4


def test_whoever_proposed_it_cannot_approve_it(lite: Town) -> None:
    made = planned(lite)
    propose(lite, made)
    with pytest.raises(Denied, match="another person"):
        approve(lite, made.id, ANNA)
    desk = lite.desk("finpass", ANNA)
    proposal = contain.standing(desk.session, made.id).proposal
    assert proposal is not None
    with pytest.raises(Denied, match="another person"):
        contain.resume(desk, ARMED, proposal)
    assert deeds(lite) == {}


def test_what_ended_meanwhile_is_told_and_the_rest_is_done(town: Town) -> None:
    made = planned(town)
    propose(town, made)
    over = id_of("ann session 1")
    town.run("multipass", "UPDATE multipass_sessions SET revoked_at = created_at WHERE id = :id", id=over)
    town.run("trustsphere", "UPDATE accounts SET status = 'CLOSED' WHERE id = :id", id=id_of("TSANN0000"))
    outcomes = approve(town, made.id)
    refused = {each.target for each in outcomes if each.refused}
    assert refused == {f"multipass_sessions revoke {over}", f"accounts freeze {id_of('TSANN0000')}"}
    assert len(deeds(town)) == made.operations - 2
    check_reports(town)
    told = reports(town)["multipass"]
    assert set(told["not_done"]) == {f"multipass_sessions revoke {over}"}
    assert "revoked" in told["not_done"][f"multipass_sessions revoke {over}"] or "no longer" in str(
        told["not_done"]
    )
    assert contain.standing(town.session("multipass"), made.id).state == "contained"


def test_an_unreachable_system_is_said_and_resumed_alone(lite: Town) -> None:
    def fail() -> Session:
        raise Unreachable("multipass does not answer.")

    sessions = [lite.session(name) for name in NAMES if name != "multipass"]
    who = search([*map(Source.of, sessions), Source("multipass", fail)], "ann@example.org")
    made = contain.plan(who, sessions, reason=REASON, ticket="T-1")
    assert {part.source: part.error for part in made.parts if part.error} == {
        "multipass": "multipass does not answer."
    }
    for part in made.parts:
        if not part.error:
            contain.propose(lite.desk(part.source), ARMED, made, part)
    approve(lite, made.id, BERT, *(name for name in NAMES if name != "multipass"))
    assert not taken_away(lite)
    assert contain.standing(lite.session("multipass"), made.id).state == "not proposed"
    before = deeds(lite)
    rest = planned(lite, "ann@example.org", id_=made.id)
    assert {part.source for part in rest.parts if part.possible} == {"multipass"}
    propose(lite, rest)
    approve(lite, made.id)
    assert taken_away(lite)
    assert set(deeds(lite).values()) == {1}
    assert before.items() <= deeds(lite).items()
    assert len({told["plan"] for told in reports(lite).values()}) == 1


def test_two_containments_of_one_person_meet(town: Town) -> None:
    first, second = planned(town), planned(town)
    propose(town, first)
    for part in second.parts:
        with pytest.raises(Refused, match=f"being contained already, by plan {first.id}"):
            contain.propose(town.desk(part.source, BERT), ARMED, second, part)


def test_two_containments_at_the_same_moment_meet_in_the_ledger(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "db.contain.carrying.under_way", lambda session, subjects: None
    )  # both looked before either wrote
    plans = [planned(town), planned(town)]
    desks = [town.desk("finpass", ANNA), town.desk("finpass", BERT, "journal of bert")]
    part = next(part for part in plans[0].parts if part.source == "finpass")
    said: list[str] = []
    gate = threading.Barrier(2)

    def run(desk: Desk, made: Plan) -> None:
        gate.wait(20)
        try:
            contain.propose(desk, ARMED, made, part)
            said.append("proposed")
        except Refused as error:
            said.append(str(error))

    threads = [threading.Thread(target=run, args=pair) for pair in zip(desks, plans, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert said.count("proposed") == 1
    assert any("being contained already" in text for text in said), said
    assert len(town.rows("finpass", own.proposals)) == 1


def test_nobody_and_several_are_not_contained(lite: Town) -> None:
    with pytest.raises(Missing, match="nothing to contain"):
        planned(lite, "did:key:zUnknown")
    with pytest.raises(Refused, match="leads to 2 people"):
        planned(lite, "+41 44 555 01 01")


def test_only_a_telephone_does_not_contain_another(lite: Town) -> None:
    made = planned(lite)
    assert not any(id_of("bob") in step.operation.id for part in made.parts for step in part.steps)


def test_what_cannot_be_done_is_shown_and_not_proposed(lite: Town) -> None:
    lite.run("finpass", "UPDATE credentials SET status = 'ODD' WHERE id = :id", id=id_of("ann credential 0"))
    made = planned(lite)
    (refused,) = (step for part in made.parts for step in part.steps if step.refused)
    assert "ODD" in refused.refused
    propose(lite, made)
    assert len(approve(lite, made.id)) == made.operations == sum(EXPECTED.values()) - 1


@contextmanager
def cut_after(points: int) -> Iterator[None]:
    """End the program at the so-manieth point of its writes."""
    left = [points]

    def reached(name: str) -> None:
        left[0] -= 1
        if not left[0]:
            raise Cut(name)

    end = faults.watch(reached)
    try:
        yield
    finally:
        end()


def attempt(town: Town, plan: str) -> None:
    """One run of the program: what the last one left undecided, then the plan from wherever it is."""
    for name in NAMES:
        resolve(town.desk(name, ANNA))
        resolve(town.desk(name, BERT, "journal of bert"))
    made = planned(town, id_=plan)
    for part in made.parts:
        stands = contain.standing(town.session(part.source), plan)
        if stands.proposal is None:
            contain.propose(town.desk(part.source, ANNA), ARMED, made, part)
    for name in NAMES:
        desk = town.desk(name, BERT, "journal of bert")
        stands = contain.standing(desk.session, plan)
        if stands.state in ("open", "approved"):
            assert stands.proposal is not None
            contain.approve(desk, ARMED, stands.proposal)


def die(town: Town) -> None:
    """The connections end, and nothing is tidied up."""
    for each in town.opened:
        if isinstance(each, Desk):
            each.engine.dispose()
            each.journal.close()
            each.session.close()
        else:
            each.close()
    town.opened.clear()


def test_cut_at_twenty_points_and_resumed(town: Town) -> None:
    seed = random.SystemRandom().randrange(2**32)
    sys.stdout.write(f"seed {seed}\n")
    dice = random.Random(seed)
    more = {
        "token_hash": "",
        "profile_id": id_of("ann"),
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=2),
    }
    town.add("multipass", mp.multipass_sessions, *(
        {**more, "id": id_of(f"more {n}"), "token_hash": f"more {n}"} for n in range(25)
    ))  # fmt: skip
    town.add("finpass", fp.credentials, *(towns.credential("ann", n) for n in range(10, 23)))
    town.add("trustsphere", ts.accounts, *(account(n) for n in range(5)))
    plan = planned(town)
    assert plan.operations == 60
    cuts = 0
    while True:
        try:
            with cut_after(dice.randint(1, 40) if cuts < CUTS else 10**9):
                attempt(town, plan.id)
        except Cut:
            cuts += 1
            die(town)
            continue
        break
    assert cuts == CUTS, f"seed {seed}"
    assert taken_away(town), f"seed {seed}"
    assert len(deeds(town)) == 60, f"seed {seed}"
    assert set(deeds(town).values()) == {1}, f"seed {seed}"
    assert set(reports(town)) == set(NAMES)
    assert sum(len(told["done"]) for told in reports(town).values()) == 60
    assert all(not told["not_done"] for told in reports(town).values())
    check_reports(town)
    audited = [row for row in town.rows("finpass", fp.audit_events) if row["source_system"] == "quaestor"]
    assert len(audited) == sum(key[0] == "finpass" for key in deeds(town))
    votes = [row for name in NAMES for row in town.rows(name, own.approvals)]
    assert len(votes) == 4


def account(n: int) -> dict[str, Any]:
    """One more of her accounts."""
    return {
        "id": id_of(f"more account {n}"), "account_number": f"TSMORE{n}", "user_id": id_of("ann"),
        "account_type": "SAVINGS", "balance": 0, "status": "ACTIVE", "interest_rate": 0, "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
