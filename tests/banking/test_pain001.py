from dataclasses import replace
from datetime import timedelta, timezone
from functools import cache
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from network.banking.amounts import minor_of
from network.banking.characters import is_sepa_text, sepa_text
from network.banking.instructions import Party, PaymentBatch, PostalAddress
from network.banking.pain001 import NAMESPACE, is_sepa, payment_file
from network.banking.payment_table import payment_table
from tests.banking.world import CAR_WASH, CREATED_AT, RESTAURANT, SALON, batched, debt, iban_of

GOLDEN = Path(__file__).parent / "golden"
DEBTS = [debt(SALON, RESTAURANT, 4_000), debt(CAR_WASH, RESTAURANT, 5_000), debt(SALON, CAR_WASH, 1)]


@cache
def schema() -> etree.XMLSchema:
    """The official schema of ISO 20022, as the package `sepaxml` carries it."""
    return etree.XMLSchema(etree.parse(str(files("sepaxml") / "schemas" / "pain.001.001.09.xsd")))


def values(written: bytes, name: str) -> list[str]:
    return [str(found.text) for found in etree.fromstring(written).iter(f"{{{NAMESPACE}}}{name}")]


texts = st.text(max_size=90)
names = texts.filter(lambda text: any(map(str.isalnum, sepa_text(text, 70))))
addresses = st.builds(PostalAddress, names, st.sampled_from(["LV", "DE"]), texts, texts, texts)


@st.composite
def drawn_batches(draw: st.DrawFn) -> PaymentBatch:
    parties = [
        Party(
            UUID(int=number),
            draw(names),
            draw(st.sampled_from([iban_of(number), f"{iban_of(number)}"])),
            draw(st.sampled_from([None, "HABALV22", "DEUTDEFF500"])),
            draw(st.none() | addresses),
        )
        for number in range(1, draw(st.integers(2, 5)) + 1)
    ]
    currency = draw(st.sampled_from(["EUR", "USD", "JPY", "KWD"]))
    amounts = st.integers(1, 99_999_999_999)
    return batched([debt(parties[0], other, draw(amounts), currency=currency) for other in parties[1:]])[0]


@settings(max_examples=60, deadline=None)
@given(drawn_batches())
def test_every_file_is_valid_and_adds_up(batch: PaymentBatch) -> None:
    written = payment_file(batch)

    schema().assertValid(etree.fromstring(written))
    assert written == payment_file(replace(batch))
    amounts = [minor_of(text, batch.currency) for text in values(written, "InstdAmt")]
    assert amounts == [one.amount for one in batch.instructions]
    assert {minor_of(text, batch.currency) for text in values(written, "CtrlSum")} == {sum(amounts)}
    assert values(written, "NbOfTxs") == [str(len(amounts))] * 2
    assert all(is_sepa_text(text) for name in ("Nm", "Ustrd", "StrtNm", "TwnNm") for text in values(written, name))


def test_the_schema_of_the_test_can_refuse() -> None:
    written = payment_file(batched(DEBTS)[0]).replace(b"<PmtMtd>TRF</PmtMtd>", b"<PmtMtd>XXX</PmtMtd>")

    assert not schema().validate(etree.fromstring(written))


@pytest.mark.parametrize(("place", "name"), [(0, "salon"), (1, "car_wash")])
def test_the_bytes_of_a_window_never_change(place: int, name: str) -> None:
    assert payment_file(batched(reversed(DEBTS))[place]) == (GOLDEN / f"{name}.pain.001.xml").read_bytes()


def test_the_table_of_a_window_never_changes() -> None:
    assert payment_table(batched(DEBTS)) == (GOLDEN / "payments.csv").read_bytes()


def test_a_cell_is_never_a_formula() -> None:
    trader = replace(SALON, name="+HYPERLINK(1)")

    assert b",'+HYPERLINK(1)," in payment_table(batched([debt(trader, RESTAURANT, 1)]))


def test_the_time_is_written_in_utc() -> None:
    elsewhere = CREATED_AT.astimezone(timezone(timedelta(hours=2)))
    batch = batched(DEBTS)[0]

    assert payment_file(replace(batch, created_at=elsewhere)) == payment_file(batch)


def test_sepa_is_said_only_of_euros_between_sepa_banks() -> None:
    abroad = replace(RESTAURANT, iban="AE070331234567890123456")
    euro, dollars = debt(SALON, RESTAURANT, 1), debt(SALON, RESTAURANT, 1, currency="USD")

    assert [is_sepa(batched([one])[0]) for one in (euro, dollars, debt(SALON, abroad, 1))] == [True, False, False]
    assert values(payment_file(batched([dollars])[0]), "ChrgBr") == ["SHAR"]
    assert b"PmtTpInf" not in payment_file(batched([dollars])[0])
    assert values(payment_file(batched([euro])[0]), "ChrgBr") == ["SLEV"]


@pytest.mark.parametrize(("currency", "text"), [("EUR", "12.34"), ("JPY", "1234"), ("KWD", "1.234")])
def test_an_amount_has_its_currencys_decimals(currency: str, text: str) -> None:
    assert (
        values(payment_file(batched([debt(SALON, RESTAURANT, 1_234, currency=currency)])[0]), "CtrlSum") == [text] * 2
    )
