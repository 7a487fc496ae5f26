from datetime import date

import pytest

from network.banking.lines import BankLine
from network.banking.statement_table import COLUMNS
from network.domain.errors import Refusal
from tests.banking.samples import SALON_OWES, read
from tests.banking.world import RESTAURANT, SALON

HEADER = ",".join(COLUMNS)
ID = SALON_OWES.end_to_end_id
ROW = f'{RESTAURANT.iban},2026-02-03,40.00,EUR,{SALON.iban},"Salon, Riga",{ID},Window 12,R-1,'


def refusal(text: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(text.encode())
    return caught.value


def test_a_row_is_a_line() -> None:
    found = read(f"{HEADER}\r\n{ROW}\r\n\r\n".encode())

    assert found.kind == "csv"
    assert found.lines == (
        BankLine(
            own_iban=RESTAURANT.iban,
            booked_on=date(2026, 2, 3),
            amount=4_000,
            currency="EUR",
            counterparty_iban=SALON.iban,
            counterparty_name="Salon, Riga",
            end_to_end_id=ID,
            remittance="Window 12",
            bank_reference="R-1",
            return_reason=None,
        ),
    )


def test_what_a_latvian_spreadsheet_saves_is_read() -> None:
    header = "\ufeff" + HEADER.replace(",", ";")
    row = f"{RESTAURANT.iban};2026-02-03;-40,5;EUR;;Salons;NOTPROVIDED;;;AC04"

    (line,) = read(f"{header}\n{row}\n".encode()).lines

    assert (line.amount, line.counterparty_iban, line.end_to_end_id, line.return_reason) == (-4_050, None, None, "AC04")
    assert line.bank_reference.startswith("~")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("own_iban", "iban", "its first line is not the columns"),
        ("40.00", "40.001", "row 2: the amount is not a number"),
        ("40.00", "1e3", "row 2: the amount"),
        ("40.00", "-+40", "row 2: the amount"),
        ("40.00", "+-40", "row 2: the amount"),
        ("40.00", '"40,00"', "row 2: the amount"),
        ("40.00", "", "row 2: the amount"),
        ("2026-02-03", "03.02.2026", "row 2: a line has no day"),
        ("2026-02-03", "2026-02-30", "row 2: a day of it is not in the calendar"),
        (RESTAURANT.iban, RESTAURANT.iban[:-1] + "9", "row 2: This IBAN has a wrong check digit"),
        (",R-1,", ",R-1", "row 2 has 9 fields instead of 10"),
        (",R-1,", ",~R-1,", "row 2 has a bank reference that starts with ~"),
        ('"Salon, Riga"', '"Salon, Riga', "its quotes or fields are broken"),
        ('"Salon, Riga"', "Sal\0on", "it has bytes that are no text"),
        ('"Salon, Riga"', "x" * 140_000, "its quotes or fields are broken"),
    ],
)
def test_a_wrong_row_refuses_the_file_and_is_named(old: str, new: str, said: str) -> None:
    content = f"{HEADER}\n{ROW}\n"
    assert old in content

    found = refusal(content.replace(old, new, 1))

    assert found.code == "bank_file_unreadable"
    assert said in str(found)


def test_a_row_of_another_shop_or_money_refuses_the_file() -> None:
    stranger = ROW.replace(RESTAURANT.iban, "DE89370400440532013000")

    assert refusal(f"{HEADER}\n{ROW}\n{stranger}\n").code == "bank_file_of_another_iban"
    assert refusal(f"{HEADER}\n{ROW}\n{ROW.replace('EUR', 'USD')}\n").code == "bank_file_of_another_currency"
