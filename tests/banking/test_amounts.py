import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.banking.amounts import NotAnAmount, decimal_text, minor_of


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(1250, "EUR", "12.50"), (1250, "JPY", "1250"), (1250, "KWD", "1.250"), (5, "EUR", "0.05"), (-5, "EUR", "-0.05")],
)
def test_an_amount_has_the_decimals_of_its_currency(amount: int, currency: str, text: str) -> None:
    assert decimal_text(amount, currency) == text


@given(st.integers(0, 10**17), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_survives_being_written(amount: int, currency: str) -> None:
    assert minor_of(decimal_text(amount, currency), currency) == amount


@pytest.mark.parametrize(("text", "amount"), [("12", 1200), ("12.5", 1250), ("12.50000", 1250), ("007", 700)])
def test_surplus_zeros_are_forgiven(text: str, amount: int) -> None:
    assert minor_of(text, "EUR") == amount


@pytest.mark.parametrize("text", ["", ".", "12.", "1.005", "-1", "+1", "1e3", "1,00", "1 000", "NaN", "١", "9" * 19])
def test_anything_else_is_no_amount(text: str) -> None:
    with pytest.raises(NotAnAmount):
        minor_of(text, "EUR")
