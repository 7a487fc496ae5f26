"""A large bank file is read in a process of its own, with the same outcome to the letter."""

from typing import Any

import pytest

from network.banking.bank_file import read_bank_file
from network.banking.refusals import BankFileOfAnotherCurrency, BankFileOfAnotherIban, BankFileUnreadable
from network.settlement import bank_reading
from network.settlement.bank_reading import APART_BYTES, read_file
from tests.banking.world import SALON, iban_of, line, statement

OWN = SALON.iban
LARGE = statement([line(SALON, 100 + number, reference=f"R-{number}") for number in range(900)], OWN)


def test_a_large_file_reads_the_same_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(LARGE) > APART_BYTES
    here = read_bank_file(LARGE, own_ibans=[OWN], currency="EUR")
    monkeypatch.setattr(bank_reading, "read_bank_file", None)

    said: list[tuple[int, int]] = []

    apart = read_file(LARGE, own_ibans=[OWN], currency="EUR", told=lambda done, total: said.append((done, total)))

    assert apart == here
    assert said == [(55, 100)]  # it speaks every five hundred lines


@pytest.mark.parametrize(
    ("content", "asked", "refusal"),
    [
        (LARGE[:-20], {}, BankFileUnreadable),
        (LARGE, {"own_ibans": [iban_of(77)]}, BankFileOfAnotherIban),
        (LARGE, {"currency": "USD"}, BankFileOfAnotherCurrency),
    ],
)
def test_it_is_refused_in_the_same_words(content: bytes, asked: Any, refusal: Any) -> None:
    details = {"own_ibans": [OWN], "currency": "EUR"} | asked
    with pytest.raises(refusal) as here:
        read_bank_file(content, **details)

    with pytest.raises(refusal) as apart:
        read_file(content, **details)

    assert apart.value.body() == here.value.body()


def test_a_child_that_does_not_come_back_is_a_file_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank_reading, "SECONDS_MAX", 0.01)

    with pytest.raises(BankFileUnreadable, match="more than this network has"):
        read_file(LARGE, own_ibans=[OWN], currency="EUR")
