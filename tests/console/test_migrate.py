"""``migrate``, ``seed`` and ``doctor`` from the command line, on every system and engine."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from console import profiles
from console.cli.seeding import audit_table
from db import registry
from tests.conftest import Fresh, engines_for
from tests.console.conftest import Filled, Quaestor, Said

CASES = [(system, engine) for system in registry.NAMES for engine in engines_for(system)]
case = pytest.mark.parametrize(("system", "engine"), CASES)


def rows(said: Said) -> list[dict[str, object]]:
    """The rows of an answer in JSON."""
    assert said.code == 0, said.err
    found: list[dict[str, object]] = json.loads(said.out)["rows"]
    return found


@case
def test_from_an_empty_database_to_its_rows(
    system: str, engine: str, fresh: Fresh, quaestor: Quaestor
) -> None:
    target = f"{system}+{fresh(engine)}"
    made = quaestor("migrate", target, "up")
    assert (made.code, made.out) == (0, "")
    assert made.err.splitlines()[-1].startswith("system: at revision ")
    status = rows(quaestor("migrate", target, "--format", "json"))
    assert all(row["done"] for row in status if row["part"] == "system")
    assert {row["part"] for row in status} >= {"system", "indexes"}
    seeded = quaestor("seed", target, "--rows", "100")
    assert (seeded.code, seeded.out) == (0, "")
    again = quaestor("seed", target, "--rows", "100")
    assert again.code == 1
    assert "only into an empty database" in again.err
    audit = audit_table(registry.system(system))
    assert rows(quaestor("list", target, audit, "--format", "json"))
    undone = quaestor("migrate", target, "down", "--to", "base", "--yes")
    assert undone.err.splitlines()[-1] == "system: before its first revision."


def test_a_new_sqlite_file_is_private(tmp_path: Path, quaestor: Quaestor) -> None:
    file = tmp_path / "new.db"
    assert quaestor("migrate", f"finpass+sqlite:///{file}", "up").code == 0
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_dry_run_prints_sql_and_changes_nothing(fresh: Fresh, quaestor: Quaestor) -> None:
    for engine in engines_for("finpass"):
        target = f"finpass+{fresh(engine)}"
        if engine == "sqlite":
            Path(target.partition("///")[2]).touch()
        said = quaestor("migrate", target, "up", "--dry-run")
        assert said.code == 0
        assert "CREATE TABLE payments" in said.out
        assert not any(row["done"] for row in rows(quaestor("migrate", target, "--format", "json")))


def test_other_parts_are_shown_and_asked_for(filled: Filled, quaestor: Quaestor, fresh: Fresh) -> None:
    target = f"finpass+{fresh('sqlite')}"
    quaestor("migrate", target, "up")
    said = quaestor("migrate", target, "up", "--part", "indexes")
    assert said.code == 1
    assert "CREATE INDEX quaestor_ix_" in said.err
    assert "say --yes" in said.err
    assert quaestor("migrate", target, "up", "--part", "indexes", "--yes", "--set", "tables=users").code == 0
    done = rows(quaestor("migrate", target, "--part", "indexes", "--format", "json"))
    assert [row["done"] for row in done] == [True]


def test_a_database_of_others_is_stamped(fresh: Fresh, quaestor: Quaestor) -> None:
    url = fresh("sqlite")
    engine = sa.create_engine(url, poolclass=NullPool)
    registry.system("finpass").metadata.create_all(engine)
    engine.dispose()
    refused = quaestor("migrate", url, "up")
    assert (refused.code, "stamp" in refused.err) == (1, True)
    assert rows(quaestor("migrate", url, "--part", "system", "--format", "json"))[0]["note"] == (
        "5 tables are there, made by others"
    )
    stamped = quaestor("migrate", url, "stamp")
    assert stamped.code == 0
    assert "made by others" in stamped.err
    assert quaestor("migrate", url, "down", "--to", "base", "--yes").code == 1


def test_a_profile_for_looking_changes_nothing(fresh: Fresh, quaestor: Quaestor) -> None:
    profiles.path().parent.mkdir(parents=True)
    profiles.path().write_text(f'[profiles.look]\nurl = "finpass+{fresh("sqlite")}"\nmode = "audit"\n')
    profiles.path().chmod(0o600)
    for arguments in (("migrate", "look", "up"), ("seed", "look", "--rows", "1")):
        said = quaestor(*arguments)
        assert said.code == 4
        assert "for looking only" in said.err


@case
def test_the_doctor_finds_nothing_wrong_with_our_own(
    system: str, engine: str, filled: Filled, quaestor: Quaestor
) -> None:
    found = rows(quaestor("doctor", filled(system, engine), "--format", "json"))
    areas = {row["area"] for row in found}
    assert areas >= {"schema", "indexes", "rights", "server", "session", "secrets"}
    assert not [row for row in found if row["state"] == "failed"]


def test_the_doctor_says_what_is_missing_and_fails(fresh: Fresh, quaestor: Quaestor) -> None:
    target = f"finpass+{fresh('sqlite')}"
    quaestor("migrate", target, "up")
    engine = sa.create_engine(target.partition("+")[2], poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE payments")
        connection.exec_driver_sql("ALTER TABLE audit_events DROP COLUMN duration_ms")
        connection.exec_driver_sql("ALTER TABLE users ADD COLUMN nickname TEXT")
        connection.exec_driver_sql("CREATE TABLE flyway_schema_history (x INTEGER)")
    engine.dispose()
    said = quaestor("doctor", target, "--format", "json")
    assert said.code == 1
    found = {(row["area"], row["name"]): row for row in json.loads(said.out)["rows"]}
    assert found["schema", "payments"]["state"] == "failed"
    assert "payments with its" in found["schema", "payments"]["text"]
    assert "missing: duration_ms" in str(found["schema", "audit_events"]["text"]).lower()
    assert "nickname" in found["schema", "users"]["text"]
    assert found["schema", "users"]["state"] == "note"
    assert "flyway_schema_history" in found["schema", "other tables"]["text"]
