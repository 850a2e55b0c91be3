"""The review screen: what waits, why, whose it is, and what deciding does."""

from datetime import timedelta

import pytest
from textual import events
from textual.pilot import Pilot

from db import claims
from db.model import Mode
from db.trustsphere.tables import transactions
from screens.places import Place
from screens.review import Review
from tests.screens import golden
from tests.screens.office import Office, arm, open_office, picture, send, shows, still, type_in, until
from tests.write.bank import BERT, NOW, Bank, id_of, transaction

INBOX = Place("review", "trustsphere")


def review(office: Office) -> Review:
    """The screen under whatever lies over it."""
    return next(screen for screen in office.app.screen_stack if isinstance(screen, Review))


async def opened(pilot: Pilot[None], office: Office) -> Review:
    """The inbox, its first item's evidence painted."""
    await shows(pilot, "approve would|unlock would")
    await until(pilot, lambda: isinstance(office.app.screen, Review))
    return review(office)


async def on(pilot: Pilot[None], screen: Review, name: str) -> None:
    """The item of that name is under the cursor, its evidence seen."""
    await until(
        pilot,
        lambda: screen.current is not None and screen.current.who == name and screen._seen._since is not None,
    )


async def asked(pilot: Pilot[None], office: Office) -> Review:
    """The inbox, armed, below the sheet of its first item, which was painted."""
    screen = await opened(pilot, office)
    await arm(pilot)
    await on(pilot, screen, "T000")
    await pilot.press("v")
    await shows(pilot, "esc does not")
    await until(pilot, lambda: office.app.screen._shown._since is not None)  # type: ignore[attr-defined] # the sheet
    return screen


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_queue_and_the_evidence(bank: Bank, size: tuple[int, int]) -> None:
    office = open_office(bank, INBOX)
    async with office.app.run_test(size=size) as pilot:
        screen = await opened(pilot, office)
        await shows(pilot, "late 6")
        shown = picture(screen)
        assert [item.who for item in screen.items] == ["T000", "T001", "T002", "T003", "T999", "Piet"]
        assert "nobody has claimed it" in shown
        assert "90 000.00 USD  →  89 998.50 USD" in "\n".join(line.text for line in screen.side.lines)
        golden.check(f"review-{size[0]}", still(shown))


async def test_two_keys_decide_and_the_next_item_opens_claimed(bank: Bank) -> None:
    office = open_office(bank, INBOX)
    async with office.app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, office)
        await arm(pilot)
        await on(pilot, screen, "T000")
        await pilot.press("v")
        shown = await shows(pilot, "enter does it, esc does not")
        assert "Asked for by the customer" in shown
        assert bank.row(transactions, "T000")["status"] == "PENDING", "one key does nothing"
        golden.check("review-sheet-120", still(shown))
        await pilot.press("enter")
        await on(pilot, screen, "T001")
        await until(pilot, lambda: screen.current is not None and screen.claiming.mine(screen.current))
        assert bank.row(transactions, "T000")["status"] == "COMPLETED"
        await pilot.press("x")
        await shows(pilot, "CANCELLED")
        await pilot.press("enter")
        await on(pilot, screen, "T002")
    assert bank.row(transactions, "T001")["status"] == "CANCELLED"


async def test_no_leaves_everything_as_it_is(bank: Bank) -> None:
    office = open_office(bank, INBOX)
    async with office.app.run_test(size=(100, 30)) as pilot:
        screen = await opened(pilot, office)
        await arm(pilot)
        await on(pilot, screen, "T000")
        await pilot.press("v")
        await shows(pilot, "esc does not")
        await pilot.press("escape")
        await on(pilot, screen, "T000")
    assert bank.row(transactions, "T000")["status"] == "PENDING"


