"""Two people: proposals, approvals, drift, expiry, quorum, break-glass; each outcome once and in the ledger."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from db import carrying, once, own, policy, proposals, write
from db.errors import Denied, Missing, QuaestorError, Refused, Stale, Usage
from db.keys import HeldKey
from db.operation import Operation
from db.registering import register, revoke
from db.trustsphere.tables import accounts, transactions, user_roles, users
from tests.write import histories
from tests.write.bank import ARMED, BERT, Bank, account, fill, id_of, operation, transaction

CARL = HeldKey.of_seed(bytes(31) + b"\3", "carl@test")


@pytest.fixture
def office(empty: Callable[..., Bank], engine: str) -> Bank:
    """A bank where people are known by their keys, and three are registered."""
    return staffed(empty(engine, "key"))


@pytest.fixture
def ruled(make: Callable[..., Bank], engine: str) -> Bank:
    """The same, for a test that changes the policy."""
    return staffed(make(engine, principals="key"))


def staffed(bank: Bank) -> Bank:
    desk = fill(bank).desk()
    for key in (BERT, CARL):
        register(desk, ARMED, key.public_key)
    return bank


def large(bank: Bank, name: str = "L1", amount: str = "20000.00") -> Operation:
    """A transaction that takes two."""
    bank.add(accounts, account(f"{name}A", balance="30000.00", daily_transaction_limit=Decimal("90000.00")))
    bank.add(transactions, transaction(name, f"{name}A", "A2", amount))
    return operation("transactions", name, "approve")


def told(bank: Bank) -> list[str]:
    """The actions of all entries, in order."""
    with bank.engine.connect() as connection:
        rows = connection.execute(select(own.ledger.c.payload).order_by(own.ledger.c.seq))
        return [json.loads(bytes(row[0]))["action"] for row in rows]


def test_one_proposes_and_another_approves(office: Bank) -> None:
    wanted = large(office)
    anna, bert = office.desk(), office.desk(BERT)
    with pytest.raises(Denied, match="takes two people"):
        write.perform(anna, wanted, ARMED)
    proposal = proposals.propose(anna, ARMED, [wanted])
    assert (proposal.state, proposal.proposer, proposal.quorum) == ("open", anna.who.principal, 1)
    assert timedelta(hours=23) < proposal.expires_at - datetime.now(UTC) <= timedelta(hours=24, seconds=2)
    assert office.row(transactions, "L1")["status"] == "PENDING"
    (shown,) = proposals.review(bert.session, proposal)
    assert ("account L1A balance", Decimal("30000.00"), Decimal("10000.00")) in [
        (effect.what, effect.before, effect.after) for effect in shown.effects
    ]
    (outcome,) = proposals.approve(bert, ARMED, proposal.id, "looks right", [shown])
    assert outcome.done is not None
    assert office.row(transactions, "L1")["status"] == "COMPLETED"
    entry = outcome.done.told
    assert entry["proposer"] == anna.who.principal
    assert [each["approver"] for each in entry["approvals"]] == [bert.who.principal]
    assert proposals.load(anna.session, proposal.id).state == "done"
    assert told(office)[-3:] == ["propose", "approve", "approve"]
    with pytest.raises(Refused, match="is done"):
        proposals.approve(office.desk(CARL), ARMED, proposal.id)
    histories.verify(office)


def test_nobody_approves_their_own(office: Bank) -> None:
    anna = office.desk()
    proposal = proposals.propose(anna, ARMED, [large(office)])
    for deed in (proposals.approve, proposals.reject):
        with pytest.raises(Denied, match="another person"):
            deed(anna, ARMED, proposal.id, "mine")
    withdrawn = proposals.withdraw(anna, ARMED, proposal.id, "a mistake")
    assert withdrawn.state == "withdrawn"
    with pytest.raises(Refused, match="is withdrawn"):
        proposals.approve(office.desk(BERT), ARMED, proposal.id)
    assert office.row(transactions, "L1")["status"] == "PENDING"


def test_a_rejection_ends_it(office: Bank) -> None:
    anna, bert = office.desk(), office.desk(BERT)
    proposal = proposals.propose(anna, ARMED, [large(office)])
    with pytest.raises(Refused, match="reason"):
        proposals.reject(bert, ARMED, proposal.id, "")
    assert proposals.reject(bert, ARMED, proposal.id, "who is this?").state == "rejected"
    for desk in (bert, office.desk(CARL)):
        with pytest.raises(Refused, match="is rejected"):
            proposals.approve(desk, ARMED, proposal.id)
    assert proposals.listed(anna.session, current=True) == []
    assert [each.state for each in proposals.listed(anna.session)] == ["rejected"]


def test_drift_voids_it(office: Bank) -> None:
    anna, bert = office.desk(), office.desk(BERT)
    proposal = proposals.propose(anna, ARMED, [large(office)])
    office.run("UPDATE transactions SET fee_amount = 1" + "00" * office.url.startswith("sqlite"))
    assert "voids" in proposals.review(bert.session, proposal)[0].refused
    with pytest.raises(Stale, match="void"):
        proposals.approve(bert, ARMED, proposal.id)
    assert proposals.load(anna.session, proposal.id).state == "void"
    office.run("UPDATE transactions SET fee_amount = 0")
    with pytest.raises(Refused, match="is void"):
        proposals.approve(bert, ARMED, proposal.id)
    assert told(office)[-1] == "void"


def test_it_expires(office: Bank) -> None:
    anna = office.desk()
    proposal = proposals.propose(anna, ARMED, [large(office)])
    with office.engine.begin() as connection:
        ended = update(own.proposals).values(expires_at=datetime.now(UTC) - timedelta(minutes=1))
        connection.execute(ended)
    assert proposals.load(anna.session, proposal.id).state == "expired"
    with pytest.raises(Refused, match="is expired"):
        proposals.approve(office.desk(BERT), ARMED, proposal.id)


def test_a_quorum_of_two_takes_three_people(ruled: Bank) -> None:
    change_policy(ruled, "quorum", "2")
    anna, bert, carl = ruled.desk(), ruled.desk(BERT), ruled.desk(CARL)
    proposal = proposals.propose(anna, ARMED, [large(ruled)])
    assert proposals.approve(bert, ARMED, proposal.id) == []
    assert proposals.approve(bert, ARMED, proposal.id) == [], "the same vote again changes nothing"
    assert proposals.load(anna.session, proposal.id).state == "open"
    (outcome,) = proposals.approve(carl, ARMED, proposal.id)
    assert outcome.done is not None
    assert len(outcome.done.told["approvals"]) == 2


def change_policy(bank: Bank, name: str, value: str) -> None:
    """Two people set a threshold."""
    wanted = Operation("policy", name, "set", {"value": value}, "because of the test")
    proposal = proposals.propose(bank.desk(), ARMED, [wanted])
    (outcome,) = proposals.approve(bank.desk(BERT), ARMED, proposal.id)
    assert outcome.done is not None, outcome.refused


def test_the_policy_is_changed_by_two_people(ruled: Bank) -> None:
    alone = Operation("policy", "approve_dual_from", "set", {"value": "50.00"}, "because of the test")
    with pytest.raises(Denied, match="takes two people"):
        write.perform(ruled.desk(), alone, ARMED)
    glass = replace(alone, break_glass=True, reason="there is nobody else in the house tonight")
    if not ruled.url.startswith("sqlite"):
        with pytest.raises(QuaestorError, match="approved proposal only"):
            write.perform(ruled.desk(), glass, ARMED)
    change_policy(ruled, "approve_dual_from", "50.00")
    assert policy.load(ruled.session())["approve_dual_from"] == "50.00"
    with pytest.raises(Denied, match="takes two people"):
        write.perform(ruled.desk(), operation("transactions", "T1", "approve"), ARMED)
    with pytest.raises(Refused, match=r"50\.00 already"):
        proposals.propose(ruled.desk(), ARMED, [alone])
    with pytest.raises(Usage, match="wants a number"):
        proposals.propose(ruled.desk(), ARMED, [replace(alone, form={"value": "much"})])


def test_a_profile_only_tightens(office: Bank) -> None:
    assert office.session(settings={"approve_dual_from": "9.00"}).settings["approve_dual_from"] == "9.00"
    with pytest.raises(Usage, match="only make it lower"):
        office.session(settings={"approve_dual_from": "10000.01"})
    with pytest.raises(Usage, match="only make it higher"):
        office.session(settings={"quorum": "0"})


def test_many_records_each_once_and_the_drifted_one_not(office: Bank) -> None:
    wanted = [large(office, f"M{n}") for n in range(4)]
    anna, bert = office.desk(), office.desk(BERT)
    proposal = proposals.propose(anna, ARMED, wanted)
    proposals._vote(bert, proposal, "approve", "", {})
    office.run(f"UPDATE accounts SET status = 'FROZEN' WHERE id = '{id_of('M2A')}'")
    outcomes = proposals.carry_out(bert, ARMED, proposals.load(bert.session, proposal.id))
    assert [outcome.done is not None for outcome in outcomes] == [True, True, False, True]
    assert "FROZEN" in outcomes[2].refused
    now = proposals.load(anna.session, proposal.id)
    assert (now.state, len(now.done)) == ("void", 3)
    with pytest.raises(Refused, match="is void"):
        proposals.carry_out(anna, ARMED, now)


def test_carrying_out_goes_on_where_it_ended(office: Bank) -> None:
    anna, bert = office.desk(), office.desk(BERT)
    proposal = proposals.propose(anna, ARMED, [large(office, f"M{n}") for n in range(3)])
    proposals._vote(bert, proposal, "approve", "", {})
    approved = proposals.load(bert.session, proposal.id)
    write.perform(bert, approved.operation(id_of("M1")), ARMED, approval=carrying._Approved(bert, approved))
    half = proposals.load(anna.session, proposal.id)
    assert (half.state, half.done) == ("approved", (id_of("M1"),))
    outcomes = proposals.carry_out(anna, ARMED, half)
    assert [outcome.done.earlier for outcome in outcomes if outcome.done] == [False, True, False]
    balances = [office.row(accounts, f"M{n}A")["balance"] for n in range(3)]
    assert balances == [Decimal("10000.00")] * 3, "each once"


def test_the_actions_that_take_two(office: Bank) -> None:
    office.add(accounts, account("Z1", balance="0.00"))
    anna, bert = office.desk(), office.desk(BERT)

    def both(wanted: Operation) -> None:
        (outcome,) = proposals.approve(bert, ARMED, proposals.propose(anna, ARMED, [wanted]).id)
        assert outcome.done is not None, outcome.refused

    both(operation("users", "olga", "grant-role", form={"role": "TELLER"}))
    assert [row["user_id"] for row in office.rows(user_roles)] == [id_of("olga")]
    with pytest.raises(Refused, match="has the role"):
        proposals.propose(anna, ARMED, [operation("users", "olga", "grant-role", form={"role": "TELLER"})])
    both(operation("users", "olga", "revoke-role", form={"role": "TELLER"}))
    assert office.rows(user_roles) == []
    assert office.row(users, "olga")["version"] == 3
    both(operation("accounts", "Z1", "set-limit", form={"limit": "20000"}))
    assert office.row(accounts, "Z1")["daily_transaction_limit"] == Decimal("20000.00")
    both(operation("accounts", "Z1", "close"))
    assert office.row(accounts, "Z1")["status"] == "CLOSED"


def test_undo_of_what_took_two_takes_two(office: Bank) -> None:
    anna, bert = office.desk(), office.desk(BERT)
    lower = write.perform(anna, operation("accounts", "A1", "set-limit", form={"limit": "5.00"}), ARMED)
    back = operation("accounts", "A1", "set-limit", form={"limit": "10000.00"}, undoes=lower.operation_id)
    with pytest.raises(Denied, match="takes two people"):
        write.perform(bert, back, ARMED)


def test_to_break_the_glass_takes_a_reason_and_leaves_an_open_review(office: Bank) -> None:
    anna, bert = office.desk(), office.desk(BERT)
    wanted = replace(large(office), break_glass=True)
    with pytest.raises(Refused, match="at least 20"):
        write.perform(anna, replace(wanted, reason="quick quick"), ARMED)
    done = write.perform(anna, replace(wanted, reason="the customer stands at the counter"), ARMED)
    assert done.told["break_glass"] is True
    (item,) = proposals.listed(bert.session, current=True)
    assert (item.action, item.targets, item.state) == ("review", (done.operation_id,), "open")
    assert item.created_at < item.expires_at
    with pytest.raises(Denied, match="another person"):
        proposals.approve(anna, ARMED, item.id)
    assert proposals.approve(bert, ARMED, item.id, "I saw the customer") == []
    assert proposals.load(bert.session, item.id).state == "done"
    assert proposals.listed(bert.session, current=True) == []


def test_a_vote_without_its_entry_does_not_count(office: Bank) -> None:
    """Whoever can write into the table cannot sign for another one."""
    anna, bert = office.desk(), office.desk(BERT)
    proposal = proposals.propose(anna, ARMED, [large(office)])
    with office.engine.begin() as connection:
        connection.execute(
            own.approvals.insert().values(
                proposal_id=proposal.id,
                approver=bert.who.principal,
                proposer=proposal.proposer,
                payload_hash=proposal.payload_hash,
                decision="approve",
                reason="",
                key_id=bert.who.key_id,
                signature=bytes(64),
                created_at=datetime.now(UTC),
            )
        )
    forged = proposals.load(anna.session, proposal.id)
    assert forged.state == "approved"
    outcomes = proposals.carry_out(anna, ARMED, forged)
    assert "does not count" in outcomes[0].refused
    assert office.row(transactions, "L1")["status"] == "PENDING"


def test_a_changed_proposal_is_not_the_one_that_was_approved(office: Bank) -> None:
    anna, bert = office.desk(), office.desk(BERT)
    proposal = proposals.propose(anna, ARMED, [large(office)])
    proposals._vote(bert, proposal, "approve", "", {})
    office.run("UPDATE quaestor_proposals SET reason = 'another one'")
    outcomes = proposals.carry_out(anna, ARMED, proposals.load(anna.session, proposal.id))
    assert "rows were changed" in outcomes[0].refused


def test_a_key_that_is_revoked_works_no_longer(office: Bank) -> None:
    anna, bert = office.desk(), office.desk(BERT)
    revoke(anna, ARMED, bert.who.key_id, "left the house")
    with pytest.raises(Denied, match="was revoked"):
        office.desk(BERT)
    stranger = HeldKey.new("nobody@test")
    with pytest.raises(Denied, match="is not registered"):
        office.desk(stranger)
    with pytest.raises(Missing, match="no proposal"):
        proposals.load(anna.session, id_of("none"))


def test_an_id_that_somebody_took_before_is_not_taken_for_done(office: Bank) -> None:
    """The ids of a proposal's operations can be foreseen by whoever may append."""
    anna, bert = office.desk(), office.desk(BERT)
    proposal = proposals.propose(anna, ARMED, [large(office)])
    (target,) = proposal.targets
    once.enter(bert, proposal.operation(target).operation_id, {"action": "approve", "reason": "a lie"})
    assert proposals.load(anna.session, proposal.id).state == "open"
    (outcome,) = proposals.approve(bert, ARMED, proposal.id, "fine")
    assert "belongs to another operation" in outcome.refused
    assert proposals.load(anna.session, proposal.id).state == "void"
    assert office.row(transactions, "L1")["status"] == "PENDING"
