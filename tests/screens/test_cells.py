"""The border: whatever goes in, printable text of the right width comes out."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size

from db.model import MASK, Kind, Raw
from screens.cells import LIMIT, MARKS, cell, cut, fit, safe, text_of, width, wrapped
from screens.formats import Look, age, number, short, span, tone
from tests.screens.hostile import CONTROLS, STRINGS, UNSEEN

NOW = datetime(2025, 3, 1, 12, 0, 0, tzinfo=UTC)
KINDS = tuple(Kind)
ANY = st.text(alphabet=st.characters(), max_size=60)


def assert_tame(text: str) -> None:
    """No character is left that a terminal obeys, that nobody sees, or that piles up."""
    assert text.isprintable(), ascii(text)
    assert not set(text) & set(UNSEEN) - {" "}, ascii(text)
    marks = MARKS
    for char in text:
        marks = 0 if get_character_cell_size(char) else marks + 1
        assert marks <= MARKS, ascii(text)


def test_there_are_enough_hostile_strings() -> None:
    assert len(set(STRINGS)) >= 200


@pytest.mark.parametrize("text", STRINGS, ids=ascii)
def test_hostile_text_is_tamed_in_every_kind(text: str) -> None:
    for kind in KINDS:
        for value in (text, Raw(text), (text, text), text.encode("utf-8", "surrogatepass")):
            assert_tame(text_of(value, kind, Look(), currency=text))
            assert_tame(cell(value, kind, currency=text, cells=20).plain)


@given(ANY)
def test_any_text_is_tamed(text: str) -> None:
    assert_tame(safe(text))
    assert safe(safe(text)) == safe(text)


@given(st.binary(max_size=40))
def test_any_bytes_are_tamed(value: bytes) -> None:
    assert_tame(safe(value))
    assert_tame(text_of(value, Kind.BYTES))


@given(ANY, st.integers(0, 40), st.booleans())
def test_a_fitted_text_has_exactly_its_width(text: str, cells: int, right: bool) -> None:
    fitted = fit(safe(text), cells, right)
    assert cell_len(fitted) == width(fitted) == cells
    assert_tame(fitted)
    assert width(cut(safe(text), cells)) <= cells


def test_what_is_not_printable_is_shown() -> None:
    assert safe("a\x1b[31m") == "a␛[31m"
    assert safe("one\r\ntwo\t\x7f") == "one␍␊two␉␡"
    assert safe("\u202egpj.exe") == "⟨U+202E⟩gpj.exe"
    assert safe("a\x9bb\u00a0c\ud800") == "a⟨U+009B⟩b⟨U+00A0⟩c⟨U+D800⟩"
    assert safe("a\u2800b\ufe0f") == "a⟨U+2800⟩b⟨U+FE0F⟩"
    assert safe(b"\xff\x1bok") == "\\xff␛ok"
    assert all(safe(control) != control for control in CONTROLS)


def test_markup_is_shown_as_it_is() -> None:
    for text in ("[/]boom", "[@click=app.quit]x[/]", '["k=v"]', "\\[x]"):
        assert safe(text) == cell(text, Kind.TEXT).plain == text
        assert not cell(text, Kind.TEXT).spans


def test_marks_do_not_pile_up() -> None:
    assert safe("e" + "\u0301" * 5) == "e" + "\u0301" * 3 + "⟨U+0301⟩⟨U+0301⟩"
    assert safe("\u0301x") == "◌\u0301x"


def test_a_long_text_says_how_much_is_missing() -> None:
    assert safe("x" * (LIMIT + 7)) == "x" * LIMIT + "… ⟨7 more⟩"


def test_a_wide_character_is_never_cut_in_two() -> None:
    assert fit("漢字漢字", 4) == "漢… "
    assert fit("漢字", 4) == "漢字"
    assert fit("a漢", 2) == "a…"
    assert fit("abc", 5, right=True) == "  abc"
    assert fit("abcdef", 4) == "abc…"
    assert fit("abc", 0) == fit("漢", 0) == ""


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, Kind.TEXT, "–"),
        ("", Kind.TEXT, ""),
        (Decimal("42000"), Kind.MONEY, "42 000.00"),
        (Decimal("-1234567.5"), Kind.MONEY, "-1 234 567.50"),
        (Decimal("0.125"), Kind.MONEY, "0.125"),
        (Decimal("0.500000000000000000"), Kind.AMOUNT, "0.50"),
        (Decimal("1E-18"), Kind.AMOUNT, "0.000000000000000001"),
        (Decimal("NaN"), Kind.MONEY, "NaN"),
        (Decimal("Infinity"), Kind.AMOUNT, "Infinity"),
        (Decimal("1E+99999"), Kind.AMOUNT, "1E+99999"),
        (Decimal("97.1"), Kind.PERCENT, "97.1 %"),
        (9999, Kind.INTEGER, "9999"),
        (1234567, Kind.INTEGER, "1 234 567"),
        (True, Kind.BOOLEAN, "yes"),
        (1, Kind.BOOLEAN, "1"),
        (("a", "b"), Kind.LIST, "a, b"),
        (b"\x00\xff", Kind.BYTES, "2 B  00ff"),
        ("secret", Kind.MASKED, MASK),
        ('{\n  "a": 1\n}', Kind.JSON, '{ "a": 1 }'),
        (Raw("infinity"), Kind.TIME, "infinity"),
        (Raw("0000-00-00"), Kind.TIME, "0000-00-00"),
        (NOW, Kind.TIME, "2025-03-01 12:00:00 +00:00"),
    ],
)
def test_every_kind_has_its_form(value: object, kind: Kind, text: str) -> None:
    assert text_of(value, kind) == text


def test_a_number_that_python_will_not_print_is_no_crash() -> None:
    for kind in KINDS:
        if kind is not Kind.MASKED:
            assert "⟨int that cannot be written⟩" in text_of(10**5000, kind)


def test_money_bears_its_currency() -> None:
    assert text_of(Decimal("9999"), Kind.MONEY, currency="EUR") == "9 999.00 EUR"


def test_times_are_ages_in_lists_and_exact_in_their_zone_elsewhere() -> None:
    look = Look(now=NOW)
    assert text_of(NOW - timedelta(hours=3, minutes=12), Kind.TIME, look) == "3h12"
    assert text_of(NOW + timedelta(minutes=5), Kind.TIME, look) == "in 5m"
    zone = Look(zone=timezone(timedelta(hours=1)))
    assert text_of(NOW, Kind.TIME, zone) == "2025-03-01 13:00:00 +01:00"
    assert text_of(datetime.max.replace(tzinfo=UTC), Kind.TIME, zone) == "9999-12-31 23:59:59.999 +00:00"


def test_ages_use_their_largest_unit() -> None:
    assert [span(n) for n in (0, 59, 60, 3599, 3600, 86399, 86400, 99 * 86400, 100 * 86400, 800 * 86400)] == [
        "0s",
        "59s",
        "1m",
        "59m",
        "1h00",
        "23h59",
        "1d",
        "99d",
        "3mo",
        "2y",
    ]
    assert age(NOW, NOW) == "0s"


def test_ids_are_short_in_lists_and_a_prefix_that_a_filter_takes() -> None:
    uuid = "5f3a1b2c-0000-4000-8000-0123456789ab"
    assert short(uuid) == "5f3a1b2c…"
    assert short("CH93-0076-2011") == "CH93-0076-2011"
    assert text_of(uuid, Kind.ID, Look(whole=False)) == "5f3a1b2c…"
    assert text_of(uuid, Kind.ID) == uuid


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15))
def test_a_number_is_never_rounded(value: Decimal) -> None:
    assert Decimal(number(value, 2).replace(" ", "")) == value


def test_unknown_states_have_no_mood() -> None:
    assert tone("ACTIVE", Kind.STATUS) == "good"
    assert tone("SOMETHING_NEW", Kind.STATUS) == ""
    assert tone(None, Kind.TEXT) == "faint"
    assert tone(Raw("x"), Kind.TIME) == "bad"


def test_a_page_is_laid_out_in_well_under_a_millisecond() -> None:
    row = [
        ("5f3a1b2c-0000-4000-8000-0123456789ab", Kind.ID),
        ("ACTIVE", Kind.STATUS),
        (Decimal("42000.00"), Kind.MONEY),
        (NOW, Kind.TIME),
        ("user@example.org", Kind.TEXT),
        ("A description longer than its column", Kind.TEXT),
        (123456, Kind.INTEGER),
        (True, Kind.BOOLEAN),
        (None, Kind.TEXT),
        ("10.0.0.1", Kind.ADDRESS),
    ]
    look = Look(now=NOW, whole=False)

    def page() -> float:
        start = time.perf_counter()
        for _ in range(50):
            for value, kind in row:
                fit(text_of(value, kind, look), 14)
        return time.perf_counter() - start

    assert min(page() for _ in range(20)) < 0.003


@pytest.mark.parametrize("cells", [1, 2, 7, 10, 11])
def test_a_text_is_wrapped_within_its_cells_and_nothing_is_lost(cells: int) -> None:
    text = "hello world, xxxxxxxxxxxxxxxxxxxxxxx 日本語日本語 日本 e\u0301e\u0301e\u0301 end…"
    lines = wrapped(text, cells)
    assert all(width(line) <= max(2, cells) for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrapped("", 10) == [""]
    assert wrapped("0123456789 ab", 10) == ["0123456789", "ab"]