async def test_a_key_that_was_pressed_before_the_next_item_was_painted_decides_nothing(bank: Bank) -> None:
    office = open_office(bank, INBOX)
    async with office.app.run_test(size=(120, 40)) as pilot:
        screen = await asked(pilot, office)
        for key in ("enter", "v", "enter", "v", "enter"):
            office.app.post_message(events.Key(key, "\r" if key == "enter" else key))
        await until(pilot, lambda: screen.current is not None and screen.current.who == "T001")
        await pilot.pause()
    assert bank.scalar("SELECT count(*) FROM transactions WHERE status = 'COMPLETED'") == 1


async def test_two_people_decide_what_is_large(bank: Bank) -> None:
    office = open_office(bank, INBOX)
    async with office.app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, office)
        await arm(pilot)
        await pilot.press("j", "j", "j", "j")
        await on(pilot, screen, "T999")
        await pilot.press("v")
        await shows(pilot, "Two people decide: this makes a proposal")
        await pilot.press("enter")
        await shows(pilot, "approve transactions .*: proposed")
        assert bank.row(transactions, "T999")["status"] == "PENDING"
        await until(pilot, lambda: any(item.proposal is not None for item in screen.items))
        await pilot.press("k")
        await on(pilot, screen, "T999")
        await pilot.press("v")
        await shows(pilot, "You proposed it; it waits for another person.")
        await pilot.press("colon")
        await type_in(pilot, "as bert")
        await pilot.press("enter")
        await shows(pilot, "bert is at the keyboard now; every system is safe")
        held = "SELECT count(*) FROM quaestor_claims WHERE holder <> ''"
        await until(pilot, lambda: bank.scalar(held) == 0)  # given back by anna, in a thread
        await pilot.press("R")
        await shows(pilot, "unclaimed 5")
        await on(pilot, screen, "T999")
        await pilot.press("v")
        await shows(pilot, "trustsphere is safe")
        await arm(pilot, "T-2")
        await on(pilot, screen, "T999")
        await pilot.press("v")
        shown = await shows(pilot, "approve the proposal")
        assert "Proposed by anna@test" in shown
        golden.check("review-vote-120", still(shown).replace("T-2", "T-1"))
        await pilot.press("enter")
        await shows(pilot, "approve approve transactions .*: done")
    assert bank.row(transactions, "T999")["status"] == "COMPLETED"


async def test_what_another_holds_is_taken_over_only_with_a_reason(bank: Bank) -> None:
    bert = bank.desk(BERT, "elsewhere")
    claims.claim(bert, "transactions", id_of("T000"))
    office = open_office(bank, INBOX)
    async with office.app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, office)
        await arm(pilot)
        await on(pilot, screen, "T000")
        await shows(pilot, "claimed by bert@test until")
        await pilot.press("v")
        await shows(pilot, "bert@test holds it; a takes it over.")
        await pilot.press("a")
        await type_in(pilot, "bert is ill")
        await pilot.press("enter")
        await shows(pilot, "claimed by you until")
    assert claims.of(bert.session, "transactions", [id_of("T000")])[id_of("T000")].name == "anna@test"
    bert.close()


async def test_what_is_put_off_leaves_the_queue_and_waits(bank: Bank) -> None:
    office = open_office(bank, INBOX)
    async with office.app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, office)
        await pilot.press("w", "backspace", "backspace", "backspace")
        await type_in(pilot, "4 documents")
        await pilot.press("enter")
        await shows(pilot, "For how long and why")
        await pilot.press("ctrl+u")
        await type_in(pilot, "4h documents asked for")
        await pilot.press("enter")
        await on(pilot, screen, "T001")
        assert "T000" not in [item.who for item in screen.items]
        await pilot.press("tab", "tab", "tab")
        await on(pilot, screen, "T000")
        await shows(pilot, "put off until .*: documents asked for")


async def test_a_note_stands_beside_the_record(bank: Bank) -> None:
    office = open_office(bank, INBOX)
    async with office.app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, office)
        await pilot.press("c")
        await type_in(pilot, "called back")
        await pilot.press("enter")
        await until(pilot, lambda: any("called back" in line.text for line in screen.side.lines))


