"""``demo`` makes its four files once, private and whole, and starts the console on them."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from console import asking, demos
from console.cli import opening
from db.model import Mode, Profile
from db.names import NAMES
from screens.operators import Operators
from tests.console.conftest import Quaestor

Started = list[tuple[list[Profile], str]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """What the console was started with, in place of starting it."""
    calls: Started = []

    def run(chosen: list[Profile], at: str, *, choose: bool, operators: Operators) -> int:
        calls.append((chosen, at))
        return 7

    monkeypatch.setattr(asking, "terminal", lambda: True)
    monkeypatch.setattr(opening, "import_module", lambda _name: SimpleNamespace(run=run))
    return calls


def test_the_files_are_made_once_and_used_again(
    home: Path, quaestor: Quaestor, started: Started, tmp_path: Path
) -> None:
    first = quaestor("demo", "--rows", "60", "--at", "users")
    assert (first.code, first.out) == (7, "")
    folder = home / "data" / "demo"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.name for file in folder.iterdir()} == {*(f"{name}.db" for name in NAMES), "operators.json"}
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    before = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    again = quaestor("demo")
    assert again.err == ""
    assert {file: file.stat().st_mtime_ns for file in folder.iterdir()} == before
    assert [profile.name for profile in started[0][0]] == list(NAMES)
    assert started[0][1] == "users"
    for profile in started[0][0]:
        assert (
            quaestor(
                "list",
                f"{profile.system}+{profile.url}",
                "users" if profile.system != "multipass" else "identity_profiles",
            ).code
            == 0
        )


def test_reset_makes_them_anew_and_a_lost_one_is_made_again(
    quaestor: Quaestor, started: Started, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    quaestor("demo", "--dir", str(folder), "--rows", "40", "--seed", "1")
    before = {name: demos.file(folder, name).stat().st_mtime_ns for name in NAMES}
    demos.file(folder, "finpass").unlink()
    quaestor("demo", "--dir", str(folder), "--rows", "40")
    after = {name: demos.file(folder, name).stat().st_mtime_ns for name in NAMES}
    assert [name for name in NAMES if before[name] != after[name]] == ["finpass"]
    quaestor("demo", "--dir", str(folder), "--rows", "40", "--reset")
    assert all(demos.file(folder, name).stat().st_mtime_ns != after[name] for name in NAMES)


def test_open_takes_profiles_urls_and_where_to_begin(
    quaestor: Quaestor, started: Started, tmp_path: Path
) -> None:
    quaestor("profiles", "add", "one", "finpass+sqlite:///one.db")
    quaestor("profiles", "add", "two", "finpass+sqlite:///two.db")
    assert quaestor("open", "one", "multipass+sqlite:///one.db", "--read-only", "--at", "audit").code == 7
    chosen, at = started[-1]
    assert [(p.name, p.mode) for p in chosen] == [("one", Mode.AUDIT), ("one-2", Mode.AUDIT)]
    assert at == "audit"
    assert quaestor().code == 7
    assert [profile.name for profile in started[-1][0]] == ["one", "two"]


def test_without_a_terminal_there_is_no_console(quaestor: Quaestor) -> None:
    said = quaestor("open", "finpass+sqlite:///x.db")
    assert (said.code, "needs a terminal" in said.err) == (2, True)
