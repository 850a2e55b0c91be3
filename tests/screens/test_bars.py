"""Signed bars: the largest first, more to the right, less to the left, and nothing of what is no number."""

from decimal import Decimal

import pytest

from screens.bars import contributions, lines, words


def test_the_largest_comes_first_whatever_its_sign() -> None:
    found = contributions('{"a": 0.1, "b": -0.9, "c": 0.5}')
    assert found == [("b", Decimal("-0.9")), ("c", Decimal("0.5")), ("a", Decimal("0.1"))]


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "no json",
        "3",
        '"x"',
        "[]",
        '{"a": "x", "b": null, "c": true, "d": "NaN"}',
        '{"a": 1e99999999}',
    ],
)
def test_what_is_no_explanation_gives_no_bars(text: str | None) -> None:
    assert list(lines(contributions(text), 40)) == []


def test_bars_grow_from_one_middle() -> None:
    drawn = [line.text for line in lines(contributions('{"up": 0.8, "down": -0.4}'), 60)]
    assert drawn[0].index("█") == drawn[1].rindex("█") + 1
    assert "+0.80" in drawn[0]
    assert "−0.40" in drawn[1]


def test_factors_without_numbers_are_words() -> None:
    assert words('["velocity", {"factor": "income", "impact": 1}]') == ["velocity"]
