"""What people type into forms, and what is said when it cannot be meant."""

import pytest

from network.api.pages.forms import FieldProblem, amount_of, typed_amount
from network.api.pages.till.redeem import presented_of


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("18", "EUR", 1800),
        ("18.50", "EUR", 1850),
        ("18,5", "EUR", 1850),
        (" 1 800,50 € ", "EUR", 180050),
        ("1250", "JPY", 1250),
        ("1.234", "KWD", 1234),
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, currency: str, minor: int) -> None:
    assert amount_of(typed, currency) == minor


@pytest.mark.parametrize("typed", ["", "0", "0,00", "-5", "1.2.3", "18.505", "1e5", "٣", "9" * 14, "a lot"])
def test_what_is_no_amount_is_told(typed: str) -> None:
    with pytest.raises(FieldProblem):
        amount_of(typed, "EUR")


def test_an_amount_stands_in_a_field_as_it_was() -> None:
    assert [typed_amount(1850, "EUR"), typed_amount(1250, "JPY")] == ["18.50", "1250"]


TOKEN = "0123456789ABCDEFGH" * 12


@pytest.mark.parametrize(
    "scanned",
    [
        f"http://localhost:8700/v#{TOKEN}",
        f"https://pollen.example/v#{TOKEN.lower()}",
        TOKEN,
        f"ЙЦУ {TOKEN}",
    ],
)
def test_a_scanner_types_a_token_somewhere_in_its_line(scanned: str) -> None:
    assert presented_of(scanned).token == TOKEN


def test_a_hand_types_a_code() -> None:
    assert presented_of("k7qm2-9xtrb").typed_code == "k7qm2-9xtrb"
