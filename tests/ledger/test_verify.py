"""Verification: one changed byte is found at its entry, a cut tail by what is kept elsewhere, and each alone can tell."""

import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.engine import make_url

from db import chain, checkpoints, own
from db.chain import Mark
from db.keys import HeldKey
from db.session import Session
from db.verifier import Chain, key_id
from tests.ledger.conftest import entries
from tests.write import histories
from tests.write.bank import ANNA, BERT, Bank, make

Open = Callable[[Bank], Session]
COLUMNS = (
    "operation_id",
    "payload",
    "key_id",
    "signature",
    "db_user",
    "db_time_us",
    "prev_hash",
    "row_hash",
    "seq",
)


def wrong(session: Session, **more: object) -> list[int]:
    """The entries that are found wrong, in order, each once."""
    found = chain.verify(session, **more)  # type: ignore[arg-type] # the options of verify
    return sorted({seq for seq, _ in found.wrong})


def test_a_whole_ledger_is_verified_and_resumed(bank: Bank, opened: Open) -> None:
    entries(bank, 60, 1)
    session = opened(bank)
    first = chain.verify(session)
    assert (first.size, first.count, first.told) == (61, 0, "verified to 61, anchored to 0, 61 not anchored")
    assert first.mark is not None
    entries(bank, 10, 2)
    again = chain.verify(session, since=Mark.read(first.mark.write()))
    assert (again.size, again.count) == (71, 0)
    whole = chain.verify(session)
    assert again.mark == whole.mark, "resumed or from the beginning, it comes to the same"
    bank.run("UPDATE quaestor_ledger SET db_user = 'x' WHERE seq = 65")
    assert wrong(session, since=first.mark) == [65]
    bank.run("UPDATE quaestor_ledger SET db_user = 'x' WHERE seq = 5")
    assert wrong(session, since=first.mark) == [65], "what was verified before is not read again"
    assert wrong(session) == [5, 65]


def test_a_thousand_single_bytes_are_each_found_at_their_entry(
    fresh: Callable[[str], str], tmp_path: Path
) -> None:
    """Straight in the file of SQLite, whose bytes are the ledger's; the other engines have the same columns."""
    seed = histories.new_seed()
    dice = random.Random(seed)
    bank = make(fresh("sqlite"), tmp_path / "bank")
    entries(bank, 59, 3)
    session = bank.session()
    place = str(make_url(bank.url).database)
    assert chain.verify(session).count == 0
    export = tmp_path / "export.jsonl"
    script = tmp_path / "verifier.py"
    script.write_text(chain.verifier_source())
    with closing(sqlite3.connect(place)) as driver:
        for n in range(1000):
            seq, column = dice.randint(1, 60), dice.choice(COLUMNS)
            undo = damage(driver, dice, seq, column)
            found = chain.verify(session)
            assert found.wrong, f"seed {seed}: {column} of {seq}"
            assert found.wrong[0][0] == seq, f"seed {seed}: {column} of {seq}: {found.wrong[:3]}"
            named = {each for each, _ in found.wrong}
            near = {seq, seq + 1, 60, 61, 10_000 + seq}
            # Without the first entry nobody knows the keys; any other one is named with its neighbours at most.
            assert seq == 1 or named <= near, f"seed {seed}: {column} of {seq}: {named}"
            if n % 100 == 0 and column != "seq":
                export.write_text("\n".join(chain.export(session)) + "\n")
                told = subprocess.run(
                    [sys.executable, "-I", script, export], capture_output=True, text=True, check=False
                )
                assert told.returncode == 1, told
                assert told.stdout.startswith(f"entry {seq} "), (column, told.stdout[:200])
            undo()
    assert chain.verify(session).count == 0
    bank.close()


