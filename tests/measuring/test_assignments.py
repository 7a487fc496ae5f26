"""Which draws count, and what of a guest's later bills counts for them."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from network.application.issuing import Choice
from network.domain.draw import Hand, PartnerRule
from network.domain.payment import payment_id_of
from tests.measuring.street import Drawing, drawing
from tests.projections.worlds import catch_up


@pytest.fixture
def at_the_salon(database_url: str) -> Iterator[Drawing]:
    with drawing(database_url) as made:
        yield made


def outcome(made: Drawing, acceptor_id: UUID) -> tuple[int, int, int]:
    """Visits, revenue and revenue before of the only draw at this neighbour."""
    (found,) = made.rows(
        f"SELECT visits, revenue, revenue_before FROM draw_outcomes WHERE acceptor_id = '{acceptor_id}'"
    )
    return found[0], found[1], found[2]


def test_bills_within_the_horizon_count_and_none_before_or_after(at_the_salon: Drawing) -> None:
    made, clock = at_the_salon, at_the_salon.street.clock
    (guest, friend) = made.guests(2)
    made.pay(made.restaurant, guest, 9_900)
    clock.move(days=91)
    made.pay(made.restaurant, guest, 1_100)
    clock.move(days=1)
    made.draw([guest])

    for days, amount in ((10, 3_000), (20, 500), (0.01, 70)):
        clock.move(days=days)
        made.pay(made.restaurant, guest, amount)
    made.pay(made.restaurant, friend, 8_000)
    made.pay(made.restaurant, None, 8_000)

    assert outcome(made, made.restaurant) == (2, 3_500, 1_100)
    assert outcome(made, made.wash) == (0, 0, 0)


def test_a_certificate_and_refunds_lower_the_revenue_and_a_whole_refund_the_visits(at_the_salon: Drawing) -> None:
    made, street = at_the_salon, at_the_salon.street
    made.rule(neutral=5_000)
    (guest,) = made.guests(1)
    paper = street.issued(made.salon, street.agreement(made.salon, made.wash), holder_id=guest)
    made.draw([guest])
    street.clock.move(hours=1)

    street.redeem(paper, made.wash, bill_reference="w", bill=1_800)
    bill = {"bill_reference": "w", "amount": 1_800, "currency": "EUR", "customer_id": guest}
    street.do("record_payment", merchant_id=made.wash, **bill)
    redeemed = outcome(made, made.wash)
    part = {"payment_id": payment_id_of(made.wash, "w"), "refund_id": uuid4(), "amount": 900}
    street.do("refund_payment", merchant_id=made.wash, **part)
    whole = {"payment_id": made.pay(made.restaurant, guest, 2_000), "refund_id": uuid4(), "amount": 2_000}
    street.do("refund_payment", merchant_id=made.restaurant, **whole)

    assert redeemed == (1, 1_300, 0)
    assert outcome(made, made.wash) == (1, 650, 0)
    assert outcome(made, made.restaurant) == (0, 0, 0)


def test_what_cannot_be_followed_or_was_not_random_is_counted_apart(at_the_salon: Drawing) -> None:
    made, clock = at_the_salon, at_the_salon.street.clock
    first, second, third = made.guests(3)
    made.rule(neutral=5_000)
    made.draw([first, None])
    clock.move(days=3)
    made.draw([first])
    made.rule(PartnerRule(made.wash, Hand.PINNED), neutral=5_000)
    made.draw([second])
    made.rule(neutral=0)
    clock.move(days=26)
    made.draw([third])
    clock.move(days=2)

    early = made.measured().counts
    clock.move(days=30)
    late = made.measured().counts

    assert (early.drawn, early.without_guest, early.not_random, early.again) == (5, 1, 1, 1)
    assert (early.waiting, early.without_neutral, early.measured) == (1, 0, 1)
    assert (late.waiting, late.without_neutral, late.measured) == (0, 1, 1)


def test_a_guest_is_drawn_anew_once_the_horizon_is_over(at_the_salon: Drawing) -> None:
    made = at_the_salon
    (guest,) = made.guests(1)
    made.draw([guest])
    made.street.clock.move(days=31)
    made.draw([guest])

    assert made.rows("SELECT count(*) FILTER (WHERE counts AND counts_in_street) FROM draws") == [(2,)]


def test_what_the_cashier_gives_instead_changes_no_arm(at_the_salon: Drawing) -> None:
    made, street = at_the_salon, at_the_salon.street
    made.rule(PartnerRule(made.wash, Hand.EXCLUDED), neutral=5_000)
    (guest,) = made.guests(1)
    payment_id = made.pay(made.salon, guest)
    street.do("propose_certificate", merchant_id=made.salon, payment_id=payment_id, standing=made.standing())
    before = made.rows("SELECT arm, given FROM draws")
    agreement_id = street.agreement(made.salon, made.wash)

    street.do("issue_certificates", merchant_id=made.salon, payment_id=payment_id, holder_id=guest,
              choices=(Choice(uuid4(), agreement_id),), override_reason="no meat")  # fmt: skip

    assert before[0][1] == ""
    assert made.rows("SELECT arm, given FROM draws") == [(before[0][0], "otherwise")]


def test_every_view_of_such_a_street_is_kept_up(at_the_salon: Drawing) -> None:
    made = at_the_salon
    made.draw(made.guests(3))

    catch_up(made.database_url, made.street.opened.schema)

    assert made.rows("SELECT count(*) FROM draws WHERE given = 'as_drawn'") == [(3,)]
