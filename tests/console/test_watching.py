"""``quaestor fleet`` and ``quaestor overview``: what they count, and that a monitor can go by their exit code."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from db import registry
from db.engine import make_engine
from db.model import Profile
from db.paymentlinker.tables import devices
from migrations import runner
from tests.conftest import engines_for
from tests.console.conftest import Filled, Quaestor
from tests.screens import fleets


@pytest.mark.parametrize("engine", engines_for("paymentlinker"))
@pytest.mark.parametrize("by", ["region", "type", "tenant", "os"])
def test_a_fleet_is_divided(quaestor: Quaestor, filled: Filled, engine: str, by: str) -> None:
    said = quaestor("fleet", filled("paymentlinker", engine), "--by", by, "--format", "json")
    rows = json.loads(said.out)["rows"]
    assert said.code == 1
    assert all(by in row for row in rows)
    assert all(
        row["total"] == sum(v for k, v in row.items() if isinstance(v, int) and k != "total") for row in rows
    )
    listed = quaestor(
        "list", filled("paymentlinker", engine), "devices/lost", "--limit", "0", "--format", "json"
    )
    lost = [row for row in json.loads(listed.out)["rows"] if row["health"] == "lost"]
    assert sum(row["lost"] for row in rows) == len(lost)
    assert "critical:" in said.err


@pytest.mark.parametrize("engine", engines_for("multipass"))
def test_passes_are_a_fleet_too(quaestor: Quaestor, filled: Filled, engine: str) -> None:
    said = quaestor("fleet", filled("multipass", engine), "--by", "firmware", "--format", "json")
    assert said.code == 1
    assert sum(row["total"] for row in json.loads(said.out)["rows"]) > 0


def test_a_system_without_a_fleet_says_so(quaestor: Quaestor, filled: Filled) -> None:
    said = quaestor("fleet", filled("finpass", "sqlite"))
    assert said.code == 2
    assert "has no fleet" in said.err
    assert quaestor("fleet", filled("paymentlinker", "sqlite"), "--by", "colour").code == 2


def test_the_overview_tells_every_system_and_the_way_to_each_number(
    quaestor: Quaestor, filled: Filled
) -> None:
    names = ("trustsphere", "paymentlinker", "finpass", "multipass")
    said = quaestor("overview", *(filled(name, "sqlite") for name in names), "--format", "json")
    rows = json.loads(said.out)["rows"]
    assert said.code == 1
    assert {row["system"] for row in rows} == set(names)
    assert all(row["at"] for row in rows)
    paths = {(row["system"], row["path"]) for row in rows if "/" in row["path"]}
    assert ("trustsphere", "transactions/pending") in paths
    for system, path in paths:
        assert quaestor("list", filled(system, "sqlite"), path, "--limit", "1").code == 0, path


def test_a_system_that_cannot_be_reached_is_critical_and_the_others_are_told(
    quaestor: Quaestor, filled: Filled
) -> None:
    said = quaestor(
        "overview",
        "finpass+postgresql://nobody@127.0.0.1:1/x",
        filled("finpass", "sqlite"),
        "--format",
        "jsonl",
    )
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert said.code == 1
    assert [row["severity"] for row in rows if row["name"] == "connection"] == ["critical"]
    assert any(row["group"] == "queues" for row in rows)


def test_a_fleet_in_which_nothing_is_critical_exits_with_0(quaestor: Quaestor, tmp_path: Path) -> None:
    file = tmp_path / "calm.db"
    file.touch()
    engine = make_engine(Profile("owner", f"sqlite:///{file}"), read_only=False)
    runner.up(engine, registry.system("paymentlinker"), "system")
    target = f"paymentlinker+sqlite:///{file}"
    assert quaestor("fleet", target, "--format", "json").code == 0
    device = fleets.device(1, battery_level=Decimal("5.00"))
    with engine.begin() as connection:
        connection.execute(insert(devices), [device])
    said = quaestor("fleet", target, "--format", "json")
    assert (said.code, json.loads(said.out)["rows"][0]["severity"]) == (0, "warning")
    assert quaestor("overview", target, "--format", "json").code == 0
    with engine.begin() as connection:
        connection.execute(update(devices).values(compromised=True, status="zombie"))
    said = quaestor("fleet", target, "--format", "json")
    assert (said.code, json.loads(said.out)["rows"][0]["severity"]) == (1, "critical")
    assert "1 are in a status that is not known here." in said.err
    assert "1 compromised in eu-west, at least since" in said.err
    assert quaestor("overview", target, "--format", "json").code == 1
    engine.dispose()


def test_the_doctor_exits_with_1_where_a_check_failed(quaestor: Quaestor, tmp_path: Path) -> None:
    file = tmp_path / "ill.db"
    file.touch()
    engine = make_engine(Profile("owner", f"sqlite:///{file}"), read_only=False)
    runner.up(engine, registry.system("paymentlinker"), "system")
    target = f"paymentlinker+sqlite:///{file}"
    sound = quaestor("doctor", target, "--format", "json")
    assert sound.code == 0
    assert "failed" not in {row["state"] for row in json.loads(sound.out)["rows"]}
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE users")
    ill = quaestor("doctor", target, "--format", "json")
    assert ill.code == 1
    assert "failed" in {row["state"] for row in json.loads(ill.out)["rows"]}
    engine.dispose()
