import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchants.amounts import MINOR_MAX, AmountRefused, exponent, format_amount, parse_amount
from network.domain import units


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("24.00",     "EUR", 2400),
        ("24,00",     "EUR", 2400),
        ("24",        "EUR", 2400),
        ("24.5",      "EUR", 2450),
        (" 0,01 ",    "EUR", 1),
        ("1 234,50",  "EUR", 123450),
        ("1'234.50",  "CHF", 123450),
        ("1\u202f234.5", "EUR", 123450),
        ("2400",      "JPY", 2400),
        ("1.234",     "KWD", 1234),
    ],
)  # fmt: skip
def test_reads_what_a_cashier_means(typed: str, currency: str, amount: int) -> None:
    assert parse_amount(typed, currency) == amount


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("", "EUR"),
        ("0", "EUR"),
        ("0.00", "EUR"),
        ("-5", "EUR"),
        ("+5", "EUR"),
        ("1e3", "EUR"),
        ("1,234", "EUR"),  # 1.23 or 1234? it is asked again
        ("1.234,50", "EUR"),
        ("1,234.50", "EUR"),
        ("24.", "EUR"),
        (".5", "EUR"),
        ("24.0", "JPY"),
        ("12 34", "EUR"),
        ("२४", "EUR"),
        ("24 EUR", "EUR"),
        ("NaN", "EUR"),
        ("10000000000.01", "EUR"),
    ],
)
def test_asks_again_rather_than_guess(typed: str, currency: str) -> None:
    with pytest.raises(AmountRefused):
        parse_amount(typed, currency)


@given(st.integers(1, MINOR_MAX), st.sampled_from(["EUR", "JPY", "KWD"]), st.sampled_from([".", ","]))
def test_what_is_shown_can_be_typed(amount: int, currency: str, point: str) -> None:
    shown = format_amount(amount, currency).split()[0]

    assert parse_amount(shown.replace(".", point), currency) == amount


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_refused(typed: str) -> None:
    try:
        amount = parse_amount(typed, "EUR")
    except AmountRefused:
        return
    assert 0 < amount <= MINOR_MAX


@pytest.mark.parametrize("currency", sorted(units._EXPONENTS))
def test_the_network_counts_the_same_decimals(currency: str) -> None:
    assert exponent(currency) == units.exponent(currency)
    assert format_amount(-123456, currency) == units.money(-123456, currency)