async def test_marks_are_decided_together_one_operation_each(bank: Bank) -> None:
    office = open_office(bank, INBOX)
    async with office.app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, office)
        await arm(pilot)
        await pilot.press("space", "space", "space")
        await on(pilot, screen, "T003")
        await pilot.press("v")
        await shows(pilot, "3 of 3 transactions")
        await type_in(pilot, "a batch")
        await pilot.press("enter", "tab", "enter")
        await shows(pilot, "approve: 3 done")
        await on(pilot, screen, "T003")
    assert bank.scalar("SELECT max(seq) FROM quaestor_ledger") == 5


async def test_a_key_before_the_evidence_is_there_decides_nothing_and_says_so(bank: Bank) -> None:
    office = open_office(bank, INBOX)
    async with office.app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, office)
        await arm(pilot)
        await send(pilot, "j", "v")
        await shows(pilot, "Pressed before its evidence was here")
        await on(pilot, screen, "T001")
        await pilot.press("v")
        await shows(pilot, "enter does it")


async def test_the_inbox_is_ordered_and_filtered(bank: Bank) -> None:
    bank.add(transactions, transaction("fresh", "A1", "A2", "3.00", timestamp=NOW - timedelta(minutes=5)))
    office = open_office(bank, INBOX)
    async with office.app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, office)
        await pilot.press("s", "s")
        await until(pilot, lambda: bool(screen.items) and screen.items[0].who == "T999")
        await pilot.press("tab", "tab", "tab", "tab")
        await until(pilot, lambda: "fresh" not in [item.who for item in screen.items])
        await pilot.press("tab", "slash")
        await type_in(pilot, "amount>=1000")
        await pilot.press("enter")
        await until(pilot, lambda: [item.who for item in screen.items] == ["T999"])
        await pilot.press("slash", "ctrl+u")
        await type_in(pilot, "nonsense=1")
        await pilot.press("enter")
        await shows(pilot, "There is no column|no column of")


async def test_a_hostile_row_is_only_text(bank: Bank) -> None:
    bad = "T\x1b]52;c;aGk=\x07[@click=app.simulate_key('v')]x[/]"
    row = transaction("evil", "A1", "A2", "7.00", timestamp=NOW - timedelta(days=20))
    bank.add(transactions, row | {"reference_number": bad, "description": "\u202eevil"})
    office = open_office(bank, INBOX)
    async with office.app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, office)
        shown = picture(screen)
        assert "\x1b" not in shown
        assert "␛]52;c" in shown
        await pilot.click("#queue", offset=(30, 0))
        assert isinstance(office.app.screen, Review)


async def test_in_audit_mode_nothing_is_claimed_or_decided(bank: Bank) -> None:
    office = open_office(bank, INBOX, mode=Mode.AUDIT)
    async with office.app.run_test(size=(100, 30)) as pilot:
        screen = await opened(pilot, office)
        for key in ("v", "x", "a", "w", "c"):
            await pilot.press(key)
            await shows(pilot, "open in audit mode: nothing can be changed")
            office.desk.said.clear()
        assert screen.current is not None
    assert bank.scalar("SELECT count(*) FROM quaestor_claims") == 0


async def test_who_asks_again_while_something_is_written_stops_nothing(bank: Bank) -> None:
    office = open_office(bank, INBOX)
    async with office.app.run_test(size=(120, 40)) as pilot:
        screen = await asked(pilot, office)
        with bank.engine.connect() as other:
            other.exec_driver_sql("BEGIN IMMEDIATE")  # what is written waits for this one
            await pilot.press("enter")
            await until(pilot, lambda: bool(screen.desk.runs))
            screen.action_act()
            await pilot.pause()
            assert screen.desk.runs, "it goes on"
            other.rollback()
        await shows(pilot, "approve transactions .*: done")
    assert bank.scalar("SELECT count(*) FROM transactions WHERE status = 'COMPLETED'") == 1
