"""The sheet before the deed: what it shows, what it asks, when it takes no for an answer."""

import re
import threading
import time
from decimal import Decimal

import pytest
from sqlalchemy import Connection
from textual import events
from textual.pilot import Pilot

from db import once, write
from db.live import Uncertain
from db.model import Mode
from db.trustsphere.tables import accounts
from screens.dialogs import Form
from screens.inputs import Inputs
from screens.places import Place
from tests.screens import golden
from tests.screens.office import arm, open_office, picture, shows, still, type_in, until
from tests.write.bank import Bank, id_of

SIZES = [(80, 24), (120, 40)]
ACCOUNT = Place("record", "trustsphere", "accounts", record=id_of("A2"))
EMPTY = Place("record", "trustsphere", "accounts", record=id_of("A3"))
LIST = Place("list", "trustsphere", "accounts")


def sheet(pilot: Pilot[None]) -> Form:
    """The sheet that is open."""
    assert isinstance(pilot.app.screen, Form)
    return pilot.app.screen


async def choose(pilot: Pilot[None], name: str) -> None:
    """Open the sheet of an action, and wait until it can be confirmed."""
    await pilot.press("exclamation_mark")
    await shows(pilot, "Actions on")
    await type_in(pilot, name)
    await pilot.press("enter")
    await shows(pilot, "esc is No")
    await until(pilot, lambda: sheet(pilot).sheets != ())


@pytest.mark.parametrize("size", SIZES)
async def test_the_sheet_shows_before_and_after_and_no_comes_first(bank: Bank, size: tuple[int, int]) -> None:
    office = open_office(bank, ACCOUNT)
    async with office.app.run_test(size=size) as pilot:
        await shows(pilot, "account_number|account number")
        await arm(pilot)
        await choose(pilot, "freeze")
        shown = await shows(pilot, "ACTIVE  →  FROZEN")
        assert "Can be taken back: U, by 'unfreeze'." in shown
        assert shown.index(" No ") < shown.index(" Freeze ")
        golden.check(f"sheet-freeze-{size[0]}", still(shown))
        await type_in(pilot, "a check")
        await pilot.press("enter")
        inputs = office.app.screen.query_one(Inputs)
        assert inputs.at == len(inputs.asked), "behind the reason stands No"
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(office.app.screen, Form))
    assert bank.row(accounts, "A2")["status"] == "ACTIVE"
    assert bank.scalar("SELECT max(seq) FROM quaestor_ledger") == 2


async def test_yes_does_it_once_and_undo_proposes_the_inverse(bank: Bank) -> None:
    office = open_office(bank, ACCOUNT)
    async with office.app.run_test(size=(100, 30)) as pilot:
        await shows(pilot, "account number")
        await arm(pilot)
        await choose(pilot, "freeze")
        await type_in(pilot, "a check")
        await pilot.press("enter", "tab", "enter")
        await shows(pilot, "freeze accounts .* done, entry 3 of the ledger")
        assert bank.row(accounts, "A2")["status"] == "FROZEN"
        await pilot.press("U")
        await shows(pilot, "FROZEN  →  ACTIVE")
        await type_in(pilot, "a mistake")
        await pilot.press("enter", "tab", "enter")
        await shows(pilot, "done, entry 4")
        assert bank.row(accounts, "A2")["status"] == "ACTIVE"


@pytest.mark.parametrize("size", SIZES)
async def test_what_cannot_be_undone_asks_for_the_id(bank: Bank, size: tuple[int, int]) -> None:
    office = open_office(bank, EMPTY)
    async with office.app.run_test(size=size) as pilot:
        await shows(pilot, "account number")
        await arm(pilot)
        await choose(pilot, "close")
        shown = await shows(pilot, "Two people decide")
        assert "A closed account is not opened again." in shown
        golden.check(f"sheet-close-{size[0]}", still(shown))
        await type_in(pilot, "done with")
        await pilot.press("enter", "tab", "tab", "enter")
        assert isinstance(office.app.screen, Form), "without the id nothing is confirmed"
        assert f"type {id_of('A3')[:8]}" in picture(office.app.screen)
        await type_in(pilot, id_of("A3")[:8])
        await pilot.press("tab", "tab", "enter")
        await shows(pilot, "close accounts .* proposed")
    assert bank.row(accounts, "A3")["status"] == "ACTIVE"


async def limit(pilot: Pilot[None]) -> None:
    """Arm, and open the sheet that sets the account's daily limit."""
    await shows(pilot, "account number")
    await arm(pilot)
    await pilot.press("exclamation_mark")
    await shows(pilot, "Actions on")
    await type_in(pilot, "set")
    await pilot.press("enter")
    await shows(pilot, "daily limit: is needed")


