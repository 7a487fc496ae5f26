"""From debts to files to the banks' answers and back."""

import csv
import io
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from network.banking.amounts import minor_of
from network.banking.bank_file import read_bank_file
from network.banking.instructions import Party, PaymentInstruction
from network.banking.lines import BankLine
from network.banking.match import match_lines
from network.banking.pain001 import payment_file
from network.banking.standing import Standing
from network.banking.statement_table import COLUMNS
from tests.banking.samples import CAR_WASH_OWES, SALON_OWES, read, sample
from tests.banking.world import EXECUTION_ON, batched, debt, iban_of, statement

STREET = [Party(UUID(int=number), f"Shop {number} & Co", iban_of(number)) for number in range(1, 6)]


def booked(written: bytes, currency: str) -> list[BankLine]:
    """What the banks of both sides book when they carry out a payment file, read from its XML alone."""
    root = etree.fromstring(written)

    def said(element: etree._Element, path: str) -> str:
        return str(element.findtext("/".join(f"{{*}}{step}" for step in path.split("/"))))

    payer = said(root, "CstmrCdtTrfInitn/PmtInf/DbtrAcct/Id/IBAN")
    lines = []
    for number, transfer in enumerate(root.iter("{*}CdtTrfTxInf")):
        payee = said(transfer, "CdtrAcct/Id/IBAN")
        amount = minor_of(said(transfer, "Amt/InstdAmt"), currency)
        for own, other, signed in ((payer, payee, -amount), (payee, payer, amount)):
            lines.append(
                BankLine(
                    own_iban=own,
                    booked_on=EXECUTION_ON,
                    amount=signed,
                    currency=currency,
                    counterparty_iban=other,
                    counterparty_name="Shop & Co",
                    end_to_end_id=said(transfer, "PmtId/EndToEndId"),
                    remittance=said(transfer, "RmtInf/Ustrd"),
                    bank_reference=f"{own[-4:]}-{payer[-4:]}-{number}",
                    return_reason=None,
                )
            )
    return lines


@st.composite
def debts(draw: st.DrawFn) -> list[PaymentInstruction]:
    pairs = draw(st.lists(st.permutations(STREET).map(lambda order: (order[0], order[1])), unique=True, max_size=8))
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    return [debt(*pair, draw(st.integers(1, 10**9)), currency=currency) for pair in pairs]


@settings(max_examples=40, deadline=None)
@given(debts(), st.sampled_from(["02", "08"]))
def test_what_banks_carry_out_is_found_paid(owed: list[PaymentInstruction], version: str) -> None:
    currency = owed[0].currency if owed else "EUR"
    ibans = [party.iban for party in STREET]
    lines = [line for batch in batched(owed) for line in booked(payment_file(batch), currency)]

    answers = [
        statement([line for line in lines if line.own_iban == iban], iban, currency=currency, version=version)
        for iban in ibans
    ]
    read_back = [
        line for answer in answers for line in read_bank_file(answer, own_ibans=ibans, currency=currency).lines
    ]
    outcome = match_lines(owed, [], read_back)

    assert sorted(read_back, key=repr) == sorted(lines, key=repr)
    assert [one.standing for one in outcome.standings] == [Standing.PAID] * len(owed)
    assert not any(one.sides_differ for one in outcome.standings)
    assert (outcome.unmatched, outcome.duplicates) == ((), ())


def test_the_hand_written_statements_settle_what_they_say() -> None:
    files = [
        read(sample(name)) for name in ("camt.054.001.02", "camt.053.001.02", "camt.054.001.08", "camt.053.001.08")
    ]

    outcome = match_lines([SALON_OWES, CAR_WASH_OWES], [], [line for file in files for line in file.lines])

    standings = {one.instruction: one for one in outcome.standings}
    assert standings[CAR_WASH_OWES].standing == Standing.PAID
    assert (standings[SALON_OWES].standing, standings[SALON_OWES].sides_differ) == (Standing.PAID, True)
    assert standings[SALON_OWES].return_reasons == ("AC04",)
    assert sorted(one.line.amount for one in outcome.unmatched) == [-100, 3_260]
    assert len(outcome.duplicates) == 1


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_lines_survive_our_csv(delimiter: str) -> None:
    lines = read(sample("camt.053.001.08")).lines
    written = io.StringIO()
    table = csv.writer(written, delimiter=delimiter)
    table.writerow(COLUMNS)
    for one in lines:
        amount = f"{one.amount / 100:.2f}".replace(".", "," if delimiter == ";" else ".")
        table.writerow(amount if column == "amount" else getattr(one, column) for column in COLUMNS)

    assert read(written.getvalue().encode()).lines == lines
