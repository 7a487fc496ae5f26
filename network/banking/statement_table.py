"""Bank lines from our documented CSV, for banks without camt files (docs/banking.md has the columns)."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from network.banking.amounts import NotAnAmount, minor_of
from network.banking.days import day_of
from network.banking.iban import checked_iban, compact
from network.banking.lines import NOT_PROVIDED, BankLine
from network.banking.refusals import BankFileOfAnotherCurrency, BankFileUnreadable
from network.domain.errors import Invalid
from network.domain.units import Minor
from network.telling import Told, each, to_nobody

COLUMNS: Final = (
    "own_iban",
    "booked_on",
    "amount",
    "currency",
    "counterparty_iban",
    "counterparty_name",
    "end_to_end_id",
    "remittance",
    "bank_reference",
    "return_reason",
)


def lines_of_table(content: bytes, currency: str, told: Told = to_nobody) -> list[BankLine]:
    """Every row as a line, in order. With semicolons, as Latvian spreadsheets write, decimals may have a comma.

    Raises BankFileUnreadable naming the row, BankFileOfAnotherCurrency.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BankFileUnreadable(problem="it is not UTF-8 text") from None
    delimiter = ";" if text.startswith(";".join(COLUMNS)) else ","
    rows = _rows(text, delimiter)
    if tuple(next(rows, ())) != COLUMNS:
        raise BankFileUnreadable(problem="its first line is not the columns of our CSV")
    found = list(enumerate(rows, start=2))
    return [_line(number, row, currency, delimiter) for number, row in each(found, told) if row]


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    if "\0" in text:
        raise BankFileUnreadable(problem="it has bytes that are no text")
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error:
        raise BankFileUnreadable(problem="its quotes or fields are broken") from None


def _line(number: int, row: list[str], currency: str, delimiter: str) -> BankLine:
    if len(row) != len(COLUMNS):
        raise BankFileUnreadable(problem=f"row {number} has {len(row)} fields instead of {len(COLUMNS)}")
    cells = dict(zip(COLUMNS, (" ".join(cell.split()) for cell in row), strict=True))
    if cells["currency"] != currency:
        raise BankFileOfAnotherCurrency(found=cells["currency"][:3], expected=currency)
    if cells["bank_reference"].startswith("~"):
        raise BankFileUnreadable(problem=f"row {number} has a bank reference that starts with ~")
    try:
        return BankLine(
            own_iban=checked_iban(cells["own_iban"]),
            booked_on=day_of(cells["booked_on"]),
            amount=_signed(cells["amount"], currency, delimiter),
            currency=currency,
            counterparty_iban=compact(cells["counterparty_iban"]) or None,
            counterparty_name=cells["counterparty_name"],
            end_to_end_id=cells["end_to_end_id"] if cells["end_to_end_id"] not in {"", NOT_PROVIDED} else None,
            remittance=cells["remittance"],
            bank_reference=cells["bank_reference"],
            return_reason=cells["return_reason"] or None,
        )
    except (NotAnAmount, Invalid) as error:
        raise BankFileUnreadable(problem=f"row {number}: {_problem(error)}") from None


def _signed(text: str, currency: str, delimiter: str) -> Minor:
    sign, unsigned = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    return sign * minor_of(unsigned.replace(",", ".") if delimiter == ";" else unsigned, currency)


def _problem(error: NotAnAmount | Invalid) -> str:
    if isinstance(error, NotAnAmount):
        return "the amount is not a number of this currency"
    return str(error.facts.get("problem") or error).rstrip(".")
