"""The layout of columns: within the room, as content wants, steady."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal_column

from db.model import Column, Kind, Row
from screens.columns import GAP, currency_of, lay_out
from screens.formats import Look

LOOK = Look(now=datetime(2025, 3, 1, tzinfo=UTC), whole=False)


def column(name: str, kind: Kind = Kind.TEXT, currency: str = "") -> Column:
    return Column(name, kind, literal_column("0"), currency=currency)


def rows(*values: tuple[object, ...]) -> list[Row]:
    return [Row(str(n), value, (n,)) for n, value in enumerate(values)]


@given(st.lists(st.text("ab ", max_size=90), min_size=1, max_size=12), st.integers(20, 300))
def test_columns_use_the_room_that_there_is(texts: list[str], room: int) -> None:
    columns = [column(f"c{n}") for n in range(len(texts))]
    slots = lay_out(columns, rows(tuple(texts)), LOOK, room)
    used = sum(slot.width for slot in slots) + GAP * (len(slots) - 1)
    if used < room:
        assert all(
            slot.width == max(len(text), 2) or slot.width >= len(text)
            for slot, text in zip(slots, texts, strict=True)
        )
    if used > room:
        assert all(
            slot.width <= 16 or slot.width == len(text) <= 24 for slot, text in zip(slots, texts, strict=True)
        )


def test_headings_are_whole_where_there_is_room() -> None:
    columns = [column("failed_login_attempts", Kind.INTEGER), column("created_at", Kind.TIME), column("name")]
    slots = lay_out(
        columns, rows((0, LOOK.now, "Zoë"), (3, LOOK.now, "Zoë Ångström")), LOOK, 60, order="created_at"
    )
    assert [slot.width for slot in slots] == [21, len("created at ▼"), 60 - 21 - 12 - 2 * GAP]


def test_numbers_of_accounts_are_not_cut_for_long_texts() -> None:
    columns = [column("source"), column("target"), column("text")]
    values = [(f"TS{n:014}", "–" if n % 2 else "TS00000000000099", "x" * (20 + n)) for n in range(10, 30)]
    slots = lay_out(columns, rows(*values), LOOK, 56)
    assert [slot.width for slot in slots[:2]] == [16, 16]
    assert sum(slot.width for slot in slots) + 2 * GAP == 56


def test_columns_that_can_be_read_rather_than_all_of_them() -> None:
    columns = [column(f"text_{n}") for n in range(9)]
    values = [tuple(f"{word} of a sentence" * 2 for _ in columns) for word in ("a", "bc")]
    assert {slot.width for slot in lay_out(columns, rows(*values), LOOK, 77)} == {16}


def test_short_columns_are_not_squeezed_for_long_ones() -> None:
    columns = [
        column("id", Kind.ID),
        column("status", Kind.STATUS),
        column("text"),
        column("amount", Kind.MONEY),
    ]
    values = ("5f3a1b2c-0000-4000-8000-0123456789ab", "MAINTENANCE", "x" * 300, Decimal("1234567.89"))
    slots = lay_out(columns, rows(values), LOOK, 60)
    assert [slot.width for slot in slots] == [9, 11, 22, 12]
    assert sum(slot.width for slot in slots) + 3 * GAP == 60


def test_wide_gives_each_its_content() -> None:
    slots = lay_out([column("a"), column("b")], rows(("x" * 90, "y" * 400)), LOOK, 60, wide=True)
    assert [slot.width for slot in slots] == [90, 200]


def test_known_values_set_the_width_of_a_state() -> None:
    states = Column("s", Kind.STATUS, literal_column("0"), values=("A", "MAINTENANCE"))
    assert lay_out([states], rows(("A",)), LOOK, 60)[0].width == len("MAINTENANCE")


def test_wide_characters_count_twice() -> None:
    assert lay_out([column("a")], rows(("漢字漢字",)), LOOK, 60)[0].width == 8


@pytest.mark.parametrize(("currency", "shown"), [("EUR", "EUR"), ("currency", ""), ("", "")])
def test_a_currency_is_shown_where_no_column_shows_it(currency: str, shown: str) -> None:
    amount = column("amount", Kind.MONEY, currency)
    assert currency_of([amount, column("currency")], amount) == shown