@pytest.mark.parametrize("size", SIZES)
async def test_a_form_is_rehearsed_as_it_is_typed(bank: Bank, size: tuple[int, int]) -> None:
    office = open_office(bank, ACCOUNT)
    async with office.app.run_test(size=size) as pilot:
        await limit(pilot)
        await type_in(pilot, "5")
        await shows(pilot, "10 000 000.00 USD  →  5.00 USD")
        golden.check(f"sheet-limit-{size[0]}", still(picture(office.app.screen)))
        await pilot.press("enter")
        await type_in(pilot, "lower")
        await pilot.press("enter", "tab", "enter")
        await shows(pilot, "set daily limit .* done")
    assert bank.row(accounts, "A2")["daily_transaction_limit"] == Decimal("5.00")


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_refused_says_the_rule_and_is_not_confirmed(bank: Bank, size: tuple[int, int]) -> None:
    office = open_office(bank, ACCOUNT)
    async with office.app.run_test(size=size) as pilot:
        await limit(pilot)
        await type_in(pilot, "10000000")
        await shows(pilot, "is 10000000.00 already")
        golden.check(f"sheet-refused-{size[0]}", still(picture(office.app.screen)))
        await pilot.press("enter")
        await type_in(pilot, "the same")
        await pilot.press("enter", "tab", "enter")
        assert isinstance(office.app.screen, Form), "there is no Yes to what is refused"
    assert bank.scalar("SELECT max(seq) FROM quaestor_ledger") == 2


async def test_a_key_pressed_before_the_sheet_was_painted_confirms_nothing(bank: Bank) -> None:
    office = open_office(bank, ACCOUNT)
    async with office.app.run_test(size=(100, 30)) as pilot:
        await shows(pilot, "account number")
        await arm(pilot)
        early = events.Key("enter", "\r")
        early.time = time.monotonic()
        await choose(pilot, "freeze")
        await type_in(pilot, "a check")
        await pilot.press("enter", "tab")
        office.app.post_message(early)
        await pilot.pause()
        assert isinstance(office.app.screen, Form), "pressed too early: dropped"
        await pilot.press("enter")
        await shows(pilot, "done, entry 3")


@pytest.mark.parametrize("size", SIZES)
async def test_what_changed_meanwhile_is_refused_and_told(bank: Bank, size: tuple[int, int]) -> None:
    office = open_office(bank, ACCOUNT)
    async with office.app.run_test(size=size) as pilot:
        await shows(pilot, "account number")
        await arm(pilot)
        await choose(pilot, "freeze")
        bank.run("UPDATE accounts SET status = 'CLOSED' WHERE account_number = 'A2'")
        await type_in(pilot, "a check")
        await pilot.press("enter", "tab", "enter")
        shown = await shows(pilot, "Changed meanwhile")
        assert "ACTIVE  →  CLOSED" in shown
        golden.check(f"sheet-stale-{size[0]}", still(shown))
    assert bank.row(accounts, "A2")["status"] == "CLOSED"
    assert bank.scalar("SELECT max(seq) FROM quaestor_ledger") == 2


async def test_many_are_decided_one_by_one_and_the_refused_are_reported(bank: Bank) -> None:
    bank.run("UPDATE accounts SET status = 'FROZEN' WHERE account_number = 'A2'")
    office = open_office(bank, LIST)
    async with office.app.run_test(size=(120, 30)) as pilot:
        await shows(pilot, "A3")
        await arm(pilot)
        await pilot.press("space", "space", "space")
        await choose(pilot, "freeze")
        shown = await shows(pilot, "2 of 3 accounts")
        assert "1 would be refused and stay as they are" in shown
        golden.check("sheet-many-120", still(shown))
        await type_in(pilot, "a check")
        await pilot.press("enter", "tab", "enter")
        report = await shows(pilot, "what became of each")
        assert report.index("refused") < report.index("done")
        await pilot.press("escape")
        await shows(pilot, "2 done, 1 refused")
    assert bank.scalar("SELECT count(*) FROM accounts WHERE status = 'FROZEN'") == 3
    assert bank.scalar("SELECT max(seq) FROM quaestor_ledger") == 4, "one entry a record"


async def test_while_it_is_safe_every_action_is_dim_with_the_reason(bank: Bank) -> None:
    office = open_office(bank, ACCOUNT)
    async with office.app.run_test(size=(100, 30)) as pilot:
        await shows(pilot, "account number")
        await pilot.press("exclamation_mark")
        shown = await shows(pilot, "trustsphere is safe: ':arm 30m TICKET' arms it.")
        assert "close" in shown
        await pilot.press("enter")
        await pilot.pause()
        assert not isinstance(office.app.screen, Form)


