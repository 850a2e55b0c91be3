"""``keys``, ``migrate --part ledger``, ``act``, ``proposals``, ``policy``, ``ledger``: deciding without a screen."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from console import places, signing
from console.signing import PASSPHRASE
from db import registry
from db.engine import make_engine
from db.model import Profile
from db.trustsphere.tables import accounts, metadata, transactions, users
from tests.console.conftest import Quaestor, Said
from tests.write.bank import account, id_of, transaction, user

A1, A2, L1 = id_of("A1"), id_of("A2"), id_of("L1")
SURE = ("--reason", "because of the test", "--ticket", "OPS-7", "--yes", "--format", "json")


def rows(said: Said) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(said.out)["rows"]
    return found


@pytest.fixture
def target(quaestor: Quaestor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bank in a file, its ledger begun by the key of anna; bert has one too."""
    monkeypatch.setenv(PASSPHRASE, "correct horse")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    signing.forget()
    file = tmp_path / "bank.db"
    file.touch()
    engine = make_engine(Profile("owner", f"sqlite:///{file}"), read_only=False)
    with engine.begin() as connection:
        connection.exec_driver_sql("BEGIN")
        metadata.create_all(connection)
        connection.execute(sa.insert(users), [user("olga")])
        rich = {"balance": 30000, "daily_transaction_limit": 30000}
        connection.execute(sa.insert(accounts), [account("A1"), account("A2"), account("L", **rich)])  # type: ignore[arg-type] # a row's values
        connection.execute(sa.insert(transactions), [transaction("L1", "L", "A2", "20000.00")])
    engine.dispose()
    assert quaestor("keys", "create", "anna").code == 0
    found = f"trustsphere+sqlite:///{file}"
    made = quaestor("migrate", found, "up", "--part", "ledger", "--yes")
    assert made.code == 0, made.err
    assert quaestor("keys", "create", "bert").code == 0
    (places.config() / "profiles.toml").write_text(
        "".join(
            f'[profiles.{name}]\nurl = "sqlite:///{file}"\nsystem = "trustsphere"\n[profiles.{name}.settings]\noperator_key = "{name}"\n'
            for name in ("anna", "bert")
        )
    )
    (places.config() / "profiles.toml").chmod(0o600)
    registered = quaestor(
        "keys", "register", "anna", "--key", str(signing.folder() / "bert.pub"), "--ticket", "T", "--yes"
    )
    assert registered.code == 0, registered.err
    return found


def test_an_act_from_dry_run_to_ledger(target: str, quaestor: Quaestor) -> None:
    dry = quaestor("act", "anna", "accounts", "freeze", A1, "--dry-run", "--format", "json")
    assert (dry.code, rows(dry)) == (
        0, [{"record": A1, "what": "status", "before": "ACTIVE", "after": "FROZEN", "people": "one"}],
    )  # fmt: skip
    for missing, says in (
        (("--yes",), "ticket"),
        (("--ticket", "T"), "--dry-run"),
        (("--ticket", "T", "--yes"), "reason"),
    ):
        said = quaestor("act", "anna", "accounts", "freeze", A1, *missing)
        assert said.code in (1, 2)
        assert says in said.err + said.out
    done = quaestor("act", "anna", "accounts", "freeze", A1, A2, *SURE)
    assert done.code == 0, done.err
    assert [row["status"] for row in rows(done)] == ["done", "done"]
    again = quaestor("act", "anna", "accounts", "freeze", A1, *SURE)
    assert (again.code, rows(again)[0]["status"]) == (1, "refused")
    assert "status is FROZEN" in str(rows(again)[0]["text"])
    undo = quaestor(
        "act", "anna", "accounts", "unfreeze", A1, *SURE, "--undo", str(rows(done)[0]["operation"])
    )
    assert undo.code == 0, undo.out


def test_the_same_operation_id_is_done_once(target: str, quaestor: Quaestor) -> None:
    one = ("--operation-id", "11111111-2222-4333-8444-555555555555")
    first, second = (quaestor("act", "anna", "accounts", "freeze", A1, *SURE, *one) for _ in range(2))
    assert [rows(said)[0]["status"] for said in (first, second)] == ["done", "earlier"]
    assert rows(first)[0]["entry"] == rows(second)[0]["entry"]
    other = quaestor("act", "anna", "accounts", "freeze", A2, *SURE, *one)
    assert "belongs to another operation" in str(rows(other)[0]["text"])
    assert quaestor("act", "anna", "accounts", "freeze", A1, A2, *SURE, *one).code == 2
    assert quaestor("act", "anna", "accounts", "freeze", A1, *SURE, "--operation-id", "x").code == 2


