"""What is written to stdout: exact in JSON, harmless everywhere, aligned by cells in tables."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from console.headless.output import FORMATS, Output, Table, columns, output
from console.headless.plain import plain
from console.headless.record import _pretty
from console.headless.text import lines, whole
from db.model import Kind, Raw, Row
from screens.cells import width
from tests.screens.hostile import STRINGS

SHOWN = columns(name=Kind.TEXT, amount=Kind.MONEY, at=Kind.TIME)


def written(
    format_: str, rows: list[Row], capsys: pytest.CaptureFixture[str], cursor: str | None = None
) -> str:
    out: Output = output(format_, SHOWN)
    out.write(rows)
    out.end(cursor)
    return capsys.readouterr().out


@pytest.mark.parametrize("format_", FORMATS)
def test_no_text_acts_in_any_format(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [Row(f"{n}-{text}", (text, None, None), ()) for n, text in enumerate(STRINGS)]
    said = written(format_, rows, capsys, cursor="c")
    assert len(STRINGS) >= 200
    assert {char for char in said if not char.isprintable()} <= {"\n", "\r"}
    if format_ in ("json", "jsonl"):  # exact, whatever it is
        parsed = json.loads(said)["rows"] if format_ == "json" else list(map(json.loads, said.splitlines()))
        assert [row["name"] for row in parsed] == list(STRINGS)
    if format_ == "csv":
        cells = [row[1] for row in csv.reader(io.StringIO(said))][1:]
        assert len(cells) == len(STRINGS)
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
        assert "'=1+1" in cells


def test_json_keeps_what_numbers_and_times_are() -> None:
    moment = datetime(2025, 3, 1, 14, 7, 33, 120000, tzinfo=timezone(timedelta(hours=1)))
    assert plain(Decimal("1.10"), Kind.MONEY) == "1.10"
    assert plain(Decimal("0E-18"), Kind.AMOUNT) == "0E-18"
    assert plain(7, Kind.ID) == "7"
    assert plain(7, Kind.INTEGER) == 7
    assert plain(True, Kind.BOOLEAN) is True
    assert plain(moment, Kind.TIME) == "2025-03-01T14:07:33.120000+01:00"
    assert plain(("a", "b"), Kind.LIST) == ["a", "b"]
    assert plain(b"\x00\xff", Kind.BYTES) == "00ff"
    assert plain(Raw("infinity"), Kind.TIME) == "infinity"
    assert plain(None, Kind.TEXT) is None


def test_an_empty_answer_is_whole_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(written("json", [], capsys)) == {"rows": [], "next": None}
    assert written("jsonl", [], capsys) == ""
    assert written("csv", [], capsys) == "id,name,amount,at\r\n"
    assert written("table", [], capsys).split() == ["id", "name", "amount", "at"]


def test_tables_keep_their_columns_whatever_is_in_them(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["Zoë Ångström", "漢字かな", "e\u0301tude", "👍🏿", "plain"]
    rows = [Row(str(n), (name, Decimal("12.50"), None), ()) for n, name in enumerate(names)]
    head, *body = written("table", rows, capsys).splitlines()
    edge = head.index("amount") + len("amount")
    for line in body:
        before, _, _ = line.partition("12.50")
        assert width(before + "12.50") == edge


def test_a_later_cell_that_is_wider_stays_whole(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(SHOWN)
    table.write([Row("1", ("short", None, None), ())])
    table.write([Row("2", ("much longer than the first one", None, None), ())])
    assert "much longer than the first one" in capsys.readouterr().out


def test_a_table_that_is_narrowed_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(SHOWN, room=40)
    table.write([Row("1", ("x" * 100, Decimal(1), datetime(2025, 1, 1, tzinfo=UTC)), ())])
    table.end(None)
    said = capsys.readouterr()
    assert all(width(line) <= 44 for line in said.out.splitlines())
    assert "cut" in said.err


def test_long_texts_are_cleaned_in_whole() -> None:
    text = "ab\x1b" * 5000
    assert whole(text) == "ab␛" * 5000
    assert lines("one\r\ntwo\tx\x1b") == ["one", "two     x␛"]


def test_json_is_indented_with_its_own_digits() -> None:
    assert _pretty('{"a": 1.10, "b": [], "c": [12345678901234567890, null, "ö"]}').splitlines() == [
        "{", '  "a": 1.10,', '  "b": [],', '  "c": [', "    12345678901234567890,", "    null,", '    "ö"', "  ]", "}",
    ]  # fmt: skip
    assert _pretty("{not json") == "{not json"
    assert _pretty("[" * 100_000) == "[" * 100_000
