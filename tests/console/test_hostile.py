"""Two hundred hostile texts in every text column of every system: no command lets a control byte of theirs out."""

import json
import re
import sqlite3
from itertools import cycle
from pathlib import Path

import pytest
from sqlalchemy import String, Text

from db import registry
from db.model import Kind
from db.types import Id, Inet, Json, Status, TextList
from tests.console.conftest import Quaestor, fill
from tests.screens.hostile import STRINGS

OWN = {"\n"}
"""The only control character that an answer consists of."""
STORABLE = [text for text in STRINGS if not any(0xD800 <= ord(c) <= 0xDFFF for c in text)]
"""SQLite stores UTF-8, in which there are no lone surrogates."""


def poison(path: str, system: str) -> int:
    """Put the texts into every column that holds free text, and bad JSON beside; how many values."""
    texts, count = cycle(STORABLE), 0
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for entity in registry.system(system).entities:
            table = entity.table
            keys = {c.name for c in table.primary_key.columns} | {
                c.name for key in table.foreign_key_constraints for c in key.columns
            }
            names = [
                c.name
                for c in table.columns
                if c.name not in keys
                and not c.unique
                and isinstance(c.type, (String, Text, Json, TextList, Inet, Status))
                and not isinstance(c.type, Id)
            ]
            ids = connection.execute(f"SELECT rowid FROM {table.name} LIMIT 260").fetchall()
            for name in names:
                values = [(next(texts), rowid) for (rowid,) in ids]
                try:
                    connection.executemany(f'UPDATE {table.name} SET "{name}" = ? WHERE rowid = ?', values)
                except sqlite3.IntegrityError:
                    continue  # a check constraint keeps it out, as it would any program
                count += len(values)
    connection.close()
    return count


def controls(text: str) -> set[str]:
    """What a terminal or a reader might obey, or not see."""
    return {c for c in text if not c.isprintable() and c not in OWN} | set(
        re.findall(r"[\u202a-\u202e\u2066-\u2069]", text)
    )


@pytest.mark.parametrize("system", registry.NAMES)
def test_no_command_obeys_a_row(system: str, tmp_path: Path, quaestor: Quaestor) -> None:
    path = f"{tmp_path}/{system}.db"
    target = f"{system}+sqlite:///{path}"
    fill(system, f"sqlite:///{path}")
    assert len(STORABLE) >= 200
    assert poison(path, system) >= 200
    for entity in registry.system(system).entities:
        path = f"{entity.name}/{next(view.name for view in entity.views if view.where is None)}"
        for form in ("table", "json", "jsonl", "csv"):
            said = quaestor("list", target, path, "--limit", "260", "--format", form)
            assert said.code == 0, (entity.name, form, said.err)
            if form in ("json", "jsonl"):
                # JSON carries texts whole, escaped: what it prints is still free of controls.
                assert not controls(said.out), (entity.name, form)
                rows = (
                    json.loads(said.out)["rows"]
                    if form == "json"
                    else list(map(json.loads, said.out.splitlines()))
                )
                assert rows
            elif form == "table":
                assert not controls(said.out), (entity.name, form)
            assert not controls(said.err), (entity.name, form)
        first = json.loads(quaestor("list", target, path, "--limit", "3", "--format", "json").out)["rows"]
        for row in first:
            id_ = "/".join(str(row[key]) for key in entity.key) if all(k in row for k in entity.key) else None
            if id_ and all(entity.by_name[k].kind in (Kind.ID, Kind.INTEGER) for k in entity.key):
                said = quaestor("show", target, entity.name, id_)
                assert said.code == 0, (entity.name, said.err)
                assert not controls(said.out + said.err), entity.name


def test_hostile_arguments_are_told_safely(tmp_path: Path, quaestor: Quaestor) -> None:
    target = f"finpass+sqlite:///{tmp_path}/finpass.db"
    fill("finpass", f"sqlite:///{tmp_path}/finpass.db")
    for text in STRINGS:
        if "\0" in text or any(0xD800 <= ord(c) <= 0xDFFF for c in text):
            continue  # no process can be given these
        for arguments in (
            ("list", target, text),
            ("list", target, "users", "--search", text),
            ("list", target, "users", "--filter", text),
            ("list", target, "users", "--after", text),
            ("show", target, "users", text),
            ("doctor", f"sqlite:///{tmp_path}/{text[:20]}"),
        ):
            said = quaestor(*arguments)
            assert said.code in (0, 1, 2, 3), arguments
            assert not controls(said.out + said.err), arguments
