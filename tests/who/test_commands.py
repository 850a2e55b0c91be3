"""``quaestor who`` on four files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from console.__main__ import run
from db.names import NAMES
from tests.who.town import Town, id_of

Said = tuple[int, str, str]
Quaestor = Callable[..., Said]


@pytest.fixture
def quaestor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Quaestor:
    """Run a command in a home of the test's own: exit code, stdout, stderr."""
    monkeypatch.setenv("QUAESTOR_HOME", str(tmp_path / "home"))

    def command(*arguments: str) -> Said:
        capsys.readouterr()
        code = run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def targets(town: Town) -> list[str]:
    """The four files."""
    return [f"{name}+{town.urls[name]}" for name in NAMES]


def test_the_tree_as_rows(lite: Town, quaestor: Quaestor) -> None:
    code, out, err = quaestor("who", "ann@example.org", *targets(lite), "--format", "json")
    rows = json.loads(out)["rows"]
    assert code == 0
    assert {row["person"] for row in rows if row["sure"]} == {"1"}
    assert len([row for row in rows if row["person"] == "1"]) == 20
    assert {"system": "trustsphere", "entity": "users", "record": id_of("ann")}.items() <= rows[0].items()
    assert all(row["why"] for row in rows)
    assert "1 people in" in err
    assert "same telephone number only" in err


def test_tables_and_csv_hold_the_same(lite: Town, quaestor: Quaestor) -> None:
    for format_ in ("table", "csv", "jsonl"):
        code, out, _ = quaestor("who", "ann@example.org", *targets(lite), "--format", format_)
        assert code == 0
        assert out.count("SER-ann-0") == 1


def test_their_audit_rows(lite: Town, quaestor: Quaestor) -> None:
    code, out, _ = quaestor("who", "SER-ann-0", *targets(lite), "--trail", "--format", "json")
    assert code == 0
    assert [row["action"] for row in json.loads(out)["rows"]] == [
        "LOGIN",
        "SUBMITTED",
        "ISSUED",
        "opened",
        "SIGNED",
    ]


def test_one_that_cannot_be_reached_is_said(lite: Town, quaestor: Quaestor, tmp_path: Path) -> None:
    gone = f"multipass+sqlite:///{tmp_path}/gone/x.db"
    code, out, err = quaestor(
        "who", "ann@example.org", targets(lite)[0], gone, "--format", "json", "--patience", "60"
    )
    assert code == 3
    assert len(json.loads(out)["rows"]) == 3
    assert "x: x: the file cannot be opened" in err
    assert "Not every system is in this answer: x." in err


def test_nobody_and_nothing(lite: Town, quaestor: Quaestor) -> None:
    code, _, err = quaestor("who", "nobody@example.org", *targets(lite))
    assert (code, "Nobody was found by 'nobody@example.org'" in err) == (1, True)
    assert quaestor("who", " ", *targets(lite))[0] == 2
    code, _, err = quaestor("who", "ann@example.org")
    assert (code, "There are no profiles" in err) == (2, True)


def test_hostile_texts_come_out_clean(lite: Town, quaestor: Quaestor) -> None:
    name = "\x1b]52;c;aGk=\x07[@click=app.quit]ann[/] \u202e"
    lite.run(
        "multipass",
        "UPDATE identity_profiles SET display_name = :name WHERE id = :id",
        name=name,
        id=id_of("ann"),
    )
    code, out, err = quaestor("who", "ann@example.org", *targets(lite))
    assert code == 0
    assert "␛]52" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out + err)
