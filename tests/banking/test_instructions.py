from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import permutations
from uuid import UUID

import pytest

from network.banking.instructions import Party, PostalAddress
from network.banking.refusals import PaymentInvalid
from network.domain.errors import Refusal
from tests.banking.world import CAR_WASH, EXECUTION_ON, RESTAURANT, SALON, batched, debt

ONE = debt(SALON, RESTAURANT, 4_000)


def test_a_partys_iban_and_bic_are_kept_as_banks_write_them() -> None:
    party = Party(UUID(int=9), "Shop", " lv80 bank 0000 4351 9500 1", "habalv22")

    assert (party.iban, party.bic) == ("LV80BANK0000435195001", "HABALV22")


def test_an_iban_with_a_slip_never_becomes_a_party() -> None:
    with pytest.raises(Refusal) as caught:
        Party(UUID(int=9), "Shop", "LV81BANK0000435195001")

    assert caught.value.code == "iban_check_digits_wrong"


def test_each_debtor_gets_its_own_batch_whatever_the_order() -> None:
    debts = [debt(SALON, RESTAURANT, 4_000), debt(CAR_WASH, RESTAURANT, 5_000), debt(SALON, CAR_WASH, 1)]

    made = {batched(order) for order in permutations(debts)}

    assert len(made) == 1
    assert [(batch.debtor, batch.total, len(batch.instructions)) for batch in made.pop()] == [
        (SALON, 4_001, 2),
        (CAR_WASH, 5_000, 1),
    ]


def test_no_debts_make_no_batch() -> None:
    assert batched([]) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: replace(ONE, amount=0),
        lambda: replace(ONE, amount=-1),
        lambda: replace(ONE, amount=100_000_000_000),
        lambda: replace(ONE, currency="XXX"),
        lambda: replace(ONE, creditor=SALON),
        lambda: replace(ONE, end_to_end_id=""),
        lambda: replace(ONE, end_to_end_id="x" * 36),
        lambda: replace(ONE, end_to_end_id="/A"),
        lambda: replace(ONE, end_to_end_id="A//B"),
        lambda: replace(ONE, end_to_end_id="ā"),
        lambda: replace(SALON, name=" "),
        lambda: replace(SALON, name="寿司"),
        lambda: PostalAddress("", "LV"),
        lambda: PostalAddress("Rīga", "Latvia"),
        lambda: replace(batched([ONE])[0], instructions=()),
        lambda: replace(batched([ONE])[0], instructions=(ONE, ONE)),
        lambda: replace(batched([ONE])[0], instructions=(ONE, debt(RESTAURANT, SALON, 1))),
        lambda: replace(batched([ONE])[0], instructions=(ONE, debt(SALON, CAR_WASH, 1, currency="USD"))),
        lambda: replace(batched([ONE])[0], message_id="W1/"),
        lambda: replace(batched([ONE])[0], created_at=datetime.combine(EXECUTION_ON, datetime.min.time())),
        lambda: batched([ONE, debt(replace(SALON, iban=CAR_WASH.iban), RESTAURANT, 1, version=2)]),
    ],
)
def test_what_no_bank_would_pay_is_never_made(wrong: Callable[[], object]) -> None:
    with pytest.raises(PaymentInvalid):
        wrong()
