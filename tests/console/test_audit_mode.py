"""Audit mode from the command line: every verb that writes refuses with exit code 4, by whatever door; nothing changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console import places, private
from db import engine as engines
from db.desk import open_desk
from db.errors import Denied, QuaestorError, Usage
from db.model import Mode, Profile
from tests.console.conftest import Quaestor
from tests.screens.office import bank_of
from tests.write.bank import ANNA, Bank, id_of

SURE = ("--reason", "an attempt", "--ticket", "OPS-7", "--yes")
NOBODY = "11111111-2222-4333-8444-555555555555"
WRITING: tuple[tuple[str, ...], ...] = (
    ("act", "look", "accounts", "freeze", id_of("A1"), *SURE),
    ("act", "look", "users", "unlock", id_of("piet"), *SURE, "--operation-id", NOBODY),
    ("act", "look", "accounts", "unfreeze", id_of("A1"), *SURE, "--undo", NOBODY),
    ("act", "look", "transactions", "approve", id_of("T999"), *SURE, "--break-glass"),
    ("proposals", "look", "approve", NOBODY, *SURE),
    ("proposals", "look", "reject", NOBODY, *SURE),
    ("proposals", "look", "withdraw", NOBODY, *SURE),
    ("policy", "look", "propose", "proposal_hours=12", *SURE),
    ("contain", "olga@example.org", "look", *SURE),
    ("ledger", "look", "checkpoint"),
    ("keys", "register", "look", "--key", "SHA256:x", "--ticket", "T", "--yes"),
    ("keys", "revoke", "look", "--key", "SHA256:x", "--ticket", "T", "--yes"),
    ("migrate", "look", "up", "--yes"),
    ("migrate", "look", "up", "--part", "roles", "--yes"),
    ("migrate", "look", "down", "--to", "base", "--part", "ledger", "--yes"),
    ("migrate", "look", "stamp", "--yes"),
    ("seed", "look", "--rows", "5"),
)


@pytest.fixture
def bank(home: Path, tmp_path: Path) -> Iterator[Bank]:
    """A bank with a ledger, and a profile that may look at it."""
    made = bank_of(f"sqlite:///{tmp_path / 'bank.db'}", tmp_path)
    text = (
        f'[profiles.look]\nurl = "sqlite:///{tmp_path / "bank.db"}"\nsystem = "trustsphere"\nmode = "audit"\n'
    )
    private.replace(places.config() / "profiles.toml", text.encode())
    yield made
    made.close()


def everything(folder: Path) -> bytes:
    """The database's bytes; there must be no journal beside it either."""
    assert not list(folder.glob("bank.db-*"))
    return (folder / "bank.db").read_bytes()


@pytest.mark.parametrize("arguments", WRITING, ids=lambda words: " ".join(words[:5]))
def test_a_verb_that_writes_is_not_permitted(
    bank: Bank, tmp_path: Path, quaestor: Quaestor, arguments: tuple[str, ...]
) -> None:
    before = everything(tmp_path)
    said = quaestor(*arguments)
    assert said.code == 4, said
    assert everything(tmp_path) == before
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("act", "look", "accounts", "freeze", id_of("A1"), "--dry-run"),
        ("audit", "look", "--check"),
        ("ledger", "look", "verify"),
        ("contain", "olga@example.org", "look", "--dry-run"),
        ("doctor", "look"),
        ("policy", "look"),
        ("proposals", "look"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_what_only_looks_goes_on_and_changes_nothing(
    bank: Bank, tmp_path: Path, quaestor: Quaestor, arguments: tuple[str, ...]
) -> None:
    before = everything(tmp_path)
    assert quaestor(*arguments).code in (0, 1)
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    "more", ["?mode=rwc", "?mode=rw&uri=true", "?vfs=unix-none&nolock=1", "?immutable=1"]
)
def test_options_of_the_url_open_no_door(bank: Bank, tmp_path: Path, more: str) -> None:
    before = everything(tmp_path)
    profile = Profile("look", f"sqlite:///{tmp_path / 'bank.db'}{more}", "trustsphere", mode=Mode.AUDIT)
    session = engines.connect(profile)
    raw = session.engine.raw_connection()
    driver = raw.driver_connection
    assert driver is not None
    with pytest.raises(Exception, match=r"readonly|not authorized|prohibited"):
        driver.execute("DELETE FROM accounts")
    raw.close()
    session.close()
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    "option",
    ["init_command=DROP+TABLE+users", "read_default_file=/etc/my.cnf", "local_infile=1", "autocommit=1"],
)
def test_nothing_runs_before_a_session_is_read_only(option: str) -> None:
    profile = Profile(
        "look", f"mysql://u@127.0.0.1/bank?charset=utf8mb4&{option}", "trustsphere", mode=Mode.AUDIT
    )
    with pytest.raises(Usage, match="cannot stand in the URL"):
        engines.make_engine(profile)


def test_a_key_in_hand_opens_no_desk(bank: Bank, tmp_path: Path) -> None:
    profile = Profile("look", f"sqlite:///{tmp_path / 'bank.db'}", "trustsphere", mode=Mode.AUDIT)
    session = engines.connect(profile)
    with pytest.raises(Denied, match="audit mode"):
        open_desk(session, ANNA, tmp_path / "journal")
    session.close()


@pytest.mark.parametrize("name", ["../../elsewhere", "/tmp/elsewhere", "", "a\x00b", "{not JSON"])
def test_a_ledger_whose_name_leads_elsewhere_is_written_nowhere(
    bank: Bank, tmp_path: Path, quaestor: Quaestor, name: str
) -> None:
    bank.run("UPDATE quaestor_ledger_head SET ledger = :ledger", ledger=name)
    before = sorted(path for path in tmp_path.rglob("*") if "home" not in path.parts)
    assert quaestor("ledger", "look", "verify").code == 1
    session = engines.connect(Profile("ops", f"sqlite:///{tmp_path / 'bank.db'}", "trustsphere"))
    with pytest.raises(QuaestorError):
        open_desk(session, ANNA, tmp_path / "journal")
    session.close()
    assert sorted(path for path in tmp_path.rglob("*") if "home" not in path.parts) == before
    assert not (places.state() / "verified").exists()