def damage(driver: sqlite3.Connection, dice: random.Random, seq: int, column: str) -> Callable[[], None]:
    """Change one byte of a column; the result puts it back."""
    (whole,) = driver.execute(f"SELECT {column} FROM quaestor_ledger WHERE seq = ?", (seq,)).fetchone()
    if isinstance(whole, int):
        changed: object = whole ^ (1 << dice.randrange(1, 40)) if column == "db_time_us" else whole + 10_000
    else:
        data = bytearray(whole if isinstance(whole, bytes) else whole.encode())
        if not data:
            changed = b"x"  # SQLite has no users
        else:
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
            changed = bytes(data)
        if isinstance(whole, str):
            driver.execute(
                "UPDATE quaestor_ledger SET " + column + " = CAST(? AS TEXT) WHERE seq = ?", (changed, seq)
            )
    if not isinstance(whole, str):
        driver.execute(f"UPDATE quaestor_ledger SET {column} = ? WHERE seq = ?", (changed, seq))
    driver.commit()
    now = changed if column == "seq" else seq

    def undo() -> None:
        driver.execute(f"UPDATE quaestor_ledger SET {column} = ? WHERE seq = ?", (whole, now))
        driver.commit()

    return undo


def test_every_column_of_an_entry_counts(bank: Bank, opened: Open) -> None:
    entries(bank, 20, 4)
    session = opened(bank)
    l = own.ledger.c  # noqa: E741 - short beside the columns
    other = "00000000-0000-4000-8000-000000000000"
    changes = {
        "operation_id": other, "payload": b"{}", "key_id": "SHA256:x", "signature": bytes(64), "db_user": "mallory",
        "db_time_us": 5, "prev_hash": bytes(32), "row_hash": bytes(32), "seq": 99,
    }  # fmt: skip
    for column, value in changes.items():
        with bank.engine.begin() as connection:
            before = connection.execute(select(l[column]).where(l.seq == 11)).scalar()
            connection.execute(update(own.ledger).where(l.seq == 11).values(**{column: value}))
        assert wrong(session)[0] == 11, column
        with bank.engine.begin() as connection:
            changed = 99 if column == "seq" else 11
            connection.execute(update(own.ledger).where(l.seq == changed).values(**{column: before}))
    assert wrong(session) == []


def test_a_cut_tail_is_found_by_the_head_by_receipts_and_by_checkpoints(bank: Bank, opened: Open) -> None:
    entries(bank, 20, 5)
    desk = bank.desk()
    made = checkpoints.make(desk)
    assert made is not None
    assert made.size == 21
    session = opened(bank)
    with bank.engine.begin() as connection:
        connection.execute(delete(own.ledger).where(own.ledger.c.seq > 17))
    assert wrong(session) == [18], "the head tells"
    with bank.engine.begin() as connection:
        last = connection.execute(select(own.ledger.c.row_hash).where(own.ledger.c.seq == 17)).scalar_one()
        connection.execute(update(own.ledger_head).values(seq=17, row_hash=last))
        connection.execute(delete(own.checkpoints))
    assert wrong(session) == [], "a chain alone does not show that its tail was cut"
    assert wrong(session, receipts=[{"seq": 19, "row_hash": "00" * 32}]) == [19]
    assert wrong(session, receipts=[made.told()]) == [21]
    kept = {"seq": 17, "row_hash": bytes(last).hex()}
    assert chain.verify(session, [kept]).told == "verified to 17, anchored to 17, 0 not anchored"


def test_a_ledger_written_anew_is_found_by_what_is_kept_elsewhere(bank: Bank, opened: Open) -> None:
    entries(bank, 5, 6)
    session = opened(bank)
    first = chain.verify(session)
    desk = bank.desk()
    made = checkpoints.make(desk)
    assert made is not None
    with bank.engine.begin() as connection:
        connection.execute(delete(own.ledger).where(own.ledger.c.seq > 1))
        start = connection.execute(select(own.ledger.c.row_hash)).scalar_one()
        connection.execute(update(own.ledger_head).values(seq=1, row_hash=start))
    entries(bank, 5, 7)
    assert chain.verify(session).count == 0
    assert wrong(session, receipts=[made.told()]) == [6]
    assert wrong(session, since=first.mark) == [6]
    assert wrong(session, trusted={key_id(BERT.public_key)}) == [1], "keys that nobody vouches for"


