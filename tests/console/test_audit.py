"""``audit`` and ``verify``: several systems on one line, evidence that is signed, and every edit of it found."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from console import operator
from db import evidence
from db.errors import Missing
from db.model import Profile
from db.paymentlinker.tables import audit_logs
from db.verifier import key_id
from tests.console.conftest import Filled, Quaestor
from tests.paymentlinker.office import done, make, operation
from tests.write.bank import ANNA

Lines = list[str]


@pytest.fixture
def targets(filled: Filled) -> list[str]:
    """Four systems."""
    return [filled(name, "sqlite") for name in ("trustsphere", "paymentlinker", "finpass", "multipass")]


@pytest.fixture
def signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anna's key is in the agent."""
    monkeypatch.setattr(operator, "of_agent", lambda _profile: ANNA)


def test_four_systems_stand_on_one_line(targets: list[str], quaestor: Quaestor) -> None:
    said = quaestor("audit", *targets, "--limit", "0", "--format", "jsonl")
    assert said.code == 0
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert len({row["id"] for row in rows}) == len(rows)
    assert {row["system"] for row in rows} == {"trustsphere", "paymentlinker", "finpass", "multipass"}
    times = [row["time"] for row in rows if row["time"]]
    assert times == sorted(times, reverse=True)
    oldest = quaestor("audit", *targets, "--limit", "5", "--oldest-first", "--format", "json")
    answer = json.loads(oldest.out)
    assert [row["id"] for row in answer["rows"]] == [row["id"] for row in rows[::-1][:5]]
    more = ["--limit", "5", "--oldest-first", "--format", "json", "--after", answer["next"]]
    assert json.loads(quaestor("audit", *targets, *more).out)["rows"][0]["id"] == rows[::-1][5]["id"]


def test_filters_narrow_every_source(targets: list[str], quaestor: Quaestor) -> None:
    asked = ["--limit", "0", "--format", "jsonl", "--filter", "severity=ERROR,CRITICAL"]
    rows = [json.loads(line) for line in quaestor("audit", *targets, *asked).out.splitlines()]
    assert rows
    assert {row["severity"] for row in rows} <= {"ERROR", "CRITICAL"}
    assert quaestor("audit", *targets, "--from", "2099-01-01", "--format", "jsonl").out == ""


@pytest.mark.parametrize(
    "wrong",
    [["--filter", "colour=red"], ["--from", "yesterday"], ["--follow", "--format", "json"], ["--after", "x"]],
)
def test_what_cannot_be_meant_is_a_sentence(wrong: list[str], targets: list[str], quaestor: Quaestor) -> None:
    said = quaestor("audit", targets[0], *wrong)
    assert said.code == 2
    assert said.out == ""


@pytest.mark.usefixtures("signed")
def test_evidence_is_verified_anywhere(targets: list[str], quaestor: Quaestor, tmp_path: Path) -> None:
    file = tmp_path / "evidence.jsonl"
    said = quaestor("audit", *targets, "--filter", "system!=multipass", "--evidence", str(file))
    assert said.code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    manifest = json.loads(file.read_text().splitlines()[-1])["manifest"]
    assert manifest["filters"] == ["system!=multipass"]
    assert sum(source["rows"] for source in manifest["sources"]) == manifest["rows"] > 100
    assert json.loads(json.loads(file.read_text().splitlines()[0])["row"]["detail"])
    checked = quaestor("verify", str(file))
    assert checked.code == 0
    assert f"signed by {key_id(ANNA.public_key)}; 0 wrong" in checked.out
    trusted = tmp_path / "keys"
    trusted.write_text(ANNA.public_key + "\n")
    assert quaestor("verify", str(file), "--keys", str(trusted)).code == 0
    trusted.write_text("")
    assert quaestor("verify", str(file), "--keys", str(trusted)).code == 1
    assert quaestor("audit", targets[0], "--evidence", str(file)).code == 1  # nothing is overwritten


def _edit(line: str, old: str, new: str) -> str:
    assert old in line
    return line.replace(old, new, 1)


