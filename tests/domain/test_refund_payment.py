from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.domain.errors import InvalidAmount, PaymentNotFound, RefundConflict, RefundTooLarge, Refusal
from network.domain.payment import Payment, Returned
from network.domain.units import MINOR_MAX
from tests.domain.given import (
    ANNA,
    CERTIFICATE,
    FIRST,
    NOON,
    SECOND,
    again,
    announced,
    facts,
    only_event,
    payment,
    some,
    topics,
)

REFUND = some("refund")


def lowered(amount: int, *deductions: int) -> Payment:
    """A paid bill that certificates lowered."""
    past = announced(deductions[0])
    for number, deducted in enumerate(deductions[1:], start=2):
        past.deduct(
            redemption_id=some(f"redemption {number}"),
            certificate_id=some(f"certificate {number}"),
            deducted=deducted,
            at=NOON,
        )
    past.complete(amount=amount, customer_id=ANNA, at=NOON)
    return again(past)


def test_a_bill_paid_in_cash_goes_back_in_cash() -> None:
    past = payment()

    assert past.refund(refund_id=REFUND, amount=2_400, at=NOON) == (2_400, ())

    assert facts(only_event(past), "refund_id", "amount", "cash", "returned") == {
        "refund_id": REFUND,
        "amount": 2_400,
        "cash": 2_400,
        "returned": (),
    }
    assert past.refundable == 0


@pytest.mark.parametrize(
    ("bill", "deducted", "refund", "cash"),
    [
        (1_800,   500, 1_800, 1_300),
        (1_800,   500,   900,   650),
        (1_800,   500,     1,     1),  # 0.28 of it a certificate's: rounded down
        (1_000,   500,     1,     0),  # one half: rounded up to the certificate
        (  500,   500,   500,     0),
        (  500,   500,     1,     0),
        (    3,     1,     1,     1),
    ],
)  # fmt: skip
def test_the_certificates_part_comes_back_in_proportion(bill: int, deducted: int, refund: int, cash: int) -> None:
    past = lowered(bill, deducted)

    paid_out, returned = past.refund(refund_id=REFUND, amount=refund, at=NOON)

    expected = (Returned(FIRST, CERTIFICATE, refund - cash, 0, deducted),) if refund > cash else ()
    assert (paid_out, returned) == (cash, expected)
    assert past.kept == bill - deducted - cash


def test_certificates_come_back_in_the_order_of_their_redemption() -> None:
    past = lowered(1_000, 300, 200)

    _, first = past.refund(refund_id=REFUND, amount=700, at=NOON)
    again(past)
    _, second = past.refund(refund_id=some("rest"), amount=300, at=NOON)

    assert first == (
        Returned(FIRST, CERTIFICATE, 300, 0, 300),
        Returned(some("redemption 2"), some("certificate 2"), 50, 0, 200),
    )
    assert second == (Returned(some("redemption 2"), some("certificate 2"), 150, 50, 200),)


def refunded_once() -> Payment:
    past = lowered(1_800, 500)
    past.refund(refund_id=REFUND, amount=900, at=NOON)
    return again(past)


@pytest.mark.parametrize(
    ("past", "amount", "refusal"),
    [
        (announced,     1,             PaymentNotFound),
        (payment,       0,             InvalidAmount),
        (payment,       -1,            InvalidAmount),
        (payment,       MINOR_MAX + 1, InvalidAmount),
        (payment,       2_401,         RefundTooLarge),
        (refunded_once, 901,           RefundTooLarge),
    ],
)  # fmt: skip
def test_refuses(past: Callable[[], Payment], amount: int, refusal: type[Refusal]) -> None:
    bill = past()

    with pytest.raises(refusal):
        bill.refund(refund_id=SECOND, amount=amount, at=NOON)

    assert topics(bill) == []


@pytest.mark.parametrize("amount", [900, 1])
def test_a_refund_id_counts_once(amount: int) -> None:
    past = refunded_once()

    with pytest.raises(RefundConflict):
        past.refund(refund_id=REFUND, amount=amount, at=NOON)

    assert topics(past) == []


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_way_of_refunding_pays_out_more_cash_than_came_in(data: st.DataObject) -> None:
    bill = data.draw(st.integers(1, 10_000), label="bill")
    deductions = data.draw(st.lists(st.integers(1, 4_000), min_size=1, max_size=3).filter(lambda d: sum(d) <= bill))
    past = lowered(bill, *deductions)
    paid, cash, back = bill - sum(deductions), 0, dict.fromkeys(past.deductions, 0)

    while past.refundable and data.draw(st.booleans(), label="more"):
        amount = data.draw(st.integers(1, past.refundable), label="refund")
        paid_out, returned = past.refund(refund_id=some(f"refund {past.refundable}"), amount=amount, at=NOON)
        assert 0 <= paid_out <= amount == paid_out + sum(part.amount for part in returned)
        for part in returned:
            assert (part.already, part.amount > 0) == (back[part.redemption_id], True)
            back[part.redemption_id] += part.amount
        cash += paid_out
        exact = sum(deductions) * past.refunded
        assert abs(sum(back.values()) * bill - exact) * 2 <= bill, "pro rata, rounded once over all refunds"
        assert cash <= paid

    assert all(back[r] <= past.deductions[r].amount for r in back)
    if not past.refundable:
        assert (cash, sum(back.values())) == (paid, sum(deductions))


@pytest.mark.parametrize(("refunded", "deducted"), [(500, 300), (500, 1_000), (1, 999)])
def test_what_a_till_took_and_told_after_a_refund_leaves_the_bill_as_it_is(refunded: int, deducted: int) -> None:
    bill = payment(amount=1_000)
    bill.refund(refund_id=some("first"), amount=refunded, at=NOON)

    assert not bill.deduct_taken(redemption_id=FIRST, certificate_id=CERTIFICATE, deducted=deducted, at=NOON)

    cash, returned = bill.refund(refund_id=some("rest"), amount=1_000 - refunded, at=NOON)
    assert (cash, returned) == (1_000 - refunded, ())
