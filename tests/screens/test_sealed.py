"""A key in an encrypted file: its passphrase is asked for once, is never on the screen, and then the key signs."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from console import places, signing
from console.operator import Operator
from db.registering import register
from screens.places import Place
from tests.screens import golden
from tests.screens.office import Office, arm, open_office, picture, shows, still, type_in
from tests.write.bank import ARMED, Bank, id_of

ACCOUNT = Place("record", "trustsphere", "accounts", record=id_of("A2"))
WRONG, RIGHT = "wrong horse", "correct horse"


@pytest.fixture
def office(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Carl at the keyboard, whose key is in a file; the agent that his shell names is gone."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
    monkeypatch.setenv(signing.PASSPHRASE, RIGHT)
    desk = bank.desk(journal="first")
    register(desk, ARMED, signing.create("carl"))
    desk.close()
    monkeypatch.delenv(signing.PASSPHRASE)
    signing.forget()
    made = open_office(bank, ACCOUNT)
    made.desk.operators = Operator()
    return made


async def ask_to_arm(pilot: Pilot[None]) -> None:
    """Type it, and wait for the question."""
    await pilot.press("colon")
    await type_in(pilot, "arm 30m T-1")
    await pilot.press("enter")
    await shows(pilot, "Your key carl")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_arming_asks_for_the_passphrase_once(office: Office, size: tuple[int, int]) -> None:
    async with office.app.run_test(size=size) as pilot:
        await shows(pilot, "account_number|account number")
        await ask_to_arm(pilot)
        await type_in(pilot, WRONG)
        shown = await shows(pilot, "•" * len(WRONG))
        assert WRONG not in shown
        golden.check(f"sheet-key-{size[0]}", still(shown))
        await pilot.press("enter")
        await shows(pilot, "does not open: the")
        await type_in(pilot, RIGHT)
        await pilot.press("enter")
        await shows(pilot, "is armed for 30 minutes, T-1, as carl")
        await pilot.press("colon")
        await type_in(pilot, "disarm")
        await pilot.press("enter")
        await shows(pilot, "is safe again")
        await arm(pilot, "T-2")
        assert RIGHT not in picture(office.app.screen)
    kept = [file.read_bytes() for file in places.state().rglob("*") if file.is_file()]
    assert not any(RIGHT.encode() in content for content in kept)
    assert not any(RIGHT in line or WRONG in line for line in office.desk.said)


async def test_no_passphrase_is_no_leave_to_write(office: Office) -> None:
    async with office.app.run_test(size=(100, 30)) as pilot:
        await shows(pilot, "account number")
        await ask_to_arm(pilot)
        await pilot.press("enter")
        await shows(pilot, "is needed")
        await pilot.press("escape")
        await shows(pilot, "account number")
        assert office.desk.links[0].arming.now is None
        assert office.desk.links[0].writer is None
