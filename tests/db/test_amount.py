"""numeric(38,18) as SQLite's text: every digit there and back, the order of the numbers, exact sums."""

import sqlite3
from decimal import Context, Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.types import Amount, Total

LARGEST = Decimal("99999999999999999999.999999999999999999")
NUMBERS = st.integers(-(10**38) + 1, 10**38 - 1).map(lambda n: Decimal(n).scaleb(-18, Context(prec=60)))


@given(NUMBERS)
def test_no_digit_is_lost(number: Decimal) -> None:
    assert Amount.unpack(Amount.pack(number)) == number


@given(NUMBERS, NUMBERS)
def test_the_texts_sort_as_the_numbers(one: Decimal, two: Decimal) -> None:
    assert (Amount.pack(one) < Amount.pack(two)) is (one < two)


@pytest.mark.parametrize("number", ["1e20", "-1e20", "0.0000000000000000001", "NaN", "Infinity"])
def test_what_does_not_fit_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Amount.pack(Decimal(number))


def summed(values: list[Any]) -> Any:
    """The aggregate, in SQLite."""
    connection = sqlite3.connect(":memory:")
    connection.create_aggregate("quaestor_total", 1, Total)  # type: ignore[arg-type] # typeshed wants float or bytes
    connection.execute("CREATE TABLE amounts (amount)")
    connection.executemany("INSERT INTO amounts VALUES (?)", [(value,) for value in values])
    ((found,),) = connection.execute("SELECT quaestor_total(amount) FROM amounts")
    connection.close()
    return found


def test_a_sum_is_exact() -> None:
    random = Random(1)
    whole = [random.randrange(-(10**36), 10**36) for _ in range(50)]
    exact = Context(prec=60)
    packed = [Amount.pack(Decimal(n).scaleb(-18, exact)) for n in whole]
    assert Amount.unpack(summed([*packed, None])) == Decimal(sum(whole)).scaleb(-18, exact)
    assert summed([]) is None


def test_a_sum_says_what_it_cannot_hold() -> None:
    assert Decimal(summed([Amount.pack(LARGEST)] * 3)) == Context(prec=60).multiply(LARGEST, Decimal(3))
    assert summed([Amount.pack(Decimal(1)), "a lot"]) == "NaN"
    assert Amount.unpack(summed([12.5, -7, "3"])) == Decimal("8.5")
