"""Keys of sealed columns come by id from the keyring or the vault; what they open is told in the ledger."""

import base64
from pathlib import Path

import pytest

from console import demos, profiles, ring, sealing, unlocked
from console.cli.making import make
from db import read, write
from db.desk import open_desk
from db.engine import connect
from db.errors import Refused
from db.model import Query
from db.names import NAMES
from db.operation import Armed, Operation
from db.paymentlinker.seed.world import SSN_KEY_ID

KEY = b"\x07" * 32
TEXT = base64.b64encode(KEY).decode()


@pytest.fixture
def kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the keyring holds."""
    held: dict[str, str] = {}
    monkeypatch.setattr(ring, "password", held.get)
    return held


def test_a_key_is_found_by_profile_and_id(kept: dict[str, str]) -> None:
    kept["linker/2025-07"] = TEXT
    assert profiles.profile("linker", {"url": "sqlite:///x.db"}).sealing_key("2025-07") == KEY
    assert profiles.of_url("sqlite:///linker.db").sealing_key("2025-07") == KEY
    assert sealing.key("linker", "2024-01") is sealing.key("other", "2025-07") is None


def test_the_vault_is_asked_behind_the_keyring(kept: dict[str, str]) -> None:
    unlocked.store("linker/2025-07", TEXT, "a passphrase")
    assert (sealing.key("linker", "2025-07"), sealing.key("linker", "2024-01")) == (KEY, None)
    unlocked.forget()
    with pytest.raises(Refused, match="'linker/2025-07' is not in the keyring, and the vault is closed"):
        sealing.key("linker", "2025-07")
    kept["linker/2025-07"] = TEXT
    assert sealing.key("linker", "2025-07") == KEY


@pytest.mark.parametrize("wrong", ["", "hunter2", TEXT[:-4], "Zoë", base64.b64encode(b"k" * 16).decode()])
def test_what_is_no_key_is_refused_and_not_repeated(kept: dict[str, str], wrong: str) -> None:
    kept["linker/k"] = wrong
    with pytest.raises(Refused, match="'linker/k' is no key") as caught:
        sealing.key("linker", "k")
    assert not wrong or wrong not in str(caught.value)


def test_the_demo_reveals_the_numbers_that_it_invented(tmp_path: Path) -> None:
    assert set(demos.SSN_KEYS) == {SSN_KEY_ID}
    make(tmp_path, list(NAMES), 60, 3)
    (profile,) = (p for p in demos.profiles(tmp_path) if p.name == "paymentlinker")
    desk = open_desk(connect(profile), demos.operators(tmp_path)["anna"], tmp_path / "journal")
    entity = desk.session.entity("applications")
    view = entity.view("review")
    assert view is not None
    first = read.page(desk.session, Query(entity, view)).rows[0].id
    done = write.perform(desk, Operation("applications", first, "reveal-ssn", reason="tried"), Armed("T-1"))
    assert done.result.startswith("•••-••-")
    assert done.result[-4:].isdigit()
    desk.close()
    desk.session.close()
