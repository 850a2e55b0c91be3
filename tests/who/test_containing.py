"""``quaestor contain`` by two operators on four files: shown, proposed, approved, resumed, told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from console import places, signing
from console.signing import PASSPHRASE
from db.names import NAMES
from db.registering import register
from tests.who.test_commands import Quaestor, Said, quaestor
from tests.who.test_contain import deeds, taken_away
from tests.who.town import ARMED, Town

__all__ = ["quaestor"]

SURE = ("--reason", "her telephone was stolen", "--ticket", "OPS-7", "--yes", "--format", "json")
OPERATIONS = 17


@pytest.fixture
def operators(lite: Town, quaestor: Quaestor, monkeypatch: pytest.MonkeyPatch) -> Quaestor:
    """Anna and Bert have keys of their own, and a profile of each system."""
    monkeypatch.setenv(PASSPHRASE, "correct horse")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    signing.forget()
    profiles = ""
    for who in ("anna", "bert"):
        assert quaestor("keys", "create", who)[0] == 0
        line = (signing.folder() / f"{who}.pub").read_text()
        for name in NAMES:
            register(lite.desk(name), ARMED, line)
            profiles += f'[profiles.{who}-{name}]\nurl = "{lite.urls[name]}"\nsystem = "{name}"\n'
            profiles += f'[profiles.{who}-{name}.settings]\noperator_key = "{who}"\n'
    lite.go_home()
    file = places.config() / "profiles.toml"
    file.write_text(profiles)
    file.chmod(0o600)
    return quaestor


def of(who: str, *names: str) -> list[str]:
    """Somebody's profiles."""
    return [f"{who}-{name}" for name in names or NAMES]


def rows(said: Said) -> Sequence[dict[str, Any]]:
    """The rows of an answer."""
    found: Sequence[dict[str, Any]] = json.loads(said[1])["rows"]
    return found


def plan_of(said: Said) -> str:
    """The plan's id, as it was told."""
    return said[2].split("quaestor contain ")[-1].split()[0]


def test_two_operators(lite: Town, operators: Quaestor) -> None:
    shown = operators("contain", "ann@example.org", *of("anna"), "--dry-run", "--format", "json")
    assert shown[0] == 0, shown[2]
    assert len(rows(shown)) == OPERATIONS
    assert all(row["would"] for row in rows(shown))
    assert deeds(lite) == {}
    made = operators("contain", "ann@example.org", *of("anna"), *SURE)
    assert made[0] == 0, made[2]
    assert {row["status"] for row in rows(made)} == {"proposed"}
    assert deeds(lite) == {}
    plan = plan_of(made)
    alone = operators("contain", plan, *of("anna"), "--approve", *SURE)
    assert alone[0] == 4
    assert deeds(lite) == {}
    done = operators("contain", plan, *of("bert"), "--approve", *SURE)
    assert done[0] == 0, done[2]
    assert [row["status"] for row in rows(done)] == ["done"] * OPERATIONS
    assert taken_away(lite)
    stands = operators("contain", plan, *of("anna"), "--status", "--format", "json")
    assert {(row["state"], row["operations"] - row["done"]) for row in rows(stands)} == {("done", 0)}
    again = operators("contain", "ann@example.org", *of("anna"), *SURE)
    assert (again[0], "nothing left to take away" in again[2]) == (1, True)


def test_a_missing_system_is_told_and_resumed_for_it_alone(
    lite: Town, operators: Quaestor, tmp_path: Path
) -> None:
    file = tmp_path / "multipass.db"
    away = file.rename(tmp_path / "away.db")
    made = operators("contain", "ann@example.org", *of("anna"), *SURE)
    assert made[0] == 3
    assert "anna-multipass:" in made[2]
    assert len(rows(made)) == 3
    plan = plan_of(made)
    partly = operators("contain", plan, *of("bert"), "--approve", *SURE)
    assert partly[0] == 3, partly[2]
    away.rename(file)
    assert not taken_away(lite)
    rest = operators("contain", plan, *of("anna"), "--resume", *SURE)
    assert rest[0] == 0, rest[2]
    assert [(row["record"], row["status"]) for row in rows(rest)] == [("anna-multipass", "proposed")]
    assert operators("contain", plan, *of("bert"), "--approve", *SURE)[0] == 0
    assert taken_away(lite)
    assert set(deeds(lite).values()) == {1}


def test_a_second_containment_is_refused(lite: Town, operators: Quaestor) -> None:
    first = operators("contain", "ann@example.org", *of("anna"), *SURE)
    second = operators("contain", "ann@example.org", *of("bert"), *SURE)
    assert second[0] == 1
    assert all(plan_of(first) in row["text"] for row in rows(second))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("did:key:zNobody", *of("anna"), *SURE), 1, "Nobody was found"),
        (("+41 44 555 01 01", *of("anna"), *SURE), 1, "leads to 2 people"),
        (("ann@example.org", *of("anna"), "--ticket", "T", "--yes"), 2, "A reason is needed"),
        (("ann@example.org", *of("anna"), "--reason", "x", "--yes"), 2, "takes a ticket"),
        (("ann@example.org", *of("anna"), "--approve", *SURE), 2, "takes a plan's id"),
        (("ann@example.org", *of("anna"), "--approve", "--resume"), 2, "Take one of"),
        (("00000000-0000-4000-8000-000000000000", *of("anna"), "--resume", *SURE), 1, "There is no plan"),
    ],
    ids=["nobody", "several", "no-reason", "no-ticket", "no-plan", "both", "unknown-plan"],
)
def test_what_is_refused(operators: Quaestor, arguments: tuple[str, ...], code: int, said: str) -> None:
    found = operators("contain", *arguments)
    assert (found[0], said in found[2]) == (code, True), found[2]