def test_what_takes_two_is_proposed_and_another_approves(target: str, quaestor: Quaestor) -> None:
    proposed = quaestor("act", "anna", "transactions", "approve", L1, *SURE)
    assert (proposed.code, rows(proposed)[0]["status"]) == (0, "proposed")
    id_ = str(rows(proposed)[0]["operation"])
    (waiting,) = rows(quaestor("proposals", "bert", "--format", "json"))
    assert (waiting["id"], waiting["state"], waiting["action"]) == (id_, "open", "approve")
    shown = rows(quaestor("proposals", "bert", "show", id_, "--format", "json"))
    assert {"account L balance"} <= {str(row["what"]) for row in shown}
    own = quaestor("proposals", "anna", "approve", id_, *SURE)
    assert own.code == 4
    assert "another person" in own.err
    done = quaestor("proposals", "bert", "approve", id_, *SURE)
    assert (done.code, rows(done)[0]["status"]) == (0, "done")
    assert rows(quaestor("proposals", "bert", "--format", "json")) == []
    assert rows(quaestor("proposals", "bert", "--all", "--format", "json"))[0]["state"] == "done"


def test_the_policy_is_shown_and_changed_by_two(target: str, quaestor: Quaestor) -> None:
    proposed = quaestor("policy", "anna", "propose", "approve_dual_from=50.00", *SURE)
    assert proposed.code == 0, proposed.err
    assert quaestor("proposals", "bert", "reject", str(rows(proposed)[0]["operation"]), *SURE).code == 0
    proposed = quaestor("policy", "anna", "propose", "approve_dual_from=60.00", *SURE)
    assert quaestor("proposals", "bert", "approve", str(rows(proposed)[0]["operation"]), *SURE).code == 0
    shown = {row["name"]: row["policy"] for row in rows(quaestor("policy", "anna", "--format", "json"))}
    assert shown["approve_dual_from"] == "60.00"
    assert quaestor("policy", "anna", "propose", "quorum", *SURE).code == 2


def test_the_ledger_is_verified_signed_and_handed_out(
    target: str, quaestor: Quaestor, tmp_path: Path
) -> None:
    quaestor("act", "anna", "accounts", "freeze", A1, *SURE)
    assert "entries" in quaestor("ledger", "anna").out
    good = quaestor("ledger", "anna", "verify")
    assert (good.code, "0 wrong" in good.out) == (0, True)
    assert "(since 3)" in quaestor("ledger", "anna", "verify").out
    kept, export = tmp_path / "kept.jsonl", tmp_path / "export.jsonl"
    assert quaestor("ledger", "anna", "checkpoint", "--to", str(kept)).code == 0
    assert quaestor("ledger", "anna", "export", "--to", str(export)).code == 0
    assert (export.stat().st_mode & 0o777, kept.stat().st_mode & 0o777) == (0o600, 0o600)
    script = [sys.executable, "-I", tmp_path / "verify_quaestor_ledger.py", export, "--against", kept]
    told = subprocess.run(list(map(str, script)), capture_output=True, text=True, check=False)
    assert (told.returncode, "anchored to 3" in told.stdout) == (0, True), told
    engine = sa.create_engine(target.removeprefix("trustsphere+"))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE quaestor_ledger SET key_id = 'x' WHERE seq = 2")
    engine.dispose()
    bad = quaestor("ledger", "anna", "verify", "--whole", "--against", str(kept))
    assert bad.code == 1
    assert bad.out.startswith("entry 2 was changed")
    assert quaestor("ledger", "anna", "verify", "--against", str(tmp_path / "none")).code == 1


def test_keys_are_listed_registered_and_revoked(target: str, quaestor: Quaestor) -> None:
    mine = {row["name"]: row["id"] for row in rows(quaestor("keys", "list", "--format", "json"))}
    assert set(mine) == {"anna", "bert"}
    there = {row["name"]: row["where"] for row in rows(quaestor("keys", "list", "anna", "--format", "json"))}
    assert there == {"anna": "signs", "bert": "signs"}
    gone = quaestor(
        "keys", "revoke", "anna", "--key", str(mine["bert"]), "--reason", "left", "--ticket", "T", "--yes"
    )
    assert gone.code == 0, gone.err
    refused = quaestor("act", "bert", "accounts", "freeze", A1, *SURE)
    assert (refused.code, "was revoked" in refused.err) == (4, True)
    last = quaestor(
        "keys", "revoke", "anna", "--key", str(mine["anna"]), "--reason", "x", "--ticket", "T", "--yes"
    )
    assert "last key" in last.err
    assert quaestor("keys", "create", "anna").code == 1, "there is one already"
    assert quaestor("keys", "create", "../x").code == 2
    assert "canary" not in (signing.folder() / "anna").read_text()


