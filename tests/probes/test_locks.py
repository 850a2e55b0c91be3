"""A lock tree of three sessions is drawn as it is, and ending its root frees the others, with an entry in the ledger."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from db.errors import Denied, Missing, Refused, Stale
from db.operation import Armed
from db.probes import Ending, Lock, end, tree
from db.recent import find
from db.session import Session
from tests.probes.conftest import Holder, until
from tests.write.bank import ARMED, Bank


def drawn(session: Session, size: int = 2) -> Lock:
    """The root that blocks so many."""

    def look() -> Lock | None:
        return next((root for root in tree(session).roots if root.freed == size), None)

    found = until(look)
    assert isinstance(found, Lock)
    return found


def test_three_sessions_are_a_chain(bank: Bank, chain: list[Holder]) -> None:
    root = drawn(bank.session())
    (second,) = root.blocked
    (third,) = second.blocked
    assert [root.session, second.session, third.session] == [holder.number for holder in chain]
    assert third.blocked == ()
    assert root.state == "idle in transaction"
    assert root.waits_for == ""
    assert "accounts" in second.waits_for
    assert "A1" not in second.statement
    assert second.statement.startswith("UPDATE accounts SET version = version + ?")


def test_ending_the_root_frees_the_others_and_is_in_the_ledger(bank: Bank, chain: list[Holder]) -> None:
    desk = bank.desk()
    root = drawn(desk.session)
    done = end(desk, root, Ending.KILL, "it blocks two others", ARMED)
    assert done.heard
    until(chain[1].done)
    assert chain[1].outcome == "changed"
    chain[1].connection.rollback()
    until(chain[2].done)
    assert chain[2].outcome == "changed"
    assert until(lambda: not tree(desk.session).roots)
    found = find(desk.session, done.operation_id)
    assert found is not None
    assert found.receipt.seq == done.seq
    told = found.told
    assert (told["action"], told["ids"]) == ("end-session", [str(root.session)])
    assert told["session"]["blocks"] == 2
    with pytest.raises(Missing):
        end(desk, root, Ending.KILL, "again", ARMED)


def test_cancelling_a_waiting_statement_leaves_its_session(bank: Bank, chain: list[Holder]) -> None:
    desk = bank.desk()
    root = drawn(desk.session)
    end(desk, root.blocked[0], Ending.CANCEL, "it has waited long enough", ARMED)
    until(chain[1].done)
    assert chain[1].outcome == "failed"
    chain[1].connection.rollback()
    until(chain[2].done)
    assert chain[2].outcome == "changed"
    assert chain[0].connection.execute(text("SELECT 1")).scalar() == 1


def test_nothing_is_ended_unarmed_without_a_reason_or_in_place_of_another(
    bank: Bank, chain: list[Holder]
) -> None:
    desk = bank.desk()
    root = drawn(desk.session)
    for armed in (None, Armed("T", 0.0)):
        with pytest.raises(Denied):
            end(desk, root, Ending.KILL, "because", armed)
    with pytest.raises(Refused):
        end(desk, root, Ending.KILL, "  ", ARMED)
    with pytest.raises(Stale):
        end(desk, replace(root, began="another one"), Ending.KILL, "because", ARMED)
    assert drawn(desk.session).session == root.session
    chain[0].connection.rollback()
    until(chain[1].done)
    chain[1].connection.rollback()
    until(chain[2].done)