async def test_in_audit_mode_nothing_is_armed_and_the_reason_is_told(bank: Bank) -> None:
    office = open_office(bank, ACCOUNT, mode=Mode.AUDIT)
    async with office.app.run_test(size=(100, 30)) as pilot:
        await shows(pilot, "account number")
        await pilot.press("exclamation_mark")
        await shows(pilot, "trustsphere is open in audit mode: nothing can be changed.")
        await pilot.press("escape", "colon")
        await type_in(pilot, "arm 30m T-1")
        await pilot.press("enter")
        await shows(pilot, "open in audit mode: nothing can be changed")
        await pilot.press("escape", "U")
        await shows(pilot, "open in audit mode")
        assert office.desk.links[0].arming.now is None


@pytest.mark.parametrize("size", SIZES)
async def test_one_person_breaks_the_glass_for_a_long_reason(bank: Bank, size: tuple[int, int]) -> None:
    office = open_office(bank, EMPTY)
    async with office.app.run_test(size=size) as pilot:
        await shows(pilot, "account number")
        await arm(pilot)
        await choose(pilot, "close")
        await shows(pilot, "ctrl.g breaks the glass")
        await pilot.press("ctrl+g")
        await shows(pilot, "The glass is broken")
        await type_in(pilot, "too short")
        shown = await shows(pilot, "9 of at least 20 characters")
        golden.check(f"sheet-glass-{size[0]}", still(shown))
        await type_in(pilot, ", and nobody else is here")
        await pilot.press("enter")
        await type_in(pilot, id_of("A3")[:8])
        await pilot.press("enter", "tab", "enter")
        await shows(pilot, "close accounts .* done, entry 3")
        assert bank.row(accounts, "A3")["status"] == "CLOSED"
        assert bank.scalar("SELECT action FROM quaestor_proposals") == "review"
        await type_in(pilot, "9")
        shown = await shows(pilot, "break-glass, to be reviewed")
        assert "of 1" in shown


async def test_the_glass_is_whole_again_for_the_same_keys(bank: Bank) -> None:
    office = open_office(bank, EMPTY)
    async with office.app.run_test(size=(100, 30)) as pilot:
        await shows(pilot, "account number")
        await arm(pilot)
        await choose(pilot, "close")
        await pilot.press("ctrl+g")
        await shows(pilot, "The glass is broken")
        await pilot.press("ctrl+g")
        await shows(pilot, "Two people decide")
        await type_in(pilot, "done with")
        await pilot.press("enter")
        await type_in(pilot, id_of("A3")[:8])
        await pilot.press("enter", "tab", "enter")
        await shows(pilot, "close accounts .* proposed")
    assert bank.row(accounts, "A3")["status"] == "ACTIVE"


async def test_there_is_no_glass_to_break_for_what_one_person_may_do(bank: Bank) -> None:
    office = open_office(bank, ACCOUNT)
    async with office.app.run_test(size=(100, 30)) as pilot:
        await shows(pilot, "account number")
        await arm(pilot)
        await choose(pilot, "freeze")
        await pilot.press("ctrl+g")
        await type_in(pilot, "a check")
        await pilot.press("enter", "tab", "enter")
        await shows(pilot, "freeze accounts .* done")
    assert bank.scalar("SELECT count(*) FROM quaestor_proposals") == 0


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_not_known_is_told_until_it_is_decided(
    bank: Bank, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, back = open_office(bank, ACCOUNT), threading.Event()

    def answer_is_lost(connection: Connection) -> None:
        connection.commit()
        monkeypatch.undo()
        monkeypatch.setattr(once._Course, "wait", lambda course: back.wait(60))
        raise Uncertain("The connection failed around COMMIT.")

    async with office.app.run_test(size=size) as pilot:
        await shows(pilot, "account number")
        await arm(pilot)
        await choose(pilot, "freeze")
        await type_in(pilot, "a check")
        monkeypatch.setattr(write, "commit", answer_is_lost)
        await pilot.press("enter", "tab", "enter")
        shown = await shows(pilot, "It is not known yet whether 'freeze' was done")
        golden.check(f"sheet-unknown-{size[0]}", re.sub(r"\(\d+ s\)", "(0 s)", still(shown)))
        back.set()
        await shows(pilot, "freeze accounts .*: done, by an earlier run of it")
    assert bank.row(accounts, "A2")["status"] == "FROZEN"
    assert bank.scalar("SELECT max(seq) FROM quaestor_ledger") == 3