def test_a_ledger_is_anchored_in_another_one_which_shows_that_it_was_cut(
    quaestor: Quaestor, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.db"
    other.touch()
    engine = make_engine(Profile("owner", f"sqlite:///{other}"), read_only=False)
    metadata.create_all(engine)
    engine.dispose()
    with (places.config() / "profiles.toml").open("a") as file:
        file.write(f'[profiles.other]\nurl = "sqlite:///{other}"\nsystem = "trustsphere"\n')
        file.write('[profiles.other.settings]\noperator_key = "anna"\n')
    assert quaestor("migrate", "other", "up", "--part", "ledger", "--yes").code == 0
    for wrong, says in (
        ((), "where?"),
        (("--in", "other"), "ticket"),
        (("--in", "other", "--ticket", "T"), "--yes"),
        (("--in", "bert", "--ticket", "T", "--yes"), "that very ledger"),
        (("--in", "nowhere", "--ticket", "T", "--yes"), "nowhere"),
    ):
        said = quaestor("ledger", "anna", "anchor", *wrong)
        assert (said.code != 0, says in said.err, said.out) == (True, True, ""), (wrong, said)
    none = quaestor("ledger", "anna", "verify", "--in", "other")
    assert (none.code, "holds no anchor" in none.err) == (1, True), none
    logged: list[str] = []
    monkeypatch.setattr("syslog.syslog", lambda level, text: logged.append(text))
    for size in (2, 3):
        said = quaestor("ledger", "anna", "anchor", "--in", "other", "--syslog", "--ticket", "T", "--yes")
        assert (said.code, f"{size} entries of" in said.out) == (0, True), said
        again = quaestor("ledger", "anna", "anchor", "--in", "other", "--ticket", "T", "--yes")
        assert f"entry {size}." in again.out, "that of the same size is entered once"
        if size == 2:
            assert quaestor("act", "anna", "accounts", "freeze", A1, *SURE).code == 0
    assert [json.loads(line.removeprefix("quaestor "))["checkpoint"].split("\n")[1] for line in logged] == [
        "2",
        "3",
    ]
    good = quaestor("ledger", "anna", "verify", "--in", "other")
    assert (good.code, "verified to 3, anchored to 3, 0 not anchored; 0 wrong" in good.out) == (0, True), good
    assert quaestor("ledger", "other", "verify", "--whole").code == 0
    (places.state() / "journal").rename(tmp_path / "gone")
    (places.state() / "verified").rename(tmp_path / "marks")
    with sa.create_engine(f"sqlite:///{tmp_path / 'bank.db'}").begin() as connection:
        connection.exec_driver_sql("DELETE FROM quaestor_ledger WHERE seq = 3")
        connection.exec_driver_sql("DELETE FROM quaestor_checkpoints WHERE size = 3")
        connection.exec_driver_sql(
            "UPDATE quaestor_ledger_head SET seq = 2, row_hash = (SELECT row_hash FROM quaestor_ledger WHERE seq = 2)"
        )
    assert quaestor("ledger", "anna", "verify", "--whole").code == 0, (
        "a cut tail shows only against an anchor"
    )
    bad = quaestor("ledger", "anna", "verify", "--in", "other")
    assert (bad.code, "entry 3 was cut off: the ledger ends at 2" in bad.out) == (1, True), bad


def test_without_a_ledger_or_in_audit_mode_nothing_is_done(quaestor: Quaestor, target: str) -> None:
    file = places.config() / "profiles.toml"
    file.write_text(
        file.read_text()
        + f'[profiles.look]\nurl = "{target.removeprefix("trustsphere+")}"\nsystem = "trustsphere"\nmode = "audit"\n'
    )
    said = quaestor("act", "look", "accounts", "freeze", A1, *SURE)
    assert (said.code, "audit mode" in said.err) == (4, True), said
    assert quaestor("act", "look", "accounts", "freeze", A1, "--dry-run").code == 0
    assert registry.system("trustsphere").name == "trustsphere"
