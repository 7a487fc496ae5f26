"""A bill: recorded or announced, lowered, completed, and the cause of one decision."""

from collections.abc import Callable
from typing import Any

import pytest

from network.domain.errors import (
    BillAlreadyPaid,
    BillConflict,
    BillCovered,
    InvalidAmount,
    IssueAlreadyDecided,
    PaymentNotFound,
    PaymentRefunded,
    RedemptionConflict,
    Refusal,
)
from network.domain.payment import Payment, payment_id_of
from network.domain.units import MINOR_MAX
from tests.domain.given import (
    ANNA,
    BORIS,
    CERTIFICATE,
    FIRST,
    NOON,
    RESTAURANT,
    SALON,
    SECOND,
    again,
    announced,
    facts,
    only_event,
    payment,
    some,
    topics,
)


def paid(amount: int = 1_800, *, deducted: int = 500) -> Payment:
    """A bill that a certificate lowered and that was then paid."""
    past = announced(deducted)
    past.complete(amount=amount, customer_id=ANNA, at=NOON)
    return again(past)


def refunded() -> Payment:
    past = payment()
    past.refund(refund_id=some("refund"), amount=1, at=NOON)
    return again(past)


def decided() -> Payment:
    past = payment()
    past.decide_issue(certificate_ids=(CERTIFICATE,), at=NOON)
    return again(past)


class TestRecording:
    def test_is_known_by_the_merchants_own_reference(self) -> None:
        new = payment()

        assert new.id == payment_id_of(SALON, "b1") != payment_id_of(RESTAURANT, "b1")
        assert (new.amount, new.deducted, new.paid, new.kept) == (2_400, 0, 2_400, 2_400)

    @pytest.mark.parametrize("amount", [0, -1, MINOR_MAX + 1])
    def test_refuses_a_sum_that_is_no_bill(self, amount: int) -> None:
        with pytest.raises(InvalidAmount):
            payment(amount)
        with pytest.raises(InvalidAmount):
            announced().complete(amount=amount, customer_id=ANNA, at=NOON)

    def test_the_same_details_again_change_nothing(self) -> None:
        past = payment()

        past.complete(amount=2_400, customer_id=ANNA, at=NOON)

        assert topics(past) == []

    @pytest.mark.parametrize("other", [{"amount": 2_401}, {"customer_id": BORIS}, {"customer_id": None}])
    def test_other_details_are_a_conflict(self, other: dict[str, Any]) -> None:
        past = payment()

        with pytest.raises(BillConflict):
            past.complete(**({"amount": 2_400, "customer_id": ANNA, "at": NOON} | other))

        assert topics(past) == []


class TestCompleting:
    def test_an_announced_bill_is_paid(self) -> None:
        past = announced()

        past.complete(amount=1_800, customer_id=ANNA, at=NOON)

        assert facts(only_event(past), "amount", "customer_id") == {"amount": 1_800, "customer_id": ANNA}
        assert (past.amount, past.deducted, past.paid) == (1_800, 500, 1_300)

    def test_a_bill_may_be_covered_wholly(self) -> None:
        assert paid(500).paid == 0

    def test_it_cannot_be_less_than_what_certificates_took_off(self) -> None:
        past = announced()

        with pytest.raises(BillConflict):
            past.complete(amount=499, customer_id=ANNA, at=NOON)


class TestLowering:
    @pytest.mark.parametrize(("bill", "left"), [(1_800, 1_300), (501, 1)])
    def test_another_certificate_finds_what_the_first_left(self, bill: int, left: int) -> None:
        assert announced().left_of(bill, SECOND) == left

    def test_a_retry_finds_what_it_found_before(self) -> None:
        assert announced().left_of(1_800, FIRST) == 1_800
        assert paid().left_of(1_800, FIRST) == 1_800

    @pytest.mark.parametrize(
        ("given", "bill", "refusal"),
        [
            (announced, 500,   BillCovered),
            (announced, 499,   BillCovered),
            (paid,      1_800, BillAlreadyPaid),
            (payment,   2_400, BillAlreadyPaid),
        ],
    )  # fmt: skip
    def test_refuses(self, given: Callable[[], Payment], bill: int, refusal: type[Refusal]) -> None:
        with pytest.raises(refusal):
            given().left_of(bill, SECOND)

    def test_a_second_certificate_is_taken_off(self) -> None:
        past = announced()

        past.deduct(redemption_id=SECOND, certificate_id=some("other"), deducted=200, at=NOON)

        assert facts(only_event(past), "redemption_id", "certificate_id", "deducted") == {
            "redemption_id": SECOND,
            "certificate_id": some("other"),
            "deducted": 200,
        }
        assert past.deducted == 700

    def test_the_same_redemption_again_changes_nothing(self) -> None:
        past = paid()

        past.deduct(redemption_id=FIRST, certificate_id=CERTIFICATE, deducted=500, at=NOON)

        assert topics(past) == []

    def test_a_redemption_id_belongs_to_one_certificate(self) -> None:
        past = announced()

        with pytest.raises(RedemptionConflict):
            past.deduct(redemption_id=FIRST, certificate_id=some("other"), deducted=500, at=NOON)

        assert topics(past) == []

    def test_a_paid_bill_is_not_lowered(self) -> None:
        past = payment()

        with pytest.raises(BillAlreadyPaid):
            past.deduct(redemption_id=FIRST, certificate_id=CERTIFICATE, deducted=500, at=NOON)

        assert topics(past) == []


class TestUndoingADeduction:
    def test_the_bill_is_whole_again(self) -> None:
        past = paid()

        past.reverse_deduction(redemption_id=FIRST, at=NOON)

        assert (topics(past), past.deducted, past.paid) == (["Payment.DeductionReversed"], 0, 1_800)

    def test_not_once_money_of_the_bill_went_back(self) -> None:
        past = paid()
        past.refund(refund_id=some("refund"), amount=1, at=NOON)
        again(past)

        with pytest.raises(PaymentRefunded):
            past.reverse_deduction(redemption_id=FIRST, at=NOON)

        assert topics(past) == []


class TestDeciding:
    @pytest.mark.parametrize("certificates", [(CERTIFICATE,), (), (CERTIFICATE, some("other"))])
    def test_records_what_the_guest_gets_even_if_it_is_nothing(self, certificates: Any) -> None:
        past = payment()

        past.decide_issue(certificate_ids=certificates, at=NOON)

        assert facts(only_event(past), "campaign", "certificate_ids") == {
            "campaign": "",
            "certificate_ids": certificates,
        }

    def test_an_imported_campaign_decides_for_itself(self) -> None:
        past = decided()

        past.decide_issue(certificate_ids=(), campaign="autumn", at=NOON)

        assert past.decisions == {"": (CERTIFICATE,), "autumn": ()}

    @pytest.mark.parametrize(
        ("given", "refusal"),
        [
            (announced, PaymentNotFound),
            (decided,   IssueAlreadyDecided),
            (refunded,  PaymentRefunded),
        ],
    )  # fmt: skip
    def test_refuses(self, given: Callable[[], Payment], refusal: type[Refusal]) -> None:
        past = given()

        with pytest.raises(refusal):
            past.decide_issue(certificate_ids=(CERTIFICATE,), at=NOON)

        assert topics(past) == []