def test_a_forged_entry_is_named_and_verification_goes_on(bank: Bank, opened: Open) -> None:
    """The database cannot check a signature: whoever may call the function can enter anything, and is found."""
    entries(bank, 3, 8)
    mallory = HeldKey.new("mallory@test")
    entries(bank, 1, 9, mallory)
    entries(bank, 3, 10)
    found = chain.verify(opened(bank))
    assert found.count == 1
    assert found.wrong[0][0] == 5
    assert "was never added" in found.wrong[0][1]


def test_checkpoints_go_on_from_the_last_one(bank: Bank) -> None:
    entries(bank, 7, 11)
    desk = bank.desk()
    first = checkpoints.make(desk)
    assert first is not None
    assert checkpoints.make(desk) is None, "nothing was added"
    entries(bank, 6, 12)
    second = checkpoints.make(desk)
    assert second is not None
    assert (first.size, second.size) == (8, 14)
    whole = Chain()
    whole.against(dict(first.told()))
    whole.against(dict(second.told()))
    assert [found for entry in chain.entries(desk.session) for found in whole.feed(entry)] == []
    assert str(whole) == "verified to 14, anchored to 14, 0 not anchored"


def test_a_forged_checkpoint_is_not_gone_on_from(bank: Bank) -> None:
    entries(bank, 7, 13)
    desk = bank.desk()
    first = checkpoints.make(desk)
    assert first is not None
    with bank.engine.begin() as connection:
        connection.execute(update(own.checkpoints).values(frontier=bytes(32)))
    entries(bank, 1, 14)
    second = checkpoints.make(desk)
    assert second is not None
    whole = Chain()
    whole.against(dict(second.told()))
    assert [found for entry in chain.entries(desk.session) for found in whole.feed(entry)] == []


def test_a_key_the_table_alone_knows_is_found(bank: Bank, opened: Open) -> None:
    entries(bank, 3, 15)
    values = {
        "seq": 3,
        "key_id": key_id(BERT.public_key),
        "event": "add",
        "public_key": BERT.public_key,
        "name": "",
    }
    bank.add(own.operator_keys, values)
    assert wrong(opened(bank)) == [3]


@pytest.fixture
def exported(bank: Bank, opened: Open, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the verifier that goes out with an export, alone: no path of ours, no database."""
    script, file = tmp_path / "verifier.py", tmp_path / "export.jsonl"
    script.write_text(chain.verifier_source())

    def run(*options: object) -> subprocess.CompletedProcess[str]:
        file.write_text("\n".join(chain.export(opened(bank))) + "\n", encoding="utf-8")
        command = [sys.executable, "-I", str(script), str(file), *map(str, options)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    return run


def test_the_verifier_alone_agrees(
    bank: Bank, exported: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    entries(bank, 12, 16)
    desk = bank.desk()
    made = checkpoints.make(desk)
    assert made is not None
    entries(bank, 2, 17)
    good = exported()
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout == f"ledger {desk.ledger}: verified to 15, anchored to 0, 15 not anchored; 0 wrong\n"
    kept, keys, others = (tmp_path / name for name in ("kept", "keys", "others"))
    kept.write_text(json.dumps(made.told()) + "\n" + json.dumps({"seq": 16, "row_hash": "00" * 32}) + "\n")
    keys.write_text(ANNA.public_key + "\n")
    others.write_text(BERT.public_key + "\n")
    assert exported("--keys", keys).returncode == 0
    assert "not among the keys that you trust" in exported("--keys", others).stdout
    cut = exported("--against", kept)
    assert cut.returncode == 1
    assert cut.stdout.splitlines()[0] == "entry 16 was cut off: the ledger ends at 15"
    assert "anchored to 13" in cut.stdout
    bank.run("UPDATE quaestor_ledger SET db_user = 'mallory' WHERE seq = 9")
    assert exported().stdout.startswith("entry 9 was changed (row_hash)")
    bank.run("UPDATE quaestor_checkpoints SET note = 'quaestor/x'")
    assert "entry 13 ends another history" in exported().stdout


def test_the_verifier_is_one_small_file() -> None:
    source = chain.verifier_source()
    assert len(source.splitlines()) <= 200
    own_imports = [line for line in source.splitlines() if line.startswith(("from db", "import db"))]
    assert own_imports == []
