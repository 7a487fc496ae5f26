from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.domain.units import (
    MINOR_MAX,
    WHOLE,
    exponent,
    is_currency,
    money,
    pro_rata_rounded_half_up,
    share_rounded_half_up,
    split_by_largest_remainder,
)

amounts = st.integers(0, MINOR_MAX)
rates = st.integers(0, WHOLE)


@pytest.mark.parametrize(
    ("amount", "rate", "share"),
    [
        (0,         10_000, 0),
        (500,            0, 0),
        (500,       10_000, 500),
        (1,          5_000, 1),  # one half rounds up
        (3,          5_000, 2),
        (1,          4_999, 0),
        (333,        1_000, 33),
        (335,        1_000, 34),
        (MINOR_MAX,      1, 100_000_000),
    ],
)  # fmt: skip
def test_half_a_unit_rounds_up(amount: int, rate: int, share: int) -> None:
    assert share_rounded_half_up(amount, rate) == share


@given(amounts, rates)
def test_a_share_is_never_further_off_than_half_a_unit(amount: int, rate: int) -> None:
    off = share_rounded_half_up(amount, rate) - Fraction(amount * rate, WHOLE)

    assert Fraction(-1, 2) < off <= Fraction(1, 2)


@given(amounts, st.integers(1, MINOR_MAX), st.data())
def test_a_proportion_is_never_further_off_than_half_a_unit(amount: int, whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))

    off = pro_rata_rounded_half_up(amount, part, whole) - Fraction(amount * part, whole)

    assert Fraction(-1, 2) < off <= Fraction(1, 2)


@given(amounts, st.integers(1, MINOR_MAX))
def test_a_whole_proportion_is_the_whole(amount: int, whole: int) -> None:
    assert pro_rata_rounded_half_up(amount, whole, whole) == amount


@st.composite
def whole_splits(draw: st.DrawFn) -> list[int]:
    cuts = sorted(draw(st.lists(rates, min_size=0, max_size=4)))
    return [b - a for a, b in zip([0, *cuts], [*cuts, WHOLE], strict=True)]


@given(amounts, whole_splits())
def test_the_parts_of_a_split_add_up_and_none_is_off_by_a_unit(amount: int, split: list[int]) -> None:
    parts = split_by_largest_remainder(amount, split)

    assert sum(parts) == amount
    for part, rate in zip(parts, split, strict=True):
        assert abs(part - Fraction(amount * rate, WHOLE)) < 1
        assert part == 0 or rate > 0


@pytest.mark.parametrize(
    ("amount", "split", "parts"),
    [
        (1,   [5_000, 5_000],         [0, 1]),
        (3,   [5_000, 0, 5_000],      [1, 0, 2]),
        (100, [3_333, 3_333, 3_334],  [33, 33, 34]),
        (10,  [2_500, 2_500, 5_000],  [2, 3, 5]),
        (1,   [9_999, 0, 1],          [1, 0, 0]),
        (2,   [3_333, 3_333, 3_334],  [0, 1, 1]),
        (0,   [10_000],               [0]),
    ],
)  # fmt: skip
def test_a_left_over_unit_goes_to_the_largest_remainder_and_of_equal_ones_to_the_last(
    amount: int, split: list[int], parts: list[int]
) -> None:
    assert split_by_largest_remainder(amount, split) == parts


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1_250,   "EUR", "12.50 EUR"),
        (5,       "EUR", "0.05 EUR"),
        (0,       "EUR", "0.00 EUR"),
        (-5,      "EUR", "-0.05 EUR"),
        (-1_250,  "EUR", "-12.50 EUR"),
        (1_250,   "JPY", "1250 JPY"),
        (-1,      "JPY", "-1 JPY"),
        (1_250,   "KWD", "1.250 KWD"),
        (1,       "KWD", "0.001 KWD"),
    ],
)  # fmt: skip
def test_an_amount_is_written_as_people_write_it(amount: int, currency: str, text: str) -> None:
    assert money(amount, currency) == text


@given(st.integers(-MINOR_MAX, MINOR_MAX), st.sampled_from(["EUR", "JPY", "KWD", "USD"]))
def test_written_money_reads_back_to_the_same_amount(amount: int, currency: str) -> None:
    number, _, code = money(amount, currency).partition(" ")

    assert code == currency
    assert Fraction(number) * 10 ** exponent(currency) == amount


@pytest.mark.parametrize(("code", "known"), [("EUR", True), ("JPY", True), ("eur", False), ("XXX", False), ("", False)])
def test_knows_the_currencies_that_shops_settle_in(code: str, known: bool) -> None:
    assert is_currency(code) is known
