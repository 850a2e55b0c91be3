"""``list`` and ``show`` in every format, on every system and engine, against SQL written by hand."""

import csv
import io
import json
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from db import registry
from tests.conftest import engines_for
from tests.console.conftest import Filled, Quaestor

CASES = [(system, engine) for system in registry.NAMES for engine in engines_for(system)]
FIRST = {
    "trustsphere": "users",
    "paymentlinker": "applications",
    "finpass": "credentials",
    "multipass": "wallet_balances",
}
case = pytest.mark.parametrize(("system", "engine"), CASES)


def ask(target: str, statement: str) -> list[Any]:
    """The answer to a statement, past everything of quaestor's."""
    engine = sa.create_engine(target.partition("+")[2], poolclass=NullPool)
    with engine.connect() as connection:
        return list(connection.execute(sa.text(statement)).scalars())


@case
def test_the_formats_tell_the_same_rows(system: str, engine: str, filled: Filled, quaestor: Quaestor) -> None:
    target, entity = filled(system, engine), FIRST[system]
    asked = ["list", target, entity, "--limit", "7"]
    whole = quaestor(*asked, "--format", "json")
    assert whole.code == 0
    answer = json.loads(whole.out)
    assert len(answer["rows"]) == 7
    assert answer["next"]
    lines = quaestor(*asked, "--format", "jsonl")
    assert [json.loads(line) for line in lines.out.splitlines()] == answer["rows"]
    assert f"--after {answer['next']}" in lines.err
    table = list(csv.DictReader(io.StringIO(quaestor(*asked, "--format", "csv").out)))
    assert [row["id"] for row in table] == [row["id"] for row in answer["rows"]]
    text = quaestor(*asked).out.splitlines()
    assert len(text) == 8
    assert all(line.startswith(row["id"]) for line, row in zip(text[1:], answer["rows"], strict=True))


@case
def test_a_cursor_goes_on_where_the_last_answer_ended(
    system: str, engine: str, filled: Filled, quaestor: Quaestor
) -> None:
    target, entity = filled(system, engine), FIRST[system]
    whole = json.loads(quaestor("list", target, entity, "--limit", "0", "--format", "json").out)
    assert whole["next"] is None
    found: list[Any] = []
    after: tuple[str, ...] = ()
    while True:
        piece = json.loads(quaestor("list", target, entity, "--limit", "19", "--format", "json", *after).out)
        found += piece["rows"]
        if piece["next"] is None:
            break
        after = ("--after", piece["next"])
    assert found == whole["rows"]
    table = registry.system(system).by_name[entity].table.name
    assert len(found) == ask(target, f"SELECT count(*) FROM {table}")[0]


def test_a_view_is_what_its_sql_says(filled: Filled, quaestor: Quaestor) -> None:
    for engine in engines_for("finpass"):
        target = filled("finpass", engine)
        answer = json.loads(
            quaestor("list", target, "credentials/suspended", "--limit", "0", "--format", "json").out
        )
        ids = ask(target, "SELECT id FROM credentials WHERE status = 'SUSPENDED'")
        assert {row["id"] for row in answer["rows"]} == set(map(str, ids))
        assert ids


def test_filters_search_and_order_reach_the_server(filled: Filled, quaestor: Quaestor) -> None:
    target = filled("trustsphere", "sqlite")
    active = json.loads(
        quaestor(
            "list",
            target,
            "users",
            "--filter",
            "status=ACTIVE",
            "--order",
            "email",
            "--limit",
            "0",
            "--format",
            "json",
        ).out
    )
    emails = ask(target, "SELECT email FROM users WHERE status = 'ACTIVE' ORDER BY email")
    assert [row["email"] for row in active["rows"]] == emails
    found = quaestor("list", target, "users", "--search", emails[0], "--format", "jsonl")
    assert [json.loads(line)["email"] for line in found.out.splitlines()] == [emails[0]]


@case
def test_a_record_is_shown_in_every_format(
    system: str, engine: str, filled: Filled, quaestor: Quaestor
) -> None:
    target, entity = filled(system, engine), FIRST[system]
    first = json.loads(quaestor("list", target, entity, "--limit", "1", "--format", "json").out)["rows"][0]
    text = quaestor("show", target, entity, first["id"])
    assert text.code == 0
    assert first["id"] in text.out
    assert "Links" in text.out
    row = json.loads(quaestor("show", target, entity, first["id"], "--format", "json").out)["rows"][0]
    assert row.items() >= {name: value for name, value in first.items() if name in row}.items()
    table = registry.system(system).by_name[entity]
    assert set(row) == {column.name for column in table.columns} | {"id"}
    assert (
        len(
            list(
                csv.DictReader(
                    io.StringIO(quaestor("show", target, entity, first["id"], "--format", "csv").out)
                )
            )
        )
        == 1
    )


@case
def test_every_figure_is_computed(system: str, engine: str, filled: Filled, quaestor: Quaestor) -> None:
    target = filled(system, engine)
    for entity in registry.system(system).entities:
        for figure in entity.figures[:1]:
            said = quaestor("list", target, f"{entity.name}/{figure.name}", "--format", "json")
            assert said.code == 0, said.err
            assert figure.summary in said.err
            for row in json.loads(said.out)["rows"]:
                assert list(row) == [column.name for column in figure.columns]


def test_a_figure_takes_its_parameters(filled: Filled, quaestor: Quaestor) -> None:
    target = filled("finpass", "sqlite")
    system = registry.system("finpass")
    entity, figure = next((e, f) for e in system.entities for f in e.figures if f.parameters)
    path, name = f"{entity.name}/{figure.name}", figure.parameters[0].name
    assert quaestor("list", target, path, "--set", f"{name}={figure.parameters[0].default}").code == 0
    for wrong in ("nonsense=1", "nonsense"):
        assert quaestor("list", target, path, "--set", wrong).code == 2
    assert quaestor("list", target, path, "--filter", "a=b").code == 2
    assert quaestor("list", target, "users", "--set", "a=b").code == 2


def test_masked_columns_are_masked_in_every_format(filled: Filled, quaestor: Quaestor) -> None:
    target = filled("trustsphere", "sqlite")
    secret = ask(target, "SELECT password_hash FROM users LIMIT 1")[0]
    first = json.loads(quaestor("list", target, "users", "--limit", "1", "--format", "json").out)["rows"][0][
        "id"
    ]
    for form in ("table", "json", "jsonl", "csv"):
        said = quaestor("show", target, "users", first, "--format", form)
        assert "••••••••" in said.out
        assert secret[:7] not in said.out
