"""The ledger screen: what waits for a second person, what was done, whether the chain holds."""

import pytest

from db.proposals import propose
from db.trustsphere.tables import transactions
from screens.dialogs import Form
from screens.places import Place
from tests.screens import golden
from tests.screens.office import arm, open_office, shows, still, type_in
from tests.write.bank import ARMED, BERT, Bank, operation

LEDGER = Place("ledger", "trustsphere")


def proposed_by_bert(bank: Bank) -> None:
    desk = bank.desk(BERT, "elsewhere")
    propose(desk, ARMED, [operation("transactions", "T999", "approve")])
    desk.close()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_ledger(bank: Bank, size: tuple[int, int]) -> None:
    proposed_by_bert(bank)
    office = open_office(bank, LEDGER)
    async with office.app.run_test(size=size) as pilot:
        shown = await shows(pilot, "verified to 3")
        assert "because of the test" in shown or size[0] == 80
        assert "open" in shown
        name = bank.scalar("SELECT ledger FROM quaestor_ledger_head")
        golden.check(f"ledger-{size[0]}", still(shown.replace(str(name)[:8], "‹ledger›")))


async def test_a_proposal_is_approved_by_its_sheet_and_carried_out(bank: Bank) -> None:
    proposed_by_bert(bank)
    office = open_office(bank, LEDGER)
    async with office.app.run_test(size=(120, 40)) as pilot:
        await shows(pilot, "verified to 3")
        await arm(pilot)
        await pilot.press("g", "v")
        shown = await shows(pilot, "Proposed by bert@test")
        assert "because of the test" in shown
        await shows(pilot, "PENDING  →  COMPLETED")
        await pilot.press("tab", "tab", "enter")
        await shows(pilot, "approve approve transactions .* done")
    assert bank.row(transactions, "T999")["status"] == "COMPLETED"


async def test_a_proposal_is_rejected_only_with_a_reason(bank: Bank) -> None:
    proposed_by_bert(bank)
    office = open_office(bank, LEDGER)
    async with office.app.run_test(size=(120, 40)) as pilot:
        await shows(pilot, "verified to 3")
        await arm(pilot)
        await pilot.press("g", "x")
        await shows(pilot, "reject the proposal")
        await shows(pilot, "PENDING  →  COMPLETED")
        await pilot.press("tab", "tab", "enter")
        assert isinstance(office.app.screen, Form), "a reason is needed"
        await type_in(pilot, "not today")
        await pilot.press("tab", "tab", "enter")
        await shows(pilot, "reject approve transactions .* rejected")
    assert bank.row(transactions, "T999")["status"] == "PENDING"


async def test_a_changed_entry_is_named(bank: Bank) -> None:
    bank.run("UPDATE quaestor_ledger SET key_id = 'SHA256:somebody' WHERE seq = 2")
    office = open_office(bank, LEDGER)
    async with office.app.run_test(size=(120, 40)) as pilot:
        shown = await shows(pilot, "wrong")
        assert "entry 2" in shown
