"""Claims: eight operators on one queue see each record once; leases lapse, and a take-over says why."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from db import claims, notes, write
from db.desk import Desk
from db.errors import Denied, Missing, Refused
from db.keys import HeldKey
from db.model import Mode, Query
from db.registering import register
from db.trustsphere.tables import accounts, transactions, users
from tests.write import histories
from tests.write.bank import ARMED, BERT, Bank, account, fill, id_of, operation, transaction, user

OPERATORS = [HeldKey.of_seed(bytes([9, n]) + bytes(30), f"operator{n}@test") for n in range(8)]
QUEUE = {"postgresql": 1000, "mariadb": 200, "mysql": 200, "sqlite": 100}
A1 = id_of("A1")


@pytest.fixture
def pair(empty: Callable[..., Bank], engine: str) -> tuple[Desk, Desk]:
    """Anna's desk and Bert's."""
    bank = fill(empty(engine, "key"))
    anna = bank.desk()
    register(anna, ARMED, BERT.public_key)
    return anna, bank.desk(BERT)


def test_one_holds_it_until_it_is_released_or_lapses(pair: tuple[Desk, Desk]) -> None:
    anna, bert = pair
    held = claims.claim(anna, "accounts", A1)
    assert (held.holder, held.name) == (anna.who.principal, "anna@test")
    with pytest.raises(Refused, match=r"anna@test holds it until \d\d:\d\d"):
        claims.claim(bert, "accounts", A1)
    assert claims.of(bert.session, "accounts", [A1])[A1].holder == anna.who.principal
    assert claims.renew(anna, "accounts", A1, 900).until > held.until  # type: ignore[operator] # both are held
    claims.release(bert, "accounts", A1)
    assert A1 in claims.of(bert.session, "accounts", [A1]), "nobody releases another one's"
    claims.release(anna, "accounts", A1)
    assert claims.of(bert.session, "accounts", [A1]) == {}
    assert claims.claim(bert, "accounts", A1, -1).holder == bert.who.principal
    assert claims.claim(anna, "accounts", A1).holder == anna.who.principal, (
        "a lease that lapsed holds nobody up"
    )


def test_a_take_over_says_why(pair: tuple[Desk, Desk]) -> None:
    anna, bert = pair
    claims.claim(anna, "accounts", A1)
    with pytest.raises(Refused, match="takes a reason"):
        claims.take_over(bert, "accounts", A1, " ")
    taken = claims.take_over(bert, "accounts", A1, "Anna is ill")
    assert (taken.holder, taken.reason) == (bert.who.principal, "Anna is ill")
    with pytest.raises(Refused, match="bert@test holds it"):
        claims.renew(anna, "accounts", A1)


def test_what_is_put_off_is_not_offered(pair: tuple[Desk, Desk]) -> None:
    anna, bert = pair
    entity = anna.session.entity("transactions")
    view = entity.view("pending")
    assert view is not None
    query = Query(entity, view)
    first = claims.next_free(anna, query)
    assert first is not None
    assert first.id == id_of("T1")
    assert claims.next_free(bert, query) is None, "Anna has it"
    asleep = claims.snooze(anna, "transactions", first.id, 3600, "waits for the branch")
    assert (asleep.holder, asleep.reason) == ("", "waits for the branch")
    assert asleep.snoozed_until is not None
    assert claims.next_free(bert, query) is None
    assert claims.next_free(anna, query) is None
    assert claims.claim(bert, "transactions", first.id).holder == bert.who.principal, (
        "by its id it can be had"
    )


def test_nothing_is_claimed_in_audit_mode(pair: tuple[Desk, Desk]) -> None:
    anna, _ = pair
    sealed = replace(
        anna, session=replace(anna.session, profile=replace(anna.session.profile, mode=Mode.AUDIT))
    )
    with pytest.raises(Denied, match="audit mode"):
        claims.claim(sealed, "accounts", A1)
    with pytest.raises(Denied, match="audit mode"):
        notes.add(sealed, "accounts", A1, "hello")


def test_notes_stand_beside_a_record(pair: tuple[Desk, Desk]) -> None:
    anna, bert = pair
    notes.add(anna, "accounts", A1, "  called the customer ")
    assert [(note.name, note.note) for note in notes.of(bert.session, "accounts", A1)] == [
        ("anna@test", "called the customer")
    ]
    assert notes.of(bert.session, "accounts", id_of("A2")) == []
    for wrong in ("", "x" * 4001):
        with pytest.raises(Refused, match="1 to 4000"):
            notes.add(anna, "accounts", A1, wrong)
    with pytest.raises(Missing, match="no record"):
        write.perform(anna, operation("accounts", "nobody", "freeze"), ARMED)


def test_eight_operators_on_one_queue_decide_each_record_once(
    empty: Callable[..., Bank], engine: str
) -> None:
    seed, count = histories.new_seed(), QUEUE[engine]
    bank = empty(engine, "key")
    bank.add(users, user("olga"))
    bank.add(accounts, account("A1", balance="0.00"))
    bank.add(transactions, *(transaction(f"Q{n}", None, "A1", "1.00") for n in range(count)))
    first = bank.desk()
    for key in OPERATORS:
        register(first, ARMED, key.public_key)
    desks = [bank.desk(key, journal=f"journal{n}") for n, key in enumerate(OPERATORS)]
    entity = desks[0].session.entity("transactions")
    view = entity.view("pending")
    assert view is not None
    query = Query(entity, view)
    holding: dict[str, str] = {}
    clashes: list[str] = []
    guard = threading.Lock()

    def work(desk: Desk) -> list[str]:
        dice, decided = random.Random(f"{seed} {desk.who.name}"), []
        while (mine := claims.next_free(desk, query)) is not None:
            with guard:
                if mine.id in holding:
                    clashes.append(f"{holding[mine.id]} and {desk.who.name} both see {mine.id} as theirs")
                holding[mine.id] = desk.who.name
            action = dice.choice(("approve", "decline"))
            try:
                write.perform(desk, operation("transactions", "", action, id=mine.id), ARMED)
                decided.append(mine.id)
            except Refused as error:
                if "status is" not in str(error):  # else the page was read before the last one was decided
                    raise
            with guard:
                del holding[mine.id]
            claims.release(desk, "transactions", mine.id)
        return decided

    with ThreadPoolExecutor(8) as pool:
        shares = list(pool.map(work, desks))
    decided = Counter(id_ for share in shares for id_ in share)
    assert clashes == [], f"seed {seed}"
    assert decided == Counter({id_of(f"Q{n}"): 1 for n in range(count)}), f"seed {seed}"
    assert all(share for share in shares), f"seed {seed}: {[len(share) for share in shares]}"
    states = Counter(row["status"] for row in bank.rows(transactions))
    assert states["PENDING"] == 0
    assert bank.row(accounts, "A1")["balance"] == states["COMPLETED"]
    histories.verify(bank)