EDITS: dict[str, tuple[Callable[[Lines], Lines], int]] = {
    "a value": (lambda rows: [*rows[:4], _edit(rows[4], '"system":"', '"system":"x'), *rows[5:]], 5),
    "a line less": (lambda rows: [*rows[:7], *rows[8:]], 8),
    "a line twice": (lambda rows: [*rows[:3], rows[3], rows[3], *rows[4:]], 5),
    "two lines changed places": (lambda rows: [rows[1], rows[0], *rows[2:]], 1),
    "the manifest": (lambda rows: [*rows[:-1], _edit(rows[-1], '"asked":"', '"asked":"x')], 0),
    "the end": (lambda rows: rows[:-1], 0),
    "no JSON": (lambda rows: [*rows[:2], "{", *rows[3:]], 3),
    "something behind": (lambda rows: [*rows, rows[0]], 0),
    "a value twice": (
        lambda rows: [*rows[:4], _edit(rows[4], '"row":{', '"row":{"actor":"somebody",'), *rows[5:]],
        5,
    ),
    "a row twice": (lambda rows: [*rows[:4], _edit(rows[4], '"row":', '"row":{},"row":'), *rows[5:]], 5),
    "a remark": (lambda rows: [*rows[:4], _edit(rows[4], '"row":', '"seen":"yes","row":'), *rows[5:]], 5),
    "blanks": (lambda rows: [*rows[:4], _edit(rows[4], '"row":', '"row": '), *rows[5:]], 5),
    "another line's end": (lambda rows: [*rows[:4], rows[4] + "\r", *rows[5:]], 5),
    "a blank line": (lambda rows: [*rows[:4], "", *rows[4:]], 5),
    "a depth without end": (lambda rows: [*rows[:2], '{"row":' + "[" * 100_000, *rows[3:]], 3),
    "no sources": (lambda rows: [*rows[:-1], _edit(rows[-1], '"sources":[', '"sources":[1,')], 0),
    "a manifest twice": (
        lambda rows: [*rows[:-1], _edit(rows[-1], '{"manifest":', '{"manifest":{},"manifest":')],
        0,
    ),
}


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_file_is_found_at_its_place(
    edit: str, targets: list[str], quaestor: Quaestor, tmp_path: Path
) -> None:
    file = tmp_path / "evidence.jsonl"
    assert quaestor("audit", targets[2], "--evidence", str(file)).code == 0
    change, place = EDITS[edit]
    lines = file.read_text().splitlines()
    edited = change(lines)
    file.write_text("\n".join(edited) + "\n")
    said = quaestor("verify", str(file))
    assert said.code == 1
    assert "Traceback" not in said.err
    if place:
        assert said.out.startswith(f"line {place} ")


def test_evidence_without_a_key_says_so(
    targets: list[str], quaestor: Quaestor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_profile: Profile) -> None:
        raise Missing("No key.")

    monkeypatch.setattr(operator, "of_agent", none)
    file = tmp_path / "evidence.jsonl"
    said = quaestor("audit", targets[0], "--evidence", str(file))
    assert "not signed" in said.err
    assert "not signed; 0 wrong" in quaestor("verify", str(file)).out
    found = evidence.Verified()
    with file.open(encoding="utf-8") as lines:
        assert [finding.why for finding in evidence.verify(lines, found, frozenset())] == ["is not signed"]


@pytest.mark.parametrize("content", ["", "hello\n", "{}\n", "[1]\n", '{"payload": 1}\n'])
def test_what_is_neither_is_told(content: str, quaestor: Quaestor, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text(content)
    said = quaestor("verify", str(file))
    assert said.code in (1, 2)
    assert "Traceback" not in said.err
    assert quaestor("verify", str(tmp_path / "nowhere")).code == 1


def test_patterns_are_listed_and_narrow_the_line_by_their_rule(
    targets: list[str], quaestor: Quaestor
) -> None:
    listed = quaestor("audit", *targets, "--pattern", "?").out
    assert "two-places" in listed
    assert "an impossible interval." in listed
    asked = ["--pattern", "masked-reads", "--from", "-3650d", "--limit", "0", "--format", "jsonl"]
    rows = [json.loads(line) for line in quaestor("audit", *targets, *asked).out.splitlines()]
    assert {row["action"] for row in rows} <= {
        "SSN_ACCESSED", "SSN_REVEALED", "DATA_EXPORTED", "DATA_ACCESSED", "STATEMENT_EXPORTED", "reveal-ssn",
    }  # fmt: skip
    assert len({row["system"] for row in rows}) > 1
    wrong = quaestor("audit", *targets, "--pattern", "masked-read")
    assert (wrong.code, "Did you mean masked-reads" in wrong.err) == (2, True)


def test_evidence_tells_its_rule(
    targets: list[str], quaestor: Quaestor, tmp_path: Path, signed: None
) -> None:
    file = tmp_path / "rights.jsonl"
    asked = ["--pattern", "rights", "--from", "-3650d", "--evidence", str(file)]
    assert quaestor("audit", *targets, *asked).code == 0
    manifest = json.loads(file.read_text().splitlines()[-1])["manifest"]
    assert (manifest["view"], manifest["rule"][:7]) == ("rights", "Who may")
    assert quaestor("verify", str(file)).code == 0


def test_the_trail_and_the_retention_rules_are_checked(
    targets: list[str], quaestor: Quaestor, tmp_path: Path
) -> None:
    said = quaestor("audit", *targets, "--check")
    assert (said.code, said.err) == (1, "")
    assert "  trail      ?      " in said.out, "there is no ledger to hold it against"
    assert "  retention  WRONG  Audit rows are kept for 7 years. " in said.out
    office = make(f"sqlite:///{tmp_path}/linker.db", tmp_path)
    made = done(office.desk(), operation("users", office.put("users")["id"], "deactivate"))
    target = f"paymentlinker+{office.url}"
    good = quaestor("audit", target, "--check", "--format", "jsonl")
    assert good.code == 0
    assert {json.loads(line)["holds"] for line in good.out.splitlines()} == {True}
    row = office.audit(made.operation_id)["id"]
    with office.engine.begin() as connection:
        connection.execute(update(audit_logs).where(audit_logs.c.id == row).values(new_state="{not JSON"))
    bad = quaestor("audit", target, "--check")
    assert bad.code == 1
    assert f"row {row}: its new_state is another than was signed" in bad.out
    office.close()
